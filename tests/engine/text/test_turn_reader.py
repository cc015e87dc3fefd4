import pytest

from engine.text.turn_reader import TurnReader

NAMES = {"ROMEO", "JULIET", "Mira", "Jo"}


def read(layout, text, step):
    """Return what was said as it came, all words, whether the turn is over, and who is next."""
    reader = TurnReader(layout, NAMES)
    pieces = [reader.feed(text[start : start + step]) for start in range(0, len(text), step)]
    return "".join(pieces), reader.words, reader.ended, reader.wanted


@pytest.mark.parametrize("step", [1, 2, 5, 99])
@pytest.mark.parametrize(
    ("layout", "text", "words", "wanted"),
    [
        ("name_above", "O, speak\nagain: now.\n\nNurse:\nMadam", "O, speak\nagain: now.", "Nurse"),
        ("name_above", "O, speak\n\n\nno name\nhere", "O, speak", ""),
        ("name_above", "O, speak\nROMEO:\nAy", "O, speak", "ROMEO"),
        ("name_above", "O, speak\nROMEO: ay\n\nX", "O, speak\nROMEO: ay", None),
        ("name_above", "\nROMEO:\nAy", "", "ROMEO"),
        ("name_above", "ROMEO:\nAy", "", "ROMEO"),
        ("name_before", " hi\nyou\n\nMira: yes", "hi\nyou", "Mira"),
        (
            "name_before",
            " hi\n\nA second paragraph\n\nhttp://here\n\nJo: yes",
            "hi\n\nA second paragraph\n\nhttp://here",
            "Jo",
        ),
        ("name_before", " hi\n\n\nNew One: yes", "hi", "New One"),
        ("name_before", " hi\nMira: yes", "hi", "Mira"),
        ("name_before", "\n\nMira: yes", "", "Mira"),
        ("line_by_line", " hi: you\nMira: yes", "hi: you", "Mira"),
        ("line_by_line", "\nMira: yes", "", "Mira"),
    ],
)
def test_a_turn_ends_as_its_layout_says(layout, text, words, wanted, step):
    streamed, said, ended, following = read(layout, text, step)
    assert ended
    assert (said, following) == (words, wanted)
    assert streamed.strip() == words


@pytest.mark.parametrize("step", [1, 99])
@pytest.mark.parametrize(
    ("layout", "text", "said"),
    [
        ("name_above", "O, speak\nROM", "O, speak"),
        ("name_above", "O, speak\nagain", "O, speak\nagain"),
        ("name_before", " hi\n\nMira:", " hi"),
        ("line_by_line", " hi", " hi"),
    ],
)
def test_of_a_turn_that_is_cut_off_all_is_said_but_what_may_be_a_name(layout, text, said, step):
    streamed, words, ended, following = read(layout, text, step)
    assert not ended
    assert (streamed, words, following) == (said, said.strip(), None)


def test_nothing_of_the_next_name_is_said_while_it_is_not_known_to_be_one():
    reader = TurnReader("name_above", NAMES)
    assert [reader.feed(letter) for letter in "Ay\nRO"] == ["A", "y", "", "", ""]
    assert reader.feed("S") == "\nROS"
