import codecs

import pytest

from engine.core.errors import DataError
from engine.text.glimpse import HEAD, OLE, glimpse
from tests.engine.text.made_files import zipped


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
)
def test_the_beginning_is_seen_as_text_in_any_encoding(tmp_path, encoding):
    path = tmp_path / "A.HTML"
    path.write_bytes("\n  <html><body>words".encode(encoding))
    seen = glimpse(path)
    assert (seen.text, seen.ending) == ("<html><body>words", ".html")


def test_what_is_in_a_zip_is_seen(tmp_path):
    seen = glimpse(zipped(tmp_path / "a", {"mimetype": "application/epub+zip", "b/c.txt": "x"}))
    assert (seen.is_zip, seen.media_type, seen.names) == (True, "application/epub+zip", {"mimetype", "b/c.txt"})


def test_a_damaged_zip_has_no_names(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(50))
    seen = glimpse(path)
    assert (seen.is_zip, seen.names) == (True, frozenset())


def test_the_directory_of_an_office_container_is_seen_wherever_it_stands(tmp_path):
    path = tmp_path / "a.doc"
    head = OLE.ljust(30, b"\0") + b"\x09\0".ljust(18, b"\0") + (99).to_bytes(4, "little")
    path.write_bytes(head.ljust(512 * 100, b"\0") + "WordDocument".encode("utf-16-le"))
    assert len(head) < HEAD
    assert "WordDocument".encode("utf-16-le") in glimpse(path).head


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError):
        glimpse(tmp_path / "none")
    (tmp_path / "empty").write_bytes(codecs.BOM_UTF8)
    assert glimpse(tmp_path / "empty").text == ""
