"""Text out of a model: which token comes next, and the stream of events of a reply."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from engine.core.config import SampleConfig
from engine.core.errors import CheckpointError, DataError, SettingError
from engine.core.events import Alternative, Reply, ReplyReason, Token, Turn
from engine.core.jobs import Control, Job
from engine.core.paths import expanded
from engine.core.seeds import derived_seed
from engine.generation.candidates import candidates, likeliest, skip_draws
from engine.generation.decoder import Decoder, Weights
from engine.generation.model_cache import Shelf
from engine.text.cleaning import cleaned_whole
from engine.text.text_files import whole_text
from engine.tokens.tokenizer import TextStream, Tokenizer

ALTERNATIVES = 10
"""How many of the likeliest tokens an event tells of."""

SIDE_BY_SIDE = 8
"""Samples written at once: with more a token would take longer than reading the weights, and much memory."""

AT_ONCE = 128
"""Tokens of a prompt that are read before other jobs have their turn and a stop is heard."""


def sample_job(
    path: Path, config: SampleConfig, control: Control, shelf: Shelf | None = None, written: Sequence[int] = ()
) -> Job:
    """Continue a text with a checkpoint: Token events as they come, and a Reply as each sample ends.

    `written` are ids of tokens that follow `config.start` already: each sample goes on as if it had just written them.
    Raises CheckpointError for a checkpoint that cannot be used and DataError for a text it cannot read.
    """
    loaded = (shelf or Shelf()).model(path, config.device, config.dtype)
    for first in range(0, config.num_samples, SIDE_BY_SIDE):
        samples = range(first, min(first + SIDE_BY_SIDE, config.num_samples))
        yield from replies(loaded.weights, loaded.tokenizer, config, control, samples, written)
        if control.stopping:
            return


def load_job(path: Path, config: SampleConfig, shelf: Shelf) -> Job:
    """Read a checkpoint ahead of the first reply with these settings; raises CheckpointError."""
    shelf.model(path, config.device, config.dtype)
    yield Turn.NEXT


def replies(
    weights: Weights,
    tokenizer: Tokenizer,
    config: SampleConfig,
    control: Control,
    samples: Sequence[int] = (0,),
    written: Sequence[int] = (),
) -> Job:
    """Continue `config.start`: a Token event of each sample, then a turn for other jobs, and again.

    The prompt is read once for all samples. Each draws from a seed of its own, one number a token: its text depends
    on none beside it (on a GPU as far as rounding goes), and goes on alike after `written`. A stop ends all early,
    with what there is.
    """
    prompt = [*prompt_ids(tokenizer, config.start), *written]
    texts = [_Text(sample, tokenizer, config, prompt, written) for sample in samples]
    decoder = Decoder(weights, until=len(prompt) + config.max_new_tokens - 1)
    watch = _Stopwatch()
    logits = yield from _read(decoder, prompt, control, watch)
    live = texts
    while logits is not None:
        with watch:
            rows = logits.cpu().expand(len(texts), -1)  # one for all after the prompt
            drawn = [text.take(row, watch.seconds) for text, row in zip(texts, rows, strict=True) if text in live]
        yield from drawn
        yield Turn.NEXT
        live = yield from _end(live, control, watch)
        logits = (yield from _step(decoder, texts, watch)) if live else None
    yield from _end(live, control, watch)


def _read(
    decoder: Decoder, prompt: Sequence[int], control: Control, watch: _Stopwatch
) -> Generator[Turn, None, Tensor | None]:
    """Read a prompt; return the logits (1, V) of what may follow, or None when stopped before its end."""
    decoder.add(torch.tensor([prompt]))
    while not control.stopping:
        with watch:
            logits = decoder.read(AT_ONCE)
        if logits is not None:
            return logits
        yield Turn.NEXT
    return None


def _step(decoder: Decoder, texts: Sequence[_Text], watch: _Stopwatch) -> Generator[Turn, None, Tensor]:
    """Read the token that each text was given last, also of those that ended; return the logits (B, V)."""
    while decoder.is_behind:
        with watch:
            decoder.catch_up(AT_ONCE)
        yield Turn.NEXT
    with watch:
        if decoder.sequences < len(texts):
            decoder.expand(len(texts))
        return decoder.feed(torch.tensor([[text.last] for text in texts]))


def _end(live: Sequence[_Text], control: Control, watch: _Stopwatch) -> Generator[Reply, None, list[_Text]]:
    """Yield the replies of the texts that end here; return the others."""
    going_on = []
    for text in live:
        if reason := text.reason_to_end(control):
            yield text.reply(reason, watch.seconds)
        else:
            going_on.append(text)
    return going_on


class _Text:
    """One sample as it is written."""

    def __init__(
        self, sample: int, tokenizer: Tokenizer, config: SampleConfig, prompt: Sequence[int], written: Sequence[int]
    ) -> None:
        self.last = prompt[-1]
        self._sample = sample
        self._tokenizer = tokenizer
        self._config = config
        self._generator = torch.Generator().manual_seed(derived_seed(config.seed, sample))
        skip_draws(self._generator, len(written))
        self._seen: Tensor | None = None
        if config.repetition_penalty != 1.0:
            self._seen = torch.zeros(tokenizer.token_count, dtype=torch.bool)
            self._seen[torch.tensor(prompt)] = True
        self._stream = TextStream(tokenizer)
        self._text = "".join(map(self._stream.feed, written))
        self._told = len(self._text)
        self._count = 0

    def take(self, logits: Tensor, busy_s: float) -> Token:
        """Return the next token, drawn from raw logits (V,) on the CPU, those of padding included."""
        probabilities = torch.softmax(logits, 0)
        require_numbers(probabilities[:1])  # one logit that is none would make all of these none
        meaningful = logits[: self._tokenizer.token_count]
        ranked = likeliest(meaningful, max(self._config.top_k, ALTERNATIVES))
        allowed = candidates(meaningful, self._seen, self._config, ranked)
        self.last = allowed.draw(self._generator)
        if self._seen is not None:
            self._seen[self.last] = True
        shown = torch.tensor([*ranked[1][:ALTERNATIVES].tolist(), self.last])
        rows = zip(shown.tolist(), probabilities[shown].tolist(), allowed.chances(shown).tolist(), strict=True)
        *others, drawn = (Alternative(token, self._tokenizer.decode([token]), p, chance) for token, p, chance in rows)
        self._count += 1
        return Token(
            sample=self._sample,
            tokens=self._count,
            text=self._add(self.last),
            token=self.last,
            probability=drawn.probability,
            chance=drawn.chance,
            kept=len(allowed.ids),
            alternatives=tuple(others),
            tokens_per_s=self._count / busy_s,
        )

    def reason_to_end(self, control: Control) -> ReplyReason | None:
        """Return why it ends here, or None."""
        if self._config.stop and self._config.stop in self._text:
            return "stop_text"
        if self._count >= self._config.max_new_tokens:
            return "done"
        return "stopped" if control.stopping else None

    def reply(self, reason: ReplyReason, busy_s: float) -> Reply:
        """Return all of it."""
        text = self._text + self._stream.finish()
        if reason == "stop_text":
            text = text[: text.index(self._config.stop)]
        return Reply(
            sample=self._sample,
            prompt=self._config.start,
            text=self._config.start + text,
            tokens=self._count,
            tokens_per_s=self._count / busy_s if busy_s else 0.0,
            reason=reason,
        )

    def _add(self, token: int) -> str:
        """Add a token's text; return what is sure to stay."""
        self._text += self._stream.feed(token)
        before, self._told = self._told, _tellable(self._text, self._config.stop)
        return self._text[before : self._told]


