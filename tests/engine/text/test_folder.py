import os
import zipfile
from pathlib import Path

import pytest

from engine.core.errors import DataError
from engine.text import folder, packed
from engine.text.folder import natural
from tests.engine.text.made_files import account_and_text, docx, refusal, text_of, zipped


def chapters(path, names):
    for name in names:
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return path


def test_chapters_come_in_the_order_in_which_people_count(tmp_path):
    names = ["1.txt", "2.txt", "10.txt", "a/B 2.md", "a/b 11.txt", "b.txt"]
    assert text_of(chapters(tmp_path / "book", names)).split("\n\n") == names


def test_numbers_and_names_can_be_compared():
    paths = [Path(name) for name in ("x", "1", "1x", "x1", "١", "x/1", "1/x", "")]
    assert len(sorted(paths, key=natural)) == len(paths)


def test_what_is_no_text_is_left_out_and_named(tmp_path):
    book = chapters(tmp_path / "book", ["1.txt", "code.py", "old.json", ".hidden/x.txt"])
    (book / "p.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(99))
    (book / "old.json").write_text('{"a": 1}')
    os.mkfifo(book / "pipe.txt")
    account, text = account_and_text(book)
    assert text == "1.txt"
    why = {Path(one.name).name: one.why for one in account.left_out}
    assert set(why) == {"code.py", "old.json", "p.jpg", "pipe.txt"}
    assert "JPEG" in why["p.jpg"]
    assert why["pipe.txt"] == "no ordinary file"


def test_a_folder_that_may_not_be_opened_is_a_question(tmp_path, monkeypatch):
    book = chapters(tmp_path / "book", ["1.txt", "inner/2.txt"])
    walk = os.walk

    def closed(top, onerror):  # what the system does for anybody but an administrator
        for name, folders, files in walk(top):
            if Path(name).name == "inner":
                onerror(PermissionError(13, "Permission denied", name))
            else:
                yield name, folders, files

    monkeypatch.setattr(folder.os, "walk", closed)
    with pytest.raises(DataError) as caught:
        text_of(book)
    assert (caught.value.code, "inner" in caught.value.cause) == ("loss", True)
    assert text_of(book, allow_loss=True) == "1.txt"


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator may open anything")
def test_a_closed_folder_is_noticed(tmp_path):
    book = chapters(tmp_path / "book", ["1.txt", "inner/2.txt"])
    (book / "inner").chmod(0)
    try:
        with pytest.raises(DataError):
            text_of(book)
    finally:
        (book / "inner").chmod(0o700)


def test_a_zip_is_read_like_a_folder_and_nothing_is_unpacked(tmp_path):
    word = docx(tmp_path / "w.docx", "<w:p><w:r><w:t>words</w:t></w:r></w:p>").read_bytes()
    inner = zipped(tmp_path / "inner.zip", {"3.txt": "three"}).read_bytes()
    files = {"b/10.txt": "ten", "b/2.docx": word, "../1.txt": "one", "__MACOSX/b/._10.txt": "x", ".DS_Store": "x"}
    path = zipped(tmp_path / "book.zip", files | {"p.png": b"\x89PNG\r\n\x1a\n" + bytes(9), "b/inner.zip": inner})
    before = sorted(tmp_path.rglob("*"))
    account, text = account_and_text(path)
    assert text == "one\n\nwords\n\nten"
    assert {Path(one.name).name for one in account.left_out} == {"p.png", "inner.zip"}
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_a_zip_is_no_text(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.txt": "words"})
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert text_of(path) == "words"


def test_a_zip_that_is_locked_or_damaged_or_empty_of_texts_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.txt": "words"})
    content = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    path.write_bytes(content)
    assert "password" in refusal(path).cause
    path.write_bytes(bytes(content)[:-30])
    assert refusal(path).cause
    assert "no texts" in refusal(zipped(tmp_path / "b.zip", {"p.png": b"\x89PNG\r\n\x1a\n" + bytes(9)})).message


def test_a_zip_that_unfolds_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "EXPANDED_LIMIT", 2**16)
    path = zipped(tmp_path / "a.zip", {f"{number}.txt": " " * 2**16 for number in range(9)})
    assert "unfolds" in refusal(path).cause


def test_a_part_that_is_damaged_in_a_zip_is_refused_in_words(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.txt": "words " * 99})
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        place = archive.infolist()[0].header_offset + 40
    content[place] ^= 255
    path.write_bytes(content)
    assert refusal(path).fix
