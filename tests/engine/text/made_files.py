"""Documents made by hand for tests, so that what reads them is not what wrote them."""

import zipfile

import pytest

from engine.core.errors import DataError
from engine.text.text_files import own_text
from engine.text.wishes import ReadingWishes

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


def pdf(path, pages, signs=""):
    """A PDF by hand, so that what is read is not what the same library wrote."""
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"]
    for n, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica" + (
            f" /Encoding << /Type /Encoding /Differences [1 {signs}] >> >>" if signs else " >>"
        )
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


def account_and_text(path, **wishes):
    """Return what a file's account says, and its text as a preparation gets it."""
    text = own_text(path, ReadingWishes(**wishes))
    pieces = "".join(text.pieces())
    if not wishes.get("allow_loss"):
        text.account.refuse_loss(text.source)
    return text.account, pieces


def text_of(path, **wishes):
    return account_and_text(path, **wishes)[1]


def refusal(path, **wishes):
    """Return the error that a file is refused with, once it says which file, why, and what to do."""
    with pytest.raises(DataError) as caught:
        text_of(path, **wishes)
    assert str(path) in caught.value.message
    assert caught.value.cause
    assert caught.value.fix
    return caught.value
