import pytest

from tests.engine.text.made_files import refusal, text_of, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(30, b"\0") + b"\x09\0".ljust(18, b"\0") + bytes(464)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xff\xd8\xff\xe0" + bytes(30), "a JPEG picture"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "a PNG picture"),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(30), "a WebP picture"),
        (b"\0\0\0\x18ftypheic" + bytes(30), "a HEIC picture"),
        (b"\0\0\0\x18ftypisom" + bytes(30), "an MP4 film or recording"),
        (b"ID3\4\0" + bytes(30), "an MP3 recording"),
        (bytes(60) + b"BOOKMOBI" + bytes(30), "a Kindle book (.mobi, .azw)"),
        (b"\xeaDRMION\xee" + bytes(30), "a Kindle book with copy protection"),
        (b"SQLite format 3\0" + bytes(30), "an SQLite database"),
        (b"\x1f\x8b\x08" + bytes(30), "a gzip archive"),
        (b"bplist00" + bytes(30), "an Apple property list or web archive"),
        (b"7z\xbc\xaf'\x1c" + bytes(30), "a 7z archive"),
        (OLE + "WordDocument".encode("utf-16-le"), "a Word document of the old kind (.doc)"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "an Office document that is locked with a password"),
        (b'<?xml version="1.0"?><!-- x --><svg xmlns="x"/>', "an SVG picture"),
        (b'<?xml version="1.0"?><!DOCTYPE odd [<!ENTITY a "b">]>\n<x:odd/>', "XML whose outermost element is <odd>"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("name", ["a", "a.doc", "a.html.bin"])
def test_what_is_no_text_is_refused_by_its_name(tmp_path, name, content, what):
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path).cause == f"This is {what}."


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"Index/Document.iwa": "x"}, "Pages"),
        ({"[Content_Types].xml": "x", "xl/workbook.xml": "x"}, "Excel"),
        ({"ppt/presentation.xml": "x"}, "PowerPoint"),
        ({"archive/data.pkl": "x"}, "checkpoint"),
    ],
)
def test_what_is_packed_is_named_too(tmp_path, files, what):
    assert what in refusal(zipped(tmp_path / "a.zip", files)).cause


@pytest.mark.parametrize("text", ["BM is short.\n", "ID3 tags\n", "GIF89a is a format.\n", "CONTENTS\n", "#!/bin/sh\n"])
def test_a_text_may_begin_as_it_likes(tmp_path, text):
    path = tmp_path / "a.txt"
    path.write_text(text)
    assert text_of(path) == text


def test_markup_that_somebody_calls_a_text_is_one(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text('<?xml version="1.0"?><svg/>\n')
    assert text_of(path).startswith("<?xml")
