"""Who speaks in the text of a dataset: as it was found when it was prepared, else looked for now."""

from __future__ import annotations

from engine.datasets.dataset import Dataset
from engine.datasets.folder import read_meta
from engine.datasets.refit import PreparedText
from engine.text.turns import TurnCount, Turns, turns_from

LOOKED_THROUGH = 2**24
"""Characters that are looked through of a text whose turns nobody counted."""


def turns_of(dataset: Dataset) -> Turns | None:
    """Return the turns of a dataset's text, None where it has none.

    A dataset that was made before they were counted is looked through now, as far as LOOKED_THROUGH: a second or two.
    Raises DataError when its tokens cannot be read.
    """
    recorded = read_meta(dataset).get("turns")
    if recorded is not None:
        return turns_from(recorded)
    count, seen = TurnCount(), 0
    for piece in PreparedText(dataset).pieces():
        count.add(piece)
        seen += len(piece)
        if seen >= LOOKED_THROUGH:
            break
    count.finish()
    return count.found(_messages(dataset))


def _messages(dataset: Dataset) -> dict[str, int]:
    """Return the messages of a chat by who wrote them, as they were counted when it was read."""
    account = read_meta(dataset).get("account")
    messages = account.get("messages") if isinstance(account, dict) else None
    if not isinstance(messages, dict):
        return {}
    return {name: count for name, count in messages.items() if type(count) is int and count > 0}
