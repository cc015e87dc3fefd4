"""Where a run is offered to be shared: at its curtain call, beside its words, in the File menu."""

import pytest
from PySide6.QtWidgets import QAbstractButton

from engine.core.paths import runs_dir
from gui.train.share_sheet import ShareSheet
from gui.train.state import RunState
from tests.gui.hands import press
from tests.gui.train.hands import run_that_wrote
from tests.gui.train.test_curtain import ended_run


def sheets(window):
    return [each for each in window.findChildren(ShareSheet) if each.isVisible()]


@pytest.mark.thorough
def test_a_run_that_has_ended_is_shared_from_its_curtain_call_and_from_the_menu(qtbot, open_window):
    window = open_window()
    item = window.menus.action("share")
    assert not item.isEnabled()
    window.train.show_run(ended_run(runs_dir() / "play"))
    for offer in (lambda: press(qtbot, window, "share_button"), item.trigger):
        offer()
        (sheet,) = sheets(window)
        sheet.close()


def test_a_run_that_is_on_is_shared_beside_its_words(qtbot, open_window):
    window = open_window()
    state = run_that_wrote(0, 10)
    window.train.show_run(state)
    press(qtbot, window, "film_share")
    assert len(sheets(window)) == 1


def test_at_the_curtain_call_it_is_shared_there_alone(open_window):
    window = open_window()
    window.train.show_run(ended_run(runs_dir() / "play"))
    assert window.findChild(QAbstractButton, "share_button").isVisible()
    assert not window.findChild(QAbstractButton, "film_share").isVisible()


def test_a_run_that_wrote_nothing_is_not_shared(open_window):
    window = open_window()
    window.train.show_run(run_that_wrote())
    assert not window.menus.action("share").isEnabled()
    assert not window.findChild(QAbstractButton, "film_share").isEnabled()
    window.train.sharing.open()
    window.train.show_run(RunState())
    assert not sheets(window)
