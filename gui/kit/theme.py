"""Every color, distance, radius and type size of the window, by role, in light and dark.

Style sheets (gui/kit/style.py), plot pens and painted widgets read from here; no other module holds a color,
a pixel number or a font name. The theme follows the application's palette: nothing is kept here.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette


class Space:
    """Distances in pixels at scale 1."""

    HAIR = 1
    XXS = 2
    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32


class Radius:
    """Corner radii in pixels."""

    SMALL = 4
    CONTROL = 6
    CARD = 10


class Type:
    """Type sizes in pixels at text scale 1."""

    CAPTION = 11
    BODY = 13
    HEADLINE = 15
    TITLE = 20
    DISPLAY = 26
    VERSE = 21
    CODE = 15
    MONO = 12


class Size:
    """Fixed measures of parts, in pixels."""

    CONTROL = 28
    PRIMARY = 36
    ICON = 16
    ICON_LARGE = 40
    ICON_HERO = 128
    DOT = 8
    KNOB = 14
    ARROW = 10
    STEPPER = 20
    BAR = 12
    PROGRESS = 4
    SCROLLBAR = 14
    SCROLLER = 6
    RING = 3
    SIDEBAR = 384
    FIELD = 116
    LABEL = 156
    SPARKLINE = 30
    PLOT = 150
    BAND = 132
    BAND_LEAST = 72
    SCRIPT = 72
    NOTE = 92
    TYPED = 220
    ROOMY = 96
    LOW = 360
    LEGIBLE = 580
    WIDE = 1160
    MEASURE = 620
    PAIR = 500
    SHORT = 250
    BUBBLE = 420
    PAGE = 920
    BADGE = 360
    AXIS = 44
    AXIS_BELOW = 34
    TRAY = 18
    TRAY_BAR = 2
    DOCK_ICON = 256
    COLUMN = 200
    ALTERNATIVES = 320
    SCRUBBER = 80
    ALTERNATIVE_LABEL = 104
    ALTERNATIVE_ROW = 20
    PERCENT = 44
    STROKE = 1.5
    PICTURE = (540, 675)
    WINDOW = (1180, 780)
    WINDOW_LEAST = (960, 640)


@dataclass(frozen=True, slots=True)
class Colors:
    """The roles of color; text roles hold 4.5:1 on `window`, `surface` and `well`, curves 3:1.

    `surprise` is the scale behind tokens, of one hue, from usual to surprising; `text` holds 4.5:1 on each, and each is
    lighter or darker than the one before it, for those who do not see its hue.
    """

    window: str
    surface: str
    well: str
    raised: str
    knob: str
    line: str
    control_line: str
    text: str
    secondary: str
    disabled: str
    accent: str
    accent_pressed: str
    on_accent: str
    ring: str
    link: str
    selection: str
    positive: str
    caution: str
    negative: str
    caution_wash: str
    negative_wash: str
    accent_wash: str
    train: str
    validation: str
    train_raw: str
    validation_line: str
    grid: str
    weights: str
    gradients: str
    optimizer: str
    activations: str
    logits: str
    series: tuple[str, ...]
    surprise: tuple[str, ...]


LIGHT = Colors(
    window="#f5f5f7",
    surface="#ffffff",
    well="#f2f2f5",
    raised="#ffffff",
    knob="#ffffff",
    line="#dedee3",
    control_line="#89898f",
    text="#1d1d1f",
    secondary="#65656b",
    disabled="#a5a5ab",
    accent="#0064d2",
    accent_pressed="#004fa8",
    on_accent="#ffffff",
    ring="#3383db",
    link="#0060c9",
    selection="#d9e9fc",
    positive="#1b7434",
    caution="#8a5300",
    negative="#c0242c",
    caution_wash="#fdf3e0",
    negative_wash="#fdebeb",
    accent_wash="#eaf3fe",
    train="#0a6cd6",
    validation="#c25700",
    train_raw="#a9cdf3",
    validation_line="#dd9f6b",
    grid="#e6e6ea",
    weights="#0a6cd6",
    gradients="#00756b",
    optimizer="#8a5cd0",
    activations="#c25700",
    logits="#b03a76",
    series=("#0a6cd6", "#c25700", "#00857a", "#8a5cd0", "#b03a76", "#5d6b00", "#77523c", "#4b5563"),
    surprise=("#ffffff", "#ffecd2", "#fbc27a", "#ee8722"),
)

DARK = Colors(
    window="#1c1c1e",
    surface="#262629",
    well="#1f1f22",
    raised="#38383c",
    knob="#dcdce0",
    line="#38383c",
    control_line="#85858b",
    text="#f2f2f4",
    secondary="#a9a9b0",
    disabled="#66666c",
    accent="#0a6fdb",
    accent_pressed="#0a5cb5",
    on_accent="#ffffff",
    ring="#3a8ae6",
    link="#6db3ff",
    selection="#193a5e",
    positive="#86e39c",
    caution="#f2b04a",
    negative="#ff8078",
    caution_wash="#3a3021",
    negative_wash="#3f2626",
    accent_wash="#20324a",
    train="#58a6ff",
    validation="#ff9f45",
    train_raw="#44709f",
    validation_line="#a76d36",
    grid="#333337",
    weights="#58a6ff",
    gradients="#7fe0d2",
    optimizer="#b794f6",
    activations="#ff9f45",
    logits="#f08cbc",
    series=("#58a6ff", "#ff9f45", "#3cc4b4", "#b794f6", "#f08cbc", "#c3cf57", "#d6a88b", "#a9b4c2"),
    surprise=("#262629", "#453421", "#714914", "#9f5b08"),
)

_SANS = ("Inter", "Cantarell", "DejaVu Sans")
_SERIF = ("New York", "Georgia", "Noto Serif", "DejaVu Serif")
_MONO = ("SF Mono", "Menlo", "JetBrains Mono", "DejaVu Sans Mono")
_SCALE, _CONTRAST = "understudy_text_scale", "understudy_more_contrast"

DASHES = ((6, 3), (2, 2), (8, 3, 2, 3), (12, 4), (4, 2, 1, 2, 1, 2), (1, 3))
"""Dash and gap of the curves of a comparison, in widths of the pen: they are told apart without their colors too."""


@dataclass(frozen=True, slots=True)
class Theme:
    """What a widget looks like now: the colors, and how much larger than usual the text is.

    `more_contrast` says that the colors have more than usual, and that nothing should hide.
    """

    dark: bool
    colors: Colors
    scale: float = 1.0
    more_contrast: bool = False

    def text_px(self, size: int) -> int:
        """Return a type size of `Type` in pixels at the present text scale."""
        return round(size * self.scale)

    def part_px(self, size: int) -> int:
        """Return the size of a part of a control in pixels: it grows half as much as the text."""
        return round(size * (1 + self.scale) / 2)

    def icon_px(self) -> int:
        """Return the side of an icon in pixels: it grows as other parts of controls do."""
        return self.part_px(Size.ICON)

    def sidebar_px(self) -> int:
        """Return the width of a sidebar in pixels: it grows a fifth as much as the text, which wraps in it."""
        return round(Size.SIDEBAR * (4 + self.scale) / 5)

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        """Return the color of a role, `alpha` from 0 (invisible) to 1."""
        color = QColor(getattr(self.colors, role))
        color.setAlphaF(alpha)
        return color

    def series(self, number: int, alpha: float = 1.0) -> QColor:
        """Return the color of one of several curves; the first two are those of a run's own."""
        color = QColor(self.colors.series[number % len(self.colors.series)])
        color.setAlphaF(alpha)
        return color

    def shade(self, step: int) -> QColor:
        """Return a step of the scale behind tokens, 0 for what was expected."""
        return QColor(self.colors.surprise[step])

    def font(self, size: int = Type.BODY, *, bold: bool = False, mono: bool = False, serif: bool = False) -> QFont:
        """Return a font of a size of `Type`, with digits of equal width."""
        font = QFont(mono_families() if mono else serif_families() if serif else sans_families())
        font.setPixelSize(self.text_px(size))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        if mono:
            font.setStyleHint(QFont.StyleHint.Monospace)
        else:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font


