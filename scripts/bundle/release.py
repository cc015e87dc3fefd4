"""What tells others of a release: the cask that Homebrew installs it from, and the feed that an older copy asks.

Both name the address of the releases in resources/updates.json ("releases", as https://…/releases); while that is
empty nothing was published, and nothing is written.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from engine.core.paths import shipped
from engine.core.version import __version__
from scripts.bundle.recipe import IDENTIFIER, NAME

CASK, FEED = "understudy.rb", "release.json"
_CODENAMES = {"15": "sequoia", "26": "tahoe"}
_TEMPLATE = Path(__file__).with_name(CASK)


def releases() -> str:
    """Return the address of the project's releases; empty while there is none."""
    updates = json.loads(shipped("resources", "updates.json").read_text("utf-8"))
    return str(updates["releases"]).rstrip("/")


def describe(image: Path, minimum: str, address: str) -> list[Path]:
    """Write cask and feed for an image that runs from macOS `minimum` on ("15.0"), beside it; return them.

    Nothing is removed with the application but its preferences and logs: runs and texts are a person's own.
    """
    if not address:
        return []
    facts = {
        "VERSION": __version__,
        "SHA256": hashlib.sha256(image.read_bytes()).hexdigest(),
        "RELEASES": address,
        "IMAGE": image.name.replace(__version__, "#{version}"),
        "NAME": NAME,
        "IDENTIFIER": IDENTIFIER,
        "CODENAME": _CODENAMES[minimum.split(".")[0]],
    }
    cask = re.sub("@([A-Z0-9]+)@", lambda found: facts[found[1]], _TEMPLATE.read_text("utf-8"))
    feed = {"tag_name": f"v{__version__}", "html_url": f"{address}/tag/v{__version__}"}
    written = [image.with_name(CASK), image.with_name(FEED)]
    for path, text in zip(written, (cask, json.dumps(feed, indent=2) + "\n"), strict=True):
        path.write_text(text, "utf-8")
    return written
