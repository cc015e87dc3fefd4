"""What tells others of a release: the cask that Homebrew installs it from, and the feed that an older copy asks.

Both name the address of the releases in resources/updates.json ("releases", as https://…/releases); while that is
empty nothing was published, and nothing is written.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from engine.core.paths import shipped
from engine.core.version import __version__
from scripts.bundle.recipe import IDENTIFIER, NAME

CASK, FEED = "understudy.rb", "release.json"
_CODENAMES = {"15": "sequoia", "26": "tahoe"}
_TEMPLATE = """\
cask "understudy" do
  version "{version}"
  sha256 "{sha256}"

  url "{releases}/download/v#{{version}}/{image}"
  name "{name}"
  desc "Train a small GPT of your own, from your own text"
  homepage "{releases}"

  depends_on arch: :arm64
  depends_on macos: ">= :{codename}"

  app "{name}.app"

  zap trash: [
    "~/Library/Logs/{name}",
    "~/Library/Preferences/{identifier}.plist",
    "~/Library/Saved Application State/{identifier}.savedState",
  ]
end
"""


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
    cask = _TEMPLATE.format(
        version=__version__,
        sha256=hashlib.sha256(image.read_bytes()).hexdigest(),
        releases=address,
        image=image.name.replace(__version__, "#{version}"),
        name=NAME,
        identifier=IDENTIFIER,
        codename=_CODENAMES[minimum.split(".")[0]],
    )
    feed = {"tag_name": f"v{__version__}", "html_url": f"{address}/tag/v{__version__}"}
    written = [image.with_name(CASK), image.with_name(FEED)]
    for path, text in zip(written, (cask, json.dumps(feed, indent=2) + "\n"), strict=True):
        path.write_text(text, "utf-8")
    return written
