"""What each tokenizer would cost on a text, before one is chosen: measured on a sample, then arithmetic. No torch."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.core.config import TrainConfig
from engine.core.errors import DataError
from engine.core.events import Event, Progress, TextMeasured, Turn
from engine.core.jobs import Control, Job, asked_to_stop
from engine.core.kinds import DeviceKind, TokenizerKind
from engine.datasets.folder import TRAIN_SHARE
from engine.datasets.order import Order, text_of
from engine.machine.hardware import machine
from engine.model.shape import parameter_count
from engine.planning import calibration
from engine.planning.calibration import IterationTime, Measurement
from engine.planning.estimate import flops_per_iter, memory_estimate
from engine.text.text_files import Survey, Text
from engine.tokens.tokenizer import (
    BPE_VOCAB_SIZE,
    GPT2_VOCAB_SIZE,
    ID_LIMIT,
    CharTokenizer,
    GPT2Tokenizer,
    Tokenizer,
    TrainedTokenizer,
    gpt2_tokenizer,
)
from engine.tokens.vocabulary import Excerpt, train_tokenizer

READ_BYTES = 2**25
"""Bytes of a text that are read to measure it, from its beginning."""

SAMPLE_BYTES = 2**20
"""Bytes of those that are encoded, spread evenly over them."""

SIZES = tuple(2**power for power in range(8, 16))
"""Sizes of an own vocabulary that are measured; between them bytes per token follow the logarithm of the size."""

SEEN = 50
"""Times that tokens should stand in the training part on average: a rule of thumb."""

NEARLY_AS_MUCH = 0.7
"""The share of the most text per operation from which a larger vocabulary is taken, as its tokens see further back."""

_PARTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizerCost:
    """What a tokenizer makes of a text and a configuration.

    Attributes:
        vocab_size: its tokens, padding included.
        bytes_per_token: text that a token stands for, measured on a sample.
        train_tokens: tokens to learn from, about.
        parameters, embedding_share: of the model, and the share of the token table in it.
        memory_bytes, fits: at the peak, with Python and torch where that was measured, and whether there is room.
        iteration_time: time of an iteration, None while nothing was measured on this machine.
        epochs: times that training goes through the text.
        text_per_flop: bytes of text learned from for each floating-point operation.
    """

    tokenizer: TokenizerKind
    vocab_size: int
    bytes_per_token: float
    train_tokens: int
    parameters: int
    embedding_share: float
    memory_bytes: int
    fits: bool
    iteration_time: IterationTime | None
    epochs: float
    text_per_flop: float


@dataclass(frozen=True, slots=True)
class TokenizerAdvice:
    """The tokenizer to take, the size of its vocabulary, and why."""

    tokenizer: TokenizerKind
    vocab_size: int
    reason: str


def measure_job(order: Order, control: Control) -> Job:
    """Measure a text with every tokenizer; ends with a TextMeasured event, or without one when it is stopped.

    Takes about a second or two, also for a long text: of that only a beginning is read. Raises DataError for a text
    that cannot be used. The order's tokenizer, name and split are of no account.
    """
    yield from measure_text_job(text_of(order), control)


def measure_text_job(text: Text, control: Control) -> Job:
    """Measure a text that is at hand, as `measure_job` does; its account then tells of the part that was read."""
    survey = Survey()
    sample = yield from _read(text, survey, control)
    if survey.blank:
        fix = "Choose a text with something to learn from."
        raise DataError(f"{text.source} is empty.", fix=fix, code="empty_text")
    whole = survey.bytes <= READ_BYTES
    total = survey.bytes if whole else max(text.size, survey.bytes)
    yield Progress(what="Trying tokenizers", done=survey.bytes, total=total, unit="bytes")
    yield Turn.NEXT
    if asked_to_stop(control):
        return
    learned, judged = _in_two(sample)
    own = train_tokenizer(learned, SIZES[-1])
    # where the text teaches fewer tokens than the largest size, the line ends with all that it teaches
    sizes = sorted({size for size in SIZES if size <= own.token_count} | {min(own.token_count, SIZES[-1])})
    yield TextMeasured(
        bytes=total,
        exact=whole,
        symbols=len(survey.symbols),
        gpt2=_bytes_per_token(gpt2_tokenizer(), sample),
        char=survey.bytes / survey.characters,
        bpe=tuple((size, _bytes_per_token(own.first(size), judged)) for size in sizes),
    )


def tokenizer_costs(
    text: TextMeasured,
    config: TrainConfig,
    device: DeviceKind,
    vocab_size: int = BPE_VOCAB_SIZE,
    measured: Sequence[Measurement] | None = None,
) -> tuple[TokenizerCost, ...]:
    """Return what gpt2, char (unless there are too many characters), and bpe with `vocab_size` tokens cost.

    `measured` is what is known of this machine's speed; by default all that `calibration.measurements` finds.
    """
    known = calibration.measurements() if measured is None else measured
    wanted = [(GPT2Tokenizer.kind, GPT2_VOCAB_SIZE), *_of_characters(text), (TrainedTokenizer.kind, vocab_size)]
    return tuple(_cost(text, config, device, kind, size, known) for kind, size in wanted)


def recommend_tokenizer(text: TextMeasured, config: TrainConfig, device: DeviceKind) -> TokenizerAdvice:
    """Return the tokenizer with which the text teaches most.

    That is the largest vocabulary with which, for as many operations, the model reads nearly as much text as with
    any (NEARLY_AS_MUCH), and whose tokens stand in the training part often enough to be learned (SEEN).
    """
    gpt2, *others = (_cost(text, config, device, kind, size, ()) for kind, size in _choices(text))
    learnable = [one for one in (gpt2, *others) if one.train_tokens >= SEEN * one.vocab_size] or others[:1]
    most = max(one.text_per_flop for one in learnable)
    best = max((one for one in learnable if one.text_per_flop >= NEARLY_AS_MUCH * most), key=lambda one: one.vocab_size)
    return TokenizerAdvice(best.tokenizer, best.vocab_size, _reason(best, gpt2))


def _reason(best: TokenizerCost, gpt2: TokenizerCost) -> str:
    """Return in figures what speaks for a tokenizer."""
    if best is gpt2:
        often = best.train_tokens / best.vocab_size
        return f"The text is long enough for GPT-2’s tokens: each stands there {often:,.0f} times on average."
    ratio = best.text_per_flop / gpt2.text_per_flop
    what = "its characters" if best.tokenizer == CharTokenizer.kind else f"{best.vocab_size:,} tokens learned from it"
    return (
        f"With {what}, the same work reads {ratio:.1f} times as much text as with GPT-2’s tokens, and the token table "
        f"is {best.embedding_share:.0%} of the model instead of {gpt2.embedding_share:.0%}."
    )


def _choices(text: TextMeasured) -> list[tuple[TokenizerKind, int]]:
    """Return every tokenizer that may be recommended with its size, GPT-2's first."""
    own = [(TrainedTokenizer.kind, size) for size, _ in text.bpe if size in SIZES[1:]]
    return [(GPT2Tokenizer.kind, GPT2_VOCAB_SIZE), *_of_characters(text), *own]


