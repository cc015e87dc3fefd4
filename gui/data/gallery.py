"""The gallery: the texts to begin with, why one would train on each, and what a model of it wrote."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from engine.text.catalogue import CatalogueEntry, FirstSample, first_samples
from gui.data.bars import scrolled
from gui.data.state import TextRow
from gui.kit import formats
from gui.kit.flow import flow
from gui.kit.parts import Elided, button, card, column, label
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Size, Space, current

_SAMPLE_LINES = 6
_LINED = ("code", "moves", "names")


class GalleryPage(QWidget):
    """All built-in texts, a card each.

    Signals:
        train_asked(name): train on this text.
        download_asked(name): bring it, and make it ready.
        copy_asked(name): make it ready from files that the person has.
    """

    train_asked = Signal(str)
    download_asked = Signal(str)
    copy_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._cards: dict[str, TextCard] = {}
        self._rows: Sequence[TextRow] = ()
        self._grid = QGridLayout()
        self._grid.setSpacing(Space.M)
        self._columns = 0
        inside = role(QWidget(), "clear")
        page = column(inside, spacing=Space.M)
        page.addWidget(label("Texts to Begin With", "title"))
        page.addWidget(
            label(
                "Each comes with its licence and is checked when it arrives. Nothing is downloaded until you ask.",
                "secondary",
                wrap=True,
            )
        )
        page.addLayout(self._grid)
        page.addStretch()
        self._scroll = scrolled(inside, "gallery_scroll", "Texts to begin with")
        inside.setMaximumWidth(Size.WIDE)
        column(self).addWidget(self._scroll)

    def show_rows(self, rows: Sequence[TextRow], *, training: bool) -> None:
        """Show which of the texts are here; no training is offered while one is on."""
        self._rows = rows
        for text in rows:
            if text.entry is None:
                continue
            if text.name not in self._cards:
                self._cards[text.name] = self._made(text.entry)
                self._columns = 0
            self._cards[text.name].show_state(text, training=training)
        self._arrange()

    def show_training(self, on: bool) -> None:
        """Offer to train on the texts, unless a run is on."""
        self.show_rows(self._rows, training=on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the cards out in as many columns as are wide enough to read."""
        super().resizeEvent(event)
        self._arrange()

    def _made(self, entry: CatalogueEntry) -> TextCard:
        made = TextCard(entry, first_samples().get(entry.name))
        made.train_asked.connect(lambda: self.train_asked.emit(entry.name))
        made.download_asked.connect(lambda: self.download_asked.emit(entry.name))
        made.copy_asked.connect(lambda: self.copy_asked.emit(entry.name))
        return made

    def _arrange(self) -> None:
        columns = 2 if self.width() >= 2 * current().text_px(Size.SIDEBAR) else 1
        if columns == self._columns or not self._cards:
            return
        self._columns = columns
        while self._grid.takeAt(0) is not None:
            pass
        for number, made in enumerate(self._cards.values()):
            self._grid.addWidget(made, *divmod(number, columns))
        for place in range(2):
            self._grid.setColumnStretch(place, int(place < columns))


class TextCard(QWidget):
    """One text: what it is, why one would train on it, what a model of it wrote, and the way to have it.

    Signals:
        train_asked(), download_asked(), copy_asked(): what the person wants.
    """

    train_asked = Signal()
    download_asked = Signal()
    copy_asked = Signal()

    def __init__(self, entry: CatalogueEntry, sample: FirstSample | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        frame, inside = card(f"gallery_{entry.name}")
        frame.setAccessibleName(entry.title)
        column(self).addWidget(frame)
        name = entry.name
        self._train = button(
            f"gallery_train_{name}", "Train on This Text", self.train_asked.emit, says=f"Train on {entry.title}"
        )
        size = formats.disk(entry.download_bytes)
        self._download = button(
            f"gallery_download_{name}", f"Download {size}", self.download_asked.emit, says=f"Download {entry.title}"
        )
        self._download.setToolTip(plain_tip("\n".join(file.url for file in entry.files)))
        self._copy = button(
            f"gallery_copy_{name}",
            "Use a Copy You Have…",
            self.copy_asked.emit,
            "plain",
            says=f"Use a copy of {entry.title}",
        )
        self._state = label(kind="caption", wrap=True)
        self._licence = entry.licence
        inside.addWidget(label(entry.title, "headline", wrap=True))
        inside.addWidget(self._state)
        inside.addWidget(label(entry.why, wrap=True))
        inside.addWidget(label(entry.description, "secondary", wrap=True))
        if sample is not None:
            inside.addWidget(_written(entry, sample))
            inside.addWidget(label(_made_how(sample), "caption", wrap=True))
        inside.addStretch()
        inside.addLayout(flow(self._train, self._download, self._copy))

    def show_state(self, text: TextRow, *, training: bool) -> None:
        """Show whether the text is here, and offer what can be done with it."""
        state = "Damaged" if text.problem else "Downloaded once" if text.to_download else "Needs no network"
        self._state.setText(f"{'Ready' if text.dataset is not None else state}  ·  {self._licence}")
        self._train.setVisible(not text.to_download)
        self._train.setEnabled(text.can_train and not training)
        self._download.setVisible(text.to_download)
        self._copy.setVisible(text.to_download)


def _written(entry: CatalogueEntry, sample: FirstSample) -> QFrame:
    """Return the first lines of a sample on a ground of their own; those of a list stay lines."""
    lines = sample.text.rstrip().split("\n")
    shown = lines[:_SAMPLE_LINES]
    shown[-1] += " …" if len(lines) > _SAMPLE_LINES else ""
    well = role(QFrame(), "well")
    well.setObjectName(f"gallery_sample_{entry.name}")
    inside = column(well, margin=Space.S, spacing=0)
    if entry.genre in _LINED:
        for line in shown:
            inside.addWidget(Elided(line, "mono"))
    else:
        words = label("\n".join(shown), wrap=True)
        words.setMinimumWidth(1)  # an invented word may be longer than the card is wide
        inside.addWidget(words)
    return well


def _made_how(sample: FirstSample) -> str:
    minutes = formats.plural(round(sample.minutes), "minute")
    score = f"{sample.bits_per_byte:.2f} bits per byte"
    cores = formats.plural(sample.cores, "core")
    return f"The first that a model wrote after {minutes} on {sample.machine}, {cores}. {score}."
