"""A hook of MkDocs: puts the help book's pages, as the window has them, among the pages of the site."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gui.kit.book import CHAPTERS, SETTINGS, TROUBLE, Page, pages

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

_HEADING = re.compile(r"^#", re.MULTILINE)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the book: a page for each chapter, one for all settings, one for all that can go wrong."""
    from mkdocs.structure.files import File  # only make docs installs MkDocs

    for name, text in book().items():
        files.append(File.generated(config, f"book/{name}.md", content=text))
    return files


def book() -> dict[str, str]:
    """Return the pages of the help book as Markdown, by their names."""
    chapters = {one.key: one.markdown for one in _of(CHAPTERS)}
    parts = {part: _together(part, _of(part)) for part in (SETTINGS, TROUBLE)}
    return chapters | {part.lower().replace(" ", "-"): text for part, text in parts.items()}


def _of(part: str) -> list[Page]:
    return [one for one in pages() if one.part == part]


def _together(title: str, some: Iterable[Page]) -> str:
    """Return one page made of several, their headings a level lower."""
    return "\n".join([f"# {title}\n", *(_HEADING.sub("##", one.markdown) for one in some)])
