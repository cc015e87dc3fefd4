import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import DataError
from engine.text.chats.tables import TableRows, table_certainty, table_text
from tests.engine.text.chats.hands import read_as


def read(text, **wishes):
    return read_as(table_text, text, **wishes)


def refusal(text, **wishes):
    with pytest.raises(DataError) as caught:
        read(text, **wishes)
    assert caught.value.code == "unreadable_document"
    return caught.value


def test_rows_are_messages():
    text, account = read('author,text\r\nAnn,"Hello, ""you"""\r\n\r\nBo,"two\r\nlines"\r\nAnn,\r\n')
    assert text == 'Ann: Hello, "you"\n\nBo: two\nlines\n\n'
    assert account.messages == {"Ann": 1, "Bo": 1}
    assert account.dropped == {"entries without words": 1}


@pytest.mark.parametrize("first", ["", "sep=;\n", '"sep=;"\n'])
def test_what_separates_the_columns_is_found_or_said(first):
    assert read(first + "author;text\nAnn;a, b, c\n")[0] == "Ann: a, b, c\n\n"


def test_tabs_and_bars_separate_too():
    assert read("author\ttext\nAnn\tHi\n")[0] == read("author|text\nAnn|Hi\n")[0] == "Ann: Hi\n\n"


def test_a_field_may_be_as_long_as_a_book():
    assert read(f'id,text\n1,"{"word " * 40_000}"\n')[0] == "word " * 39_999 + "word\n\n"


@pytest.mark.parametrize("rest", ["", 'Cy,"quoted, well"\n'])
def test_a_quote_that_is_never_closed_ends_with_its_line_and_is_told(rest):
    text, account = read('author,text\nAnn,one\nBo,"12 inches\nAnn,two\nAnn,three\n' + rest)
    assert text.startswith("Ann: one\n\nBo: 12 inches\n\nAnn: two\n\nAnn: three\n\n")
    assert account.notes == ["Line 3: a quote is never closed properly. It was taken to end with its line."]
    assert account.messages["Ann"] == 3


def test_what_was_not_quoted_is_not_lost():
    assert read("text\nHello, my friend, hello\n")[0] == "Hello, my friend, hello\n\n"
    assert read("author,text\nAnn,well, well\nBo,x\n")[0] == "Ann: well, well\n\nBo: x\n\n"


def test_lines_are_counted_behind_rows_of_several_lines():
    _, account = read('sep=,\nauthor,text\nAnn,"a\nb\nc"\nBo,"open\nCy,x\nDi,"open too\nEd,y\n')
    assert account.notes[0].startswith("Lines 6, 8:")


def test_columns_are_chosen_by_name_or_number():
    assert read("who,what,other\nAnn,Hi,x\n", text_key="What", speaker_key="who")[0] == "Ann: Hi\n\n"
    assert read("Ann,Hi\nBo,Ho\n", text_key="2", speaker_key="1")[0] == "Ann: Hi\n\nBo: Ho\n\n"


def test_a_table_without_known_columns_says_which_it_has():
    error = refusal("headline,lead\nx,y\n")
    assert "headline, lead" in error.cause
    assert "--text_key" in error.fix
    assert "no column nope" in refusal("text\nx\n", text_key="nope").cause
    assert "names no columns" in refusal("").cause
    assert "no words" in refusal("text,author\n").cause


def test_a_table_of_a_folder_is_known_by_its_columns(tmp_path):
    def certainty(text):
        (tmp_path / "a.csv").write_text(text)
        (tmp_path / "b.csv").write_text(text, "utf-16")
        assert table_certainty(tmp_path / "b.csv") == table_certainty(tmp_path / "a.csv")
        return table_certainty(tmp_path / "a.csv")

    assert certainty("ID,Timestamp,Contents,Attachments\n") == "sure"
    assert certainty("author;text\n") == "perhaps"
    assert certainty("headline,lead\n") == certainty("") == "no"


def test_a_discord_package_and_pairs_are_known_by_their_columns():
    text, account = read("ID,Timestamp,Contents,Attachments\n12,x,Second,\n9,x,First,\n")
    assert (text, account.read_as) == ("First\n\nSecond\n\n", "a Discord data package")
    assert read("instruction,input,output\nAdd,1 2,3\n")[0] == "user: Add\n1 2\n\nassistant: 3\n\n"


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")), min_size=2, max_size=3)
    )
)
def test_what_a_table_was_made_of_comes_out(rows):
    rows = [[cell or "x" for cell in row] for row in rows]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([["a", "b", "c"], *rows])
    lines = io.StringIO(written.getvalue(), newline="\n")
    assert list(TableRows(iter(lines)))[1:] == rows
