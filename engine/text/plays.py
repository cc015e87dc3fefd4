"""The Shakespeare that ships with Understudy: 38 plays, laid out like Tiny Shakespeare."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.core.carriers import carried
from engine.text.text_files import Text

_NAME = re.compile(r"\*\*([^*]+)\*\*")
_IN_ONE_PARAGRAPH = r"[^{mark}\n]*(?:\n(?!\s*\n)[^{mark}\n]*)*"
_DIRECTION = re.compile(
    r"(?<!\*)\*(?!\*)" + _IN_ONE_PARAGRAPH.format(mark="*") + r"\*(?!\*)"
    r"|__?" + _IN_ONE_PARAGRAPH.format(mark="_") + r"_"
    r"|^\[[^]\n]*]_",
    re.MULTILINE,
)

_REPAIRS = tuple(
    (re.compile(pattern, re.MULTILINE), replacement)
    for pattern, replacement in (
        # names that were torn apart
        (r"^(BISHOP|CARDINAL|COUNTESS|LADY|RICHARD|Ghosts?|Varro's|DON ADRIANO DE) *\n\n\*\*", r"\n**\1 "),
        (r"\*\*SU FFOLK\*\*", "**SUFFOLK**"),
        (r"\*\*HERNIA\*\*", "**HERMIA**"),
        (r"^\*\*ANTIPHOLUS\*\* *\n(.*)\nOF EPHESUS *$", r"**ANTIPHOLUS OF EPHESUS**\n\1"),
        # names that ran into the speech, and speech that was taken for a name
        (r"^Both *\n\n?(?=Varro's Servants)", ""),
        (r"^((?:Varro|Isidore|Lucilius)'s? Servants?):? ", r"\n**\1**\n"),
        (r"^(Master-Gunner|Serving-Men|ALL SERVING-MEN|Senators(?=,))(?:, & C)? ", r"\n**\1**\n"),
        (r"^\n\*\*(Here stand I|As long as you or I|This way will I)\*\* *\n", r"\1 "),
        # speakers that were left out
        (r"^EPILOGUE *\nSPOKEN BY PROSPERO", "**PROSPERO**"),
        (r"^EPILOGUE *$", "**Epilogue**"),
        (r"^(?=I come no more to make you laugh)", "**Prologue**\n"),
        (r"^(?=Take, O, take those lips away)", "**Boy**\n"),
        (r"^(?=O blessed breeding sun)", "**TIMON**\n"),
        # words the editors supplied, printed like directions
        (r"_\\\[(Censorinus,|by the people chosen)]_", r"\1"),
        # directions that are not marked as such
        (r"^1\\\. A lively flourish(?:.|\n)*?without flowers\.$", ""),
        (r"^(\*\*Scene III\*\*|SCENE I+:)", "### "),
        (r"^(Enter FLAMINIUS\.|LOVE'S LABOURS LOST|CYMBELINE|(THE )?SONG\.|ARIEL'S song\.) *$", ""),
        (r"^_Burthen _\\\[", r"_Burthen \\["),
        # slips of the pen
        (r"sha\$l", "shall"),
        (r"&amp;", "&"),
        (r" & & C(?=\*\*)", ""),
        (r"& c\b", "&c"),
    )
)
"""What is damaged in the Markdown of particular plays, and how it reads in print."""

_PLAIN = str.maketrans({"\\": "", '"': "'", "—": "--"})


class Plays(Text):
    """Plays in the order of their titles, so that of all of them each part has comedies, histories and tragedies."""

    def __init__(self, groups: Sequence[str] = ()) -> None:
        """Take the plays of some groups ("comedies", "histories", "roman", "tragedies"...), or all of them."""
        files = [path for group in groups or ("*",) for path in carried("plays").glob(f"{group}/*.md")]
        self._files = sorted(files, key=lambda path: path.name)
        self.source = f"{len(self._files)} plays of Shakespeare that ship with Understudy"
        self.size = sum(path.stat().st_size for path in self._files)

    def documents(self) -> Iterator[Iterator[str]]:
        """Yield each play, in one piece."""
        for number, path in enumerate(self._files):
            yield iter([("\n" if number else "") + play_text(path.read_text("utf-8"))])

    @property
    def document_count(self) -> int:
        """The number of plays."""
        return len(self._files)

    def notes(self) -> list[str]:
        """Nothing of it needs saying."""
        return []


def play_text(markdown: str) -> str:
    """Return the speeches of a play: the speaker's name and a colon, the lines, and a blank line between speeches.

    Headings and stage directions are left out, as Tiny Shakespeare does; a direction does not end a speech.
    """
    for pattern, replacement in _REPAIRS:
        markdown = pattern.sub(replacement, markdown)
    speeches: list[list[str]] = []
    speaker = ""
    for line in map(str.strip, _DIRECTION.sub("", markdown).splitlines()):
        if line.startswith("#"):
            speaker = ""  # what follows at once belongs to the heading
        elif name := _NAME.fullmatch(line):
            speaker = name[1].replace(":", "").replace(" & ", " and ")
            speeches.append([f"{speaker}:"])
        elif line and speaker:
            speeches[-1].append(line.replace(" — ", "--").translate(_PLAIN))
    return "\n\n".join("\n".join(speech) for speech in speeches if len(speech) > 1) + "\n"
