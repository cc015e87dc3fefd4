"""Text out of a model: which token comes next, and the stream of events of a reply."""

from __future__ import annotations

import time
from pathlib import Path

import torch
from torch import Tensor

from engine import checkpoint
from engine.batches import derived_seed
from engine.candidates import candidates
from engine.config import SampleConfig
from engine.decoder import Decoder
from engine.device import choose_device
from engine.errors import CheckpointError, DataError, SettingError
from engine.events import Reply, Token, Turn
from engine.jobs import Control, Job
from engine.tokenizer import TextStream, Tokenizer

ALTERNATIVES = 10
"""How many of the likeliest tokens a Token event tells of."""


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
    seen = prompt_ids(tokenizer, config.start)
    generator = torch.Generator().manual_seed(derived_seed(config.seed, sample))
    decoder.reset()
    stream = TextStream(tokenizer)
    written, told, count, busy_s = "", 0, 0, 0.0
    reason = _reason_to_end(written, count, config, control)
    unread = torch.tensor([seen])
    while not reason:
        began = time.perf_counter()
        logits = decoder.feed(unread)[0, : tokenizer.token_count].float().cpu()
        _require_numbers(logits)
        token = candidates(logits, seen, config).draw(generator)
        probabilities = torch.softmax(logits, 0)
        likeliest = torch.topk(probabilities, min(ALTERNATIVES, len(probabilities)))
        seen.append(token)
        unread = torch.tensor([[token]])
        count += 1
        written += stream.feed(token)
        before, told = told, _tellable(written, config.stop)
        busy_s += time.perf_counter() - began
        yield Token(
            sample=sample,
            tokens=count,
            text=written[before:told],
            token=token,
            probability=float(probabilities[token]),
            alternatives=tuple(zip(likeliest.indices.tolist(), likeliest.values.tolist(), strict=True)),
            tokens_per_s=count / busy_s,
        )
        yield Turn.NEXT
        reason = _reason_to_end(written, count, config, control)
    written += stream.finish()
    if reason == "stop_text":
        written = written[: written.index(config.stop)]
    yield Reply(
        sample=sample,
        prompt=config.start,
        text=config.start + written,
        tokens=count,
        tokens_per_s=count / busy_s if busy_s else 0.0,
        reason=reason,
    )


def _tellable(written: str, stop: str) -> int:
    """Give how many characters of a text are sure not to belong to a stop text that is still to be completed."""
    if stop in written:
        return written.index(stop) if stop else len(written)
    begun = (n for n in range(min(len(stop), len(written)), 0, -1) if written.endswith(stop[:n]))
    return len(written) - next(begun, 0)


def _reason_to_end(written: str, count: int, config: SampleConfig, control: Control) -> str:
    """Say why a reply ends here, or give an empty text."""
    if config.stop and config.stop in written:
        return "stop_text"
    if count >= config.max_new_tokens:
        return "done"
    return "stopped" if control.stopping else ""


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
