"""What was written, as a tree: passages, side by side in strands, and of each strand every branch there ever was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gui.generate.take import Take


@dataclass(slots=True, eq=False)
class Strand:
    """One text of a passage in all its branches, one of which is shown."""

    branches: list[Take]
    at: int = 0

    @property
    def shown(self) -> Take:
        """The branch that is shown."""
        return self.branches[self.at]

    def add(self, take: Take) -> None:
        """Add a branch beside the one that is shown, and show it."""
        self.at += 1
        self.branches.insert(self.at, take)

    def go_on(self, take: Take) -> None:
        """Put a longer text in the place of the one that is shown, whose every word it holds."""
        self.branches[self.at] = take

    def step(self, by: int) -> None:
        """Show the next branch, or the one before; the last is followed by the first."""
        self.at = (self.at + by) % len(self.branches)

    def take_back(self, take: Take, before: Take | None = None) -> None:
        """Undo `add`, or with `before` undo `go_on`: the take never began."""
        where = self.branches.index(take)
        if before is not None:
            self.branches[where] = before
        else:
            del self.branches[where]
            self.at = max(0, where - 1)

    def position(self) -> str:
        """Return which branch is shown: 2 of 3."""
        return f"{self.at + 1} of {len(self.branches)}"


@dataclass(slots=True, eq=False)
class Passage:
    """What was asked for at once: one text, several samples, or two checkpoints side by side."""

    strands: list[Strand] = field(default_factory=list)

    def takes(self) -> list[Take]:
        """Return the branch of each strand that is shown."""
        return [strand.shown for strand in self.strands]

    def title_of(self, strand: Strand) -> str:
        """Return what tells a strand from those beside it; one alone has no title."""
        if len(self.strands) == 1:
            return ""
        take = strand.shown
        same = [each for each in self.strands if each.shown.choice.path == take.choice.path]
        number = f"Sample {same.index(strand) + 1} of {len(same)}" if len(same) > 1 else ""
        of_one_run = len({each.shown.choice.path.parent for each in self.strands}) == 1
        detail = take.choice.detail
        name = detail[:1].upper() + detail[1:] if of_one_run and detail else take.choice.label
        model = name if len(same) < len(self.strands) else ""
        return "  ·  ".join(filter(None, (model, number)))

    def heading(self) -> str:
        """Return what made it, in a line."""
        return self.strands[0].shown.heading()


def text_of(takes: Iterable[Take]) -> str:
    """Return texts one after another, an empty line between them."""
    return "\n\n".join(take.text() for take in takes)


def as_text(passages: Iterable[Passage]) -> str:
    """Return all passages and all their branches as a plain text file: what made each, and what it says."""
    return "\n\n".join(f"[{name}]\n\n{take.text()}\n" for _, name, take in _named(passages))


def as_markdown(passages: Iterable[Passage]) -> str:
    """Return all passages and all their branches as Markdown: what a person wrote is bold."""
    parts = []
    for level, name, take in _named(passages):
        at = take.written_from()
        beginning = "".join(piece.text for piece in take.pieces[:at])
        bold = "\n".join(f"**{_plain(line.strip())}**" if line.strip() else "" for line in beginning.split("\n"))
        # two spaces at the end of a line keep it a line of its own
        body = (bold + _plain(take.written())).replace("\n", "  \n")
        parts.append(f"{'#' * level} {_plain(name)}\n\n{body}\n")
    return "\n".join(parts)


def _named(passages: Iterable[Passage]) -> Iterable[tuple[int, str, Take]]:
    """Yield every take that says something with the level of its heading and its name."""
    for passage in passages:
        for strand in passage.strands:
            for number, take in enumerate(strand.branches, 1):
                several = len(strand.branches) > 1
                branch = f"branch {number} of {len(strand.branches)}" if several else ""
                name = "  ·  ".join(filter(None, (take.heading(), passage.title_of(strand), branch)))
                if len(take.pieces) > take.begun or take.reads:
                    yield (3 if several else 2), name, take


def _plain(text: str) -> str:
    """Return a text in which nothing is Markdown."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|~" else char for char in text)
