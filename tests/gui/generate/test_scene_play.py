import threading

import pytest

from engine.core.config import SampleConfig
from engine.core.errors import DataError
from engine.core.events import Alternative, Turn
from engine.generation.model_cache import Shelf
from engine.text.script import Speaking, Speech, Spoken, scene_of
from gui.generate import errand
from gui.generate.scene_play import MOST_SILENCES, ScenePlay
from tests.gui import fake_writer
from tests.gui.generate.hands import CHOICE
from tests.gui.generate.test_scene_cast import TURNS


@pytest.fixture
def play(engine, monkeypatch):
    fake_writer.install(monkeypatch)
    seeds = iter(range(100, 200))
    made = ScenePlay(engine, Shelf(), lambda _again: SampleConfig(seed=next(seeds)))
    made.scene, made.choice = scene_of(TURNS, "ROMEO", "JULIET"), CHOICE
    return made


def rest(qtbot, play):
    qtbot.waitUntil(lambda: play.speaking is None)


def said(play):
    return [(turn.speaker, turn.said) for turn in play.record.path]


def test_a_line_is_answered_and_then_it_is_the_persons_turn(qtbot, play):
    assert play.say("O, speak\n\nagain")
    rest(qtbot, play)
    assert said(play) == [("ROMEO", "O, speak\nagain"), ("JULIET", "and JULIET s100")]
    assert [piece.text for piece in play.record.path[1].take.pieces] == ["and", " JULIET", " s100"]


def test_nothing_typed_lets_the_model_go_on(qtbot, play):
    play.say("  ")
    rest(qtbot, play)
    assert said(play) == [("JULIET", "JULIET s100")]


def test_nobody_speaks_while_another_does_or_without_a_scene(qtbot, play):
    play.say("one")
    assert not play.say("two")
    rest(qtbot, play)
    play.scene = None
    assert not play.say("three")


def test_another_answer_stands_beside_the_first(qtbot, play):
    play.say("one")
    rest(qtbot, play)
    first = play.record.path[1]
    play.try_again(first)
    rest(qtbot, play)
    assert said(play)[1:] == [("JULIET", "and JULIET s101")]
    assert first.others == [first, play.record.path[1]]
    play.step(first, 1)
    assert play.record.path[1] is first


def test_a_persons_line_is_changed_and_answered_anew(qtbot, play):
    play.say("one")
    rest(qtbot, play)
    play.change(play.record.path[0], "uno")
    rest(qtbot, play)
    assert said(play) == [("ROMEO", "uno"), ("JULIET", "and JULIET s101")]


def test_a_line_of_the_models_is_changed_and_the_person_goes_on(qtbot, play):
    play.say("one")
    rest(qtbot, play)
    play.change(play.record.path[1], "Ay me")
    assert said(play) == [("ROMEO", "one"), ("JULIET", "Ay me")]
    assert play.speaking is None
    assert not play.change(play.record.path[1], " ")


def test_a_third_enters_where_they_may_until_it_is_the_persons_turn(qtbot, play):
    play.scene = scene_of(TURNS, "ROMEO", "JULIET", third=True)
    play.say("one")
    rest(qtbot, play)
    assert [speaker for speaker, _ in said(play)] == ["ROMEO", "JULIET", "Nurse", "Nurse", "Nurse"]


def test_it_plays_alone_until_it_is_stopped(qtbot, play):
    play.play_alone()
    qtbot.waitUntil(lambda: len(play.record.path) > 6)
    play.stop()
    rest(qtbot, play)
    spoke = [speaker for speaker, words in said(play)]
    assert spoke[:6] == ["ROMEO", "JULIET"] * 3
    assert all(words for _, words in said(play))
    assert len({turn.take.config.seed for turn in play.record.path}) == len(spoke)


def test_what_was_forgotten_is_told(qtbot, play):
    for words in ("one", "two", "three", "four"):
        play.say(words)
        rest(qtbot, play)
    assert play.forgotten == 3


def test_a_turn_goes_on_from_another_token(qtbot, play):
    play.say("one")
    rest(qtbot, play)
    turn = play.record.path[1]
    play.branch(turn, 1, Alternative(token=9, text=" other", probability=0.1, chance=0.1))
    rest(qtbot, play)
    branch = play.record.path[1]
    assert branch.said.startswith("begun2")
    assert [piece.text for piece in branch.take.pieces[:2]] == ["and", " other"]


def test_a_stop_keeps_what_was_said_and_takes_back_what_was_not(qtbot, play, monkeypatch):
    go_on = threading.Event()

    def waits(path, scene, speeches, speaker, config, control, shelf, begun):
        while not control.stopping and not go_on.is_set():
            yield Turn.IDLE
        yield Spoken(speaker=speaker, text="", tokens=0, reason="stopped", wanted="", forgotten=0)

    monkeypatch.setattr(errand, "speak", waits)
    play.say("one")
    play.stop()
    rest(qtbot, play)
    assert said(play) == [("ROMEO", "one")]


def test_a_turn_that_cannot_be_spoken_is_told_and_taken_back(qtbot, play, monkeypatch):
    def fails(*_):
        raise DataError("The model cannot write that.", fix="Write otherwise.")

    monkeypatch.setattr(errand, "speak", fails)
    with qtbot.waitSignal(play.failed) as told:
        play.say("one")
    assert told.args[0].message == "The model cannot write that."
    assert said(play) == [("ROMEO", "one")]


def test_a_scene_of_silence_ends(qtbot, play, monkeypatch):
    def silent(path, scene, speeches, speaker, config, control, shelf, begun):
        yield Speaking(speaker=speaker, prompt="", forgotten=0)
        yield Spoken(speaker=speaker, text="", tokens=0, reason="silent", wanted="", forgotten=0)

    monkeypatch.setattr(errand, "speak", silent)
    play.say("one")
    rest(qtbot, play)
    assert said(play) == [("ROMEO", "one"), ("JULIET", "")]
    assert play.record.speeches() == [Speech("ROMEO", "one")]
    play.play_alone()
    rest(qtbot, play)
    assert len(play.record.path) == 2 + MOST_SILENCES


def test_it_begins_anew(qtbot, play):
    play.say("one")
    rest(qtbot, play)
    play.clear()
    assert said(play) == []
