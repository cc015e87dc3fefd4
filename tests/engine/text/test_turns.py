import json
import random
import re
from collections import Counter

import pytest

from engine.text.built_in import built_in_text
from engine.text.catalogue import catalogue
from engine.text.turns import NAMES_KEPT, TurnCount, Turns, turns_from
from tests.engine.text.prose import PROSE

NAMES = ("ROMEO", "First Lord and Second Lord", "Nurse", "Варя", "All")
WORDS = ("good", "night", "speak:", "again", "it", "is", "the", "east,", "never", "so;", "a", "cup:", "of", "wine")


def turns_in(text, step=1000, **more):
    count = TurnCount()
    for start in range(0, len(text), step):
        count.add(text[start : start + step])
    count.finish()
    return count.found(**more)


def drawn(layout, seed, turns=60, names=NAMES):
    """Return who speaks, and a text of so many turns."""
    draw = random.Random(seed)
    speakers = [draw.choice(names) for _ in range(turns)]
    pieces = []
    for speaker in speakers:
        lines = [" ".join(draw.choices(WORDS, k=draw.randint(1, 9))) for _ in range(draw.randint(1, 3))]
        if layout == "line_by_line":
            lines = lines[:1]
        between, end = ("\n" if layout == "name_above" else " "), ("\n" if layout == "line_by_line" else "\n\n")
        pieces.append(f"{speaker}:{between}" + "\n".join(lines) + end)
    return Counter(speakers), "".join(pieces)


@pytest.mark.parametrize("layout", ["name_above", "name_before", "line_by_line"])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_each_layout_is_found_with_all_who_speak_however_it_comes(layout, seed, step):
    speakers, text = drawn(layout, seed)
    found = turns_in(text, step)
    assert (found.layout, dict(found.names)) == (layout, speakers)
    assert (found.speakers, found.turns) == (len(speakers), 60)
    assert [count for _, count in found.names] == sorted(speakers.values(), reverse=True)


@pytest.mark.parametrize("name", [entry.name for entry in catalogue().values() if entry.form == "plays"])
def test_the_speakers_of_the_plays_are_those_that_a_plain_script_counts(name):
    text = "".join(built_in_text(catalogue()[name], []).pieces())
    counted = Counter(block.split(":\n")[0] for block in re.split(r"\n\n+", text.strip("\n")))
    found = turns_in(text, 65_536)
    assert found.layout == "name_above"
    assert (found.speakers, found.turns) == (len(counted), sum(counted.values()))
    assert dict(found.names) == counted


def test_nobody_speaks_in_pythons_library():
    assert turns_in("".join(built_in_text(catalogue()["python_library"], []).pieces()), 65_536) is None


NOVEL = """\
It was late when the carriage came to the door. She looked up and said: “You are late.” He gave no answer
but this: a long look. There were three things on the table: a candle, a book, and a knife.

He said at last:

“I was kept.” And then: “You know by whom.”

Note: the road to the mill
was closed that year. One remedy: patience. 12:30 had struck; 13:00 came and went.

"""
RECORDS = "Name: {0}\nPlace: the mill\nYear: 18{0}\n\n"
GLOSSARY = "term{0}: what is meant by term {0}, in a few words.\n\n"
YAML = "on:\n  push: true\n\njobs:\n  test{0}:\n    steps: [a, b]\n\nname: ci\n\n"
CODE = "try:\n    import a{0}\nexcept ImportError:\n    pass\n\nelse:\n    x: int = {0}\n\n"
JSON = '{{"speaker": "Ann", "text": "hello {0}"}}\n'
LICENCE = "Files: src/{0}\nCopyright: someone\nLicense: free\n\n"
POEM = "The night came on,\nand this I knew:\nwho walks alone {0}\nwalks true.\n\n"
HEADERS = "From: ann{0}\nTo: bob\nSubject: the mill\n\nDear Bob,\nall is well at number {0}.\n\n"
RECIPE = "Soup {0}\n\nIngredients:\nwater\nsalt\n\nMethod:\nboil it\n\n"
LIST = "Added:\n- a thing {0}\n\nFixed:\n- another {0}\n\n"


@pytest.mark.parametrize(
    "text", [NOVEL, RECORDS, GLOSSARY, YAML, CODE, JSON, LICENCE, POEM, HEADERS, RECIPE, LIST, *PROSE.values()]
)
def test_nobody_speaks_in_what_is_no_play_and_no_chat(text):
    whole = "".join(text.format(number) if "{0}" in text else text for number in range(60))
    assert turns_in(whole) is None


def test_an_interview_has_two_who_speak():
    text = "".join(f"Q: What of {n}?\n\nA: Well: it was {n}.\nAnd more.\n\n" for n in range(20))
    assert turns_in(text) == Turns(layout="name_before", speakers=2, turns=40, names=(("A", 20), ("Q", 20)))


def test_a_chat_that_was_counted_when_it_was_read_is_taken_at_its_word():
    text = "user: Tell me\n\nassistant: Well\n\nSummary: a\n\nSummary: b\n\nStep one: c\n\n" * 9
    messages = {"user": 9, "assistant": 9, "without a name": 3}
    found = turns_in(text, messages=messages)
    assert dict(found.names) == {"user": 9, "assistant": 9}
    assert found.layout == "name_before"


def test_a_play_is_found_among_prose():
    speakers, play = drawn("name_above", 1, turns=200)
    found = turns_in(NOVEL * 20 + play)
    assert dict(found.names) == speakers


def test_a_name_above_nothing_counts_where_each_paragraph_has_one():
    text = "ANN:\nyes\n\nBO:\nno\n\n" * 20 + "GHOST:\n\nANN:\n\n"
    assert dict(turns_in(text).names) == {"ANN": 21, "BO": 20, "GHOST": 1}


def test_of_very_many_names_those_who_speak_most_are_kept():
    text = "".join(f"NAME {n}:\nhello\n\nANN:\nyes\n\nBO:\nno\n\nANN:\nso\n\n" for n in range(40_000))
    found = turns_in(text, 65_536)
    assert found.names[:2] == (("ANN", 80_000), ("BO", 40_000))
    assert len(found.names) == NAMES_KEPT


def test_turns_stand_in_json_and_come_back():
    found = turns_in(drawn("name_above", 3)[1])
    assert turns_from(json.loads(json.dumps(found.as_json()))) == found


@pytest.mark.parametrize(
    "changes",
    [
        {"layout": "odd"},
        {"names": {}},
        {"names": [1]},
        {"names": {"A": "x", "B": 2}},
        {"turns": "9"},
        {"speakers": None},
    ],
)
def test_damaged_turns_are_none(changes):
    assert turns_from(turns_in(drawn("name_above", 3)[1]).as_json() | changes) is None
    assert turns_from({}) is None
