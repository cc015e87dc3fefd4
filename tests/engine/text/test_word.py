from tests.engine.text.made_files import MC, W, account_and_text, docx, refusal, text_of, zipped

RUN = "<w:r><w:t>{}</w:t></w:r>"
STRICT = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def relationships(**targets):
    rows = "".join(f'<Relationship Id="{kind}" Type="{OFFICE}{kind}" Target="{to}"/>' for kind, to in targets.items())
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def paragraph(*words):
    return "<w:p>" + "".join(RUN.format(each) for each in words) + "</w:p>"


def test_a_word_document_gives_its_paragraphs_as_they_are_shown(tmp_path):
    body = (
        f"<w:p>{RUN.format('To be, ')}<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>{RUN.format('or not')}</w:p>"
        "<w:p/><w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr>"
        "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>"
        f"<w:tbl><w:tr><w:tc>{paragraph('cell')}</w:tc><w:tc>{paragraph('next')}</w:tc></w:tr></w:tbl>"
        f"<w:p>{RUN.format('box ')}<mc:AlternateContent><mc:Choice>{RUN.format('once')}</mc:Choice>"
        f"<mc:Fallback>{RUN.format('twice')}</mc:Fallback></mc:AlternateContent></w:p>"
    )
    account, text = account_and_text(docx(tmp_path / "a.docx", body))
    assert text == "To be, or not\n\na\tb\nc\ncell\tnext\nbox once\n"
    assert account.dropped == {"deleted text": 4}


def test_what_is_hidden_moved_away_or_a_reading_is_left_out_and_counted(tmp_path):
    unset = "w:val='0'"
    vanish = "<w:r><w:rPr><w:vanish {}/></w:rPr><w:t>{}</w:t></w:r>"
    body = (
        f"<w:p>{vanish.format('', 'secret')}{vanish.format(unset, 'seen')}</w:p>"
        f"<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>{RUN.format(' shown')}</w:p>"
        f"<w:p><w:moveFrom>{RUN.format('moved')}</w:moveFrom><w:moveTo>{RUN.format('moved')}</w:moveTo></w:p>"
        f"<w:p><w:ruby><w:rt>{RUN.format('かんじ')}</w:rt><w:rubyBase>{RUN.format('漢字')}</w:rubyBase></w:ruby></w:p>"
    )
    account, text = account_and_text(docx(tmp_path / "a.docx", body))
    assert text == "seen\n shown\nmoved\n漢字\n"
    assert account.dropped == {"hidden text": 6, "text moved elsewhere": 5, "readings beside words": 3}


def test_a_box_stands_apart_from_the_sentence_it_is_in(tmp_path):
    box = f"<w:r><w:pict><w:txbxContent>{paragraph('one')}{paragraph('two')}</w:txbxContent></w:pict></w:r>"
    body = f"<w:p>{RUN.format('before ')}{box}{RUN.format('and after')}</w:p>"
    assert text_of(docx(tmp_path / "a.docx", body)) == "before and after\none\ntwo\n"


def test_a_strict_document_is_found_by_its_relationships_with_notes_styles_and_headers(tmp_path):
    styles = '<w:style w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>'
    styles += '<w:style w:styleId="k"><w:basedOn w:val="h"/></w:style>'
    hidden = '<w:p><w:pPr><w:pStyle w:val="k"/></w:pPr><w:r><w:t>never</w:t></w:r></w:p>'
    rule = '<w:footnote w:type="separator"><w:p><w:r><w:t>---</w:t></w:r></w:p></w:footnote>'
    parts = {
        "_rels/.rels": relationships(officeDocument="/word/document22.xml"),
        "word/_rels/document22.xml.rels": relationships(footnotes="notes.xml", styles="styles.xml", header="head.xml"),
        "word/document22.xml": f"<w:document {STRICT}><w:body>{paragraph('body')}{hidden}</w:body></w:document>",
        "word/notes.xml": f"<w:footnotes {STRICT}>{rule}<w:footnote>{paragraph('a note')}</w:footnote></w:footnotes>",
        "word/styles.xml": f"<w:styles {STRICT}>{styles}</w:styles>",
        "word/head.xml": f"<w:hdr {STRICT}>{paragraph('Page')}</w:hdr>",
    }
    account, text = account_and_text(zipped(tmp_path / "a.docx", parts))
    assert text == "body\na note\n"
    assert account.dropped == {"hidden text": 5, "headers and footers": 4}


def test_a_document_embedded_in_another_is_told_of_as_lost(tmp_path):
    parts = {
        "word/document.xml": f"<w:document {W} {MC}><w:body>{paragraph('body')}</w:body></w:document>",
        "word/_rels/document.xml.rels": relationships(aFChunk="other.html"),
        "word/other.html": "<p>other</p>",
    }
    path = zipped(tmp_path / "a.docx", parts)
    assert refusal(path).code == "loss"
    assert text_of(path, allow_loss=True) == "body\n"
