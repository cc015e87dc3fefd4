import pytest

from engine.core.errors import DataError
from engine.text import encodings, plain
from engine.text.account import FileAccount
from engine.text.plain import lines_of, read_text
from engine.text.wishes import ReadingWishes


def read(path, **wishes):
    account = FileAccount()
    return "".join(read_text(path, account, ReadingWishes(**wishes))), account


def test_how_characters_were_found_is_in_the_account(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("Grüße\n".encode("utf-16"))
    text, account = read(path)
    assert (text, account.encoding) == ("Grüße\n", "UTF-16-LE")
    assert "byte-order mark" in account.notes[0]


def test_a_wish_wins_and_its_damage_is_counted(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("Grüße\n".encode("cp1252"))
    assert read(path, encoding="cp1251")[0] == "GrьЯe\n"
    text, account = read(path, encoding="utf-8")
    assert account.replaced == text.count("\ufffd") == 2


def test_lines_that_are_in_another_encoding_are_told_of(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"".join("schöne Grüße\n".encode(name) for name in ("utf-8", "cp1252", "utf-8")))
    text, account = read(path)
    assert text == "schöne Grüße\n" * 3
    assert account.notes == ["Read as Windows-1252 (Western European): One line that is not UTF-8."]


@pytest.mark.parametrize("piece", [1, 100])
def test_lines_keep_their_ends(tmp_path, monkeypatch, piece):
    monkeypatch.setattr(encodings, "PIECE", piece)
    path = tmp_path / "a.txt"
    path.write_text("one\n\ntwo\nlast")
    assert list(lines_of(path, FileAccount(), ReadingWishes())) == ["one\n", "\n", "two\n", "last"]


def test_a_line_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(encodings, "PIECE", 10)
    monkeypatch.setattr(plain, "LONGEST_LINE", 50)
    path = tmp_path / "a.txt"
    path.write_text("x" * 100)
    with pytest.raises(DataError):
        list(lines_of(path, FileAccount(), ReadingWishes()))


def test_an_encoding_that_was_found_is_not_looked_for_again(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("Grüße an alle, die da sind und noch kommen\n".encode("cp1252") * 9)
    account = FileAccount(found_encoding=encodings.Encoding("cp1251"))
    assert "".join(read_text(path, account, ReadingWishes())) == "GrьЯe an alle, die da sind und noch kommen\n" * 9
    account = read(path)[1]
    assert account.found_encoding == encodings.Encoding("cp1252")
    assert "found_encoding" not in account.as_json()
