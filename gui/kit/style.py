"""The style sheet of the window, generated from the tokens in gui/kit/theme.py, and what keeps it up to date.

Widgets say what they are with the property "role": `role(label, "secondary")`. Roles: for labels "caption",
"secondary", "headline", "title", "sentence", "display", "mono", "error", "warning", "positive"; for buttons "primary",
"plain", "danger"; for lists to choose from "sentence" and "phrase"; for frames "card", "well", "line"; for texts
"mono", "script", "verse" and "code"; for containers "page" and "sidebar". The ring around what has the focus is no
part of the sheet (gui/kit/focus_ring.py); scroll bars with the property "quiet" do not show. The property "measure"
makes a part as wide as its name says, "sidebar", "field" or "choice", whatever the text size is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from engine.core.paths import shipped
from gui.kit import theme
from gui.kit.focus_ring import FocusRing
from gui.kit.theme import Radius, Size, Space, Theme, Type

W = TypeVar("W", bound=QWidget)


def role(widget: W, name: str) -> W:
    """Say what a widget is, so that the style sheet can dress it; return the widget."""
    mark(widget, "role", name)
    return widget


def wide(widget: W, name: str) -> W:
    """Make a widget as wide as a "sidebar", a "field" or a "choice" is at the present text size; return the widget."""
    mark(widget, "measure", name)
    return widget


def mark(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet heeds, and dress the widget anew if that changes something."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
            widget.style().unpolish(widget)
            widget.style().polish(widget)


class Stylist(QObject):
    """Dresses the application, and again whenever the system turns light or dark or changes its accent.

    Signals:
        changed(): the window has new colors or type sizes.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._worn: Theme | None = None
        app.setStyle("Fusion")
        app.paletteChanged.connect(self.apply)
        app.styleHints().colorSchemeChanged.connect(self.apply)
        self._hints = app.styleHints()  # what it hands out lives, for PySide, no longer than this reference
        self._accessibility = self._hints.accessibility()
        self._accessibility.contrastPreferenceChanged.connect(self.set_contrast)
        self._ring = FocusRing(self)
        self.set_contrast(self._accessibility.contrastPreference())

    @Slot()
    def apply(self) -> None:
        """Dress the application in the present theme, if it wears another."""
        now = theme.current()
        if now != self._worn:
            self._worn = now
            self._app.setFont(now.font())
            self.dress(style_sheet(now))
            self.changed.emit()

    def dress(self, sheet: str) -> None:
        """Put a style sheet on; where none was worn, Qt makes a new style for it."""
        self._app.setStyleSheet(sheet)
        self._app.style().installEventFilter(self._ring)  # Qt tells it of each change of focus, and of little else

    @contextmanager
    def undressed(self) -> Iterator[None]:
        """Take the style sheet off meanwhile: Qt dresses a whole window sooner than one that grows part by part."""
        worn = self._app.styleSheet()
        self._app.setStyleSheet("")
        yield
        self.dress(worn)

    @Slot(Qt.ContrastPreference)
    def set_contrast(self, wish: Qt.ContrastPreference) -> None:
        """Follow what the system says of contrast, at once."""
        theme.set_more_contrast(wish is Qt.ContrastPreference.HighContrast)
        self.apply()

    def set_text_scale(self, scale: float) -> None:
        """Make all text larger or smaller."""
        theme.set_text_scale(scale)
        self.apply()


