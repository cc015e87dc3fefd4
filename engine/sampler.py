"""Text out of a model: which token comes next, and the stream of events of a reply."""

from __future__ import annotations

import time
from pathlib import Path

import torch
from torch import Tensor

from engine import checkpoint
from engine.batches import derived_seed
from engine.config import SampleConfig
from engine.decoder import Decoder
from engine.device import choose_device
from engine.errors import CheckpointError, DataError, SettingError
from engine.events import Reply, Token, Turn
from engine.jobs import Control, Job
from engine.tokenizer import TextStream, Tokenizer

ALL_BUT_ZERO = 1e-6
"""Temperatures below this leave the likeliest token alone; logits divided by them would leave float32's range."""


def sample_job(path: Path, config: SampleConfig, control: Control) -> Job:
    """Continue a text with a checkpoint: Token events as they come, and a Reply for each sample.

    Raises CheckpointError for a checkpoint that cannot be used and DataError for a text it cannot read.
    """
    saved = checkpoint.load(path)
    device = choose_device(config.device)
    tokenizer = saved.load_tokenizer()
    model = saved.build_model().to(device.torch).eval()
    device.fit(model)
    yield Turn.NEXT
    decoder = Decoder(model, frozen=True)
    for sample in range(config.num_samples):
        yield from reply(decoder, tokenizer, config, control, sample)
        if control.stopping:
            return


def reply(decoder: Decoder, tokenizer: Tokenizer, config: SampleConfig, control: Control, sample: int = 0) -> Job:
    """Continue `config.start` from nothing read before: Token events, then the Reply, a turn after each token.

    Each sample draws from a seed of its own, so its text does not depend on the samples beside it. A stop
    ends it early, with what there is.
    """
    prompt = prompt_ids(tokenizer, config.start)
    generator = torch.Generator().manual_seed(derived_seed(config.seed, sample))
    decoder.reset()
    stream = TextStream(tokenizer)
    text, count, busy_s = config.start, 0, 0.0
    unread = torch.tensor([prompt])
    while count < config.max_new_tokens and not control.stopping:
        began = time.perf_counter()
        logits = decoder.feed(unread)[0, : tokenizer.token_count].float().cpu()
        _require_numbers(logits)
        token = pick(logits, config, generator)
        probability = float(torch.softmax(logits, 0)[token])
        unread = torch.tensor([[token]])
        count += 1
        piece = stream.feed(token)
        text += piece
        busy_s += time.perf_counter() - began
        rate = count / busy_s
        yield Token(sample=sample, tokens=count, text=piece, token=token, probability=probability, tokens_per_s=rate)
        yield Turn.NEXT
    yield Reply(
        sample=sample,
        prompt=config.start,
        text=text + stream.finish(),
        tokens=count,
        tokens_per_s=count / busy_s if busy_s else 0.0,
        reason="done" if count == config.max_new_tokens else "stopped",
    )


def _require_numbers(logits: Tensor) -> None:
    """Raise CheckpointError when a model's logits are no numbers, as those of one whose training broke down."""
    if not bool(logits.isfinite().all()):
        raise CheckpointError(
            "This model cannot write: what it computes are no numbers.",
            cause="Its training broke down before these weights were saved, or the file was changed.",
            fix="Use an earlier checkpoint of the run, its best.pt for one.",
            code="checkpoint_broken",
        )


def prompt_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """Give the ids of a prompt; an empty one begins like a new line. Raises DataError as `encode` does."""
    if text:
        return tokenizer.encode(text)
    try:
        return tokenizer.encode("\n")
    except DataError:
        return [0]


def pick(logits: Tensor, config: SampleConfig, generator: torch.Generator) -> int:
    """Draw the next token from raw logits (V,) under temperature, top_k and top_p, in this order as nanoGPT's.

    Temperature 0 takes the likeliest. top_p keeps the smallest set of tokens whose probabilities reach it
    (Holtzman et al. 2020).
    """
    if config.temperature < ALL_BUT_ZERO:
        return int(logits.argmax())
    scaled = logits / config.temperature
    if config.top_k:
        kept = torch.topk(scaled, min(config.top_k, len(scaled)))
        values, ids = kept.values, kept.indices
    else:
        values, ids = torch.sort(scaled, descending=True)
    probabilities = torch.softmax(values, 0)
    if config.top_p < 1.0:
        before = probabilities.cumsum(0) - probabilities
        probabilities = probabilities.where(before < config.top_p, 0.0)
        probabilities[0] = max(float(probabilities[0]), torch.finfo(probabilities.dtype).tiny)
    return int(ids[torch.multinomial(probabilities, 1, generator=generator)])


def start_text(start: str) -> str:
    """Give the text of a --start setting: itself, or with FILE:path what that file holds, as nanoGPT does.

    Raises SettingError when the file cannot be read as UTF-8 text.
    """
    if not start.startswith("FILE:"):
        return start
    path = Path(start.removeprefix("FILE:")).expanduser()
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"The text to start from cannot be read: {path}",
            cause=str(error),
            fix="Name a text file in UTF-8, or give the text itself with --start.",
            code="bad_start",
            problems={"start": str(error)},
        ) from error
