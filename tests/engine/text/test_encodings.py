import codecs
import random

import pytest

from engine.core.errors import DataError, SettingError
from engine.text import encodings
from engine.text.encodings import declared_in, decoded, encoding_of
from tests.engine.text.prose import OLD, PROSE

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


def read_or_refused(path):
    """Return the text of a file; None where it is refused with the way to say the encoding."""
    try:
        return read(path)[1]
    except DataError as error:
        return None if (error.code, "--encoding" in error.fix) == ("unknown_encoding", True) else error


@pytest.mark.parametrize("length", [120, 5000])
def test_old_encodings_are_found_and_never_wrongly(tmp_path, length):
    path = tmp_path / "text.txt"
    right = 0
    for language, encoding in OLD:
        raw = (PROSE[language] + "\n")[:length].encode(encoding, "ignore")
        path.write_bytes(raw)
        content = read_or_refused(path)
        assert content in (raw.decode(encoding), None), f"{language} in {encoding}"
        right += content is not None
    assert right >= 37


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("language", PROSE)
def test_wide_encodings_need_no_mark_in_any_script(tmp_path, language, encoding):
    path = tmp_path / "text.txt"
    for text in (PROSE[language], PROSE[language].replace("\n", ""), PROSE[language][:30].replace("\n", " ")):
        path.write_bytes(text.encode(encoding))
        found, content = read(path)
        assert (found.name, content) == (encoding, text)


def test_a_file_in_two_encodings_is_read_line_by_line(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"".join(GERMAN.splitlines(True)[0].encode(name) for name in ("utf-8", "cp1252", "utf-8") * 5))
    found, content = read(path)
    assert content == GERMAN.splitlines(True)[0] * 15
    assert (found.name, found.other, found.other_lines) == ("utf-8", "cp1252", 5)


def test_what_is_asked_for_is_taken_and_its_damage_counted(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(POLISH.encode("iso8859-2"))
    found = encoding_of(path, asked="Latin-2")
    assert "".join(decoded(path, found)) == POLISH
    wrong = encoding_of(path, asked="utf-8")
    assert wrong.damaged == "".join(decoded(path, wrong)).count("\ufffd") > 0


@pytest.mark.parametrize("name", ["no such", "rot13", "base64", "idna", "unicode_escape", "zip"])
def test_what_is_no_encoding_is_refused(tmp_path, name):
    path = tmp_path / "text.txt"
    path.write_text(GERMAN)
    with pytest.raises(SettingError) as caught:
        encoding_of(path, asked=name)
    assert "encoding" in caught.value.problems


@pytest.mark.parametrize(
    ("declared", "encoding", "text"),
    [
        ("shift_jis", "shift_jis", "日"),
        ("EUC-JP", "euc-jp", "川"),
        ("iso-8859-1", "cp1252", "“é”"),
        ("windows-1251", "cp1251", "Ж"),
        ("iso-2022-jp", "iso2022-jp", "日本"),
        ("koi8-r", "koi8-r", "ж"),
    ],
)
def test_what_a_file_declares_wins_where_it_decodes(tmp_path, declared, encoding, text):
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode(encoding))
    assert "".join(decoded(path, encoding_of(path, declared=declared))) == text


def test_what_a_file_declares_wrongly_is_not_believed(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(GERMAN, "utf-8")
    assert encoding_of(path, declared="us-ascii").name == "utf-8"
    path.write_bytes(JAPANESE.encode("shift_jis"))
    assert encoding_of(path, declared="utf-8").name == "cp932"


@pytest.mark.parametrize(
    ("head", "declared"),
    [
        (b'<?xml version="1.0" encoding="windows-1251"?><a/>', "windows-1251"),
        (b"<html><meta charset=big5>", "big5"),
        (b'<META http-equiv="Content-Type" content="text/html; charset=Shift_JIS">', "Shift_JIS"),
        (b"<p>charset=utf-8</p>", ""),
    ],
)
def test_a_declaration_is_found(head, declared):
    assert declared_in(head) == declared


def test_a_slip_of_a_zero_is_kept_until_it_is_cleaned(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("a" * 2000 + "\0" + "b" * 2000)
    assert encoding_of(path).name == "utf-8"


def test_a_long_line_of_utf8_with_much_damage_is_utf8_and_its_damage_is_counted(tmp_path):
    path = tmp_path / "one_line.txt"
    path.write_bytes("Größe und Übermut tun selten gut. ".encode() * 200 + b"\xff" * 120)
    found = encoding_of(path)
    assert (found.name, found.damaged) == ("utf-8", 120)
