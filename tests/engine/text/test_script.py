import pytest

from engine.core.errors import SettingError
from engine.text.script import (
    MOST_IN_A_ROW,
    Speech,
    as_words,
    known_name,
    opening,
    scene_of,
    script,
    who_speaks_next,
)
from engine.text.turn_reader import TurnReader
from engine.text.turns import LAYOUTS, TurnCount, Turns

TURNS = Turns(layout="name_above", speakers=3, turns=9, names=(("ROMEO", 5), ("JULIET", 3), ("Nurse", 1)))
SPOKEN = [Speech("ROMEO", "O, speak\nagain."), Speech("JULIET", "Ay me!"), Speech("ROMEO", "She speaks.")]


def test_a_script_stands_as_its_layout_says():
    assert script(SPOKEN[:2], "name_above") == "ROMEO:\nO, speak\nagain.\n\nJULIET:\nAy me!\n\n"
    assert script(SPOKEN[:2], "name_before") == "ROMEO: O, speak\nagain.\n\nJULIET: Ay me!\n\n"
    assert script(SPOKEN[1:], "line_by_line") == "JULIET: Ay me!\nROMEO: She speaks.\n"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_turn_begins_with_its_opening_and_is_read_back_from_its_script(layout):
    speech = Speech("JULIET", "Ay me!")
    begin, whole = opening("JULIET", layout), script([speech, Speech("ROMEO", "Yes.")], layout)
    assert whole.startswith(begin)
    reader = TurnReader(layout)
    reader.feed(whole.removeprefix(begin))
    assert (reader.ended, reader.words, reader.wanted) == (True, "Ay me!", "ROMEO")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_script_is_found_to_be_in_its_layout(layout):
    count = TurnCount()
    lines = [Speech(speech.speaker, as_words(speech.words, layout)) for speech in SPOKEN] * 5
    count.add(script(lines, layout))
    count.finish()
    assert count.found() == Turns.of(layout, {"ROMEO": 10, "JULIET": 5})


def test_what_is_typed_can_end_no_turn():
    typed = "  one \r\n\r\n\ntwo\n "
    assert as_words(typed, "name_above") == "one\ntwo"
    assert as_words(typed, "line_by_line") == "one two"
    assert as_words(" \n", "name_before") == ""


def test_a_name_is_spelled_as_in_the_text_and_a_new_one_as_it_was_typed():
    assert known_name(TURNS, " romeo ") == "ROMEO"
    assert known_name(TURNS, "Mira: ") == "Mira"


def test_those_who_speak_most_play_where_nobody_is_named():
    assert (scene_of(TURNS, "", "").me, scene_of(TURNS, "", "").it) == ("ROMEO", "JULIET")
    assert (scene_of(TURNS, "", "romeo").me, scene_of(TURNS, "Mira", "").it) == ("JULIET", "ROMEO")


@pytest.mark.parametrize("names", [("ROMEO", "Romeo"), ("Mira", " Mira")])
def test_a_scene_needs_two(names):
    with pytest.raises(SettingError, match="both are called"):
        scene_of(TURNS, *names)


def test_two_take_turns_whoever_is_wanted():
    scene = scene_of(TURNS, "ROMEO", "JULIET")
    assert who_speaks_next(scene, [], "Nurse") == "ROMEO"
    assert who_speaks_next(scene, SPOKEN[:1], "Nurse") == "JULIET"
    assert who_speaks_next(scene, SPOKEN[:2], "JULIET") == "ROMEO"


def test_a_third_of_the_text_may_enter_where_that_is_wanted():
    scene = scene_of(TURNS, "ROMEO", "JULIET", third=True)
    assert who_speaks_next(scene, SPOKEN[:2], "Nurse") == "Nurse"
    assert who_speaks_next(scene, SPOKEN[:2], "JULIET") == "JULIET"
    assert who_speaks_next(scene, SPOKEN[:2], "stern it") == "ROMEO"
    assert who_speaks_next(scene, [*SPOKEN, Speech("Nurse", "Madam!")], "") == "ROMEO"


def test_a_person_has_their_turn_after_some_of_others():
    scene = scene_of(TURNS, "ROMEO", "JULIET", third=True)
    others = [Speech("Nurse", "Madam!")] * MOST_IN_A_ROW
    assert who_speaks_next(scene, others[1:], "JULIET") == "JULIET"
    assert who_speaks_next(scene, others, "JULIET") == "ROMEO"
    assert who_speaks_next(scene, others, "JULIET", alone=True) == "JULIET"
