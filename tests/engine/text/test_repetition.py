"""Lines that repeat are counted, however the text comes in pieces, and a share of a long text stands for all of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text import repetition
from engine.text.repetition import LineCount, repetition_notes


def lines_of(*pieces, total=0):
    counted = LineCount(total)
    for piece in pieces:
        counted.add(piece)
    counted.finish()
    return counted


@given(st.lists(st.text(alphabet="ab\n é", max_size=12), max_size=12))
def test_pieces_count_as_the_whole(pieces):
    text = "".join(pieces)
    expected = [line for line in text.split("\n") if line]
    for counted in (lines_of(*pieces), lines_of(text)):
        assert counted.total == len(expected)
        assert counted.different == pytest.approx(len(set(expected)) / len(expected) if expected else 1.0)


def test_the_line_that_repeats_most_is_named_with_its_number():
    page = "A header of twenty letters and more, é\nshort\n"
    counted = lines_of(*[page + f"A line that stands here alone, {n}\n" for n in range(50)])
    assert counted.most_repeated() == ("A header of twenty letters and more, é", 50)
    assert counted.total == 150


def test_lines_alike_but_for_a_letter_anywhere_are_different():
    base = "abcdefghijklmnopqrstuvwxyz" * 4
    others = [base[:n] + "_" + base[n + 1 :] for n in range(len(base))]
    assert lines_of("\n".join([base, *others, base[:-1], base + "a"])).different == 1.0


def test_a_share_of_a_long_text_tells_what_all_of_it_would(monkeypatch):
    monkeypatch.setattr(repetition, "SAMPLE_BYTES", 2**14)
    monkeypatch.setattr(repetition, "KEPT_LINES", 200)
    train = "".join(f"The line of the number {n} is long enough.\n" for n in range(20_000))
    half = "".join(f"The line of the number {n} is long enough.\n" for n in range(19_000, 21_000))
    learned, judged = lines_of(train, total=len(train)), lines_of(half, total=len(train))
    assert learned.total == 20_000
    assert len(learned._counts) <= 200
    assert judged.shared_with(learned) == pytest.approx(0.5, abs=0.25)
    assert learned.shared_with(learned) == 1.0
    assert [note for note in repetition_notes(learned, learned) if "100%" in note]


def test_a_line_without_end_is_counted_in_stretches():
    assert lines_of(*["x" * 50_000] * 8).total >= 2
