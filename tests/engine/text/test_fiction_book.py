import pytest

from tests.engine.text.made_files import refusal, text_of

BOOK = """<?xml version="1.0" encoding="{}"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info>
<book-title>Не это</book-title></title-info></description><body><title><p>Глава</p></title><section>
<p>Жил <emphasis>был</emphasis>
 кот.</p><p>И всё.</p><empty-line/><poem><stanza><v>раз</v><v>два</v></stanza></poem>
<table><tr><td>a</td><td>b</td></tr></table></section></body><body name="notes"><section><p>Сноска.</p></section></body>
<binary id="c.jpg">aGVsbG8=</binary></FictionBook>"""
TEXT = "Глава\n\nЖил был кот.\nИ всё.\n\nраз\nдва\n\na\tb\nСноска.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r", "utf-16"])
def test_a_book_is_read_in_the_encoding_that_it_declares(tmp_path, encoding):
    path = tmp_path / "book.fb2"
    path.write_bytes(BOOK.format(encoding).encode(encoding))
    assert text_of(path).split() == TEXT.split()
    assert text_of(path).startswith(TEXT[:50])


def test_a_torn_book_is_refused(tmp_path):
    path = tmp_path / "book.fb2"
    path.write_text(BOOK.format("utf-8")[:-30])
    assert "damaged" in refusal(path).cause
