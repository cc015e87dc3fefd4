"""The menu-bar item: the run at a glance, and the way to steer it without the window."""

import pytest
from PySide6.QtGui import QAction

from gui.kit.icons import tray_icon
from gui.shell.tray import Tray
from gui.train.state import RunState
from tests.gui.fake_run import finished, started, step


@pytest.fixture
def tray(qapp):
    asked = []
    made = Tray({name: lambda name=name: asked.append(name) for name in ("show", "pause", "stop", "quit")})
    made.asked = asked
    yield made
    made.hide()
    made.menu.deleteLater()
    made.deleteLater()


def item(tray, name):
    return tray.menu.findChild(QAction, f"tray_{name}")


def test_the_icon_is_a_mask_that_the_system_colors(qapp):
    icon = tray_icon()
    assert icon.isMask()
    assert {(s.width(), s.height()) for s in icon.availableSizes()} >= {(18, 18), (36, 36)}


def test_its_bar_grows_with_the_run(qapp):
    """What is done is solid along the lower edge, the rest faint, and it stays a mask."""

    def solid(progress):
        image = tray_icon(progress).pixmap(18, 18).toImage()
        return sum(image.pixelColor(x, image.height() - 1).alpha() == 255 for x in range(image.width()))

    assert tray_icon(0.5).isMask()
    assert [solid(progress) for progress in (0.0, 0.5, 1.0)] == [0, 9, 18]


def test_show_comes_first(tray):
    assert tray.menu.actions()[0] is item(tray, "show")


def test_without_a_run_there_is_nothing_to_steer(tray):
    tray.show_view(RunState().view())
    assert item(tray, "status").text() == "Not training"
    assert not item(tray, "pause").isEnabled()
    assert not item(tray, "figures").isVisible()


def test_a_run_is_told_at_a_glance(tray):
    state = RunState()
    state.start()
    for at, event in enumerate((started(max_iters=100), step(0), step(50))):
        state.take(event, float(at))
    tray.show_view(state.view())
    assert item(tray, "status").text() == "Training · 1 s left · CPU"
    assert item(tray, "figures").text() == "Loss 3.00, validation –, 50% done"
    item(tray, "pause").trigger()
    item(tray, "stop").trigger()
    item(tray, "show").trigger()
    item(tray, "quit").trigger()
    assert tray.asked == ["pause", "stop", "show", "quit"]


def test_the_end_is_told(tray):
    state = RunState()
    state.start()
    state.take(started(), 0)
    state.take(finished(), 1)
    state.end(None)
    tray.show_view(state.view())
    assert item(tray, "status").text().startswith("Finished")
    assert not item(tray, "stop").isEnabled()
