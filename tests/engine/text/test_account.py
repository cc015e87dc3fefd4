import html
import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.errors import DataError, UnderstudyError
from engine.text.account import FILES_LISTED, Account, FileAccount, LeftOut
from engine.text.cleaning import SILENT
from engine.text.formats import ENDINGS
from tests.engine.text.made_files import account_and_text, docx, epub

STARTS = [
    b"",
    b"{\\rtf1\\ansi ",
    b"%PDF-1.4\n",
    b"PK\x03\x04",
    b"<html><p>",
    b'<?xml version="1.0"?><FictionBook><body><p>',
    b"From a@a Mon Mar  2 10:00:00 2026\nFrom: a\nTo: b\nSubject: c\n\n",
    b"1\n00:00:01,000 --> 00:00:02,000\n",
    b'{"cells": [{"cell_type": "code", "source": "',
    b"\xff\xfe",
    b"\xef\xbb\xbf",
]
WORDS = st.lists(st.text("abc éжあ\u00ad\ufeff", min_size=1, max_size=12), min_size=1, max_size=6)
OFTEN = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read_or_refused(path):
    """Return what was read; nothing where it is refused with a way out."""
    try:
        return account_and_text(path, allow_loss=True)
    except UnderstudyError as error:
        return Account(), "" if error.message and error.fix else repr(error)


@OFTEN
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=300), ending=st.sampled_from(ENDINGS))
def test_whatever_goes_in_comes_out_counted_or_is_refused(tmp_path, start, rest, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(start + rest)
    account, text = read_or_refused(path)
    assert account.characters == sum(file.characters for file in account.files) == len(text)
    assert account.replaced <= text.count("\ufffd")
    assert not set(text) & set(SILENT)


@OFTEN
@given(shown=WORDS, hidden=WORDS)
def test_what_a_document_hides_and_what_it_shows_add_up_to_what_is_in_it(tmp_path, shown, hidden):
    run = "<w:r><w:rPr>{}</w:rPr><w:t>{}</w:t></w:r>"
    body = "".join(run.format("", words) for words in shown) + "".join(
        run.format("<w:vanish/>", words) for words in hidden
    )
    account, text = account_and_text(docx(tmp_path / "a.docx", f"<w:p>{body}</w:p>"), allow_loss=True)
    signs = sum(account.dropped[name] for name in SILENT.values())
    assert len(text) - 1 + signs == len("".join(shown))
    assert account.dropped["hidden text"] == len("".join(hidden))


@OFTEN
@given(paragraphs=WORDS)
def test_the_words_of_a_book_are_those_of_its_pages(tmp_path, paragraphs):
    page = "<html><body>" + "".join(f"<p>{html.escape(words)}</p>" for words in paragraphs) + "</body></html>"
    account, text = account_and_text(epub(tmp_path / "a.epub", [page]), allow_loss=True)
    written = [re.sub("[\u00ad\ufeff]", "", words).split() for words in paragraphs]
    assert text.split() == [word for words in written for word in words]
    assert account.characters == len(text)


def account_of(**values):
    return FileAccount("a.txt", **values)


@pytest.mark.parametrize(
    ("file", "asked"),
    [
        (account_of(characters=999, replaced=1), True),
        (account_of(characters=1000, replaced=1), False),
        (account_of(parts=48, lost=Counter(pages=1)), True),
        (account_of(parts=49, lost=Counter(pages=1)), False),
        (account_of(characters=9, dropped=Counter({"hidden text": 900})), False),
    ],
)
def test_much_that_is_lost_is_a_question(file, asked):
    account = Account([file])
    if not asked:
        account.refuse_loss("a.txt")
        return
    with pytest.raises(DataError) as caught:
        account.refuse_loss("a.txt")
    assert caught.value.code == "loss"
    assert "--allow-loss" in caught.value.fix


def test_what_could_not_be_opened_is_a_question_and_what_is_no_text_is_not():
    Account([], [LeftOut("p.png", "a PNG picture")]).refuse_loss("folder")
    with pytest.raises(DataError, match="folder") as caught:
        Account([], [LeftOut("private", "the system says: Permission denied", asked=True)]).refuse_loss("folder")
    assert "private" in caught.value.cause


def test_totals_are_those_of_all_files_and_the_list_is_bounded():
    files = [account_of(characters=2, replaced=1, messages=Counter(Ann=1), dropped=Counter(outputs=1))] * 300
    account = Account(files, [LeftOut(f"{number}.png", "a picture") for number in range(300)])
    told = account.as_json()
    assert (told["files_read"], told["characters"], told["replaced"]) == (300, 600, 300)
    assert (told["messages"], told["dropped"]) == ({"Ann": 300}, {"outputs": 300})
    assert len(told["files"]) == len(told["left_out"]) == FILES_LISTED
    many = Account([account_of(messages=Counter({f"Ann {number}": 9 for number in range(300)}))])
    assert len(many.as_json()["messages"]) == FILES_LISTED
    assert "and 288 more" in many.sentences()[0]
    assert any("0.png (a picture), 1.png" in sentence and "296 more" in sentence for sentence in account.sentences())
