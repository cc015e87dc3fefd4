"""Whether an exported file computes what the run's model does: logits, and the continuation of likeliest tokens."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.core.errors import CheckpointError
from engine.core.seeds import derived_seed
from engine.exports.readback import ReadBack
from engine.exports.vocabulary_files import hugging_face_tokenizer
from engine.generation.decoder import Decoder, Weights
from engine.model.gpt import GPT
from engine.tokens.tokenizer import CharTokenizer, Tokenizer

TOKENS = 50
"""Length of the continuation that is compared, where the model's block has room for it."""

TOLERANCES = {"float32": 3e-5, "f32": 3e-5, "f16": 0.005, "q8_0": 0.08}
"""How far a logit may be off, by the type of the numbers, as a share of the greatest logit (of 1 where that is less).

Sums of rounded products are off in proportion to their size; exports of small models were seen to be off by half
of this at most, and a matrix that stands in a wrong place is off by far more.
"""

GELU = 0.01
"""How far a logit may move, as such a share, where a program takes GELU by its tanh form; trained models were seen to
move by a tenth of this."""

TEXTS = (
    "To be, or not to be: that is the question.\n\nKING:\nO, what a rogue!",
    "  two spaces,\ttab\n\n\nthree lines  ",
    "It's we'll they've I'd 1623 3.14 £5 (x_1)",
    "naïve façade Ελλάδα Москва 東京 🎭👩‍👩‍👧",
    "<|endoftext",
)
"""What a tokenizer is tried with beside the run's own text: words, white space, numbers, other scripts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was found; the fields are those of the event Exported."""

    logits_difference: float
    tolerance: float
    tokens: int
    tokens_equal: int
    gap: float
    gap_allowed: float

    @property
    def is_sound(self) -> bool:
        """Whether the file is the same model but for rounding: its logits, and every token that it goes on with."""
        return self.logits_difference <= self.tolerance and self.gap <= self.gap_allowed


class Probe:
    """What a run's model computes: the likeliest tokens one after another, and all logits of these and of others.

    Attributes:
        tokens: (2, T): the continuation, and ids drawn from the whole vocabulary.
        logits: (2, T, V) of the model itself, V the tokens that mean something.
    """

    def __init__(self, model: GPT, token_count: int) -> None:
        self._model = model
        self._count = token_count
        self.tokens = torch.zeros(2, 0, dtype=torch.long)
        self.logits = torch.zeros(2, 0, token_count)

    @torch.inference_mode()
    def take(self, first: int) -> Generator[None, None, None]:
        """Compute all of it, beginning with the token `first`; yields after each token."""
        length = min(TOKENS + 1, self._model.args.block_size)
        decoder = Decoder(Weights.live(self._model))
        text = [first]
        while len(text) < length:
            logits = decoder.feed(torch.tensor([text[-1:]]))[0, : self._count]
            text.append(int(logits.argmax()))
            yield
        draw = torch.Generator().manual_seed(derived_seed(self._count))
        others = torch.randint(self._count, (length,), generator=draw)
        self.tokens = torch.stack((torch.tensor(text), others))
        self.logits = self._model.logits(self.tokens)[..., : self._count]
        if not bool(self.logits.isfinite().all()):
            raise CheckpointError(
                "This model cannot be exported: what it computes are no numbers.",
                cause="Its training broke down before these weights were saved, or the file was changed.",
                fix="Export an earlier checkpoint of the run, its best.pt for one.",
                code="checkpoint_broken",
            )


def compare(probe: Probe, read: ReadBack, dtype: str, approximate: str) -> Generator[None, None, Comparison]:
    """Return how far a file's model is off, yielding now and then.

    Logits are compared with the run's own GELU; the continuation with the one that the file's programs take.
    """
    logits = yield from read.logits(probe.tokens, "none")
    as_read = logits if approximate == "none" else (yield from read.logits(probe.tokens, approximate))
    return compared(probe, logits, as_read, dtype)


def compared(probe: Probe, logits: Tensor, as_read: Tensor, dtype: str) -> Comparison:
    """Return the comparison of a probe with the logits (2, T, V) of what was read.

    Where another token is the likeliest, the run's model must have held the two for nearly equal: two logits that
    are each off by at most d change places only if they are at most 2 d apart. Here d is what rounding may do, and
    what the programs' own form of GELU does (`as_read` beside `logits`).
    """
    scale = max(1.0, float(probe.logits.abs().max()))
    tolerance = TOLERANCES[dtype] * scale
    of_gelu = min(GELU * scale, float((as_read - logits).abs().max()))
    ours, taken = probe.tokens[0, 1:, None], as_read[0, :-1].argmax(-1, keepdim=True)
    of_run = probe.logits[0, :-1]
    gaps = of_run.gather(1, ours) - of_run.gather(1, taken)
    return Comparison(
        logits_difference=float((logits - probe.logits).abs().max()),
        tolerance=tolerance,
        tokens=len(ours),
        tokens_equal=int((taken == ours).cumprod(0).sum()),
        gap=float(gaps.max()) if len(gaps) else 0.0,
        gap_allowed=2 * (tolerance + of_gelu),
    )


def texts_alike(tokenizer: Tokenizer, path: Path, own: Iterable[str]) -> int:
    """Return how many texts a written tokenizer.json cuts into the run's ids: all that were tried, or it raises.

    Raises CheckpointError with the first text that it cuts otherwise.
    """
    made = type(hugging_face_tokenizer(tokenizer)).from_file(str(path))
    texts = [*own, *TEXTS]
    if isinstance(tokenizer, CharTokenizer):
        texts = ["".join(char for char in text if char in tokenizer.chars) for text in texts]
        texts.append("".join(tokenizer.chars))
    for text in texts:
        if made.encode(text, add_special_tokens=False).ids != tokenizer.encode(text):
            raise CheckpointError(
                "The exported tokenizer is not the run’s.",
                cause=f"It cuts {text[:40]!r} into other tokens.",
                fix="Please report this; the run itself is as it was.",
                code="export_differs",
            )
    return len(texts)
