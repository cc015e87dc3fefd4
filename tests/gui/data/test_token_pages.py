import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tokens.tokenizer import CharTokenizer, TrainedTokenizer
from gui.data.token_pages import LONGEST, TokenPages, visible

LETTERS = "ab \né漢"


def open_text(folder, text, width=10.0, tokenizer=None):
    tokenizer = tokenizer or CharTokenizer(sorted(set(text)))
    path = folder / "train.bin"
    path.write_bytes(tokenizer.encoder()(text).tobytes())
    pages = TokenPages(path, tokenizer, lambda shown: float(len(shown)))
    pages.use_width(width)
    return pages


def rows_of(pages):
    return list(pages.rows_from(pages.row_at(0), len(pages)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


@given(text=st.text(LETTERS, min_size=1, max_size=300), width=st.integers(1, 20))
def test_rows_hold_every_token_once_and_in_order(folder, text, width):
    pages = open_text(folder, text, width)
    cells = [cell for row in rows_of(pages) for cell in row.cells]
    assert [cell.place for cell in cells] == list(range(len(text)))
    assert "".join(cell.text for cell in cells) == visible(text)


@given(text=st.text(LETTERS, min_size=1, max_size=300), width=st.integers(2, 20))
def test_a_row_is_as_wide_as_there_is_room_and_ends_where_a_line_does(folder, text, width):
    for row in rows_of(open_text(folder, text, width)):
        last = row.cells[-1]
        assert last.left + last.width <= width or len(row.cells) == 1
        assert "↵" not in row.text[:-1]
        assert [cell.left for cell in row.cells] == list(np.cumsum([0, *(c.width for c in row.cells[:-1])]))


@given(text=st.text("ab \n", min_size=2, max_size=200), width=st.integers(1, 12), data=st.data())
def test_the_row_of_a_token_is_the_same_from_wherever_one_comes(folder, text, width, data):
    pages = open_text(folder, text, width)
    rows = rows_of(pages)
    place = data.draw(st.integers(0, len(text) - 1))
    row = pages.row_at(place)
    assert row in rows
    assert row.start <= place < row.end
    before = pages.before(row)
    assert before is None or pages.after(before) == row


def test_rows_break_between_words(folder):
    assert [row.text for row in rows_of(open_text(folder, "the king is dead", 10))] == ["the king ", "is dead"]


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, 3 * LONGEST + 5])
def test_a_text_without_line_ends_is_cut_at_the_same_places_from_everywhere(folder, length):
    pages = open_text(folder, "x" * length + "\ny", 50)
    rows = rows_of(pages)
    assert sum(len(row.cells) for row in rows) == length + 2
    for place in range(0, length + 2, 97):
        assert pages.row_at(place) in rows
    backwards = [rows[-1]]
    while (row := pages.before(backwards[-1])) is not None:
        backwards.append(row)
    assert backwards[::-1] == rows


def test_going_further_than_the_text_ends_with_its_last_row(folder):
    pages = open_text(folder, "a\n" * 50)
    assert pages.moved(pages.row_at(0), 10**6) == pages.row_at(99)
    assert pages.moved(pages.row_at(99), -(10**6)) == pages.row_at(0)


def test_a_character_of_several_tokens_is_shown_with_its_last(folder):
    tokenizer = TrainedTokenizer([bytes([byte]) for byte in range(256)])
    [row] = rows_of(open_text(folder, "a漢", 10, tokenizer))
    assert [cell.text for cell in row.cells] == ["a", "·", "·", "漢"]


def test_an_id_beyond_the_vocabulary_stops_nothing(folder):
    pages = open_text(folder, "ab")
    (folder / "train.bin").write_bytes(np.array([0, 9999, 1], dtype="<u2").tobytes())
    pages = TokenPages(folder / "train.bin", CharTokenizer("ab"), len)
    pages.use_width(50)
    assert rows_of(pages)[0].text == "a\ufffdb"


def test_what_has_no_shape_is_made_visible():
    assert visible("a\n\tb\x07") == "a↵⇥ b□"
