"""Is there a newer Understudy? Asked only when a person asks; tells, and installs nothing.

resources/updates.json names the feed: GitHub's "latest release" of the project, or any https address that answers
with the same two fields, `tag_name` ("v1.2.0") and `html_url` (the page to open). An empty feed: nobody is asked.
"""

from __future__ import annotations

import json
import re

from engine.core.errors import DataError
from engine.core.events import Release
from engine.core.jobs import Job
from engine.core.paths import shipped
from engine.core.untrusted_json import parsed
from engine.core.version import __version__

TIMEOUT_S = 10
_LONGEST = 1_000_000
_VERSION = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})")


def feed() -> str:
    """Return the address that knows the newest release; empty while this copy was built without one."""
    updates = json.loads(shipped("resources", "updates.json").read_text("utf-8"))
    return str(updates["feed"])


def release_job(address: str) -> Job:
    """Ask the feed; yields one Release.

    Raises DataError when there is no network, or the answer cannot be trusted or understood.
    """
    yield release_of(_answer(address))


def release_of(answer: str) -> Release:
    """Return the release that a feed's answer names; raises DataError for anything else than we expect."""
    try:
        release = parsed(answer)
        found, page = _VERSION.fullmatch(str(release["tag_name"])), str(release["html_url"])
    except (ValueError, KeyError, TypeError):
        found, page = None, ""
    if found is None or not page.startswith("https://"):
        raise _failed("The answer is not one that Understudy understands.")
    version = tuple(map(int, found.groups()))
    own = _VERSION.fullmatch(__version__)
    assert own is not None
    return Release(version=".".join(map(str, version)), page=page, newer=version > tuple(map(int, own.groups())))


def _answer(address: str) -> str:
    import requests  # 0.1 s to import, and most people never ask

    if not address.startswith("https://"):
        raise _failed("Its address is not a secure one (https).")
    try:
        with requests.get(address, timeout=TIMEOUT_S, stream=True, headers={"Accept": "application/json"}) as answer:
            answer.raise_for_status()
            if not answer.url.startswith("https://"):
                raise _failed("It led to an address that is not secure.")
            return answer.raw.read(_LONGEST, decode_content=True).decode("utf-8", "replace")
    except requests.RequestException as error:
        raise _failed("No connection could be made: is there a network?") from error


def _failed(cause: str) -> DataError:
    return DataError(
        "Whether there is a newer version could not be found out.",
        cause=cause,
        fix="Try again later; Understudy works on as it is.",
        code="no_release_feed",
    )
