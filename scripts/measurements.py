"""docs/measurements.json is where every measured number stands; this lays it out where people read it.

`python -m scripts.measurements` writes docs/measurements.md, and the tables between `<!-- measured: ID -->` and
`<!-- end -->` in README.md and docs/. A number that is written by hand must be one of the file's, too:
tests/scripts/test_measurements.py looks for each.
"""

from __future__ import annotations

import html
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.files import write_text
from engine.text.catalogue import first_samples, title_of

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs" / "measurements.json"
PAGE = "docs/measurements.md"
Number = tuple[str, str]
"""A number as it is written, and its unit: "1,330", "MB"."""

_BLOCK = re.compile(r"(<!-- measured: (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_UNITS = r"ms|seconds|s|KB|MB|GB|%|times as|tokens/s|bits per byte"
_NUMBER = re.compile(rf"(?<![\w.,])(\d(?:[\d,]*\d)?(?:\.\d+)*)(?: ?({_UNITS})(?!\w))?")
_UNIT = re.compile(rf"(?<!\w)({_UNITS})(?!\w)")
_NO_PROSE = re.compile(
    r"<!-- measured: .*?<!-- end -->|```.*?```|`[^`]*`|^    [^\n]*$|\]\([^)]*\)|https?://\S+", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured at one time.

    Attributes:
        id: what a block in a page names it by.
        title: its heading in docs/measurements.md; "" keeps it to the page that names it.
        command: what measures it again.
        machine: what it was measured on, one of the file's machines.
        date: when, as 2026-11-23.
        about: what there is to know before the table is read, as Markdown.
        columns, rows: the table.
        values: single numbers, each with its unit and spread: (what, value).
        after: what follows from it.
    """

    id: str
    title: str
    command: str
    machine: str
    date: str
    about: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    after: str = ""


def measured() -> dict[str, Measured]:
    """Return all that was measured, by its id, in the order of the page."""
    found = {}
    for row in _source()["measured"]:
        lists = {name: tuple(map(tuple, row.get(name, ()))) for name in ("rows", "values")}
        if "characters" in row:
            lists["rows"] = _samples(row.pop("characters"), row.pop("between_lines", "<br>"))
        found[row["id"]] = Measured(**row | lists | {"columns": tuple(row.get("columns", ()))})
    return found


def _samples(characters: int, between_lines: str) -> tuple[tuple[str, ...], ...]:
    """Return what the gallery's models wrote, as far as there is room for it: (text, its beginning, bits per byte)."""
    return tuple(
        (title_of(name), _in_a_cell(sample.text[:characters], between_lines), f"{sample.bits_per_byte:.2f}")
        for name, sample in first_samples().items()
    )


def _in_a_cell(text: str, between_lines: str) -> str:
    """Return a text as it can stand in a cell of a table."""
    safe = html.escape(text.strip(), quote=False).replace("|", "&#124;").replace("*", "&#42;")
    return re.sub("\n+", between_lines, safe)


def machines() -> dict[str, str]:
    """Return the machines by their id, in words."""
    return dict(_source()["machines"])


def given() -> dict[str, str]:
    """Return the numbers with a unit or a point that are no measurements, each with what it is."""
    return dict(_source()["given"])


def _source() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(SOURCE.read_text("utf-8"))
    return read


def table(one: Measured) -> str:
    """Return a measurement's table and values as Markdown."""
    parts = []
    if one.rows:
        parts.append(_lines(one.columns, one.rows))
    if one.values:
        parts.append(_lines(("what", "measured"), one.values))
    return "\n".join(parts)


def _lines(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def page() -> str:
    """Return docs/measurements.md."""
    parts = [
        "# Measurements\n\nMade by `python -m scripts.measurements` from `docs/measurements.json`. Each part names the "
        "command that measures it again, the machine and the day.\n"
    ]
    parts += [f"## {one.title}\n\n{_section(one)}" for one in measured().values() if one.title]
    words = "".join(f"- **{name}**: {what}\n" for name, what in machines().items())
    return "\n".join([*parts, f"## The machines\n\n{words}"])


def _section(one: Measured) -> str:
    origin = f"`{one.command}` · {one.machine} · {one.date}\n"
    return "\n".join(
        part if part.endswith("\n") else part + "\n" for part in (origin, one.about, table(one), one.after) if part
    )


def filled(text: str) -> str:
    """Return a page with its blocks as they should be; raises KeyError where one names nothing."""
    known = measured()
    return _BLOCK.sub(lambda found: f"{found[1]}{table(known[found[2]])}{found[4]}", text)


def pages() -> dict[str, str]:
    """Return what each page that shows measurements should hold, by its path in the repository."""
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    made = {path.relative_to(ROOT).as_posix(): filled(path.read_text("utf-8")) for path in paths}
    return made | {PAGE: page()}


def known() -> set[Number]:
    """Return every number that stands in the file: with its unit, be it the column's, and without."""
    texts = [(text, "") for text in given()]
    for one in measured().values():
        texts += [
            (text, "") for text in (one.about, one.after, *one.columns, *(cell for row in one.values for cell in row))
        ]
        texts += [(cell, _unit_of(column)) for row in one.rows for cell, column in zip(row, one.columns, strict=True)]
    found = {(number, unit or usual) for text, usual in texts for number, unit in numbers_in(text)}
    return found | {(number, "") for number, _ in found}


def claimed(text: str) -> set[Number]:
    """Return the numbers that the prose of a page claims: those with a unit or a point."""
    return {one for one in numbers_in(_NO_PROSE.sub(" ", text)) if one[1] or "." in one[0]}


def numbers_in(text: str) -> list[Number]:
    """Return the numbers of a text, each with the unit that follows it or an empty one."""
    return [(number, "s" if unit == "seconds" else unit) for number, unit in _NUMBER.findall(text)]


def _unit_of(column: str) -> str:
    """Return the unit that a column's heading names, if it names one."""
    found = _UNIT.search(column)
    return "s" if found and found[1] == "seconds" else found[1] if found else ""


def main() -> None:
    """Write the pages that are not as they should be; name them."""
    for name, text in pages().items():
        if not (ROOT / name).exists() or (ROOT / name).read_text("utf-8") != text:
            write_text(ROOT / name, text)
            print(f"wrote {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