def current() -> Theme:
    """Return the theme of the running application: its palette's lightness, accent and text scale."""
    app = QGuiApplication.instance()
    scale = (app.property(_SCALE) if app else None) or 1.0
    palette = QGuiApplication.palette()
    accent = palette.color(QPalette.ColorRole.Accent).name() if sys.platform == "darwin" else ""
    return _theme(is_dark(palette), accent, float(scale), bool(app and app.property(_CONTRAST)))


@cache
def _theme(dark: bool, accent: str, scale: float, more_contrast: bool) -> Theme:
    colors = DARK if dark else LIGHT
    colors = with_accent(colors, accent) if accent else colors
    return Theme(dark, with_contrast(colors) if more_contrast else colors, scale, more_contrast)


def is_dark(palette: QPalette) -> bool:
    """Return whether a palette is dark: its text lighter than what it stands on."""
    text, window = palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window)
    return text.lightnessF() > window.lightnessF()


def set_text_scale(scale: float) -> None:
    """Make all text larger or smaller; gui/kit/style.py must be applied again."""
    app = QGuiApplication.instance()
    if app is not None:
        app.setProperty(_SCALE, scale)


def set_more_contrast(wanted: bool) -> None:
    """Set more contrast, as "Increase contrast" of a Mac asks for; gui/kit/style.py must be applied again."""
    app = QGuiApplication.instance()
    if app is not None:
        app.setProperty(_CONTRAST, wanted)