class _Stopwatch:
    """Adds up the seconds spent inside it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began


def _tellable(written: str, stop: str) -> int:
    """Return how many characters of a text are sure not to belong to a stop text that is still to be completed."""
    if stop in written:
        return written.index(stop) if stop else len(written)
    begun = (n for n in range(min(len(stop), len(written)), 0, -1) if written.endswith(stop[:n]))
    return len(written) - next(begun, 0)


def require_numbers(computed: Tensor) -> None:
    """Raise CheckpointError when what a model computed are no numbers, as of one whose training broke down."""
    if not math.isfinite(computed.sum().item()):  # a NaN or inf stays one
        raise CheckpointError(
            "This model cannot write: what it computes are no numbers.",
            cause="Its training broke down before these weights were saved, or the file was changed.",
            fix="Use an earlier checkpoint of the run, its best.pt for one.",
            code="checkpoint_broken",
        )


def prompt_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """Return the ids of a prompt; an empty one begins like a new line, or with the first token where there is none.

    A prompt is cleaned as texts are, or taken as it is by a vocabulary of a text that was not. Raises DataError as
    `encode` does.
    """
    try:
        return tokenizer.encode(cleaned_whole(text) or "\n") or [0]
    except DataError:
        if text in ("", "\n"):  # a line break is what nobody asked for: --start is one where it is not given
            return [0]
        return tokenizer.encode(text)


def start_text(start: str) -> str:
    """Return the text of a --start setting: itself, or with FILE:path what that file holds, read as texts are.

    Raises SettingError when the file cannot be read as text.
    """
    if not start.startswith("FILE:"):
        return start
    named = start.removeprefix("FILE:")
    if not named.strip():
        raise SettingError(
            "FILE: names no file.",
            fix="Write the path behind it: --start=FILE:beginning.txt.",
            code="bad_start",
            problems={"start": "FILE: names no file."},
        )
    path = expanded(named)
    try:
        return whole_text(path)
    except DataError as error:
        raise SettingError(
            f"The text to start from cannot be read: {path}",
            cause=error.cause or error.message,
            fix="Name a text file, best in UTF-8, or give the text itself with --start.",
            code="bad_start",
            problems={"start": error.message},
        ) from error
