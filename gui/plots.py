"""Plots that look like the rest of the window: pyqtgraph dressed in the theme's colors, without its own menus."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPen

from gui import theme
from gui.theme import Size, Space, Type


def pen(role: str, *, width: float = 1, dashed: bool = False, alpha: float = 1.0) -> QPen:
    """Give a pen in a role's color, as wide at every zoom; a hairline of one pixel of the screen paints fastest."""
    if width > 1:
        width *= QGuiApplication.primaryScreen().devicePixelRatio()
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    made: QPen = pg.mkPen(theme.current().color(role, alpha), width=width, style=style)
    return made


class Axis(pg.AxisItem):  # type: ignore[misc]
    """An axis that paints itself straight away.

    pyqtgraph records it as a picture first, and playing that back looks every font up again: 8 ms a time.
    """

    def paint(self, p: QPainter, opt: object, widget: object) -> None:
        """Paint lines and ticks; what they are is worked out anew only when the axis changed."""
        if self.picture is None:  # type: ignore[has-type]
            p.setFont(self.style["tickFont"] or p.font())
            self.picture = self.generateDrawSpecs(p) or ()
        if self.picture:
            p.save()
            self.drawPicture(p, *self.picture)
            p.restore()


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """A plot widget in the theme's colors; `dress` again when the theme changes."""

    def __init__(self, name: str, says: str, *, axes: bool = True) -> None:
        super().__init__(axisItems={side: Axis(side) for side in ("left", "bottom")})
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self.hideButtons()
        self.setMenuEnabled(False)
        self._axes = axes
        item = self.getPlotItem()
        item.setContentsMargins(0, Space.XS, Space.S, 0)
        item.layout.setSpacing(0)
        left, bottom = item.getAxis("left"), item.getAxis("bottom")
        for axis in (left, bottom):
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=0, tickTextOffset=Space.XS, maxTickLevel=0)
        if axes:
            left.setWidth(Size.AXIS)
        else:
            item.hideAxis("left")
            item.hideAxis("bottom")
        self.dress()

    def dress(self) -> None:
        """Put on the present theme."""
        look = theme.current()
        self.setBackground(look.color("surface"))
        if self._axes:
            self.showGrid(x=False, y=True, alpha=0.3)
        for name in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(look.color("grid")))
            axis.setTextPen(pg.mkPen(look.color("secondary")))
            axis.setTickFont(look.font(Type.CAPTION))
