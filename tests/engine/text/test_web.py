import pytest

from engine.text import encodings
from tests.engine.text.made_files import account_and_text, text_of

PAGE = """<!DOCTYPE html><html><head><title>No</title><style>p {}</style></head><body><nav><a>Menu</a></nav>
<h1>Sonnet&nbsp;1</h1><p>From fairest <i>creatures</i>
   we desire<br/>increase &amp; more.<script>alert(1)</script></p><ul><li>one</li><li>two</li></ul>
<pre>
kept
   as it is</pre></body></html>"""
PAGE_TEXT = "Sonnet 1\n\nFrom fairest creatures we desire\nincrease & more.\n\none\ntwo\n\nkept\n   as it is\n"


def page(path, content):
    path.write_text(content)
    return path


@pytest.mark.parametrize("piece", [1, 10, 2**16])
def test_a_page_gives_what_it_says(tmp_path, monkeypatch, piece):
    monkeypatch.setattr(encodings, "PIECE", piece)
    account, text = account_and_text(page(tmp_path / "page.html", PAGE))
    assert text == PAGE_TEXT
    assert account.dropped == {"menus": 4}


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<table><tr><td>a<td><p>b</p><tr><th>c<td><td>d</table>e", "a\tb\nc\t\td\n\ne\n"),
        ("<ruby>表<rp>(</rp><rt>ひょう</rt><rp>)</rp></ruby>示", "表示\n"),
        ("<p hidden>no<p style='color: red; display: none'>no<p>yes", "yes\n"),
        ("<html xmlns='x'><head><title/><script src='a'/></head><body><p/>x<a id='b'/>y", "xy\n"),
        ("<p>a&shy;b&#xfeff;c", "abc\n"),
        ("<p>1 &lt; 2 &hellip; &unknown;", "1 < 2 … &unknown;\n"),
        ("one<br><br>two<hr>three", "one\n\ntwo\n\nthree\n"),
    ],
)
def test_a_page_reads_as_in_a_browser(tmp_path, markup, text):
    assert text_of(page(tmp_path / "page.html", markup)) == text


@pytest.mark.parametrize("after", ["<main>words</main>", "<article>words", "<div><p>" + "words " * 90 + "</div>"])
def test_a_menu_that_is_never_closed_swallows_nothing(tmp_path, after):
    text = text_of(page(tmp_path / "page.html", f"<body><nav><a>One</a> <a>Two</a> {after}"))
    assert "words" in text


@pytest.mark.parametrize("encoding", ["shift_jis", "euc-jp"])
def test_what_a_page_declares_is_believed(tmp_path, encoding):
    path = tmp_path / "page.html"
    path.write_bytes(f"<meta charset={encoding}><p>川</p>".encode(encoding))
    assert text_of(path) == "川\n"


@pytest.mark.parametrize("start", ["<p>", "<!-- ", "<script>", "<div>", "<b><p>", "<", "&", "<a b='c'", "<table>"])
def test_a_page_takes_no_more_time_than_it_is_long(tmp_path, start):
    """What is quadratic would not end: it would be hundreds of thousands of one construct."""
    path = page(tmp_path / "page.html", "words<p>" + start * (200_000 // len(start)) + "x" * 400_000)
    assert text_of(path).startswith("words")
