import pytest

from tests.engine.text.made_files import refusal, zipped


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
