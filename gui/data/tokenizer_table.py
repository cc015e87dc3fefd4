"""The choice of a tokenizer, with what each costs beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QRadioButton, QSlider, QWidget

from engine.core.kinds import TOKENIZERS, TokenizerKind
from engine.tokens.tokenizer import BPE_VOCAB_SIZE, BPE_VOCAB_SIZES
from gui.data.draft import COST_COLUMNS, COST_TIPS, TOKENIZER_WORDS, cost_cells
from gui.kit import formats, theme
from gui.kit.flow import flow
from gui.kit.icons import pixmap
from gui.kit.number_fields import WholeField
from gui.kit.parts import column, label, row
from gui.kit.plain import PlainLabel, plain_tip
from gui.kit.style import role, wide
from gui.kit.theme import Size, Space, restyles

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent

    from engine.planning.costs import TokenizerAdvice, TokenizerCost

_STEPS_AN_OCTAVE = 4
_LEARNED = "bpe"
_NOT_MEASURED = "Not measured on this computer yet: it is, as soon as something was trained."

_LEAST_FIRST = ("Iteration", "Bytes/Token", "Epochs", "Parameters", "Memory", "Vocabulary")


class TokenizerTable(QFrame):
    """The tokenizers one below the other, what each means for a model, and the size of a learned vocabulary.

    Signals:
        chosen(tokenizer): a person chose another.
        sized(vocab_size): a person chose how many tokens are learned.
    """

    chosen = Signal(str)
    sized = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "card")
        self.setObjectName("tokenizer_table")
        self._group = QButtonGroup(self)
        self._radios: dict[str, QRadioButton] = {}
        self._cells: dict[TokenizerKind, list[PlainLabel]] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.XXS)
        self._grid.setColumnStretch(0, 1)
        self._heads = [label(title, "caption") for title in COST_COLUMNS]
        for head, tip in zip(self._heads, COST_TIPS, strict=True):
            head.setToolTip(plain_tip(tip))
        for at, head in enumerate(self._heads, 1):
            self._grid.addWidget(head, 0, at, Qt.AlignmentFlag.AlignRight)
        for number, kind in enumerate(TOKENIZERS):
            self._add(kind, 1 + 2 * number)
        self._make_size()
        self._star = label()
        self._reason = label(kind="secondary", wrap=True)
        self._reason.setObjectName("tokenizer_reason")
        self._advised = role(QWidget(), "clear")
        advised = row(self._star, self._reason)
        advised.setStretch(1, 1)
        advised.setAlignment(self._star, Qt.AlignmentFlag.AlignTop)
        self._advised.setLayout(advised)
        layout = column(self, margin=Space.M, spacing=Space.M)
        layout.addLayout(self._grid)
        layout.addWidget(self._advised)
        self._advised.hide()
        self._show_icons()

    def choose(self, tokenizer: TokenizerKind, vocab_size: int) -> None:
        """Show a choice, without telling."""
        self._radios[tokenizer].setChecked(True)
        self._size_row.setEnabled(tokenizer == _LEARNED)
        for control, value in ((self._size, vocab_size), (self._slider, _place_of(vocab_size))):
            control.blockSignals(True)
            control.setValue(value)
            control.blockSignals(False)
        self._slider.setAccessibleDescription(formats.plural(vocab_size, "token"))

    def fit(self, width: int) -> None:
        """Show the columns that there is room for in a width; those that say least go first."""
        for shown in range(len(_LEAST_FIRST) + 1):
            gone = _LEAST_FIRST[:shown]
            for place, title in enumerate(COST_COLUMNS):
                for part in (self._heads[place], *(cells[place] for cells in self._cells.values())):
                    part.setVisible(title not in gone)
            self._grid.invalidate()
            if self.minimumSizeHint().width() <= width:
                return

    def show_costs(self, costs: Sequence[TokenizerCost], advice: TokenizerAdvice | None) -> None:
        """Show what each means, and which is recommended; nothing while it is not known."""
        known = {cost.tokenizer: cost for cost in costs}
        for kind, cells in self._cells.items():
            cost = known.get(kind)
            texts = cost_cells(cost) if cost else (formats.NOTHING,) * len(cells)
            for cell, text in zip(cells, texts, strict=True):
                cell.setText(text)
            memory = cells[COST_COLUMNS.index("Memory")]
            role(memory, "error" if cost and not cost.fits else "")
            memory.setToolTip("More than training can have on this computer." if cost and not cost.fits else "")
            unknown = cost is not None and cost.iteration_time is None
            cells[COST_COLUMNS.index("Iteration")].setToolTip(_NOT_MEASURED if unknown else "")
            recommended = advice is not None and advice.tokenizer == kind
            spoken = ", ".join(f"{name.lower()} {text}" for name, text in zip(COST_COLUMNS, texts, strict=True))
            self._radios[kind].setAccessibleDescription(f"{'Recommended. ' if recommended else ''}{spoken}")
            self._radios[kind].setToolTip(plain_tip(f"{TOKENIZER_WORDS[kind][1]} {spoken.capitalize()}."))
        self._advised.setVisible(advice is not None)
        if advice is not None:
            words = TOKENIZER_WORDS[advice.tokenizer][0]
            self._reason.setText(f"Recommended: {words}. {advice.reason}")

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event) and hasattr(self, "_star"):
            self._show_icons()

    def _add(self, kind: TokenizerKind, at: int) -> None:
        words, explanation = TOKENIZER_WORDS[kind]
        radio = QRadioButton(words)
        radio.setObjectName(f"tokenizer_{kind}")
        radio.setAccessibleName(words)
        radio.setToolTip(plain_tip(explanation))
        radio.clicked.connect(lambda: self.chosen.emit(kind))
        self._group.addButton(radio)
        self._radios[kind] = radio
        self._grid.addWidget(radio, at, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._cells[kind] = [label(formats.NOTHING) for _ in COST_COLUMNS]
        for place, cell in enumerate(self._cells[kind], 1):
            self._grid.addWidget(cell, at, place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.setRowMinimumHeight(at, Size.CONTROL)

    def _make_size(self) -> None:
        """Make the slider: a step is a quarter of a doubling; the field beside it takes any number."""
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("vocab_size_slider")
        self._slider.setAccessibleName("Vocabulary size")
        self._slider.setRange(0, _place_of(BPE_VOCAB_SIZES[-1]))
        self._slider.setPageStep(_STEPS_AN_OCTAVE)
        self._slider.valueChanged.connect(lambda place: self.sized.emit(_size_at(place)))
        self._size = WholeField()
        self._size.setObjectName("vocab_size_field")
        self._size.setAccessibleName("Vocabulary size in tokens")
        self._size.setRange(BPE_VOCAB_SIZES[0], BPE_VOCAB_SIZES[-1])
        self._size.setSingleStep(256)
        self._size.setValue(BPE_VOCAB_SIZE)
        self._size.setGroupSeparatorShown(True)
        wide(self._size, "field")
        self._size.setKeyboardTracking(False)
        self._size.valueChanged.connect(self.sized)
        self._size_row = role(QWidget(), "clear")
        inside = flow(label("Vocabulary", "caption"), self._slider, self._size)
        inside.setContentsMargins(Space.XL, 0, 0, 0)
        self._size_row.setLayout(inside)
        self._grid.addWidget(self._size_row, 2 + 2 * TOKENIZERS.index(_LEARNED), 0, 1, 1 + len(COST_COLUMNS))

    def _show_icons(self) -> None:
        self._star.setPixmap(pixmap("star", "caution", theme.current().icon_px(), self.devicePixelRatioF()))


def _place_of(size: int) -> int:
    """Return the place on the slider that is nearest to a size."""
    return round(_STEPS_AN_OCTAVE * math.log2(size / BPE_VOCAB_SIZES[0]))


def _size_at(place: int) -> int:
    """Return the size at a place on the slider: round numbers, powers of two at each octave."""
    size = BPE_VOCAB_SIZES[0] * 2 ** (place / _STEPS_AN_OCTAVE)
    return round(size / 32) * 32
