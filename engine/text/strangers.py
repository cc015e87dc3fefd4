"""What is no text and cannot be made into one: known by its first bytes, and named as people name it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.text.glimpse import OLE, Glimpse

_SIGNATURES: Sequence[tuple[int, bytes, str]] = (
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"GIF8", "a GIF picture"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (8, b"WEBP", "a WebP picture"),
    (8, b"WAVE", "a WAV recording"),
    (8, b"AVI ", "an AVI film"),
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIC picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftypM4A", "an M4A recording"),
    (4, b"ftypqt", "a QuickTime film"),
    (4, b"ftyp", "an MP4 film or recording"),
    (0, b"8BPS", "a Photoshop picture"),
    (0, b"icns", "an icon"),
    (0, b"\0\0\1\0", "an icon"),
    (0, b"ID3", "an MP3 recording"),
    (0, b"\xff\xfb", "an MP3 recording"),
    (0, b"fLaC", "a FLAC recording"),
    (0, b"OggS", "an Ogg recording"),
    (0, b"caff", "a recording"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM film"),
    (0, b"%!PS", "a PostScript document"),
    (0, b"AT&TFORM", "a DjVu document"),
    (60, b"BOOKMOBI", "a Kindle book (.mobi, .azw)"),
    (60, b"TEXtREAd", "a Palm or Mobipocket book"),
    (0, b"TPZ", "a Kindle book (Topaz)"),
    (0, b"CONT\2\0", "a Kindle book (KFX)"),
    (0, b"\xeaDRMION\xee", "a Kindle book with copy protection"),
    (0, b"ITOLITLS", "a Microsoft Reader book"),
    (0, b"ITSF", "a compiled Windows help file (.chm)"),
    (0, b"bplist00", "an Apple property list or web archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\0", "an xz archive"),
    (0, b"7z\xbc\xaf'\x1c", "a 7z archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"(\xb5/\xfd", "a Zstandard archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"xar!", "a macOS installer package"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"\0\1\0\0Standard ", "an Access database"),
    (0, b"PAR1", "a Parquet table"),
    (0, b"ARROW1", "an Arrow table"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"GGUF", "a GGUF model"),
    (0, b"\x89HDF", "an HDF5 file"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ\x90\0", "a Windows program"),
    (0, b"\xcf\xfa\xed\xfe", "a Mac program"),
    (0, b"\xca\xfe\xba\xbe", "a program"),
    (0, b"\0asm", "a WebAssembly program"),
    (0, b"wOFF", "a font"),
    (0, b"wOF2", "a font"),
    (0, b"OTTO", "a font"),
    (0, b"\0\1\0\0\0", "a font"),
    (0, b"!BDN", "an Outlook mailbox (.pst)"),
    (0, b"version https://git-lfs.github.com/", "a Git LFS pointer, which stands for a file that is elsewhere"),
)
"""Where the bytes stand, the bytes, what begins so."""

_NEEDS_ZEROS = (b"BM", b"ID3", b"CONT", b"TPZ", b"ftyp", b"icns", b"caff", b"GIF8", b"WAVE", b"WEBP", b"AVI ", b"BZh")
"""Signatures that are ASCII a text may begin with; such a file has zeros or bytes that are no text as well."""

_OLE_KINDS = (
    ("EncryptedPackage", "an Office document that is locked with a password"),
    ("WordDocument", "a Word document of the old kind (.doc)"),
    ("Workbook", "an Excel workbook of the old kind (.xls)"),
    ("PowerPoint Document", "a PowerPoint presentation of the old kind (.ppt)"),
    ("__properties_version1", "an Outlook message (.msg)"),
)
_ZIP_PARTS = (
    ("xl/", "an Excel workbook"),
    ("ppt/", "a PowerPoint presentation"),
    ("visio/", "a Visio drawing"),
    ("AndroidManifest.xml", "an Android application"),
    ("META-INF/MANIFEST.MF", "a Java archive"),
)
_AS_IT_IS = (".txt", ".text")
"""Endings that somebody chose to have the markup itself."""

_TEXTUAL = (
    ("BEGIN:VCALENDAR", "a calendar (.ics)"),
    ("BEGIN:VCARD", "an address book (.vcf)"),
    ("[Script Info]", "a file of subtitles in SubStation Alpha (.ass)"),
)
"""How markup begins that is neither XML nor code."""

_XML_ROOTS = {
    "svg": "an SVG picture",
    "rss": "a news feed",
    "feed": "a news feed",
    "plist": "an Apple property list",
    "package": "the table of contents of an e-book, or a Word document as one XML file",
    "document": "an OpenDocument text as one XML file",
    "tt": "a file of subtitles in TTML",
    "kml": "a map (KML)",
    "gpx": "a track (GPX)",
    "smses": "an SMS backup",
    "TEI": "a TEI edition",
    "opml": "an outline (OPML)",
    "mediawiki": "a dump of a wiki",
}
_ROOT = re.compile(
    r"\A\s*(?:<(?:\?[^>]*|!--.*?--|![^>\[]*(?:\[[^]]*\][^>]*)?)>\s*)*+<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)", re.S
)


def xml_root(seen: Glimpse) -> str:
    """Return the local name of the outermost element of an XML file; empty for what is none."""
    found = _ROOT.match(seen.text) if seen.text.startswith("<") else None
    return found[1] if found else ""


def stranger(seen: Glimpse) -> str:
    """Return what a file is that cannot be read, as people name it; empty where that is not known."""
    if seen.head.startswith(OLE):
        return _ole_kind(seen.head)
    if seen.is_zip:
        return _zip_kind(seen)
    for place, signature, what in _SIGNATURES:
        if seen.head[place : place + len(signature)] == signature and _is_binary(seen.head, signature):
            return what
    if kind := next((what for start, what in _TEXTUAL if seen.text.startswith(start)), ""):
        return kind
    if seen.ending in _AS_IT_IS:
        return ""
    if seen.text.startswith("<?xml") or (seen.ending in (".xml", ".svg", ".plist") and xml_root(seen)):
        root = xml_root(seen)
        return _XML_ROOTS.get(root, f"XML whose outermost element is <{root}>" if root else "XML")
    return ""


def _is_binary(head: bytes, signature: bytes) -> bool:
    """Return whether a head that begins with such a signature is no text after all."""
    return not signature.startswith(_NEEDS_ZEROS) or 0 in head or any(byte in head for byte in (1, 2, 3, 4))


def _ole_kind(head: bytes) -> str:
    known = (what for name, what in _OLE_KINDS if name.encode("utf-16-le") in head)
    return next(known, "a Microsoft Office document of the old kind")


def _zip_kind(seen: Glimpse) -> str:
    if seen.media_type.startswith("application/vnd.oasis.opendocument."):
        return f"an OpenDocument {seen.media_type.rpartition('.')[2]}"
    if any(name.endswith(".iwa") for name in seen.names) or "index.apxl" in seen.names:
        return "a Pages, Numbers or Keynote document"
    if any(name.endswith("data.pkl") for name in seen.names):
        return "a PyTorch checkpoint"
    kinds = (what for part, what in _ZIP_PARTS if any(name.startswith(part) for name in seen.names))
    return next(kinds, "")
