"""The end of a run as a person sees it: first and last words, the verdict, and what to do now."""

import random
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPlainTextEdit, QPushButton, QScrollArea, QWidget

from engine.core.config import TrainConfig
from engine.core.errors import Fix
from engine.core.events import Advice, Checkpoint, Finished, Sample
from engine.core.paths import runs_dir
from engine.datasets.prepare import prepare
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.runs.verdict import Skill, Verdict
from gui.kit.theme import Size
from gui.train.coach import NoteCard
from gui.train.jobs import train_job
from gui.train.state import Phase, RunState
from tests.fake_events import finished
from tests.gui.fake_run import evaluation, fake_run, started, step
from tests.gui.hands import press
from tests.gui.train.hands import run_that_wrote


def ended_run(folder, *, reason="done", **settings):
    """Return a run on disk that has ended, and a state that shows it."""
    run = RunFolder(folder)
    run.path.mkdir(parents=True)
    run.write_config(TrainConfig(out_dir=str(run.path), **settings))
    run.checkpoint.touch()
    state = RunState(run_dir=str(run.path))
    state.start()
    end = Finished(reason=reason, iter_num=100, best_val_loss=2.5, seconds=100.0, peak_memory_bytes=0)
    saved = Checkpoint(iter_num=100, path=str(run.checkpoint), kind="latest")
    told = [started(run_dir=str(run.path)), Sample(iter_num=0, prompt="", text="xq zj")]
    told += [step(0, 4.2), evaluation(0, 4.2), step(50, 3.0), step(99, 2.5), evaluation(100, 2.5)]
    for at, event in enumerate([*told, Sample(iter_num=100, prompt="", text="to be or not"), saved, end]):
        state.take(event, at)
    state.end(None)
    return state


def test_an_ended_run_shows_its_first_words_beside_its_last_and_a_verdict(qtbot, open_window):
    window = open_window()
    window.resize(*Size.WINDOW)
    window.train.show_run(ended_run(runs_dir() / "play"))
    first, last = (window.findChild(QPlainTextEdit, name) for name in ("film_first", "film_text"))
    assert (first.toPlainText(), last.toPlainText()) == ("xq zj", "to be or not")
    assert first.isVisible()
    told = window.findChild(QLabel, "verdict")
    qtbot.waitUntil(lambda: told.text().startswith("It has found which pieces of its text are common"))
    assert "Five more minutes would bring" in told.text(), "the loss still fell"
    assert not window.findChild(QLabel, "loss_standing").isVisible()
    window.train.show_run(run_that_wrote(0, 100))
    assert not first.isVisible()
    assert not told.isVisible()


def test_five_more_minutes_go_on_with_the_run_for_as_long_as_that_takes(qtbot, open_window):
    seen = []
    window = open_window(lambda config, control: (seen.append(config), fake_run(config, control))[1])
    for settings, changed in (({"minutes": 1.0}, {"minutes": 6 + 2 / 3}), ({"max_iters": 100}, {"max_iters": 400})):
        window.train.show_run(ended_run(runs_dir() / f"run {len(seen)}", **settings))
        press(qtbot, window, "more_minutes_button")
        qtbot.waitUntil(lambda: bool(seen) and window.train.state.phase is Phase.FINISHED)
        config = seen.pop()
        assert config.init_from == "resume"
        assert {name: getattr(config, name) for name in changed} == pytest.approx(changed, abs=0.01)
        seen.append(config)


def test_a_second_model_is_trained_from_where_the_first_ended(qtbot, open_window):
    seen = []
    window = open_window(lambda config, control: (seen.append(config), fake_run(config, control))[1])
    window.train.show_run(ended_run(runs_dir() / "heart", reason="early_stop", max_iters=500, minutes=5.0))
    asked = window.findChild(QAbstractButton, "second_model_button")
    qtbot.waitUntil(asked.isVisible)
    assert not window.findChild(QAbstractButton, "more_minutes_button").isVisible()
    asked.click()
    qtbot.waitUntil(lambda: bool(seen) and window.train.state.phase is Phase.FINISHED)
    (config,) = seen
    assert (config.init_from, config.out_dir) == ("resume", str(runs_dir() / "heart"))
    assert (config.generations, config.max_iters, config.minutes) == (2, 200, 0.0)


