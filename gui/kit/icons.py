"""The icons, drawn for Understudy as SVG in resources/icons, in the color of a role."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from engine.core.paths import shipped
from gui.kit import theme
from gui.kit.theme import Size, Theme

_RATIOS = (1, 2, 3)
_WORN = "worn_icon"


def _icon(look: Theme, name: str, role: str, side: int, gap: int) -> QIcon:
    """Return an icon in the color of a role of a theme, with so much room to the right of it."""
    made = QIcon()
    for mode, color in ((QIcon.Mode.Normal, role), (QIcon.Mode.Disabled, "disabled")):
        for ratio in _RATIOS:
            made.addPixmap(_drawn(name, getattr(look.colors, color), side, ratio, gap), mode)
    return made


def put_on(button: QAbstractButton, name: str, role: str = "text", *, gap: int = 0) -> None:
    """Show an icon on a button in the color of a role; again only in another theme: Qt often says there may be one.

    `gap` is room to the right of it, where words follow.
    """
    look = theme.current()
    side = look.icon_px()
    worn = f"{name} {getattr(look.colors, role)} {look.colors.disabled} {side} {gap}"
    if button.property(_WORN) != worn:
        button.setProperty(_WORN, worn)
        button.setIcon(_icon(look, name, role, side, gap))
        button.setIconSize(QSize(side + gap, side))


def pixmap(name: str, role: str, size: int, ratio: float) -> QPixmap:
    """Return an icon as a picture of `size` pixels, for a screen with `ratio` device pixels to each."""
    return _drawn(name, getattr(theme.current().colors, role), size, ratio)


def tray_icon(progress: float | None = None) -> QIcon:
    """Return the menu-bar icon: a mask that the system colors; during a run with its progress (0 to 1) below."""
    made = QIcon()
    for ratio in _RATIOS:
        picture = _drawn("tray", theme.LIGHT.text, Size.TRAY, ratio)
        made.addPixmap(picture if progress is None else _with_bar(picture, progress))
    made.setIsMask(True)
    return made


def _with_bar(picture: QPixmap, progress: float) -> QPixmap:
    """Return it, moved up, over a bar: what is done solid, the rest faint, since a mask knows no colors."""
    marked = QPixmap(picture.size())
    marked.setDevicePixelRatio(picture.devicePixelRatio())
    marked.fill(Qt.GlobalColor.transparent)
    painter = QPainter(marked)
    painter.drawPixmap(0, -Size.TRAY_BAR, picture)
    bar = QRectF(0, Size.TRAY - Size.TRAY_BAR, Size.TRAY, Size.TRAY_BAR)
    color = QColor(theme.LIGHT.text)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    for width, alpha in ((bar.width(), 0.3), (bar.width() * min(max(progress, 0.0), 1.0), 1.0)):
        color.setAlphaF(alpha)
        painter.fillRect(QRectF(bar.x(), bar.y(), width, bar.height()), color)
    painter.end()
    return marked


def app_icon() -> QIcon:
    """Return the icon of the application."""
    return QIcon(str(shipped("resources", "icons", "app.svg")))


@cache
def _source(name: str) -> str:
    return shipped("resources", "icons", f"{name}.svg").read_text("utf-8")


def _drawn(name: str, color: str, size: int, ratio: float, gap: int = 0) -> QPixmap:
    key = f"{name} {color} {size} {ratio} {gap}"
    picture = QPixmap()
    if not QPixmapCache.find(key, picture):
        picture = _draw(name, color, size, ratio, gap)
        QPixmapCache.insert(key, picture)
    return picture


def _draw(name: str, color: str, size: int, ratio: float, gap: int) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    side = round(size * ratio)
    picture = QPixmap(QSize(side + round(gap * ratio), side))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
