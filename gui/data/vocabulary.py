"""The vocabulary of a text: how much of it is used, the commonest tokens, the rare ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from engine.tokens.tokenizer import Tokenizer
from gui.data.bars import Bar, Bars, scrolled
from gui.data.token_pages import visible
from gui.kit import formats
from gui.kit.parts import column, label, row
from gui.kit.style import role
from gui.kit.theme import Space

if TYPE_CHECKING:
    from engine.datasets.report import DatasetReport


class VocabularyPage(QWidget):
    """How much of a vocabulary a text uses, and which tokens are found there most and least often."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._use = Bars("vocabulary_use", "Use of the vocabulary")
        self._told = label(kind="secondary", wrap=True)
        self._told.setObjectName("vocabulary_told")
        self._common = Bars("commonest_tokens", "The commonest tokens")
        self._rare = label(wrap=True)
        self._rare.setObjectName("rarest_tokens")
        inside = role(QWidget(), "clear")
        page = column(inside, spacing=Space.M)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self._use)
        page.addWidget(self._told)
        left, right = column(), column()
        left.addWidget(label("Most Common", "strong"))
        left.addWidget(self._common)
        left.addStretch()
        right.addWidget(label("Found Only Once", "strong"))
        right.addWidget(self._rare)
        right.addStretch()
        both = row(left, right, spacing=Space.XL)
        both.setStretch(0, 1)
        both.setStretch(1, 1)
        page.addLayout(both)
        page.addStretch()
        column(self).addWidget(scrolled(inside, "vocabulary_scroll", "Vocabulary"))

    def show_look(self, look: DatasetReport, tokenizer: Tokenizer) -> None:
        """Show the vocabulary of a text."""
        self._use.show_bars(uses(look))
        self._told.setText(words_of(look))
        self._common.show_bars([Bar(_quoted(text), times, formats.whole(times)) for text, times in look.commonest])
        self._rare.setText("   ".join(map(_quoted, look.rarest)) or "No token is found only once.")

    def show_waiting(self) -> None:
        """Say that the tokens are being counted."""
        self._use.show_bars([])
        self._common.show_bars([])
        self._told.setText("Counting the tokens…")
        self._rare.setText("")


def uses(look: DatasetReport) -> list[Bar]:
    """Return how much of the vocabulary is found in the training part, and how much often enough to be learned."""
    often = look.used - look.rare
    return [
        Bar("Tokens in the vocabulary", look.vocabulary, formats.whole(look.vocabulary), "disabled"),
        Bar("Found in the training part", look.used, _share(look.used, look.vocabulary), "train"),
        Bar("Found often enough to be learned", often, _share(often, look.vocabulary), "positive"),
    ]


def words_of(look: DatasetReport) -> str:
    """Return what the counts mean, in a few sentences."""
    from engine.datasets.report import RARE

    parts = [
        f"{formats.plural(look.never_seen, 'token')} never {_appear(look.never_seen)} in the training part, and "
        f"{formats.whole(look.rare)} fewer than {RARE} times: a model learns next to nothing of them."
    ]
    if look.val_unseen:
        parts.append(f"{look.val_unseen:.2%} of the validation tokens never appear in the training part.")
    if look.counted < look.train_tokens:
        parts.append(f"Counted were {formats.count(look.counted)} tokens, spread evenly over all of it.")
    return " ".join(parts)


def _appear(number: int) -> str:
    return "appears" if number == 1 else "appear"


def _share(part: int, whole: int) -> str:
    return f"{formats.whole(part)}, {formats.percent(part / whole)}"


def _quoted(text: str) -> str:
    return f"“{visible(text)}”".replace(" ", "\N{NO-BREAK SPACE}")  # a token is never broken in two