def _of_characters(text: TextMeasured) -> list[tuple[TokenizerKind, int]]:
    """Return the tokenizer of its characters with its size, unless there are too many."""
    return [(CharTokenizer.kind, text.symbols)] if text.symbols <= ID_LIMIT else []


def _cost(
    text: TextMeasured,
    config: TrainConfig,
    device: DeviceKind,
    kind: TokenizerKind,
    size: int,
    known: Sequence[Measurement],
) -> TokenizerCost:
    """Return the cost of one tokenizer."""
    per_token = {GPT2Tokenizer.kind: text.gpt2, CharTokenizer.kind: text.char}.get(kind) or _between(text.bpe, size)
    train_tokens = max(1, round(text.bytes * TRAIN_SHARE / per_token))
    parameters = parameter_count(config, size)
    memory = memory_estimate(config, size, device).total + (calibration.process_bytes() or 0)
    return TokenizerCost(
        tokenizer=kind,
        vocab_size=size,
        bytes_per_token=per_token,
        train_tokens=train_tokens,
        parameters=parameters.total,
        embedding_share=parameters.embedding / parameters.total,
        memory_bytes=memory,
        fits=memory <= machine().memory_limit_bytes,
        iteration_time=calibration.iteration_time(config, size, device, known),
        epochs=config.max_iters * config.tokens_per_iter / train_tokens,
        text_per_flop=per_token * config.tokens_per_iter / flops_per_iter(config, size),
    )


def _between(measured: Sequence[tuple[int, float]], size: int) -> float:
    """Return the bytes per token at a size, on a line in the logarithm of the size between those that were measured."""
    sizes, values = zip(*measured, strict=True)
    return float(np.interp(math.log(size), np.log(sizes), values))


def _read(text: Text, survey: Survey, control: Control) -> Generator[Event | Turn, None, list[str]]:
    """Take the beginning of a text into the survey and return stretches from all over it."""
    excerpt = Excerpt(min(text.size, READ_BYTES), SAMPLE_BYTES)
    for document in text.documents():
        survey.begin_document()
        for piece in document:
            survey.add(piece)
            excerpt.add(piece)
            yield Progress(what="Reading", done=min(survey.bytes, text.size), total=text.size, unit="bytes")
            yield Turn.NEXT
            if survey.bytes > READ_BYTES or asked_to_stop(control):
                return excerpt.taken or [piece]
    excerpt.finish()
    return excerpt.taken


def _in_two(sample: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return seven eighths of a sample to learn a vocabulary from, and one from all over it to try it on."""
    if len(sample) < _PARTS:
        whole = "".join(sample)
        return [whole[: -len(whole) // _PARTS]], [whole[-len(whole) // _PARTS :]]
    return [one for n, one in enumerate(sample) if n % _PARTS], list(sample[::_PARTS])


def _bytes_per_token(tokenizer: Tokenizer, texts: Sequence[str]) -> float:
    return sum(len(text.encode()) for text in texts) / max(1, sum(len(tokenizer.encode(text)) for text in texts))
