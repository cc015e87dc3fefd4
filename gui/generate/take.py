"""One text as it grows, token by token, and what may be made of it: gone on with, tried again, edited, branched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from engine.core.config import SampleConfig
from engine.core.events import Alternative, Event, Memorised, Reply, Scored, ScoredAll, Token
from engine.generation.memorisation import SHORTEST
from gui.generate.choices import CheckpointChoice
from gui.kit import formats


class TakePhase(Enum):
    """Where a text stands."""

    WAITING = "waiting"
    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: what a person wrote (`by_hand`), or a token of the model.

    `probability` is the model's own, `chance` what the token was drawn with from the `kept` that the cut-offs left;
    `picked` is a token that a person chose among the alternatives.
    """

    text: str
    token: int | None = None
    probability: float | None = None
    chance: float | None = None
    kept: int = 0
    alternatives: tuple[Alternative, ...] = ()
    by_hand: bool = False
    picked: bool = False


@dataclass(slots=True, eq=False)
class Take:
    """A text and how it came about; `begun` pieces stood there before this take added its own.

    Of those the model is given the first `given` as text, the others as tokens: after a stop text, which the tokens
    hold and the text does not, the text alone counts. `passage` is what is read of the dataset: its part, how far into
    it as a share, and how many tokens.
    """

    choice: CheckpointChoice
    config: SampleConfig
    pieces: list[Piece]
    sample: int = 0
    phase: TakePhase = TakePhase.WAITING
    reason: str = ""
    tokens_per_s: float = 0.0
    quoted: Memorised | None = None
    surprise: ScoredAll | None = None
    reads: str = ""
    passage: tuple[str, float, int] | None = None
    begun: int = field(init=False)
    given: int = field(init=False)

    def __post_init__(self) -> None:
        self.begun = len(self.pieces)
        hand = max((n for n, piece in enumerate(self.pieces) if piece.by_hand), default=-1) + 1
        self.given = self.begun if self.reason == "stop_text" else hand

    @classmethod
    def first(cls, choice: CheckpointChoice, config: SampleConfig, sample: int = 0) -> Take:
        """Return a take that continues `config.start`."""
        return cls(choice, config, [Piece(config.start, by_hand=True)], sample)

    # what may be made of it

    def going_on(self, config: SampleConfig) -> Take:
        """Return a take that goes on where this one ends."""
        return Take(self.choice, config, list(self.pieces), self.sample, reason=self.reason)

    def tried_again(self, config: SampleConfig) -> Take:
        """Return another take from where this one began."""
        return Take(self.choice, config, self.pieces[: self.begun], self.sample)

    def branched(self, at: int, other: Alternative, config: SampleConfig) -> Take:
        """Return a take that has another token instead of piece number `at`, and goes on from there."""
        before = self.pieces[at]
        token = replace(
            before, text=other.text, token=other.token, probability=other.probability, chance=other.chance, picked=True
        )
        return Take(self.choice, config, [*self.pieces[:at], token], self.sample)

    def edited(self, text: str, config: SampleConfig) -> Take:
        """Return a take that goes on from a changed text; the tokens before the change are kept as they are."""
        kept, at = 0, 0
        while kept < len(self.pieces) and text.startswith(self.pieces[kept].text, at):
            at += len(self.pieces[kept].text)
            kept += 1
        added = [Piece(text[at:], by_hand=True)] if at < len(text) else []
        return Take(self.choice, config, [*self.pieces[:kept], *added], self.sample)

    def request(self) -> tuple[str, tuple[int, ...]]:
        """Return what the model is to go on from: the text that a person gave last, and the ids of what follows."""
        ids = tuple(piece.token for piece in self.pieces[self.given : self.begun] if piece.token is not None)
        return "".join(piece.text for piece in self.pieces[: self.given]), ids

    # how it grows

    def take(self, event: Event) -> None:
        """Take in an event of its job."""
        match event:
            case Token():
                self.phase, self.tokens_per_s = TakePhase.WRITING, event.tokens_per_s
                self.pieces.append(
                    Piece(event.text, event.token, event.probability, event.chance, event.kept, event.alternatives)
                )
            case Reply():
                self.reason, self.tokens_per_s = event.reason, event.tokens_per_s
                self.phase = TakePhase.STOPPED if event.reason == "stopped" else TakePhase.DONE
                # bytes that never became a character are told only now
                rest = event.text[len(self.text()) :]
                if rest:
                    self.pieces.append(Piece(rest))
            case Scored():
                self.phase = TakePhase.WRITING
                self.pieces += [
                    Piece(score.text, score.token, score.probability, alternatives=score.alternatives)
                    for score in event.tokens
                ]
            case ScoredAll():
                self.surprise = event

    def end(self, *, failed: bool = False) -> None:
        """Take in that its job is over."""
        if self.phase in (TakePhase.WAITING, TakePhase.WRITING):
            self.phase = TakePhase.FAILED if failed else TakePhase.DONE

    # what it says

    def text(self) -> str:
        """Return the whole of it, with the beginning."""
        return "".join(piece.text for piece in self.pieces)

    def written_from(self) -> int:
        """Return the number of the first piece that is the model's."""
        return next((n for n, piece in enumerate(self.pieces) if not piece.by_hand), len(self.pieces))

    def written(self) -> str:
        """Return what follows the beginning."""
        return "".join(piece.text for piece in self.pieces[self.written_from() :])

    @property
    def tokens(self) -> int:
        """How many tokens it has added."""
        return sum(piece.token is not None for piece in self.pieces[self.begun :])

    @property
    def under_way(self) -> bool:
        """Whether its job goes on."""
        return self.phase in (TakePhase.WAITING, TakePhase.WRITING)

    def heading(self) -> str:
        """Return what made it, in a line: checkpoint and settings."""
        if self.reads:
            return f"{self.choice.label}  ·  reads {self.reads}"
        made = self.config
        cuts = [f"top-k {made.top_k}"] if made.top_k else []
        cuts += [f"top-p {made.top_p:g}"] if made.top_p < 1 else []
        cuts += [f"min-p {made.min_p:g}"] if made.min_p else []
        cuts += [f"repetition penalty {made.repetition_penalty:g}"] if made.repetition_penalty != 1 else []
        parts = [self.choice.label, f"temperature {made.temperature:g}", *cuts, f"seed {made.seed}"]
        return "  ·  ".join(parts)


