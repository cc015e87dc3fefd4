"""Icons on buttons: drawn once a theme, however often Qt says that there may be another."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QToolButton

from gui.kit import theme
from gui.kit.icons import put_on
from gui.kit.parts import Disclosure, IconButton
from gui.kit.theme import DARK, Theme


@pytest.fixture
def key(qtbot):
    """Return what tells one icon of a button from another."""
    return lambda button: button.icon().cacheKey()


@pytest.mark.parametrize("make", [lambda: IconButton("a_button", "copy", "Copy"), lambda: Disclosure("a_heading")])
def test_an_icon_is_drawn_again_only_in_another_theme(make, key, qtbot, stylist):
    button = make()
    qtbot.addWidget(button)
    before = key(button)
    for kind in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
        QApplication.sendEvent(button, QEvent(kind))
    assert key(button) == before
    QApplication.setPalette(theme.palette_of(Theme(True, DARK)))
    QApplication.sendEvent(button, QEvent(QEvent.Type.StyleChange))
    assert key(button) != before


def test_another_icon_or_color_is_drawn(key, qtbot):
    button = QToolButton()
    qtbot.addWidget(button)
    keys = []
    for name, role in (("copy", "text"), ("close", "text"), ("close", "accent")):
        put_on(button, name, role)
        keys.append(key(button))
    assert len(set(keys)) == 3


def test_an_icon_grows_with_the_text_beside_it(qtbot, stylist):
    """Half as much, as the other parts of controls do: it is what a larger text is read beside."""
    button = IconButton("a_button", "copy", "Copy")
    qtbot.addWidget(button)
    usual = button.iconSize()
    stylist.set_text_scale(1.5)
    assert button.iconSize() == usual * 1.25
    drawn = button.icon().pixmap(button.iconSize())
    assert drawn.deviceIndependentSize().toSize() == button.iconSize()
