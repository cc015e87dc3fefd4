import random

import numpy as np
import pytest

from engine.generation.text_index import COMPARED, TextIndex, sorted_suffixes


def index(text, **more):
    made = TextIndex(text, **more)
    assert list(made.build())[-1:] == [len(text)][: bool(text)]
    return made


def places(text, passage):
    return [at for at in range(len(text)) if text.startswith(passage, at)]


TEXTS = [b"banana", b"a" * 5000, b"ab" * 3000, bytes(range(256)) * 20, b"\0\0a\0\0", random.Random(5).randbytes(9000)]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("stride", [1, 8])
def test_suffixes_are_in_the_order_of_the_text_there(text, stride):
    padded = text + bytes(COMPARED + 8)
    found = sorted_suffixes(padded, 0, len(text), stride).tolist()
    assert sorted(found) == list(range(0, len(text), stride))
    there = [padded[at : at + COMPARED] for at in found]
    assert there == sorted(there)


@pytest.mark.parametrize("stride", [1, 8])
@pytest.mark.parametrize("part", [5, 300, 2**20])
def test_all_places_are_found_as_by_looking_everywhere(stride, part):
    draw = random.Random(part)
    for text in [*TEXTS, "".join(draw.choices("ab é", k=2000)).encode() * 2]:
        made = index(text, stride=stride, part=max(part, len(text) // 40))
        for _ in range(12):
            start, length = draw.randrange(len(text)), draw.choice([made.shortest, 20, 50, 3000])
            passage = text[start : start + length]
            for wanted in (passage, passage[:-1] + b"\xff"):
                if len(wanted) >= made.shortest:
                    assert made.find(wanted).tolist() == places(text, wanted)
                    assert (wanted in made) == (wanted in text)


def test_what_is_too_short_for_the_stride_is_refused():
    with pytest.raises(ValueError, match="too short"):
        index(b"some text that is long enough", stride=8).find(b"text")


def test_an_empty_text_holds_nothing():
    made = TextIndex(b"")
    assert list(made.build()) == []
    assert made.find(b"a").tolist() == []


def test_characters_are_counted_up_to_any_place():
    text = ("aé€😀" * 30_000)[:100_001]
    made = index(text.encode(), stride=8)
    for count in (0, 1, 7, 65_000, 100_000, 100_001):
        assert made.characters_before(len(text[:count].encode())) == count
    assert made.read(1, 6) == "é€"
    assert made.read(2, 6) == "€"  # half a character is none


def test_an_index_takes_half_a_byte_for_each_byte_of_a_long_text():
    made = index(b"word " * 20_000, stride=8)
    assert sum(np.asarray(part).nbytes for part in made._parts) == 100_000 // 2
