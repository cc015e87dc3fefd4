"""The text of an e-book (.epub)."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from engine.text import packed as packed_archives
from engine.text.account import FileAccount
from engine.text.encodings import PIECE
from engine.text.packed import Unfolded, archive_of, local_name, parsed
from engine.text.sources import Source
from engine.text.web import page_text
from engine.text.wishes import ReadingWishes


def epub_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the chapters of an e-book in reading order."""
    with archive_of(source) as archive:
        container = parsed(archive, "META-INF/container.xml", source)
        root = next(element.get("full-path", "") for element in container.iter() if local_name(element) == "rootfile")
        package = parsed(archive, root, source)
        manifest = {
            element.get("id"): element.get("href", "") for element in package.iter() if local_name(element) == "item"
        }
        left = packed_archives.EXPANDED_LIMIT
        for reference in (element for element in package.iter() if local_name(element) == "itemref"):
            name = posixpath.normpath(
                posixpath.join(posixpath.dirname(root), unquote(manifest[reference.get("idref")]))
            )
            with archive.open(name) as packed:
                bounded = Unfolded(packed, source, left)
                lines = io.TextIOWrapper(io.BufferedReader(bounded), "utf-8-sig", "replace")
                yield from page_text(iter(lambda lines=lines: lines.read(PIECE), ""))  # type: ignore[misc]
                left = bounded.left
            yield "\n\n"
