"""The Dock icon: a bar while a run goes on, a mark when it ended unseen."""

import pytest

from gui.kit.icons import app_icon
from gui.shell.dock import Dock
from gui.train.state import RunState
from tests.gui.fake_run import finished, started, step


class Application:
    """What the Dock is given to show."""

    def __init__(self):
        self.icons, self.badge = [], 0

    def setWindowIcon(self, icon):
        self.icons.append(icon)

    def setBadgeNumber(self, number):
        self.badge = number


@pytest.fixture
def run(qapp):
    state = RunState()
    state.start()
    state.take(started(max_iters=100), 0.0)
    return state


def picture(icon):
    return icon.pixmap(256, 256).toImage()


def test_the_bar_grows_and_goes_with_the_run(run):
    app = Application()
    dock = Dock(app, lambda: True)
    for n in (10, 60):
        run.take(step(n), n)
        dock.show_view(run.view())
    run.take(finished(), 100.0)
    run.end(None)
    dock.show_view(run.view())
    early, late, after = map(picture, app.icons)
    assert len({early.pixel(x, 216) for x in range(48, 196)}) > 1  # the bar has a done part and a rest
    assert early != late != after
    assert after == picture(app_icon())


def test_the_icon_is_drawn_anew_only_when_it_changes(qapp):
    app = Application()
    dock = Dock(app, lambda: True)
    for progress in (0.500, 0.501, 0.502, None, None):
        dock.show_progress(progress)
    assert len(app.icons) == 2


@pytest.mark.parametrize(("seen", "badge"), [(False, 1), (True, 0)])
def test_a_run_that_ends_unseen_leaves_a_mark_until_someone_looks(run, seen, badge):
    app = Application()
    dock = Dock(app, lambda: seen)
    run.take(step(10), 1.0)
    dock.show_view(run.view())
    run.take(finished(), 2.0)
    run.end(None)
    dock.show_view(run.view())
    assert app.badge == badge
    dock.seen()
    assert app.badge == 0


def test_the_mask_comes_out_of_noise_as_the_loss_falls(run):
    app = Application()
    dock = Dock(app, lambda: True)
    for n, loss in ((0, 4.2), (10, 3.0), (20, 1.0)):
        run.take(step(n, loss), 0.0)
        dock.show_view(run.view())
    middles = [picture(icon).copy(64, 64, 128, 128) for icon in app.icons]
    assert len(middles) == 3
    assert middles[0] != middles[1] != middles[2]