def style_sheet(look: Theme) -> str:
    """Return the whole style sheet of a theme."""
    values = {name: getattr(look.colors, name) for name in look.colors.__slots__ if name not in ("series", "surprise")}
    values |= {name.lower(): f"{look.text_px(size)}px" for name, size in vars(Type).items() if name.isupper()}
    values |= {f"space_{k.lower()}": f"{v}px" for k, v in vars(Space).items() if k.isupper()}
    values |= {f"radius_{k.lower()}": f"{v}px" for k, v in vars(Radius).items() if k.isupper()}
    knob = 2 * (look.part_px(Size.KNOB) // 2)  # even, for a round one
    values |= {
        "less_m": f"{Space.M - Space.HAIR}px",
        "knob_side": f"{knob}px",
        "knob_rise": f"{-(knob + 2 * Space.HAIR - Space.XS) // 2}px",
        "half_knob": f"{knob // 2 + Space.HAIR}px",
        "arrow": f"{look.part_px(Size.ARROW)}px",
        "stepper": f"{look.part_px(Size.STEPPER)}px",
        "control_height": f"{look.text_px(Size.CONTROL) - 2 * Space.XS - 2}px",
        "primary_height": f"{look.text_px(Size.PRIMARY) - 2 * Space.XS - 2}px",
        "sidebar": f"{look.sidebar_px()}px",
        "field": f"{look.text_px(Size.FIELD) - 2 * (Space.S + Space.HAIR)}px",
        "choice": f"{look.text_px(Size.LABEL)}px",
        "icon": f"{look.icon_px()}px",
        "bar": f"{Size.BAR}px",
        "half_bar": f"{Size.BAR // 2}px",
        "progress": f"{Size.PROGRESS}px",
        "half_progress": f"{Size.PROGRESS // 2}px",
        "scrollbar": f"{Size.SCROLLBAR}px",
        "thin_radius": f"{Size.SCROLLER // 2}px",
        "thick_radius": f"{Size.SCROLLER // 2 + Space.HAIR}px",
        "thin_gap": f"{Size.SCROLLBAR - Size.SCROLLER - Space.XXS}px",
        "thick_gap": f"{Size.SCROLLBAR - Size.SCROLLER - 2 * Space.XXS}px",
        "serif_families": ", ".join(f'"{family}"' for family in theme.serif_families()),
        "mono_families": ", ".join(f'"{family}"' for family in theme.mono_families()),
        "icons": shipped("resources", "icons").as_posix(),
    }
    parts = (_TEXT, _BUTTONS, _FIELDS, _FRAMES, _LISTS, _BARS)
    sheet = "\n".join(parts if look.more_contrast else (*parts, _QUIET))
    for name in sorted(values, key=len, reverse=True):
        sheet = sheet.replace(f"@{name};", f"{values[name]};").replace(f"@{name}/", f"{values[name]}/")
        sheet = sheet.replace(f"@{name} ", f"{values[name]} ").replace(f"@{name})", f"{values[name]})")
    return sheet


_TEXT = """
* { color: @text; font-size: @body; outline: none; }
QWidget[role="page"], QMainWindow, QDialog { background: @window; }
QLabel { background: transparent; }
QLabel[role="caption"] { font-size: @caption; color: @secondary; }
QLabel[role="secondary"] { color: @secondary; }
QLabel[role="headline"] { font-size: @headline; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="title"] { font-size: @title; font-weight: 600; }
QLabel[role="display"] { font-size: @display; font-weight: 600; }
QLabel[role="error"] { font-size: @caption; color: @negative; }
QLabel[role="positive"] { font-size: @caption; color: @positive; }
QLabel[role="recommended"] { font-size: @caption; color: @caution; }
QLabel[role="caution"] { font-size: @caption; color: @caution; }
QLabel[role="warning"] { color: @negative; }
QLabel[role="sentence"] { font-size: @title; }
QLabel[role="mono"], QPlainTextEdit[role="mono"], QTextEdit[role="mono"] {
    font-family: @mono_families; font-size: @mono; }
QLabel:disabled { color: @disabled; }
QMessageBox QLabel#qt_msgbox_label { font-weight: 600; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QToolTip { color: @text; background: @surface; border: @space_hair solid @line; padding: @space_xs;
    font-size: @caption; }
"""

_BUTTONS = """
QPushButton { background: @raised; border: @space_hair solid @control_line; border-radius: @radius_control;
    padding: @space_xs @space_m; min-height: @control_height; }
QPushButton:hover { background: @well; }
QPushButton:pressed { background: @line; }
QPushButton:checked { background: @selection; border-color: @accent; }
QPushButton:default { color: @on_accent; background: @accent; border-color: @accent; }
QPushButton:default:hover, QPushButton:default:pressed { background: @accent_pressed; border-color: @accent_pressed; }
QPushButton:disabled, QPushButton:default:disabled { color: @disabled; background: @well; border-color: @line; }
QPushButton[role="primary"] { color: @on_accent; background: @accent; border: @space_hair solid @accent;
    font-weight: 600; min-height: @primary_height; padding: @space_xs @space_xl; }
QPushButton[role="primary"]:hover, QPushButton[role="primary"]:pressed {
    background: @accent_pressed; border-color: @accent_pressed; }
QPushButton[role="primary"]:disabled { color: @disabled; background: @well; border-color: @line; }
QPushButton[role="tall"] { min-height: @primary_height; }
QPushButton[role="danger"] { color: @negative; }
QPushButton[role="plain"] { color: @link; background: transparent; border: @space_hair solid transparent;
    padding: @space_xxs; min-height: 0; }
QPushButton[role="plain"]:hover { color: @accent_pressed; }
QPushButton[role="plain"]:disabled { color: @disabled; }
QPushButton[role="menu"] { padding-right: @space_xl; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0; }
QPushButton[role="menu"]::menu-indicator { image: url("@icons/chevron-down.svg"); width: @icon; height: @icon;
    subcontrol-origin: border; subcontrol-position: center right; right: @space_xs; }
QToolButton { background: transparent; border: @space_hair solid transparent; border-radius: @radius_small;
    padding: @space_xs; }
QToolButton:hover { background: @well; }
QToolButton:pressed, QToolButton:checked { background: @line; }
QToolButton:disabled { color: @disabled; }
QToolButton[role="disclosure"] { font-weight: 600; padding: @space_xs 0; text-align: left; }
QToolButton[role="disclosure"]:checked { background: transparent; }
QCheckBox, QRadioButton { spacing: @space_s; background: transparent; }
QCheckBox:disabled, QRadioButton:disabled { color: @disabled; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator { width: @knob_side; height: @knob_side;
    background: @surface; border: @space_hair solid @control_line; border-radius: @radius_small; }
QRadioButton::indicator { border-radius: @half_knob; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: @accent; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: @accent; border-color: @accent;
    image: url("@icons/check.svg"); }
QRadioButton::indicator:checked { background: @accent; border-color: @accent; image: url("@icons/dot.svg"); }
QCheckBox::indicator:disabled { background: @well; border-color: @line; }
QCheckBox::indicator:checked:disabled, QRadioButton::indicator:checked:disabled { background: @disabled;
    border-color: @disabled; }
"""

_FIELDS = """
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { background: @surface; border: @space_hair solid @control_line;
    border-radius: @radius_control; padding: @space_xs @space_s; min-height: @control_height;
    selection-background-color: @selection; selection-color: @text; placeholder-text-color: @secondary; }
QLineEdit[invalid="true"], QSpinBox[invalid="true"], QComboBox[invalid="true"] { border-color: @negative; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled { color: @disabled;
    background: @well; border-color: @line; }
QLineEdit[role="title"] { font-size: @title; font-weight: 600; min-height: 0; padding: 0; margin: 0; }
QLineEdit:read-only { background: @well; }
QComboBox { combobox-popup: 0; }
QComboBox[role="sentence"] { font-size: @title; font-weight: 600; }
QComboBox[role="phrase"] { font-weight: 600; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: center right; width: @stepper; border: none; }
QComboBox::down-arrow { image: url("@icons/chevron-down.svg"); width: @icon; height: @icon; }
QComboBox::down-arrow:disabled { image: url("@icons/chevron-down-dim.svg"); }
QComboBox QAbstractItemView { background: @surface; padding: @space_xs;
    border: @space_hair solid @line; border-radius: 0; outline: none;
    selection-background-color: @accent; selection-color: @on_accent; }
QComboBox QAbstractItemView::item { min-height: @control_height; padding: @space_xxs @space_s; border: none; }
QComboBox QAbstractItemView::item:selected { background: @accent; color: @on_accent; }
QSpinBox, QDoubleSpinBox { max-height: @control_height; }
QSpinBox::up-button, QDoubleSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right;
    width: @stepper; border: none; margin: @space_xxs @space_xxs 0 0; }
QSpinBox::down-button, QDoubleSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right;
    width: @stepper; border: none; margin: 0 @space_xxs @space_xxs 0; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url("@icons/step-up.svg"); width: @arrow; height: @arrow; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url("@icons/step-down.svg"); width: @arrow; height: @arrow; }
QSpinBox::up-arrow:disabled, QDoubleSpinBox::up-arrow:disabled { image: url("@icons/step-up-dim.svg"); }
QSpinBox::down-arrow:disabled, QDoubleSpinBox::down-arrow:disabled { image: url("@icons/step-down-dim.svg"); }
QPlainTextEdit, QTextEdit, QTextBrowser { background: @surface; border: @space_hair solid @control_line;
    border-radius: @radius_control; padding: @space_s; selection-background-color: @selection;
    selection-color: @text; placeholder-text-color: @secondary; }
QPlainTextEdit[readOnly="true"], QTextEdit[readOnly="true"] { border-color: @line; }
QPlainTextEdit[role="mono"], QTextEdit[role="mono"] { background: @well; }
QPlainTextEdit[role="script"] { font-family: @mono_families; font-size: @mono; border-color: transparent;
    padding: @space_xxs @space_xs; }
QPlainTextEdit[role="verse"] { font-family: @serif_families; font-size: @verse; border-color: transparent;
    padding: @space_xs @space_xs 0; }
QPlainTextEdit[role="code"] { font-family: @mono_families; font-size: @code; border-color: transparent;
    padding: @space_xs @space_xs 0; }
"""

_FRAMES = """
QFrame[role="card"] { background: @surface; border: @space_hair solid @line; border-radius: @radius_card; }
QFrame[role="well"] { background: @well; border: @space_hair solid @line; border-radius: @radius_control; }
QFrame[role="caution"] { background: @caution_wash; border: none; border-radius: @radius_control; }
QFrame[role="problem"] { background: @negative_wash; border: none; border-radius: @radius_control; }
QFrame[role="notice"] { background: @accent_wash; border: none; border-radius: @radius_control; }
QFrame[role="popover"] { background: @raised; border: @space_hair solid @control_line; border-radius: @radius_card; }
QFrame[role="line"] { background: @line; border: none; max-height: @space_hair; min-height: @space_hair; }
QFrame[role="rule"] { background: @line; border: none; max-width: @space_hair; min-width: @space_hair; }
QWidget[role="sidebar"] { background: @window; }
QWidget[measure="sidebar"] { min-width: @sidebar; max-width: @sidebar; }
QWidget[measure="field"] { min-width: @field; max-width: @field; }
QWidget[measure="choice"] { min-width: @choice; max-width: @choice; }
QWidget[role="header"] { background: @window; border: none; border-bottom: @space_hair solid @line; }
QSplitter::handle { background: @line; }
QSplitter[role="gap"]::handle { background: transparent; }
QSplitter[role="gap"] { background: transparent; }
QSplitter::handle:horizontal { width: @space_hair; }
QSplitter::handle:vertical { height: @space_hair; }
QScrollArea, QScrollArea > QWidget > QWidget[role="clear"] { background: transparent; border: none; }
QGraphicsView { border: @space_hair solid transparent; border-radius: @radius_control; }
QScrollArea[role="page of text"] { border: @space_hair solid transparent; border-radius: @radius_control; }
QStackedWidget, QWidget[role="clear"] { background: transparent; border: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QTabWidget::pane { border: none; border-top: @space_hair solid @line; background: @window; }
QTabWidget::tab-bar { left: @space_l; }
QTabBar { background: @window; border: none; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; border: @space_xxs solid transparent; border-radius: @radius_control;
    padding: @space_xs @space_m; margin: @space_s @space_xxs; color: @secondary; min-height: @control_height; }
QTabBar[role="compact"] { background: transparent; }
QTabBar[role="compact"]::tab { margin: 0; padding: @space_xxs @space_s; }
QTabBar::tab:first { margin-left: 0; }
QTabBar::tab:hover { background: @well; color: @text; }
QTabBar::tab:selected { background: @line; color: @text; }
"""

_LISTS = """
QTableView, QTreeView, QListView { background: @surface; alternate-background-color: @well;
    border: @space_hair solid @line; border-radius: @radius_control; gridline-color: @line; outline: none;
    selection-background-color: @selection; selection-color: @text; }
QTableView::item, QTreeView::item, QListView::item { padding: @space_xs @space_s; border: none; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {
    background: @selection; color: @text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: @surface; color: @secondary; font-size: @caption; border: none;
    border-bottom: @space_hair solid @line; padding: @space_xs @less_m; }
QHeaderView::section:first { border-top-left-radius: @radius_control; }
QHeaderView::section:last { border-top-right-radius: @radius_control; }
QHeaderView::up-arrow, QHeaderView::down-arrow { width: @arrow; height: @arrow; subcontrol-origin: padding;
    subcontrol-position: center right; right: @space_xs; }
QHeaderView::up-arrow { image: url("@icons/step-up.svg"); }
QHeaderView::down-arrow { image: url("@icons/step-down.svg"); }
QTableCornerButton::section { background: @surface; border: none; }
QMenu { background: @surface; border: @space_hair solid @line; padding: @space_xs; }
QMenu::item { padding: @space_xs @space_xl; border-radius: @radius_small; }
QMenu::item:selected { background: @accent; color: @on_accent; }
QMenu::item:disabled { color: @disabled; background: transparent; }
QMenu::separator { height: @space_hair; background: @line; margin: @space_xs @space_s; }
QMenuBar { background: @window; border-bottom: @space_hair solid @line; }
QMenuBar::item { padding: @space_xs @space_s; background: transparent; border-radius: @radius_small; }
QMenuBar::item:selected { background: @line; }
"""

_BARS = """
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: @scrollbar; }
QScrollBar:horizontal { height: @scrollbar; }
QScrollBar::handle { background: @disabled; border-radius: @thin_radius; margin: @space_xxs; }
QScrollBar::handle:vertical { min-height: @space_xxl; margin-left: @thin_gap; }
QScrollBar::handle:horizontal { min-width: @space_xxl; margin-top: @thin_gap; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: @secondary; border-radius: @thick_radius; }
QScrollBar::handle:vertical:hover, QScrollBar::handle:vertical:pressed { margin-left: @thick_gap; }
QScrollBar::handle:horizontal:hover, QScrollBar::handle:horizontal:pressed { margin-top: @thick_gap; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: @line; border: none; border-radius: @half_progress; max-height: @progress;
    min-height: @progress; color: transparent; }
QProgressBar::chunk { background: @accent; border-radius: @half_progress; }
QSlider { min-height: @stepper; background: transparent; }
QSlider::groove:horizontal { height: @space_xs; background: @line; border-radius: @space_xxs; }
QSlider::sub-page:horizontal { background: @accent; border-radius: @space_xxs; }
QSlider::handle:horizontal { width: @knob_side; height: @knob_side; margin: @knob_rise 0; background: @knob;
    border: @space_hair solid @control_line; border-radius: @half_knob; }
QSlider::handle:horizontal:hover { border-color: @accent; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled { background: @line; }
"""

_QUIET = """
QScrollBar[quiet="true"]::handle { background: transparent; }
"""
