"""The presets, one a row: name, what it is good for, its true size and memory, and a mark on the one to begin with."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QSizePolicy, QWidget

from engine.planning.presets import Preset
from gui.kit import formats, theme
from gui.kit.icons import pixmap
from gui.kit.parts import column
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Radius, Size, Space, Type
from gui.train.plan import MemoryFit, Plan, guide_text
from gui.train.planner import Cards


class PresetPicker(QFrame):
    """A list to choose one preset from.

    Signals:
        chosen(name): a person chose a preset.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preset_picker")
        self.setAccessibleName("Preset")
        role(self, "card")
        self._group = QButtonGroup(self)
        self._rows: dict[str, PresetRow] = {}
        self._column = column(self, margin=Space.XS, spacing=Space.HAIR)

    def show_presets(self, presets: Mapping[str, Preset]) -> None:
        """Show a row for each of these presets; those that are there already stay."""
        if {name: made.preset for name, made in self._rows.items()} == dict(presets) and [*self._rows] == [*presets]:
            return
        for name in [name for name, made in self._rows.items() if presets.get(name) != made.preset]:
            gone = self._rows.pop(name)
            self._group.removeButton(gone)
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        rows = {name: self._rows.get(name) or self._make(name, preset) for name, preset in presets.items()}
        for at, made in enumerate(rows.values()):
            self._column.insertWidget(at, made)
        self._rows = rows

    def _make(self, name: str, preset: Preset) -> PresetRow:
        made = PresetRow(preset)
        made.clicked.connect(lambda: self.chosen.emit(name))
        self._group.addButton(made)
        return made

    @property
    def current(self) -> str:
        """The chosen preset, empty when the settings are a run's own."""
        return next((name for name, made in self._rows.items() if made.isChecked()), "")

    def choose(self, name: str) -> None:
        """Mark a preset as chosen, without telling; an unknown or empty name clears the choice."""
        self._group.setExclusive(False)
        for each, made in self._rows.items():
            made.setChecked(each == name)
        self._group.setExclusive(True)

    def show_plans(self, cards: Cards) -> None:
        """Show what each preset means with the chosen text and recipe, and which to begin with."""
        best = cards.recommended
        for name, made in self._rows.items():
            made.show_plan(cards.plans[name], best.reason if name == best.preset else "", of_guide=cards.of_guide)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if theme.restyles(event):
            self.update()


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

    def show_plan(self, plan: Plan, reason: str, *, of_guide: bool) -> None:
        """Show the parameter count and memory; `reason` is why this one is recommended, or empty.

        What the guide says of it is told beside the guide's own settings only.
        """
        self._parameters = formats.count(plan.parameters.total)
        known = plan.seconds is not None and plan.seconds < plan.most  # where the clock ends them all, it stands above
        time = formats.duration(plan.seconds) if plan.seconds is not None and known else ""
        self._memory = " · ".join(filter(None, (time, formats.memory(plan.memory.total))))
        self._fits = plan.fit is not MemoryFit.WILL_NOT
        self._reason = reason
        room = "" if self._fits else ", will not fit in memory"
        recommended = f", recommended: {reason}" if reason else ""
        self.setAccessibleName(f"{self.preset.label}, {self._parameters} parameters, {self._memory}{room}{recommended}")
        self.setAccessibleDescription(self.preset.summary)
        words = guide_text(self.preset)
        self.setToolTip(
            plain_tip(
                f"{self.preset.summary}. {formats.whole(plan.parameters.total)} parameters, "
                f"{formats.memory(plan.memory.total)} of memory, time {plan.time_text}. {plan.reading_text}."
                + (f"\n{words} It expects: {self.preset.guide['quality']}." if of_guide and words else "")
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
            mark = pixmap("done", "link" if self.isEnabled() else "secondary", Size.ICON, self.devicePixelRatioF())
            painter.drawPixmap(Space.S, (self.height() - Size.ICON) // 2, mark)

    def _paint_recommended(self, painter: QPainter, look: theme.Theme, at: int) -> None:
        color = "caution" if self.isEnabled() else "disabled"
        star = pixmap("star", color, Type.CAPTION, self.devicePixelRatioF())
        top = Space.S + (look.text_px(Type.BODY) + Space.XS - Type.CAPTION) // 2
        painter.drawPixmap(at + Space.S, top, star)
        painter.setFont(look.font(Type.CAPTION))
        painter.setPen(look.color(color))
        box = QRect(at + Space.S + Type.CAPTION + Space.XS, Space.S, self.width(), look.text_px(Type.BODY) + Space.XS)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "Recommended")
