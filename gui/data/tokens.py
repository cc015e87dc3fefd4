"""What is known of the tokens of a text: opened on the engine's thread, told in words in the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.core.events import Event, Turn
from engine.core.jobs import Job
from engine.datasets.dataset import Dataset
from engine.text.turns import Turns
from engine.tokens.tokenizer import Tokenizer
from gui.data.token_pages import visible
from gui.kit import formats

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.datasets.quality import Ladder
    from engine.datasets.report import DatasetReport

_BYTES_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Event):
    """A text is open: its tokenizer, how often each token stands in the training part, a look at it, and its turns."""

    dataset: Dataset
    tokenizer: Tokenizer
    counts: npt.NDArray[np.int64]
    look: DatasetReport
    turns: Turns | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled(Event):
    """The scale of losses on a text."""

    dataset: Dataset
    ladder: Ladder


def open_job(dataset: Dataset) -> Job:
    """Open a text: Opened first, then Scaled, which takes longer. Raises DataError when it cannot be read."""
    from engine.datasets.quality import ladder_of
    from engine.datasets.report import look_at, token_counts
    from engine.datasets.turns import turns_of  # numpy: the window need not wait for it

    tokenizer = dataset.load_tokenizer()
    yield Turn.NEXT
    counts = token_counts(dataset)
    yield Turn.NEXT
    look = look_at(dataset, counts=counts)
    yield Turn.NEXT
    yield Opened(dataset=dataset, tokenizer=tokenizer, counts=counts, look=look, turns=turns_of(dataset))
    yield Turn.NEXT
    yield Scaled(dataset=dataset, ladder=ladder_of(dataset))


@dataclass(frozen=True, slots=True)
class TokenWords:
    """A token in words; `whole` says whether the counts are of all of the training part."""

    tokenizer: Tokenizer
    counts: npt.NDArray[np.int64]
    rare: int
    whole: bool = True

    def of(self, token: int) -> str:
        """Return what is known of a token: its text, its id, how common it is, its bytes."""
        if token >= self.tokenizer.token_count:
            return f"id {token:,}, which has no meaning"
        raw = self.tokenizer.token_bytes(token)
        listed = " ".join(f"{byte:02X}" for byte in raw[:_BYTES_SHOWN]) + ("…" if len(raw) > _BYTES_SHOWN else "")
        return (
            f"{quoted(raw)}  ·  id {token:,}  ·  {self._times(token)}  ·  {formats.plural(len(raw), 'byte')} {listed}"
        )

    def is_rare(self, token: int) -> bool:
        """Return whether it stands in the training part too seldom to be learned."""
        return token >= len(self.counts) or int(self.counts[token]) < self.rare

    def warning(self, token: int) -> str:
        """Return why a token is underlined, or an empty text."""
        return "  ·  too rare to be learned" if self.is_rare(token) else ""

    def _times(self, token: int) -> str:
        times = int(self.counts[token])
        if not times:
            return "never in the training part"
        about = "" if self.whole else " of those counted"
        return f"{formats.plural(times, 'time')} in the training part{about}"


def quoted(raw: bytes) -> str:
    """Return a token's text in quotation marks, or that it is a part of a character."""
    try:
        return f"“{visible(raw.decode())}”"
    except UnicodeDecodeError:
        return "part of a character"