def status_of(takes: Sequence[Take]) -> str:
    """Return how takes that are written together go, in a line."""
    if not takes:
        return ""
    if takes[0].reads:
        return _status_of_reading(takes[0])
    count = sum(take.tokens for take in takes)
    words = formats.plural(count, "token")
    speed = sum(take.tokens_per_s for take in takes if len(takes) == 1 or take.phase is not TakePhase.WAITING)
    at = f"  ·  {formats.rate(speed)}" if speed else ""
    phases = {take.phase for take in takes}
    if phases == {TakePhase.WAITING}:
        return "Getting ready…"
    if phases & {TakePhase.WAITING, TakePhase.WRITING}:
        wanted = sum(take.config.max_new_tokens for take in takes)
        return f"{formats.whole(count)} of {formats.plural(wanted, 'token')}{at}"
    if TakePhase.FAILED in phases:
        return f"Failed after {words}" if count else ""
    return f"Stopped after {words}{at}" if TakePhase.STOPPED in phases else words + at


def _status_of_reading(take: Take) -> str:
    whole = take.surprise
    if whole is not None:
        per_byte = f"{whole.bits_per_byte:.2f} bits per byte" if whole.bits_per_byte is not None else ""
        loss = f"loss {formats.loss(whole.loss)}" if whole.loss is not None else ""
        return "  ·  ".join(filter(None, (formats.plural(whole.tokens, "token"), per_byte, loss)))
    return "" if take.phase is TakePhase.FAILED else "Reading…"


def quotation_words(takes: Sequence[Take]) -> str:
    """Return in words how much of these texts stands word for word in the training text."""
    found = [take.quoted for take in takes if take.quoted is not None]
    if not found or len(found) < len(takes):
        return ""
    characters = sum(len(take.written()) for take in takes)
    share = sum(take.quoted.share * len(take.written()) for take in takes if take.quoted) / max(characters, 1)
    searched = (
        ""
        if all(each.whole for each in found)
        else (f" Only the first {formats.count(found[0].searched_characters)} characters of its text were searched.")
    )
    longest = max(each.longest for each in found)
    if not longest:
        return f"Nothing of {SHORTEST} characters or more is copied.{searched}"
    run = formats.plural(longest, "character")
    return f"{formats.percent(share)} is copied word for word from the training text, at most {run} in a row.{searched}"


def bits(probability: float) -> float:
    """Return how surprising a token of this probability is."""
    return -math.log2(probability) if probability > 0 else math.inf
