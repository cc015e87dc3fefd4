import pytest

from tests.engine.text.made_files import account_and_text, epub, refusal, text_of, zipped

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'


def pages(count):
    return [f"<html><head><title>x</title></head><body><p>Chapter {n}: é</p></body></html>" for n in range(count)]


def book(path, items, refs, **files):
    package = f"<package><manifest>{items}</manifest><spine>{refs}</spine></package>"
    return zipped(path, {"META-INF/container.xml": CONTAINER, "OPS/book.opf": package, **files})


def test_a_book_gives_its_chapters_in_reading_order(tmp_path):
    text = text_of(epub(tmp_path / "a.epub", pages(3), spine=[2, 0, 1]))
    assert [line for line in text.splitlines() if line] == ["Chapter 2: é", "Chapter 0: é", "Chapter 1: é"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "windows-1251", "utf-8"])
def test_a_chapter_is_in_the_encoding_that_it_declares(tmp_path, encoding):
    chapter = f'<?xml version="1.0" encoding="{encoding}"?><html><body><p>Жук</p></body></html>'.encode(encoding)
    assert text_of(epub(tmp_path / "a.epub", [chapter])).strip() == "Жук"


def test_a_missing_chapter_is_a_question_and_the_rest_is_read(tmp_path):
    path = epub(tmp_path / "a.epub", pages(2), spine=[0, 1, 7])
    assert "missing chapters (1 of 3)" in refusal(path).cause
    account, text = account_and_text(path, allow_loss=True)
    assert text.split() == ["Chapter", "0:", "é", "Chapter", "1:", "é"]
    assert account.lost == {"missing chapters": 1}


def test_a_chapter_of_an_unknown_kind_is_read_and_told_of(tmp_path):
    path = book(
        tmp_path / "a.epub",
        '<item id="a" href="a.odd" media-type="application/x-odd"/><item id="p" href="p.png" media-type="image/png"/>',
        '<itemref idref="a"/><itemref idref="p"/>',
        **{"OPS/a.odd": "<p>words</p>", "OPS/p.png": "\x89PNG"},
    )
    account, text = account_and_text(path)
    assert text.strip() == "words"
    assert "a.odd" in account.sentences()[1]
    assert account.dropped == {"pictures and the like among the chapters": 1}


def encrypted(way):
    return (
        "<encryption><EncryptedData>"
        f'<EncryptionMethod Algorithm="{way}"/>'
        '<CipherData><CipherReference URI="OPS/text/c%200.xhtml"/></CipherData>'
        "</EncryptedData></encryption>"
    )


def test_a_book_with_copy_protection_is_refused_and_one_with_guarded_fonts_read(tmp_path):
    import zipfile

    for way, reads in (
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", False),
        ("http://www.idpf.org/2008/embedding", True),
    ):
        path = epub(tmp_path / f"{reads}.epub", pages(1))
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("META-INF/encryption.xml", encrypted(way))
        if reads:
            assert "Chapter" in text_of(path)
        else:
            assert "copy-protected" in refusal(path).cause


def test_chapters_that_are_no_text_are_a_question(tmp_path):
    noise = bytes(range(256)) * 9
    assert refusal(epub(tmp_path / "a.epub", [noise, "<p>x</p>"])).code == "loss"


def test_soft_hyphens_and_readings_are_left_out_and_counted(tmp_path):
    page = "<html><body><p>Wert&#173;papier <ruby>表<rt>ひょう</rt></ruby>示</p></body></html>"
    account, text = account_and_text(epub(tmp_path / "a.epub", [page]))
    assert text.strip() == "Wertpapier 表示"
    assert account.dropped == {"soft hyphens": 1, "readings beside words": 3}
