"""One beginning through time: which weights write it, and how that is asked for and seen."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit, QTextEdit

from engine.core.config import TrainConfig
from engine.runs.folder import RunFolder
from engine.runs.snapshots import snapshot_name
from gui.generate.choices import CheckpointChoice
from gui.generate.ladder import fits, ladder_of, what_it_climbs
from gui.generate.tab import GenerateTab
from tests.gui import fake_writer
from tests.gui.generate.hands import child, press

TIMES = ((40, 5.02), (160, 20.1), (480, 60.4))


def choice(run, file, seconds=None):
    return CheckpointChoice(Path("/runs") / run / file, run, file, seconds=seconds)


BEST, LATEST = (choice("a", name) for name in ("best.pt", "ckpt.pt"))
EARLY, LATE = choice("a", "early", 5.0), choice("a", "late", 60.0)
FIRST = choice("a", "first", 1.1)
CHOICES = [BEST, LATEST, FIRST, EARLY, LATE, choice("b", "best.pt"), choice("b", "early", 5.0), choice("c", "best.pt")]
QUICK = [choice("d", "best.pt"), *(choice("d", str(each), each) for each in (0.02, 0.1, 0.5))]


@pytest.mark.parametrize(
    ("chosen", "rungs"),
    [
        (BEST, [EARLY, LATE, BEST]),
        (LATEST, [EARLY, LATE, LATEST]),
        (LATE, [EARLY, LATE, BEST]),
        (CHOICES[-1], []),
        (QUICK[0], [*QUICK[1:], QUICK[0]]),
        (None, []),
    ],
)
def test_it_is_the_runs_snapshots_and_its_end(chosen, rungs):
    assert ladder_of(chosen, CHOICES + QUICK) == rungs


def test_it_says_what_it_does():
    assert "after 5 s, 1 min of training" in what_it_climbs([EARLY, LATE, BEST])


def test_texts_stand_side_by_side_where_they_can_be_read():
    assert fits(4, 1000)
    assert not fits(4, 630)


@pytest.fixture
def run(_own_folders):
    made = RunFolder.new(TrainConfig())
    made.best.touch()
    for iter_num, seconds in TIMES:
        (made.path / snapshot_name(iter_num, seconds)).touch()
    return made


@pytest.fixture
def tab(qtbot, engine, monkeypatch):
    fake_writer.install(monkeypatch)
    tab = GenerateTab(engine)
    qtbot.addWidget(tab)
    tab.resize(1400, 720)
    tab.show()
    qtbot.waitUntil(lambda: not tab._picker.reading)
    return tab


def climb(qtbot, tab):
    press(qtbot, tab, "ladder_button")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "ladder_button").isEnabled())


def test_each_snapshot_and_the_end_go_on_from_the_same_beginning_with_the_same_seed(qtbot, run, tab):
    child(tab, QPlainTextEdit, "prompt_edit").setPlainText("Once")
    climb(qtbot, tab)
    takes = tab._record.takes
    assert [take.choice.path for take in takes] == [*(each.path for each in run.snapshots()), run.best]
    assert len({take.config for take in takes}) == 1
    assert [tab._record.passage.title_of(strand) for strand in tab._record.hand][:3] == [
        "After 5 s",
        "After 20 s",
        "After 1 min",
    ]
    texts = {child(tab, QTextEdit, f"column_{n}").toPlainText() for n in range(1, 5)}
    assert len(texts) == 1  # the stand-in writes by the seed alone
    assert tab._transcript.side_by_side


def test_where_there_is_no_room_they_stand_one_below_the_other(qtbot, run, tab):
    tab.resize(960, 600)
    climb(qtbot, tab)
    assert not tab._transcript.side_by_side
    shown = child(tab, QTextEdit, "transcript").toPlainText()
    assert [shown.count(f"After {time}") > 0 for time in ("5 s", "20 s", "1 min")] == [True] * 3


def test_a_run_without_snapshots_has_none(qtbot, tab):
    made = RunFolder.new(TrainConfig())
    made.best.touch()
    tab.refresh()
    qtbot.waitUntil(lambda: not tab._picker.reading)
    assert not child(tab, QAbstractButton, "ladder_button").isVisible()


def test_stop_ends_it_and_keeps_what_was_written(qtbot, run, tab, monkeypatch):
    press(qtbot, tab, "ladder_button")
    qtbot.waitUntil(lambda: any(take.tokens for take in tab._record.takes))
    press(qtbot, tab, "stop_generate_button")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "ladder_button").isEnabled())
    assert all(take.tokens for take in tab._record.takes)
