import codecs
import random

import pytest

from engine.core.errors import DataError
from engine.text import encodings
from engine.text.encodings import decoded, encoding_of

GERMAN = "Grüße aus München: schöne Straße, süße Äpfel, und wir gehen über die Brücke.\n" * 30
FRENCH = "Ça va très bien, “merci” — l’été nous allons à la plage.\n" * 30
RUSSIAN = "Привет, мир! Как дела сегодня, и что мы будем делать завтра?\n" * 30
POLISH = "Zażółć gęślą jaźń, dziękuję bardzo, proszę mówić wolniej.\n" * 30
JAPANESE = "日本語のテキストです。今日はとても良い天気ですね。\n" * 30


def read(path):
    found = encoding_of(path)
    return found, "".join(decoded(path, found))


@pytest.mark.parametrize("piece", [3, 2**16])
@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "latin-1", "cp1252"),
        (FRENCH, "cp1252", "cp1252"),
        (RUSSIAN, "cp1251", "cp1251"),
        (POLISH, "cp1250", "cp1250"),
        (JAPANESE, "shift_jis", "cp932"),
        (GERMAN, "utf-16-le", "utf-16-le"),
        (GERMAN, "utf-16-be", "utf-16-be"),
        ("x" * 700 + "ü", "latin-1", "cp1252"),
    ],
    ids=lambda value: value[:9].strip(),
)
def test_the_encoding_is_found(tmp_path, monkeypatch, text, encoding, named, piece):
    monkeypatch.setattr(encodings, "PIECE", piece)
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode(encoding))
    found, content = read(path)
    assert content == text
    assert (found.name, found.mark, found.damaged) == (named, 0, 0)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_tells_the_encoding_and_is_no_text(tmp_path, mark, encoding):
    path = tmp_path / "text.txt"
    path.write_bytes(mark + JAPANESE.encode(encoding))
    found, content = read(path)
    assert content == JAPANESE
    assert (found.name, found.mark) == (encoding, len(mark))


def test_a_little_damage_is_counted_and_the_rest_kept(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(GERMAN.encode() + b"\xff" + GERMAN.encode())
    found, content = read(path)
    assert (found.name, found.damaged) == ("utf-8", 1)
    assert content == GERMAN + "\ufffd" + GERMAN


def test_a_character_that_is_cut_off_at_the_end_is_damage(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"plain, and cut \xc3")
    found, content = read(path)
    assert (found.name, found.damaged, content) == ("utf-8", 1, "plain, and cut \ufffd")


def test_a_replacement_character_that_stands_in_the_text_is_no_damage(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("a \ufffd b")
    assert read(path)[0].damaged == 0


@pytest.mark.parametrize(
    "content",
    [
        b"text\0with zeros",
        bytes(5000),
        random.Random(1).randbytes(5000),
        bytes(byte or 1 for byte in random.Random(2).randbytes(5000)),
        codecs.BOM_UTF16_LE + random.Random(3).randbytes(5001),
        codecs.BOM_UTF32_LE + random.Random(4).randbytes(5001),
    ],
    ids=["zeros within", "zeros", "noise", "noise without zeros", "noise with a mark", "noise with a long mark"],
)
def test_what_is_no_text_is_refused(tmp_path, content):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read(path)
    assert caught.value.code == "binary_file"
    assert caught.value.cause
    assert caught.value.fix
