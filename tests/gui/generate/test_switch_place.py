from PySide6.QtWidgets import QTabBar, QWidget

from gui.generate.switch_place import put_switch, switch_place
from gui.kit.parts import column


def test_a_switch_goes_from_place_to_place_and_is_seen_at_once(qtbot):
    page, one, other = QWidget(), switch_place(), switch_place()
    qtbot.addWidget(page)
    layout = column(page)
    layout.addWidget(one)
    layout.addWidget(other)
    page.show()
    assert one.isHidden()
    one.show()
    other.show()
    switch = QTabBar()
    for place in (one, other, other, one):
        put_switch(switch, place)
        assert place.isAncestorOf(switch)
        assert switch.isVisible()
