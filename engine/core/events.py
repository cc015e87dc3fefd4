"""What a job tells: small frozen dataclasses of plain values, the same for window, terminal and tests.

A job is an iterator that yields these events, and between them a `Turn`, so that one thread can
serve several jobs (engine/core/jobs.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from engine.core.codes import AdviceCode
from engine.core.errors import Fix
from engine.core.kinds import DeviceKind, HeadRole, TokenizerKind

Severity = Literal["info", "warning", "problem"]
CheckpointKind = Literal["latest", "best"]
FinishReason = Literal["done", "stopped", "early_stop"]
ReplyReason = Literal["done", "stop_text", "stopped"]


class Turn(Enum):
    """What a job yields where another job may have the device; never leaves the thread that runs jobs."""

    NEXT = "next"
    """Work goes on at the next call."""
    IDLE = "idle"
    """Paused: calling again does nothing until the job's control changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of all events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """A run begins or goes on. `estimate` is the memory estimate in bytes, by part; `processes` compute it together.

    It may train for `time_limit` seconds in all, 0.0 for any, and has trained for `seconds` of them, `generations`
    models one after the other. `chip` is the processor's name, where the system tells it.
    """

    run_dir: str
    parameters: int
    device: DeviceKind
    dtype: str
    tokens_per_iter: int
    estimate: dict[str, int]
    iter_num: int
    max_iters: int
    train_tokens: int
    val_tokens: int
    val_bytes: int
    vocab_size: int
    processes: int = 1
    time_limit: float = 0.0
    seconds: float = 0.0
    chip: str = ""
    generations: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Event):
    """One logged iteration; `iter_num` counts from 0 and `step_ms` is the mean since the last one logged."""

    iter_num: int
    loss: float
    lr: float
    grad_norm: float
    step_ms: float
    tokens_per_s: float
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Eval(Event):
    """Losses over the fixed windows, before iteration `iter_num` (nats per token), and val in bits per byte.

    `full_memory_bits_per_byte` scores validation as a model is used (engine/training/full_memory.py); None where that
    was not computed.
    """

    iter_num: int
    train_loss: float
    val_loss: float
    bits_per_byte: float
    is_best: bool
    full_memory_bits_per_byte: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast(Event):
    """Where validation will be at its best, as expected at the evaluation before iteration `iter_num`.

    At `best_iter` the loss will be about `val_loss`, with a probability of 80 % between `low` and `high` (nats per
    token). `past` is the probability that no evaluation to come will be better than the best so far. `path` is what is
    expected from now on: points (iteration, low, high).
    """

    iter_num: int
    best_iter: int
    val_loss: float
    low: float
    high: float
    past: float
    path: tuple[tuple[int, float, float], ...] = ()

    @property
    def is_past(self) -> bool:
        """Whether the best is behind, as surely as one would say it."""
        return self.past >= 0.9


@dataclass(frozen=True, slots=True)
class Prospect:
    """What going on would bring: `more` iterations lead to about `val_loss`, with 80 % between `low` and `high`."""

    more: int
    val_loss: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Event):
    """What the model wrote at an evaluation; `text` begins with `prompt`."""

    iter_num: int
    prompt: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint(Event):
    """A checkpoint was written."""

    iter_num: int
    path: str
    kind: CheckpointKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice(Event):
    """Something noticed: what, why, and what can be done about it."""

    iter_num: int
    code: AdviceCode
    severity: Severity
    what: str
    why: str
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """The run rests, saved, before iteration `iter_num`."""

    iter_num: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The run goes on after a pause."""

    iter_num: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Event):
    """The run ended; `seconds` are those of the whole run, pauses left out.

    `best_val_loss` is None when nothing was evaluated.
    """

    reason: FinishReason
    iter_num: int
    best_val_loss: float | None
    seconds: float
    peak_memory_bytes: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that might stand at a place: its id, its text, and how likely it is there.

    `probability` is the model's own, the softmax of its raw logits; `chance` what it is drawn with after penalty,
    temperature and cut-offs, 0.0 where these cut it off. Bytes that are no whole character are U+FFFD in `text`.
    """

    token: int
    text: str
    probability: float
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Event):
    """A piece of a reply: the text that became whole with token number `tokens` of a sample (may be empty).

    `token` is its id; `probability` and `chance` are as in Alternative, and `kept` is how many tokens were left to
    draw from. `alternatives` are the likeliest tokens, the first one first. `tokens_per_s` is this sample's speed.
    """

    sample: int
    tokens: int
    text: str
    token: int
    probability: float
    chance: float = 0.0
    kept: int = 0
    alternatives: tuple[Alternative, ...] = ()
    tokens_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Event):
    """One finished sample; `text` begins with the prompt."""

    sample: int
    prompt: str
    text: str
    tokens: int
    tokens_per_s: float
    reason: ReplyReason


@dataclass(frozen=True, slots=True)
class TokenScore:
    """How much a token of a text surprises a model: `bits` is -log2 of the `probability` it was expected with.

    The first token of a text that has nothing before it is expected from nothing: None, and no alternatives.
    `text` is what became whole with the token (may be empty).
    """

    token: int
    text: str
    probability: float | None
    bits: float | None
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored(Event):
    """The next tokens of a text that is being scored; `first` is the number of the first of them, from 0."""

    first: int
    tokens: tuple[TokenScore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredAll(Event):
    """A text was scored to its end: `loss` is the mean in nats over the `tokens` expected, to compare with val_loss.

    `bits_per_byte` is over the bytes of those tokens alone; both are None where no token has one before it.
    """

    tokens: int
    characters: int
    bits: float
    loss: float | None
    bits_per_byte: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended(Event):
    """Where a model looked when it wrote a token: `weights` by layer, head, and token before, each row summing to 1.

    `texts` are those tokens; `forgotten` more stood before them. `roles` by layer and head: empty until measured.
    """

    texts: tuple[str, ...]
    forgotten: int
    weights: tuple[tuple[tuple[float, ...], ...], ...]
    roles: tuple[tuple[HeadRole, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Quotation:
    """Characters `start` to `end` of a text stand word for word in the training text.

    They begin there at character `at` for the first of `times` times; `before` and `after` is what stands around.
    """

    start: int
    end: int
    at: int
    times: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memorised(Event):
    """What of text number `text` stands word for word in the training text.

    `share` (0 to 1) of its characters stand in a quotation, the longest of which has `longest` characters. Only the
    first `searched_characters` of the training text were searched; `whole` says whether that is all of it.
    """

    text: int
    quotations: tuple[Quotation, ...]
    share: float
    longest: int
    searched_characters: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """How far a preparation is: `done` of `total` in `unit`, and what it does now."""

    what: str
    done: int
    total: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared(Event):
    """A dataset is ready under `name`; `notes` are sentences a person should read, `train_bytes` UTF-8 bytes.

    `account` is what became of the files it was read from (engine/text/account.py, `Account.as_json`).
    """

    name: str
    folder: str
    tokenizer: TokenizerKind
    vocab_size: int
    train_tokens: int
    val_tokens: int
    characters: int
    train_bytes: int
    val_bytes: int
    notes: tuple[str, ...] = ()
    account: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMeasured(Event):
    """How much text a token stands for, in bytes, with each tokenizer; measured on a sample (engine/planning/costs.py).

    `bytes` is the length of the text, `exact` whether all of it was read, `symbols` its different characters as far
    as it was read, and `bpe` pairs of a vocabulary's size and its bytes per token, the smallest first.
    """

    bytes: int
    exact: bool
    symbols: int
    gpt2: float
    char: float
    bpe: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated(Event):
    """How fast this machine trains a configuration: seconds an iteration, their likely range, and for all of it."""

    seconds_per_iter: float
    low: float
    high: float
    seconds_total: float
    device: DeviceKind
    dtype: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(Event):
    """A model was written to `path`, read back and compared with the run's.

    `logits_difference` is the greatest difference of a logit, at most `tolerance`; `tokens_equal` counts from the
    first how many of `tokens` tokens, the likeliest each, the file continues with as the run's model does. Where it
    takes another one, the run's model has the two at most `gap` apart, of `gap_allowed`: a tie but for rounding.
    `texts` is how many texts the written tokenizer cut into the same ids; `notes` are sentences a person should read.
    """

    format: str
    path: str
    bytes: int
    dtype: str
    logits_difference: float
    tolerance: float
    tokens: int
    tokens_equal: int
    texts: int
    gap: float = 0.0
    gap_allowed: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed(Event):
    """A run and its dataset were written into one archive.

    The rest are lines to type: here to `send` it, there to `start` it, there and then here to bring it `back`.
    """

    path: str
    bytes: int
    send: tuple[str, ...]
    start: tuple[str, ...]
    back: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked(Event):
    """An archive became a run here; `reused` says that its dataset was here already."""

    run_dir: str
    name: str
    dataset: str
    reused: bool
    iter_num: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Event):
    """What this machine and this copy of Understudy are: pairs of a title and what was found."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Event):
    """The newest release: its version, the page about it, and whether it is newer than this one."""

    version: str
    page: str
    newer: bool
