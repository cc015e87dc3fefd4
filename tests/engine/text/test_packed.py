import zipfile
from itertools import pairwise

import pytest

from engine.text import packed
from tests.engine.text.made_files import W, docx, epub, refusal, zipped


def test_a_document_that_unfolds_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "EXPANDED_LIMIT", 2**20)
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
