import pytest

from engine.text import rtf
from tests.engine.text.made_files import account_and_text, refusal, text_of

FONTS = r"{\fonttbl{\f0\fswiss\fcharset0 Helvetica;}{\f1\fnil\fcharset204 Times;}{\f2\fcharset128 Mincho;}}"


def rich(path, body, head=r"\ansi\ansicpg1252"):
    path.write_bytes((r"{\rtf1" + head + FONTS + r"{\colortbl;\red0\green0\blue0;}" + body + "}").encode("latin-1"))
    return path


@pytest.mark.parametrize("piece", [1, 7, 2**17])
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"\pard\plain one\par two {\b bold} three\par", "one\ntwo bold three\n"),
        (r"Br\'fccke \u9731?\uc2\u-10179 ??\u-8704 ?? x", "Brücke ☃😀 x\n"),
        (r"\f1 \'c6\'f3\'ea\f0  \'e9\f2 \'93\'fa\'96\'7b", "Жук é日本\n"),
        (r"a\{b\}c\\d\~e\_f\-g\emdash h", "a{b}c\\d\u00a0e-fg—h\n"),
        (r"{\*\generator Riched20}{\info{\title T}}{\*\unknown no}{\pict\pngblip 89504e47}yes", "yes\n"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}} after", "link after\n"),
        (r"\trowd a\cell b\cell\row c\par", "a\tb\nc\n"),
        (r"{\trowd\cellx9{{\pard\intbl a\par}\cell}{{\pard b\par c\par}\cell}\intbl\row}d\par", "a\tb\nc\nd\n"),
        (r"text{\footnote {\super 1} a note} goes on\par next\par", "text goes on\n1 a note\nnext\n"),
        ("first\\\nsecond\\\n", "first\nsecond\n"),
        (r"{\pict\bin4 {}\\}after", "after\n"),
    ],
)
def test_rich_text_gives_its_paragraphs(tmp_path, monkeypatch, body, text, piece):
    monkeypatch.setattr(rtf, "_PIECE", piece)
    assert text_of(rich(tmp_path / "a.txt", body)) == text


def test_what_is_not_to_be_seen_is_left_out_and_counted(tmp_path):
    body = r"{\header page}seen {\v hidden}{\deleted gone}\v x\v0 {\annotation why}too\par"
    account, text = account_and_text(rich(tmp_path / "a.rtf", body))
    assert text == "seen too\n"
    assert account.dropped == {"headers and footers": 4, "hidden text": 7, "deleted text": 4, "comments": 3}


def test_bytes_that_are_no_character_are_counted(tmp_path):
    path = rich(tmp_path / "a.rtf", r"\'81 and so on")
    assert refusal(path).code == "loss"
    assert text_of(path, allow_loss=True) == "\ufffd and so on\n"


def test_groups_without_end_are_refused(tmp_path):
    assert "never end" in refusal(rich(tmp_path / "a.rtf", "{" * 200_000)).cause