def test_a_model_that_learned_its_text_by_heart_teaches_another(qtbot, open_window, tmp_path):
    sentence, path = "The king enters and the queen speaks of the crown.\n", tmp_path / "toy.txt"
    path.write_text(sentence * 90 + "".join(random.Random(1).choices(sentence, k=500)), "utf-8")
    prepare(str(path), name="toy", tokenizer="char")
    run = RunFolder(runs_dir() / "heart")
    settings = {"dataset": "toy", "n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 16, "batch_size": 4}
    settings |= {"max_iters": 2000, "eval_interval": 5, "eval_iters": 2, "warmup_iters": 1, "learning_rate": 0.01}
    first = TrainConfig.of(settings, {"patience": 2, "sample_tokens": 2, "device": "cpu", "out_dir": str(run.path)})
    window = open_window(lambda config, control: train_job(first if config.init_from == "scratch" else config, control))
    window.train.start()
    asked = window.findChild(QAbstractButton, "second_model_button")
    qtbot.waitUntil(asked.isVisible)
    ended = window.train.state.finished
    assert ended.reason == "early_stop"
    asked.click()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED and not window._engine.busy)
    assert window.train.view.status.endswith("model 2 of 2")
    assert run.teacher.exists()
    generation = checkpoint.load(run.checkpoint).generation
    assert (generation.number, generation.began) == (1, ended.iter_num)


def test_a_run_that_does_not_learn_by_heart_is_offered_no_second_model(qtbot, open_window):
    window = open_window()
    window.train.show_run(ended_run(runs_dir() / "play"))
    told = window.findChild(QLabel, "verdict")
    qtbot.waitUntil(lambda: told.text().startswith("It has found"))
    assert not window.findChild(QAbstractButton, "second_model_button").isVisible()


def test_a_run_whose_settings_are_gone_is_not_lost_by_asking_for_more(qtbot, open_window):
    window, state = open_window(), ended_run(runs_dir() / "play")
    window.train.show_run(state)
    RunFolder(state.run_dir).config_path.unlink()
    press(qtbot, window, "more_minutes_button")
    assert window.train.state.phase is Phase.FINISHED
    assert "cannot be read" in window.findChild(NoteCard).accessibleName()


def test_a_stopped_run_is_resumed_instead_of_given_more(qtbot, open_window):
    window = open_window()
    window.train.show_run(ended_run(runs_dir() / "play", reason="stopped"))
    told = window.findChild(QLabel, "verdict")
    qtbot.waitUntil(lambda: told.text().startswith("It has found which pieces of its text are common"))
    assert "more minutes" not in told.text()
    assert window.findChild(QAbstractButton, "stage_resume").isVisible()
    assert not window.findChild(QAbstractButton, "more_minutes_button").isVisible()


@pytest.mark.parametrize(
    ("reason", "skill", "goes_on", "primary"),
    [
        ("stopped", Skill.NOTHING, True, "stage_resume"),
        ("stopped", Skill.FIRST_WORDS, True, "stage_resume"),
        ("stopped", Skill.WORDS, True, "finish_generate"),
        ("stopped", Skill.NOTHING, False, "finish_generate"),
        ("done", Skill.LETTERS, True, "more_minutes_button"),
        ("done", Skill.FIRST_WORDS, True, "finish_generate"),
        ("done", Skill.LETTERS, False, "finish_generate"),
    ],
)
def test_the_next_step_is_to_go_on_until_there_are_words_to_write_with(open_window, reason, skill, goes_on, primary):
    window, state = open_window(), ended_run(runs_dir() / "play", reason=reason)
    state.judge(Verdict("", "", goes_on=goes_on, skill=skill))
    window.train.show_run(state)
    offered = [each for each in window.findChild(QWidget, "curtain").findChildren(QAbstractButton) if each.isVisible()]
    assert [each.objectName() for each in offered if each.property("role") == "primary"] == [primary]


