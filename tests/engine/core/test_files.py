import hashlib
import os

import pytest

from engine.core.files import (
    file_sha256,
    plain_name,
    put_in_place,
    size_of,
    unique_folder,
    write_lines,
    write_text,
)


def test_a_text_file_is_written_as_a_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.json"
    write_text(path, "first\n")

    def lines():
        yield "second, "
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_lines(path, lines())
    assert path.read_bytes() == b"first\n"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_folder_whose_name_is_taken_gets_a_number(tmp_path):
    made = [unique_folder(tmp_path / "runs", "run").name for _ in range(3)]
    assert made == ["run", "run-2", "run-3"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My notes/2", "My_notes_2"),
        ("...", "text"),
        ("tagebuch_ü", "tagebuch_ü"),
        ("x" * 200, "x" * 80),
        ("हिन्दी पाठ", "हिन्दी_पाठ"),
        ("U\u0308ber uns", "Über_uns"),
        ("ชื่อ", "ชื่อ"),
        ("字" * 80, "字" * 66),
        ("a\0b", "a_b"),
    ],
)
def test_any_text_becomes_a_name(text, name):
    assert plain_name(text) == name


def test_a_sum_is_that_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc" * 100_000)
    assert file_sha256(tmp_path / "a") == hashlib.sha256(b"abc" * 100_000).hexdigest()


def test_a_whole_folder_takes_the_place_of_the_one_before(tmp_path):
    dest, part = tmp_path / "model", tmp_path / ".model.part"
    for folder, content in ((dest, "old"), (part, "new")):
        folder.mkdir()
        (folder / "config.json").write_text(content)
    put_in_place(part, dest)
    assert (dest / "config.json").read_text() == "new"
    assert os.listdir(tmp_path) == ["model"]


def test_a_whole_file_takes_the_place_of_the_one_before(tmp_path):
    dest, part = tmp_path / "model.gguf", tmp_path / ".part"
    dest.write_text("old")
    part.write_text("new")
    put_in_place(part, dest)
    assert dest.read_text() == "new"
    assert os.listdir(tmp_path) == ["model.gguf"]


def test_the_size_is_that_of_a_file_or_of_all_in_a_folder(tmp_path):
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "b").write_bytes(b"345")
    assert (size_of(tmp_path / "a"), size_of(tmp_path)) == (2, 5)


def test_a_text_is_safe_on_the_disk_before_it_has_its_name(tmp_path, synced):
    write_text(tmp_path / "a.txt", "words")
    there = (tmp_path / "a.txt").stat()
    assert synced == {there.st_ino: there.st_size}


def test_what_is_put_in_place_is_safe_on_the_disk_and_so_is_its_name(tmp_path, synced):
    part = tmp_path / ".part"
    part.mkdir()
    for name in ("a", "b"):
        (part / name).write_text(name * 9)
    put_in_place(part, tmp_path / "model")
    files = [path.stat() for path in (tmp_path / "model").iterdir()]
    assert {there.st_ino: there.st_size for there in files}.items() <= synced.items()
    assert tmp_path.stat().st_ino in synced
