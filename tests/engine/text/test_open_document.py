from tests.engine.text.made_files import account_and_text, refusal, text_of, zipped

NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = " ".join(
    f'xmlns:{name}="{NAMES}{name}:1.0"' for name in ("office", "text", "table", "draw", "style", "manifest")
)
KIND = "application/vnd.oasis.opendocument.text"


def odt(path, body, styles="", **parts):
    content = f"<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
    content += f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    return zipped(path, {"mimetype": KIND, "content.xml": content, **parts})


def test_paragraphs_tables_notes_and_boxes_are_read_in_order(tmp_path):
    note = "<text:note-citation>1</text:note-citation><text:note-body><text:p>a note</text:p></text:note-body>"
    box = "<draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame>"
    cells = "".join(f"<table:table-cell><text:p>{each}</text:p></table:table-cell>" for each in "ab")
    body = (
        f"<text:h>Title</text:h><text:p>one<text:note>{note}</text:note><text:s text:c='2'/>two<text:tab/>three"
        f"<text:line-break/>four{box}.</text:p>"
        f"<table:table><table:table-row>{cells}</table:table-row></table:table><text:p/>"
    )
    assert text_of(odt(tmp_path / "a.bin", body)) == "Title\none  two\tthree\nfour.\na note\nbox\na\tb\n\n"


def test_what_is_not_to_be_seen_is_left_out_and_counted(tmp_path):
    styles = '<style:style style:name="h"><style:text-properties text:display="none"/></style:style>'
    ruby = "<text:ruby><text:ruby-base>漢</text:ruby-base><text:ruby-text>かん</text:ruby-text></text:ruby>"
    body = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:p>seen<text:span text:style-name="h">hidden</text:span>'
        f"<office:annotation><text:p>why?</text:p></office:annotation></text:p><text:p>{ruby}</text:p>"
    )
    account, text = account_and_text(odt(tmp_path / "a.odt", body, styles))
    assert text == "seen\n漢\n"
    assert account.dropped == {"deleted text": 7, "hidden text": 6, "comments": 4, "readings beside words": 2}


def test_a_locked_document_is_refused(tmp_path):
    manifest = f"<manifest:manifest {SPACES}><manifest:encryption-data/></manifest:manifest>"
    assert "password" in refusal(odt(tmp_path / "a.odt", "<text:p/>", **{"META-INF/manifest.xml": manifest})).cause


def test_a_spreadsheet_is_named_for_what_it_is(tmp_path):
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}
    assert "OpenDocument spreadsheet" in refusal(zipped(tmp_path / "a.ods", parts)).cause
