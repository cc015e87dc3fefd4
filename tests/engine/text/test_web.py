import pytest

from engine.text import encodings
from tests.engine.text.made_files import text_of

PAGE = """<!DOCTYPE html><html><head><title>No</title><style>p {}</style></head><body><nav>Menu</nav>
<h1>Sonnet&nbsp;1</h1><p>From fairest <i>creatures</i>
   we desire<br/>increase &amp; more.<script>alert(1)</script></p><ul><li>one</li><li>two</li></ul>
<pre>kept
   as it is</pre></body></html>"""
PAGE_TEXT = "Sonnet 1\n\nFrom fairest creatures we desire\nincrease & more.\n\none\ntwo\n\nkept\n   as it is\n"


@pytest.mark.parametrize("piece", [1, 10, 2**16])
def test_a_page_gives_what_it_says(tmp_path, monkeypatch, piece):
    monkeypatch.setattr(encodings, "PIECE", piece)
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    assert text_of(path).strip() == PAGE_TEXT.strip()
