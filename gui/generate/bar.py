"""The bar over the transcript: how the writing goes, what can be done with a text, and what its colors mean."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from gui.generate.columns import Stepper
from gui.generate.record import Record
from gui.generate.surprise import SHARES
from gui.generate.switch_place import switch_place
from gui.generate.take import quotation_words, status_of
from gui.kit import formats, theme
from gui.kit.flow import flow
from gui.kit.parts import Elided, IconButton, button, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Radius, Size, Space, Type, restyles

READABLE = {
    "val": "A Passage of the Validation Text",
    "train": "A Passage of the Training Text",
    "own": "What Stands in the Field Below",
}
"""What a model can be asked to read."""

_READ = "Let the model read a text, to see where it is surprised"


class TranscriptBar(QWidget):
    """Two lines: status and buttons, and below them the meter of quotations and the legend of the colors.

    Signals:
        stepped(by): another branch is wanted.
        inside_toggled(bool), side_by_side_toggled(bool): how the texts are shown.
        read_asked(what): a key of READABLE.
        edit_asked(), copy_asked(), save_asked(), clear_asked(): what the person wants of the texts.

    Attributes:
        front: where the switch to a scene stands, before all else.
    """

    stepped = Signal(int)
    inside_toggled = Signal(bool)
    side_by_side_toggled = Signal(bool)
    read_asked = Signal(str)
    copy_asked = Signal()
    save_asked = Signal()
    clear_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self.front = switch_place()
        self._status = Elided(kind="secondary")
        self._status.setObjectName("generate_status")
        self._status.setMinimumWidth(Size.FIELD)  # else it has a line of its own
        self._stepper = Stepper("branch_stepper")
        self._stepper.stepped.connect(self.stepped)
        self._columns = _toggle("side_by_side_button", "Side by Side", "Show these texts beside each other")
        self._columns.toggled.connect(self.side_by_side_toggled)
        keys = QKeySequence("Ctrl+I")
        tip = f"Show what the model thought of each token ({keys.toString(QKeySequence.SequenceFormat.NativeText)})"
        self._inside = _toggle("see_inside_button", "See Inside", tip)
        self._inside.setShortcut(keys)
        self._inside.toggled.connect(self._toggle_inside)
        self._read = self._make_read_button()
        self._copy = IconButton("copy_button", "copy", "Copy this text")
        self._copy.clicked.connect(lambda: self.copy_asked.emit())
        self._save = IconButton("save_transcript_button", "share", "Save the transcript…")
        self._save.clicked.connect(lambda: self.save_asked.emit())
        self._clear = IconButton("clear_transcript_button", "close", "Clear the transcript")
        self._clear.clicked.connect(lambda: self.clear_asked.emit())
        self._meter = Elided(kind="caption")
        self._meter.setObjectName("quotation_meter")
        self._legend_name = label("Surprise in this text", "caption")
        self._legend = Legend()
        layout = column(self, spacing=Space.XS)
        parts = (self._stepper, self._columns, self._inside, self._read, self._copy, self._save, self._clear)
        buttons = role(QWidget(), "clear")  # they go to another line together
        buttons.setLayout(row(*parts, spacing=Space.XS))
        first = flow(self.front, None, self._status, buttons, spacing=Space.XS)
        second = row(self._meter, self._legend_name, self._legend, spacing=Space.S)
        second.setStretch(0, 1)
        self._second = role(QWidget(), "clear")
        self._second.setLayout(second)
        layout.addLayout(first)
        layout.addWidget(self._second)
        self._toggle_inside(False)

    def show_record(self, record: Record, *, writing: bool, meter: str = "") -> None:
        """Show what is in hand and what can be done with it; `meter` is what is said while nothing is measured."""
        passage, there = record.passage, bool(record.passages)
        self.show_status(record, meter)
        alone = record.hand[0] if len(record.hand) == 1 else None
        self._stepper.show_strand(alone, can_step=not writing)
        self._columns.setVisible(passage is not None and len(passage.strands) > 1)
        for one in (self._copy, self._save):
            one.setEnabled(there)
        self._clear.setEnabled(there and not writing)
        self._second.setVisible(there)  # about texts that are there
        self._read.setEnabled(not writing)

    def show_status(self, record: Record, meter: str = "") -> None:
        """Show how it goes."""
        words = status_of(record.takes)
        self._status.tell(words)
        self._status.setVisible(bool(words))
        self._meter.tell(quotation_words(record.takes) or meter)

    def set_side_by_side(self, columns: bool) -> None:
        """Show whether the texts stand side by side."""
        self._columns.setChecked(columns)

    def set_inside(self, inside: bool) -> None:
        """Show whether tokens are colored."""
        self._inside.setChecked(inside)

    @property
    def inside(self) -> bool:
        """Whether tokens are to be colored."""
        return self._inside.isChecked()

    def _toggle_inside(self, inside: bool) -> None:
        self._legend.setVisible(inside)
        self._legend_name.setVisible(inside)
        self.inside_toggled.emit(inside)

    def _make_read_button(self) -> QPushButton:
        made = button("read_button", "Read", lambda: None, "menu", says=_READ)
        made.setToolTip(_READ)
        menu = QMenu(made)
        menu.setObjectName("read_menu")
        for key, words in READABLE.items():
            action = menu.addAction(words)
            action.setObjectName(f"read_{key}")
            action.triggered.connect(lambda _=False, key=key: self.read_asked.emit(key))
        made.setMenu(menu)
        return made


class Legend(QWidget):
    """What the colors behind tokens mean: how surprising each is among those of its text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surprise_legend")
        self._labels = ["usual", *(f"top {formats.percent(share)}" for share in SHARES)]
        self.setAccessibleName(f"Colors show how surprising each token is in this text: {', '.join(self._labels)}")
        self.setToolTip(
            plain_tip("Tokens ranked by how little the model expected them; one likelier than not stays as it is")
        )

    def sizeHint(self) -> QSize:
        """Return room for a swatch for each shade."""
        look = theme.current()
        metrics = QFontMetrics(look.font(Type.CAPTION))
        width = max(map(metrics.horizontalAdvance, self._labels)) + 2 * Space.S
        return QSize(width * len(self._labels), look.text_px(Type.CAPTION) + Space.S)

    def minimumSizeHint(self) -> QSize:
        """Never less."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the swatches."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = theme.current()
        painter.setFont(look.font(Type.CAPTION))
        width = self.width() / len(self._labels)
        for number, words in enumerate(self._labels):
            box = QRectF(number * width, Space.HAIR, width - Space.XXS, self.height() - Space.XXS)
            painter.setPen(look.color("line"))
            painter.setBrush(look.shade(number))
            painter.drawRoundedRect(box, Radius.SMALL / 2, Radius.SMALL / 2)
            painter.setPen(look.color("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event):
            self.updateGeometry()
            self.update()


def _toggle(name: str, text: str, tip: str) -> QPushButton:
    made = QPushButton(text)
    made.setObjectName(name)
    made.setAccessibleName(text)
    made.setToolTip(plain_tip(tip))
    made.setCheckable(True)
    made.setAutoDefault(False)
    return made
