"""How many tokens to learn from a text, and how much of it each stands for. Pure arithmetic."""

from __future__ import annotations

import math

from engine.core.kinds import TokenizerKind
from engine.tokens.tokenizer import BPE_VOCAB_SIZES, GPT2Tokenizer, TrainedTokenizer

SHORT_TEXT_BYTES = 50_000
"""A text below this repeats too little for more than its bytes."""

LONG_MINUTES = 60.0
"""From here on a large vocabulary is worth its time, if the text is long."""


def vocabulary_size(train_bytes: int, minutes: float = 0.0) -> int:
    """Return how many tokens to learn from a text: a power of two, about one for each kilobyte.

    At least 512, but for a text so short that they would hardly repeat; at most 4,096, or half of that in a short
    time, in which a small model would spend most on scoring them.
    """
    least = 512 if train_bytes >= SHORT_TEXT_BYTES else BPE_VOCAB_SIZES.start
    most = 2048 if 0 < minutes < LONG_MINUTES else 4096
    return max(least, min(most, 1 << round(math.log2(max(1.0, train_bytes / 1000)))))


def bytes_per_token(tokenizer: TokenizerKind, vocab_size: int) -> float:
    """Return about how many bytes of English a token stands for: measured on Tiny Shakespeare, a guess elsewhere."""
    if tokenizer == TrainedTokenizer.kind:
        return 1.45 + 0.48 * math.log2(vocab_size / 256) if vocab_size > 256 else 1.0
    return 3.3 if tokenizer == GPT2Tokenizer.kind else 1.0