def restyles(event: QEvent) -> bool:
    """Return whether a widget's changeEvent means that colors or type changed."""
    return event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange)


def palette_of(theme: Theme) -> QPalette:
    """Return the palette of a theme: what the system would hand the application; for tests and screenshots."""
    colors, role = theme.colors, QPalette.ColorRole
    palette = QPalette()
    for roles, color in (
        ((role.Window, role.Button, role.AlternateBase), colors.window),
        ((role.Base, role.ToolTipBase), colors.surface),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText), colors.text),
        ((role.PlaceholderText,), colors.secondary),
        ((role.Highlight, role.Accent), colors.accent),
        ((role.HighlightedText,), colors.on_accent),
        ((role.Link,), colors.link),
    ):
        for each in roles:
            palette.setColor(each, QColor(color))
    return palette


def with_accent(colors: Colors, accent: str) -> Colors:
    """Return the colors with the system's accent, darkened or lightened until it can be read."""
    fill = legible(accent, colors.on_accent)
    wash = _mix(accent, colors.surface, 0.88)
    grounds = (colors.window, colors.surface, colors.well)
    return replace(
        colors,
        accent=fill,
        accent_pressed=QColor(fill).darker(120).name(),
        ring=legible(
            _mix(accent, colors.surface, 0.2), colors.window, colors.surface, colors.well, colors.raised, ratio=3
        ),
        link=legible(accent, *grounds),
        accent_wash=wash,
        selection=_mix(accent, colors.surface, 0.7),
    )


def with_contrast(colors: Colors) -> Colors:
    """Return the colors with text at 7:1, WCAG's higher level, and with edges that are seen at 3:1."""
    grounds = (colors.window, colors.surface, colors.well)
    texts = ("secondary", "link", "positive", "caution", "negative")
    edges = ("line", "control_line", "disabled", "grid")
    washes = (colors.caution_wash, colors.negative_wash, colors.accent_wash, colors.raised, colors.selection)
    changed: dict[str, Any] = {role: legible(getattr(colors, role), *grounds, *washes, ratio=7) for role in texts}
    changed |= {role: legible(getattr(colors, role), *grounds, ratio=3) for role in edges}
    return replace(colors, **changed, ring=changed["link"])


def legible(color: str, *backgrounds: str, ratio: float = 4.6) -> str:
    """Return the color moved towards black or white until it has at least this contrast on each background."""
    towards = "#000000" if sum(luminance(b) for b in backgrounds) / len(backgrounds) > 0.2 else "#ffffff"
    for step in range(21):
        moved = _mix(color, towards, step / 20)
        if all(contrast(moved, b) >= ratio for b in backgrounds):
            return moved
    return towards


def _mix(color: str, other: str, share: float) -> str:
    red, green, blue = (x + (y - x) * share for x, y in zip(_rgb(color), _rgb(other), strict=True))
    return QColor.fromRgbF(red, green, blue).name()


def _rgb(color: str) -> tuple[float, float, float]:
    parts = QColor(color)
    return parts.redF(), parts.greenF(), parts.blueF()


def luminance(color: str) -> float:
    """Return the relative luminance of a color, 0 (black) to 1 (white), as WCAG defines it."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(color)]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors, 1 to 21, as WCAG defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@cache
def sans_families() -> list[str]:
    """Return the families for text: the system's own on a Mac, else the first good one there is."""
    if sys.platform == "darwin":
        return [QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()]
    return _installed(_SANS)


@cache
def serif_families() -> list[str]:
    """Return the families for what is read as in a book."""
    return [*_installed(_SERIF), "serif"]


@cache
def mono_families() -> list[str]:
    """Return the families for text of equal width."""
    return _installed(_MONO)


def _installed(families: tuple[str, ...]) -> list[str]:
    there = set(QFontDatabase.families())
    return [family for family in families if family in there] or list(families)
