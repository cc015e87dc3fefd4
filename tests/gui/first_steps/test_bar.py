"""The first steps: ticked by what happened, remembered, put away and brought back."""

from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from engine.core.events import Turn
from engine.core.paths import runs_dir
from gui.first_steps.steps import first_steps
from gui.kit import preferences
from gui.train.state import Phase
from tests.gui.fake_run import finished, recorded, started, step

KEYS = [each.key for each in first_steps()]


def test_each_step_leads_to_a_tab_that_there_is(open_window):
    window = open_window()
    titles = [window.tabs.tabText(at).lower() for at in range(window.tabs.count())]
    assert len(KEYS) == len(set(KEYS)) == 6
    assert all(each.tab in titles for each in first_steps())
    for each in first_steps():
        window.tabs.show_step(each)
        assert window.tabs.tabText(window.tabs.currentIndex()).lower() == each.tab
    assert window.train.setup.preset == "automatic"


def test_a_run_in_the_window_ticks_three_steps_and_they_are_remembered(qtbot, open_window):
    window = open_window()
    assert window.first_steps.next.key == "train"
    window.train.start()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)
    assert window.first_steps.done == {"train", "sample", "finish"}
    assert window.findChild(QLabel, "first_steps_count").text() == "3 of 6 done"
    assert window.first_steps.next.key == "generate"
    assert open_window().first_steps.done == {"train", "sample", "finish"}


def test_from_the_press_to_the_end_of_a_run_only_watching_is_asked_for(qtbot, open_window):
    def waits(config, control):
        while not control.stopping:
            yield Turn.IDLE

    for done, told in (([], "Watch what it writes"), (["train", "sample", "finish"], "Let it finish, or stop it")):
        preferences.keep_first_steps(done)
        window = open_window(waits)
        title = window.findChild(QLabel, "first_steps_title")
        before = title.text()
        window.train.start()
        assert title.text() == told
        window.train.stop()
        qtbot.waitUntil(lambda shown=window: not shown.train.running)
        assert title.text() == before


def test_what_stands_on_disk_is_ticked_at_the_start(qtbot, open_window):
    recorded(runs_dir() / "one", started(), step(0), step(10), finished())
    window = open_window()
    qtbot.waitUntil(lambda: window.first_steps.done == {"train", "finish"})


def test_two_runs_in_one_plot_are_a_comparison(qtbot, open_window):
    for name in ("one", "two"):
        recorded(runs_dir() / name, started(), step(0), step(10), finished())
    window = open_window()
    table = window.runs.findChild(QWidget, "runs_table")
    assert "compare" not in window.first_steps.done
    qtbot.waitUntil(lambda: table.model().rowCount() == 2)
    table.selectAll()
    assert "compare" in window.first_steps.done


def test_it_is_put_away_for_good_and_brought_back_from_the_help_menu(qtbot, open_window):
    window = open_window()
    bar = window.findChild(QWidget, "first_steps")
    assert bar.isVisible()
    window.findChild(QAbstractButton, "first_steps_away").click()
    assert not bar.isVisible()
    assert not open_window().findChild(QWidget, "first_steps").isVisible()
    window.menus.action("first_steps").trigger()
    steps = window.findChild(QWidget, "first_steps_list")
    assert bar.isVisible()
    assert steps.isVisible()
    qtbot.keyClick(steps, Qt.Key.Key_Escape)
    assert not steps.isVisible()
    assert preferences.shows_first_steps()


def test_the_list_tells_what_is_done_and_leads_there(open_window):
    QSettings().setValue("first_steps/done", "train generate nonsense")
    window = open_window()
    window.findChild(QAbstractButton, "first_steps_all").click()
    told = [window.findChild(QWidget, f"first_step_{key}").accessibleName().rpartition(": ")[2] for key in KEYS]
    assert told == ["done", "to do", "to do", "done", "to do", "to do"]
    window.findChild(QAbstractButton, "first_step_text_show").click()
    assert window.tabs.currentWidget() is window.data


def test_who_has_done_everything_is_not_bothered(open_window):
    preferences.keep_first_steps(KEYS)
    assert not open_window().findChild(QWidget, "first_steps").isVisible()


def test_every_step_shows_where_it_is_done(open_window):
    window = open_window()
    window.findChild(QAbstractButton, "first_steps_show").click()
    assert window.tabs.tabText(window.tabs.currentIndex()).lower() == window.first_steps.next.tab
    for each in first_steps():
        window.findChild(QAbstractButton, "first_steps_all").click()
        window.findChild(QAbstractButton, f"first_step_{each.key}_show").click()
        assert window.tabs.tabText(window.tabs.currentIndex()).lower() == each.tab
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
