import json

import pytest

from engine.core.config import TrainConfig
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.runs.folder import RunFolder
from engine.text.turns import Turns
from gui.generate.scene_cast import Cast, troupe_of

TURNS = Turns(layout="name_above", speakers=3, turns=9, names=(("ROMEO", 5), ("JULIET", 3), ("Nurse", 1)))
OTHERS = Turns(layout="name_above", speakers=2, turns=9, names=(("Mira", 5), ("Jonas", 4)))


@pytest.fixture
def cast(qtbot):
    made = Cast()
    for part in made.parts:
        qtbot.addWidget(part)
    made.show_turns(TURNS)
    return made


def names(cast):
    return (cast.scene.me, cast.scene.it)


def choose(cast, picker, name):
    picker.setCurrentText(name)
    picker.activated.emit(picker.currentIndex())


def test_those_who_speak_most_play_first_and_all_are_offered(cast):
    assert names(cast) == ("ROMEO", "JULIET")
    assert [cast._me.itemText(row) for row in range(cast._me.count())] == ["ROMEO", "JULIET", "Nurse"]


def test_another_plays(qtbot, cast):
    with qtbot.waitSignal(cast.recast):
        choose(cast, cast._it, "Nurse")
    assert names(cast) == ("ROMEO", "Nurse")


def test_a_new_name_plays_and_a_known_one_is_spelled_as_in_the_text(cast):
    choose(cast, cast._me, "Mira")
    choose(cast, cast._it, "nurse")
    assert names(cast) == ("Mira", "Nurse")
    assert cast._it.currentText() == "Nurse"


def test_who_takes_the_others_part_gives_theirs_for_it(cast):
    choose(cast, cast._me, "JULIET")
    assert names(cast) == ("JULIET", "ROMEO")
    choose(cast, cast._it, "JULIET")
    assert names(cast) == ("ROMEO", "JULIET")
    assert (cast._me.currentText(), cast._it.currentText()) == names(cast)


def test_a_name_of_nothing_changes_nothing(cast):
    choose(cast, cast._me, "  ")
    assert names(cast) == ("ROMEO", "JULIET")


def test_others_may_enter(qtbot, cast):
    assert not cast.scene.third
    with qtbot.waitSignal(cast.recast):
        cast._third.click()
    assert cast.scene.third


def test_with_another_text_those_who_speak_there_play(cast):
    cast.show_turns(OTHERS)
    assert names(cast) == ("Mira", "Jonas")
    cast.show_turns(None)
    assert cast.scene is None


def test_who_plays_stays_where_they_speak_in_the_other_text_too(cast):
    choose(cast, cast._it, "Nurse")
    cast.show_turns(Turns.of("name_above", {"ROMEO": 2, "Nurse": 3, "TYBALT": 9}))
    assert names(cast) == ("ROMEO", "Nurse")


@pytest.fixture
def run(tmp_path):
    def make(text, name):
        path = tmp_path / f"{name}.txt"
        path.write_text(text, "utf-8")
        prepare(str(path), name=name, tokenizer="char")
        folder = RunFolder.new(TrainConfig(dataset=name))
        folder.write_config(TrainConfig(dataset=name))
        return folder.best

    return make


def test_who_can_play_with_a_model_is_known_from_its_text(run):
    play = troupe_of(run("ANN:\nyes\n\nBO:\nno\n\n" * 30, "play"))
    assert (dict(play.turns.names), play.chats) == ({"ANN": 30, "BO": 30}, False)
    chat = troupe_of(run("Ann: yes\n\nBo: no\n\n" * 30, "chat"))
    assert chat.chats


def test_nobody_can_where_the_text_has_no_turns_or_is_gone(run, tmp_path):
    prose = run("It was late, and nobody came.\n" * 30, "prose")
    assert troupe_of(prose) is None
    assert troupe_of(tmp_path / "nowhere" / "best.pt") is None
    meta = dataset("prose").folder / "meta.json"
    meta.write_text(json.dumps({}), "utf-8")
    assert troupe_of(prose) is None
