import json
import zipfile
from itertools import pairwise

import pytest

from engine.core.errors import DataError
from engine.text import documents, encodings
from engine.text.documents import document_text

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def docx(path, body):
    return zipped(path, {"word/document.xml": f"<w:document {W} {MC}><w:body>{body}</w:body></w:document>"})


def epub(path, chapters, spine=None):
    items = "".join(f'<item id="c{n}" href="text/c%20{n}.xhtml"/>' for n in range(len(chapters)))
    refs = "".join(f'<itemref idref="c{n}"/>' for n in spine or range(len(chapters)))
    files = {
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": f"<package><manifest>{items}</manifest><spine>{refs}</spine></package>",
    }
    return zipped(path, files | {f"OPS/text/c {n}.xhtml": page for n, page in enumerate(chapters)})


def pdf(path, pages):
    """A PDF by hand, so that what is read is not what the same library wrote."""
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"]
    for n, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {4 + 2 * n} 0 R "
            f"/Resources << /Font << /F1 {font} >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    content, places = "%PDF-1.4\n", []
    for n, body in enumerate(objects, 1):
        places.append(len(content))
        content += f"{n} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    content += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end = content.index("xref\n0")
    content += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{end}\n%%EOF\n"
    path.write_bytes(content.encode("latin-1"))
    return path


def text_of(path):
    return "".join(document_text(path))


def refusal(path):
    with pytest.raises(DataError) as caught:
        text_of(path)
    assert str(path) in caught.value.message
    assert caught.value.cause
    assert caught.value.fix
    return caught.value


def test_a_word_document_gives_its_paragraphs_as_they_are_shown(tmp_path):
    run = "<w:r><w:t>{}</w:t></w:r>"
    body = (
        f"<w:p>{run.format('To be, ')}<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>{run.format('or not')}</w:p>"
        "<w:p/><w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>"
        f"<w:tbl><w:tr><w:tc><w:p>{run.format('cell')}</w:p></w:tc></w:tr></w:tbl>"
        f"<w:p>{run.format('box ')}<mc:AlternateContent><mc:Choice>{run.format('once')}</mc:Choice>"
        f"<mc:Fallback>{run.format('twice')}</mc:Fallback></mc:AlternateContent></w:p>"
    )
    assert text_of(docx(tmp_path / "a.docx", body)) == "To be, or not\n\na\tb\nc\ncell\nbox once\n"


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


def test_a_book_gives_its_chapters_in_reading_order(tmp_path):
    pages = [f"<html><head><title>x</title></head><body><p>Chapter {n}: é</p></body></html>" for n in range(3)]
    text = text_of(epub(tmp_path / "a.epub", pages, spine=[2, 0, 1]))
    assert [line for line in text.splitlines() if line] == ["Chapter 2: é", "Chapter 0: é", "Chapter 1: é"]


def test_a_pdf_gives_its_pages(tmp_path):
    pages = ["First page.", "Second page."]
    assert text_of(pdf(tmp_path / "a.pdf", pages)) == "First page.\n\nSecond page.\n\n"


def test_a_pdf_of_pictures_is_refused_with_the_way_out(tmp_path):
    assert "OCR" in refusal(pdf(tmp_path / "a.pdf", ["", ""])).fix


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (
            "telegram",
            {"messages": [{"from": "Ann", "text": ["so ", {"type": "bold", "text": "good"}]}]},
            "Ann:\nso good",
        ),
        ("plain", [{"text": "hello"}, {"text": " "}, {"id": 3}], "hello"),
        (
            "chatgpt",
            [{"title": "t", "mapping": {"a": {"message": {"author": {"role": "user"}, "content": {"parts": ["Hi"]}}}}}],
            "user:\nHi",
        ),
        ("instagram", {"messages": [{"sender_name": "A  B", "content": "x\ny"}]}, "A B:\nx\ny"),
        ("discord", {"messages": [{"author": {"name": "Bo"}, "content": "yes"}]}, "Bo:\nyes"),
        ("openai", {"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}]}]}, "user:\nq"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_chat_gives_its_messages(tmp_path, name, value, text):
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps(value))
    assert text_of(path).strip() == text


def test_halves_of_characters_become_the_sign_for_what_is_none(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"text": "so \\ud800 it \\ud83d\\ude00 is"}, {"text": "\\udc00"}]')
    assert text_of(path) == "so \ufffd it 😀 is\n\n\ufffd\n\n"


def test_messages_come_from_lines_and_tables_too(tmp_path):
    lines, table = tmp_path / "a.jsonl", tmp_path / "a.csv"
    lines.write_text('{"role": "user", "content": "Hi"}\n\n{"role": "bot", "content": "Ho"}')
    table.write_text('Date;Author;Text\n1;Ann;"a\nb; c"\n2;Bo;d', "utf-8-sig")
    assert text_of(lines) == "user:\nHi\n\nbot:\nHo\n\n"
    assert text_of(table) == "Ann:\na\nb; c\n\nBo:\nd\n\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "[1, 2, {}]"),
        ("a.json", "{"),
        ("a.json", "[" * 200_000),
        ("a.json", ""),
        ("a.jsonl", "{}\nno"),
        ("a.csv", ""),
        ("a.csv", "a,b\n1,2\n"),
        ("a.csv", "text\n" + "x" * 200_000),
        ("a.docx", "no archive"),
        ("a.epub", "PK\x03\x04"),
        ("a.pdf", "%PDF-1.4\n%%EOF"),
        ("a.pdf", ""),
    ],
    ids=lambda value: value[:12],
)
def test_a_damaged_document_is_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    refusal(path)


@pytest.mark.parametrize(
    "files", [{}, {"word/document.xml": "<a><b></a>"}, {"other": "x"}], ids=["empty", "torn", "other"]
)
def test_an_archive_that_is_no_document_is_refused(tmp_path, files):
    refusal(zipped(tmp_path / "a.docx", files))
    refusal(zipped(tmp_path / "a.epub", files))


def test_a_document_that_unfolds_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "EXPANDED_LIMIT", 2**20)
    bomb = "<p>" + " " * 2**21 + "</p>"
    refused = [docx(tmp_path / "a.docx", bomb), epub(tmp_path / "a.epub", ["<p>x</p>", bomb])]
    assert all("unfolds" in refusal(path).cause for path in refused)
    assert refused[0].stat().st_size < 10_000


def test_entities_that_multiply_are_refused(tmp_path):
    names = "abcdefghij"
    entities = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    shown = "<w:p><w:r><w:t>&j;</w:t></w:r></w:p>"
    xml = f'<!DOCTYPE d [<!ENTITY a "{"x" * 100}">{entities}]><w:document {W}>{shown}</w:document>'
    refusal(zipped(tmp_path / "a.docx", {"word/document.xml": xml}))


def test_a_document_reads_no_other_file(tmp_path):
    (tmp_path / "secret").write_text("secret words")
    entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    xml = f"{entity}<w:document {W}><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:document>"
    path = zipped(tmp_path / "a.docx", {"word/document.xml": xml})
    assert "secret words" not in str(refusal(path))
    climbing = epub(tmp_path / "a.epub", ["<p>x</p>"])
    with zipfile.ZipFile(climbing, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("OPS/book.opf", '<p><item id="c" href="../../secret"/><itemref idref="c"/></p>')
    refusal(climbing)
