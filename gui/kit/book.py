"""The pages of the help book and the search in them. Pure: resources in, Markdown out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

from engine.core.config import explanations
from engine.core.errors import UnderstudyError
from engine.core.paths import shipped

CHAPTERS, SETTINGS, TROUBLE = "Guide", "Settings", "When Something Goes Wrong"
_FLAG = re.compile(r"--(\w+)=([^\s,;:]*[^\s,;:.])")
_COMMAND = re.compile(r", or `python -m engine [^`]*`,")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `key` is a chapter's file name, "setting/" and a setting's name, or the code of a fault."""

    key: str
    part: str
    title: str
    markdown: str


@cache
def pages() -> tuple[Page, ...]:
    """Return all pages, in the order of the book."""
    return (*_chapters(), *_settings(), *_troubles())


def page(key: str) -> Page | None:
    """Return the page with a key, if there is one."""
    return next((each for each in pages() if each.key == key), None)


def found(search: str) -> list[Page]:
    """Return the pages in which every word of a search stands, those with it in their title first."""
    words = search.casefold().replace("'", "’").split()
    fitting = [each for each in pages() if all(word in _text(each) for word in words)]
    return sorted(fitting, key=lambda each: not all(word in each.title.casefold() for word in words))


def _text(each: Page) -> str:
    return f"{each.key} {each.title} {each.markdown}".casefold()


def _chapters() -> list[Page]:
    made = []
    for file in sorted(shipped("resources", "guide").glob("*.md")):
        text = file.read_text("utf-8")
        made.append(Page(file.stem, CHAPTERS, text.partition("\n")[0].lstrip("# "), text))
    return made


def _settings() -> list[Page]:
    return [
        Page(
            f"setting/{name}",
            SETTINGS,
            texts["label"],
            f"# {texts['label']}\n\n`{name}`\n\n{texts['what']}\n\n{texts['impact']}\n",
        )
        for name, texts in explanations().items()
    ]


def _troubles() -> list[Page]:
    made = []
    for row in json.loads(shipped("resources", "troubleshooting.json").read_text("utf-8")):
        steps = "\n".join(f"- {step}" for step in row["do"])
        text = f"# {row['title']}\n\n{row['what']}\n\n## Why\n{row['why']}\n\n## What to do\n{steps}\n"
        made.append(Page(row["code"], TROUBLE, row["title"], text))
    return made


def advice_of(error: UnderstudyError) -> str:
    """Return what an error advises as it reads in the window: its buttons stand for themselves, flags become words."""
    steps = _SENTENCE.split(error.fix) if error.fix else []
    if any(fix.action != "none" for fix in error.fixes):
        return " ".join(sentence for sentence in steps if "--" not in sentence and "`" not in sentence)
    return " ".join(_in_words(sentence) for sentence in steps)


def _in_words(sentence: str) -> str:
    """Return a sentence that was written for the terminal without its flags."""
    sentence = _COMMAND.sub("", sentence)
    resumed = re.sub(r"--init_from=resume( --out_dir=\S*[^\s.,;:])?", "Resume in the Runs tab", sentence)
    flags = _FLAG.sub(r"set \1 to \2", resumed)
    return re.sub(r"\ban? --(\w+)", r"another \1", flags).replace("--", "")