def just_ended(stage):
    """Show a run as it goes, and as it has just ended; return what is known of it."""
    state = run_that_wrote(0, 100)
    stage.show_run(state, state.view())
    state.take(Checkpoint(iter_num=100, path="ckpt.pt", kind="latest"), 103)
    state.take(Finished(reason="stopped", iter_num=100, best_val_loss=2.5, seconds=9.0, peak_memory_bytes=0), 104)
    state.end(None)
    stage.show_run(state, state.view())
    return state


def test_what_was_on_the_stage_stays_until_it_is_known_what_was_learned(open_window):
    window = open_window()
    stage, curtain = window.train.stage, window.findChild(QWidget, "curtain")
    window.resize(*Size.WINDOW)
    state = just_ended(stage)
    first, last = (window.findChild(QPlainTextEdit, name) for name in ("film_first", "film_text"))
    assert not curtain.isVisible()
    assert last.toPlainText() == "sample of 100"
    assert not first.isVisible()
    assert window.findChild(QWidget, "progress_bar").isVisible()
    assert window.findChild(QLabel, "status_label").text().startswith("Stopped and saved")
    state.judge(Verdict("It spells.", "", goes_on=True))
    stage.show_run(state, state.view())
    assert curtain.isVisible()
    assert first.isVisible()
    assert window.findChild(QLabel, "verdict").text() == "It spells."


def test_the_curtain_does_not_wait_for_ever(qtbot, open_window):
    window = open_window()
    just_ended(window.train.stage)
    curtain = window.findChild(QWidget, "curtain")
    assert not curtain.isVisible()
    qtbot.waitUntil(curtain.isVisible)
    assert window.findChild(QLabel, "verdict").text().startswith("Looking")


def test_a_run_that_begins_meanwhile_takes_the_stage(open_window):
    window = open_window()
    stage = window.train.stage
    just_ended(stage)
    stage.new_run()
    stage._let_go()
    assert not window.findChild(QWidget, "curtain").isVisible()


def test_while_it_is_looked_at_no_step_is_the_next_one(open_window):
    window, state = open_window(), ended_run(runs_dir() / "play")
    window.train.stage.show_run(state, state.view())
    assert window.findChild(QLabel, "verdict").text().startswith("Looking")
    assert window.findChild(QAbstractButton, "finish_generate").property("role") == "tall"


def test_a_low_window_with_large_type_has_room_for_three_lines(qtbot, open_window, stylist):
    window, state = open_window(), ended_run(runs_dir() / "play")
    words = "To be, or not to be\n" * 9
    state.samples[-1] = replace(state.samples[-1], text=words)
    window.resize(*Size.WINDOW_LEAST)
    stylist.set_text_scale(1.5)
    state.judge(Verdict("It spells and speaks in verse.", "Five more minutes would bring whole phrases.", goes_on=True))
    window.train.show_run(state)
    script, page = window.findChild(QPlainTextEdit, "film_text"), window.findChild(QScrollArea, "stage_scroll")
    qtbot.waitUntil(lambda: page.verticalScrollBar().maximum() == 0)
    assert script.viewport().height() > 3 * script.fontMetrics().height()
    assert not window.findChild(QWidget, "loss_card").isVisible()
    stylist.set_text_scale(1.0)
    qtbot.waitUntil(lambda: window.findChild(QWidget, "loss_card").isVisible())


