import hashlib
import re

import pytest

from engine.text.catalogue import catalogue
from engine.text.plays import Plays, play_text


@pytest.fixture(scope="module")
def complete():
    return "".join(Plays().pieces())


SHIPPED = [entry.name for entry in catalogue().values() if entry.form == "plays"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_text_is_the_one_the_catalogue_knows(name, complete):
    entry = catalogue()[name]
    content = ("".join(Plays(entry.groups).pieces()) if entry.groups else complete).encode()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (entry.bytes, entry.sha256)


def test_every_speech_has_a_speaker_and_lines(complete):
    for speech in complete.rstrip("\n").split("\n\n"):
        name, *lines = speech.split("\n")
        assert re.fullmatch(r"[A-Z][\w' -]*:", name), name
        assert lines
        assert all(line == line.strip() != "" for line in lines)


def test_no_marks_and_no_directions_are_left(complete):
    assert complete.isascii()
    assert not set(complete) & set('*_[]()#\\"<>$')
    directions = re.findall(r"^(?:Exeunt|Enter [A-Z]{2,}|ACT [IVX]+|SCENE ).*", complete, re.MULTILINE)
    assert directions == []


def test_famous_lines_are_there(complete):
    for line in (
        "To be, or not to be: that is the question:",
        "Now is the winter of our discontent",
        "To-morrow, and to-morrow, and to-morrow,",
        "If music be the food of love, play on;",
        "Now my charms are all o'erthrown,",
    ):
        assert line in complete


def test_a_direction_within_a_speech_does_not_end_it():
    markdown = (
        "# A Play\n\n## ACT I\n\n### SCENE I. A hall,\nwith a throne.\n\n_Enter KING_\n\n"
        "**KING**  \n_\\[Aside]_  \nWhat news?  \n\n_Enter a Messenger,\nrunning_\n\nSpeak--\n\n"
        "**FOOL & LORDS**  \nNone.\n\n_Exeunt_\n"
    )
    assert play_text(markdown) == "KING:\nWhat news?\nSpeak--\n\nFOOL and LORDS:\nNone.\n"
