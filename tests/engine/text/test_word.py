from tests.engine.text.made_files import docx, text_of


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