@pytest.mark.parametrize("notes", [1, 2, 3])
def test_notes_on_an_ended_run_leave_its_words_their_room(qtbot, open_window, stylist, notes):
    window, state = open_window(), ended_run(runs_dir() / "play")
    state.samples[-1] = replace(state.samples[-1], text="To be, or not to be\n" * 9)
    what, why = "The validation loss has risen from 4.94 to 5.07", "The model learns its text by heart: " * 4
    fix = Fix("Go On from the Best with Dropout", "resume", {})
    for at in range(notes):
        state.take(Advice(iter_num=at, code="overfitting", severity="problem", what=what, why=why, fixes=(fix,)), 10)
    state.judge(Verdict("It spells and speaks in verse.", "Five more minutes would bring whole phrases.", goes_on=True))
    window.resize(*Size.WINDOW_LEAST)
    stylist.set_text_scale(1.5)
    window.train.show_run(state)
    script, page = window.findChild(QPlainTextEdit, "film_text"), window.findChild(QScrollArea, "stage_scroll")
    title, coach = window.findChild(QWidget, "run_title"), window.findChild(QWidget, "coach")
    reasons = lambda: [each for each in window.findChildren(QLabel) if each.text() == why and each.isVisible()]  # noqa: E731
    qtbot.waitUntil(lambda: page.verticalScrollBar().maximum() == 0 and not reasons())
    assert script.viewport().height() > 3 * script.fontMetrics().height()
    assert why in coach.findChild(NoteCard).toolTip()
    assert coach.geometry().bottom() < page.mapTo(window.train.stage, QPoint()).y()
    told = [each.text() for each in coach.findChildren(QLabel) if each.isVisible()]
    assert (f"1 of {notes}" in told) is (notes > 1)
    for _ in range(notes):  # put away, they leave the room to all the rest
        next(each for each in coach.findChildren(QAbstractButton, "note_dismiss") if each.isVisible()).click()
        QApplication.processEvents()
    assert title.isVisible()
    assert window.findChild(QPlainTextEdit, "film_first").isVisible()
    qtbot.waitUntil(lambda: page.verticalScrollBar().maximum() == 0)


def test_where_there_is_room_a_note_says_why(open_window):
    window, state = open_window(), ended_run(runs_dir() / "play")
    state.take(Advice(iter_num=100, code="gap", severity="info", what="It rose.", why="It learns by heart."), 10)
    window.resize(*Size.WINDOW)
    window.train.show_run(state)
    told = [each.text() for each in window.findChild(NoteCard).findChildren(QLabel) if each.isVisible()]
    assert {"It rose.", "It learns by heart.", "iteration 100"} <= set(told)
    assert window.findChild(NoteCard).toolTip() == ""


def test_what_only_a_run_under_way_can_do_is_not_offered_once_it_is_over(open_window):
    window, fixes = open_window(), (Fix("Stop Here", "stop"), Fix("Start Again", "restart", {"dropout": 0.1}))
    state = run_that_wrote(0, 100)
    state.take(Advice(iter_num=100, code="overfitting", severity="problem", what="It rose.", why="", fixes=fixes), 102)
    offered = lambda: {each.text() for each in window.findChild(NoteCard).findChildren(QPushButton) if each.isVisible()}  # noqa: E731
    window.train.show_run(state)
    assert {"Stop Here", "Start Again"} <= offered()
    state.take(finished(), 103)
    state.end(None)
    state.judge(Verdict("It spells.", "", goes_on=True))
    window.train.show_run(state)
    assert "Start Again" in offered()
    assert "Stop Here" not in offered()


def test_that_more_would_help_is_told_once_by_the_verdict(qtbot, open_window):
    window, state = open_window(), ended_run(runs_dir() / "play")
    for code in ("keep_going", "gap"):
        state.take(Advice(iter_num=100, code=code, severity="info", what=f"about {code}", why=""), 10)
    window.train.show_run(state)
    assert [card.accessibleName() for card in window.findChildren(NoteCard)] == ["about gap"]
