"""One scale of quality for a text: bits per byte, from guessing blindly down to what good models reach."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtWidgets import QWidget

from engine.core.config import DATASET_ALIASES
from engine.datasets.quality import Ladder, is_it_normal
from engine.runs.run_summary import RunSummary
from gui.data.bars import Bar, Bars, scrolled
from gui.kit.parts import column, label
from gui.kit.style import role
from gui.kit.theme import Space

_MOST_RUNS = 5
_WHAT = "Bits per byte of the validation text. Lower is better, and every tokenizer stands on the same scale."


def scale_of(ladder: Ladder, runs: Sequence[RunSummary], alike: Collection[str] = ()) -> list[Bar]:
    """Return the steps of a text's scale, the worst first: its rungs, and the best runs on it.

    `alike` names the datasets of the same text: bits per byte of other tokenizers stand on the same scale.
    """
    made = [
        Bar(_capital(rung.description), rung.bits_per_byte, _bits(rung.bits_per_byte), _color(rung.name))
        for rung in ladder.rungs
    ]
    names = {ladder.dataset, *alike}
    scored = [(run.bits_per_byte, run.name) for run in runs if _text_of(run) in names and run.bits_per_byte]
    made += [Bar(f"Your run “{name}”", bits, _bits(bits), "train", True) for bits, name in sorted(scored)[:_MOST_RUNS]]
    return sorted(made, key=lambda bar: -bar.value)


def verdict(ladder: Ladder, runs: Sequence[RunSummary], alike: Collection[str] = ()) -> str:
    """Return what the best loss reached on this text says, or what to expect of a first run."""
    losses = [run.best_val_loss for run in runs if _text_of(run) == ladder.dataset and run.best_val_loss is not None]
    if losses:
        return f"Your best validation loss here: {is_it_normal(ladder, min(losses))}"
    first, counted = ladder.rung("random"), ladder.rung("bigram")
    in_others = any(_text_of(run) in alike and run.best_val_loss is not None for run in runs)
    so_far = "No run has learned it in these tokens yet." if in_others else "Nothing was trained on this text yet."
    return (
        f"{so_far} A run begins near a loss of {first.loss:.2f}, as good as guessing; "
        f"below {counted.loss:.2f} it has learned more than what most often comes next."
    )


class ScalePage(QWidget):
    """The scale of a text, drawn, and what the best run says on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._bars = Bars("quality_scale", "Scale of quality, in bits per byte")
        self._verdict = label(kind="secondary", wrap=True)
        self._verdict.setObjectName("scale_verdict")
        inside = role(QWidget(), "clear")
        page = column(inside, spacing=Space.M)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(label(_WHAT, "caption", wrap=True))
        page.addWidget(self._bars)
        page.addWidget(self._verdict)
        page.addStretch()
        column(self).addWidget(scrolled(inside, "scale_scroll", "Scale of quality"))

    def show_waiting(self) -> None:
        """Say that the scale is being worked out."""
        self._bars.show_bars([])
        self._verdict.setText("Counting how often each token and each pair of tokens stands in the text…")

    def show_scale(self, ladder: Ladder, runs: Sequence[RunSummary], alike: Collection[str] = ()) -> None:
        """Show the scale of a text."""
        self._bars.show_bars(scale_of(ladder, runs, alike))
        self._verdict.setText(verdict(ladder, runs, alike))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _bits(bits: float) -> str:
    return f"{bits:.2f}"


def _color(rung: str) -> str:
    return "positive" if rung == "known" else "disabled"


def _text_of(run: RunSummary) -> str:
    return DATASET_ALIASES.get(run.dataset, run.dataset)
