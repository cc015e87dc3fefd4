import zipfile

import pytest

from engine.text import sources
from engine.text.sources import HeldFile, ZippedFile, above, beside, size_of
from tests.engine.text.made_files import zipped


@pytest.fixture
def archive(tmp_path):
    with zipfile.ZipFile(
        zipped(tmp_path / "a.zip", {"b/c.txt": "words", "b/d.json": "{}", "e.txt": "above"})
    ) as archive:
        yield archive


@pytest.mark.parametrize("at_once", [0, 100])
def test_a_file_in_a_zip_is_asked_what_a_file_is_asked(archive, monkeypatch, at_once):
    monkeypatch.setattr(sources, "_AT_ONCE", at_once)
    file = ZippedFile(archive, archive.getinfo("b/c.txt"))
    assert (file.name, file.stem, file.suffix, size_of(file)) == ("c.txt", "c", ".txt", 5)
    assert str(file).endswith("a.zip/b/c.txt")
    with file.open() as opened:
        assert (opened.read(2), opened.read()) == (b"wo", b"rds")


def test_neighbours_are_found_in_a_zip_and_on_disk(archive, tmp_path):
    file = ZippedFile(archive, archive.getinfo("b/c.txt"))
    assert beside(file, "d.json").name == "d.json"
    assert above(file, "e.txt").name == "e.txt"
    assert beside(file, "e.txt") is None
    (tmp_path / "x.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "x.txt")
    assert beside(tmp_path / "y.txt", "x.txt") == tmp_path / "x.txt"
    assert beside(tmp_path / "y.txt", "link.txt") is None


def test_what_came_in_something_else_is_read_again_and_again():
    held = HeldFile(b"words", "inbox/letter.txt")
    assert (held.name, held.stem, held.suffix, size_of(held)) == ("letter.txt", "letter", ".txt", 5)
    assert [held.open().read(), held.open().read()] == [b"words", b"words"]
    assert (beside(held, "x"), above(held, "x")) == (None, None)


def test_what_is_damaged_in_its_archive_is_a_fault_of_reading(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.txt": "words " * 99})
    content = bytearray(path.read_bytes())
    content[45] ^= 255
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive, pytest.raises(OSError, match="damaged"):
        ZippedFile(archive, archive.infolist()[0]).open()
