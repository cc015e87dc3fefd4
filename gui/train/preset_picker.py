"""The presets, in a word of the sentence, and open one a row: name, what it is good for, true size, memory and time."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QSizePolicy, QWidget

from engine.planning.presets import Preset
from gui.kit import formats, theme
from gui.kit.icons import pixmap
from gui.kit.parts import Popover, column, label
from gui.kit.plain import plain_tip
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Radius, Size, Space, Type
from gui.train.plan import MemoryFit, Plan, guide_text
from gui.train.planner import Cards
from gui.train.sentence import SentencePicker

_ROOM = 0.7
"""The share of a screen's height that the open list may have."""


class PresetPicker(SentencePicker):
    """The name of the chosen preset; a click opens the list of them, and the arrow keys go from one to the next.

    Signals:
        chosen(name): a person chose a preset.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("preset_picker", "Preset", parent)
        self._presets: dict[str, Preset] = {}
        self.choices = PresetList(parent)
        self.choices.chosen.connect(self.chosen)
        self.activated.connect(lambda at: self.chosen.emit(self.itemData(at)))

    def show_presets(self, presets: Mapping[str, Preset]) -> None:
        """Offer these presets."""
        if self._presets != presets or [*self._presets] != [*presets]:
            self._presets = dict(presets)
            self.clear()
            for name, preset in presets.items():
                self.addItem(preset.label, name)
            self.choices.show_presets(presets)

    def choose(self, name: str, otherwise: str) -> None:
        """Show a preset as chosen, without telling; for an unknown or empty name what it is `otherwise`."""
        self.setPlaceholderText(otherwise)
        self.setCurrentIndex(self.findData(name))
        self.choices.choose(name)
        preset = self._presets.get(name)
        self.setAccessibleDescription(preset.summary if preset else otherwise)
        self.updateGeometry()

    def show_plans(self, cards: Cards) -> None:
        """Show what each preset means with the chosen text and time, and which to begin with."""
        best = self._presets[cards.recommended.preset]
        self.choices.show_plans(cards, f"{best.label} is recommended. {cards.recommended.reason}")

    def showPopup(self) -> None:
        """Open the list of what each preset means."""
        self.choices.open_under(self)


class PresetList(Popover):
    """A list to choose one preset from, and why one of them is recommended.

    Signals:
        chosen(name): a person chose a preset.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("preset_choices")
        self.setAccessibleName("Presets")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)  # a click on the picker only closes it
        self._rows: dict[str, PresetRow] = {}
        page = role(QWidget(), "clear")
        self._column = column(page, spacing=Space.HAIR)
        self._scroll = quiet(QScrollArea())
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(page)
        self._reason = label(kind="caption", wrap=True)
        self._reason.setObjectName("preset_reason")
        self._reason.setContentsMargins(Space.S, 0, Space.S, Space.XS)
        layout = self._layout = column(self, margin=Space.S, spacing=Space.S)
        layout.addWidget(self._scroll)
        layout.addWidget(self._reason)

    def show_presets(self, presets: Mapping[str, Preset]) -> None:
        """Show a row for each of these presets; those that are there already stay."""
        for name in [name for name, made in self._rows.items() if presets.get(name) != made.preset]:
            gone = self._rows.pop(name)
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        self._rows = {name: self._rows.get(name) or self._make(name, preset) for name, preset in presets.items()}
        for at, made in enumerate(self._rows.values()):
            self._column.insertWidget(at, made)

    def _make(self, name: str, preset: Preset) -> PresetRow:
        made = PresetRow(preset)
        made.clicked.connect(lambda: self._take(name))
        return made

    def _take(self, name: str) -> None:
        self.close()
        self.chosen.emit(name)

    def choose(self, name: str) -> None:
        """Mark a preset as chosen."""
        for each, made in self._rows.items():
            made.setChecked(each == name)

    def show_plans(self, cards: Cards, why: str) -> None:
        """Show what each preset means, and why one is recommended."""
        best = cards.recommended
        for name, made in self._rows.items():
            made.show_plan(cards.plans[name], best.reason if name == best.preset else "")
        self._reason.setText(why)

    def open_under(self, beside: QWidget) -> None:
        """Open with the left edge under a picker, within the screen, and the focus on what is chosen."""
        look, room = theme.current(), beside.screen().availableGeometry()
        width = min(look.text_px(Size.MEASURE * 2 // 3), room.width())
        rows = sum(made.sizeHint().height() + Space.HAIR for made in self._rows.values())
        self._scroll.setFixedHeight(min(rows, round(_ROOM * room.height())))
        self.ensurePolished()
        self.setFixedSize(width, self._layout.totalHeightForWidth(width))
        corner = beside.mapToGlobal(QPoint(0, beside.height() + Space.XS))
        left = max(min(corner.x(), room.right() - self.width()), room.left())
        top = max(min(corner.y(), room.bottom() - self.height()), room.top())
        self.move(left, top)
        self.show()
        chosen = [made for made in self._rows.values() if made.isChecked()]
        (chosen or [*self._rows.values()])[0].setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go up and down with the arrow keys, and take what has the focus with Return."""
        rows = [*self._rows.values()]
        at = next((at for at, made in enumerate(rows) if made.hasFocus()), 0)
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up as key:
                to = rows[min(max(at + (1 if key == Qt.Key.Key_Down else -1), 0), len(rows) - 1)]
                to.setFocus(Qt.FocusReason.TabFocusReason)
                self._scroll.ensureWidgetVisible(to)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                rows[at].click()
            case _:
                super().keyPressEvent(event)


class PresetRow(QAbstractButton):
    """One preset, painted: a mark for the choice, the name over its use, size over memory."""

    def __init__(self, preset: Preset, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preset = preset
        self._parameters = ""
        self._memory = ""
        self._fits = True
        self._reason = ""
        self.setObjectName(f"preset_{preset.name}")
        self.setText(preset.label)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_plan(self, plan: Plan, reason: str) -> None:
        """Show the parameter count, time and memory; `reason` is why this one is recommended, or empty."""
        self._parameters = f"{formats.count(plan.parameters.total)} parameters"
        self._fits = plan.fit is not MemoryFit.WILL_NOT
        room = "" if self._fits else ", will not fit"
        self._memory = " · ".join(filter(None, (_time_of(plan), f"{formats.memory(plan.memory.total)}{room}")))
        self._reason = reason
        recommended = f", recommended: {reason}" if reason else ""
        self.setAccessibleName(f"{self.preset.label}, {self._parameters}, {self._memory}{recommended}")
        self.setAccessibleDescription(self.preset.summary)
        words = guide_text(self.preset)
        self.setToolTip(
            plain_tip(
                f"{self.preset.summary}. {formats.whole(plan.parameters.total)} parameters, "
                f"{formats.memory(plan.memory.total)} of memory, time {plan.time_text}. {plan.reading_text}."
                + (f"\n{words} It expects: {self.preset.guide['quality']}." if words else "")
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for two lines of text."""
        look = theme.current()
        return QSize(Size.FIELD * 2, look.text_px(Type.BODY) + look.text_px(Type.CAPTION) + 2 * Space.S + Space.XS)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, look)
        box = self.rect().adjusted(Space.S + Space.L + Space.S, Space.S, -Space.M, -Space.S)
        head = QRect(box.left(), box.top(), box.width(), look.text_px(Type.BODY) + Space.XS)
        foot = QRect(box.left(), head.bottom(), box.width(), box.bottom() - head.bottom() + Space.XS)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        dim = "secondary" if self.isChecked() else "disabled"  # what is being trained can be read
        usual, quiet = ("text", "secondary") if self.isEnabled() else (dim, dim)
        painter.setFont(look.font(Type.BODY, bold=True))
        painter.setPen(look.color(usual))
        metrics = painter.fontMetrics()
        room = head.width() - metrics.horizontalAdvance(self._parameters) - Space.M
        painter.drawText(head, left | middle, metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room))
        if self._reason:
            self._paint_recommended(painter, look, head.left() + painter.fontMetrics().horizontalAdvance(self.text()))
        painter.setFont(look.font(Type.BODY))
        painter.setPen(look.color(usual))
        painter.drawText(head, right | middle, self._parameters)
        painter.setFont(look.font(Type.CAPTION))
        painter.setPen(look.color(quiet))
        metrics = painter.fontMetrics()
        room = foot.width() - metrics.horizontalAdvance(self._memory) - Space.S
        painter.drawText(
            foot, left | middle, metrics.elidedText(self.preset.summary, Qt.TextElideMode.ElideRight, room)
        )
        if not self._fits:
            painter.setPen(look.color("negative"))
        painter.drawText(foot, right | middle, self._memory)

    def _paint_ground(self, painter: QPainter, look: theme.Theme) -> None:
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent_wash"))
            painter.drawRoundedRect(area, Radius.CONTROL, Radius.CONTROL)
        elif self.underMouse() and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("well"))
            painter.drawRoundedRect(area, Radius.CONTROL, Radius.CONTROL)
        if self.isChecked():
            color = "link" if self.isEnabled() else "secondary"
            mark = pixmap("done", color, look.icon_px(), self.devicePixelRatioF())
            painter.drawPixmap(Space.S, (self.height() - look.icon_px()) // 2, mark)

    def _paint_recommended(self, painter: QPainter, look: theme.Theme, at: int) -> None:
        color = "caution" if self.isEnabled() else "disabled"
        side = look.text_px(Type.CAPTION)
        star = pixmap("star", color, side, self.devicePixelRatioF())
        top = Space.S + (look.text_px(Type.BODY) + Space.XS - side) // 2
        painter.drawPixmap(at + Space.S, top, star)
        painter.setFont(look.font(Type.CAPTION))
        painter.setPen(look.color(color))
        box = QRect(at + Space.S + side + Space.XS, Space.S, self.width(), look.text_px(Type.BODY) + Space.XS)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "Recommended")


def _time_of(plan: Plan) -> str:
    """Return how long a run takes: what a person gave it, or about what it needs; empty where that is not known."""
    if plan.seconds is None or plan.seconds >= plan.most:
        return formats.duration(plan.most) if math.isfinite(plan.most) else ""
    return f"about {formats.duration(plan.seconds)}"
