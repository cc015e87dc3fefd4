"""A line of progress moves only while nobody knows how far it is."""

from gui.kit import preferences
from gui.kit.progress_line import ProgressLine
from tests.gui.kit.hands import moves


def test_nothing_goes_on_moving_unseen_once_it_is_known_how_far(qtbot, stylist):
    line = ProgressLine("line", "How far")
    qtbot.addWidget(line)
    with qtbot.waitExposed(line):
        line.show()
    line.show_share(None)
    qtbot.waitUntil(lambda: moves(line))
    line.show_share(0.0)
    qtbot.waitUntil(lambda: not moves(line))


def test_a_line_of_unknown_progress_moves_or_stands_still(qtbot):
    line = ProgressLine("line", "How far")
    qtbot.addWidget(line)
    line.show_share(None)
    assert (line.minimum(), line.maximum()) == (0, 0)
    line.show_share(0.25)
    assert line.value() == line.maximum() / 4
    preferences.set_flag("reduce_motion", True)
    line.show_share(None)
    assert line.maximum() > 0
    assert line.value() == 0
    line.show_share(2.0)
    assert line.value() == line.maximum()
