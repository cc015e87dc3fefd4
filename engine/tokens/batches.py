"""Windows of tokens: random ones to train on, fixed ones to score.

Every random choice is a function of (seed, iteration) and a place in it, so a run needs no random state to go on
exactly where it was.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.core.errors import DataError


class TokenFile:
    """A train.bin or val.bin: little-endian uint16 token ids, read through a memory map."""

    def __init__(self, path: Path, vocab_size: int) -> None:
        self.path = path
        self.vocab_size = vocab_size
        try:
            self.tokens: npt.NDArray[np.uint16] = np.memmap(path, dtype="<u2", mode="r")
        except (OSError, ValueError) as error:
            raise DataError(
                f"The tokens in {path} cannot be read.",
                cause=str(error),
                fix="Prepare the dataset again.",
                code="data_unreadable",
            ) from error

    def __len__(self) -> int:
        return len(self.tokens)

    def require(self, block_size: int, name: str) -> None:
        """Raise DataError when not even one window of block_size fits."""
        if len(self) < block_size + 1:
            raise DataError(
                f"The {name} part of this text has {len(self):,} tokens: less than one block of {block_size:,}.",
                cause="A window needs block_size tokens and the one that follows.",
                fix=f"Set block_size to {max(1, len(self) - 1)} or less, or use a longer text.",
                code="text_too_short",
            )

    def windows(self, starts: npt.NDArray[np.int64], block_size: int) -> tuple[Tensor, Tensor]:
        """Return the windows that begin at `starts` (B,): inputs and targets, each (B, T) int64 on the CPU."""
        taken = self.tokens[starts[:, None] + np.arange(block_size + 1)].astype(np.int64)
        if taken.max() >= self.vocab_size:
            raise DataError(
                f"{self.path.name} holds token {taken.max()}, outside the vocabulary of {self.vocab_size}.",
                cause="The file is damaged, or was made with another tokenizer.",
                fix="Prepare the dataset again.",
                code="data_damaged",
            )
        both = torch.from_numpy(taken)
        return both[:, :-1].contiguous(), both[:, 1:].contiguous()

    def random_windows(self, batch_size: int, block_size: int, *key: int, skip: int = 0) -> tuple[Tensor, Tensor]:
        """Return windows at random places, drawn as nanoGPT does; the same key gives the same windows.

        With `skip` they are those that come after so many of the key's windows: an update reads the same text
        in however many micro steps.
        """
        generator = np.random.default_rng(key)
        starts = generator.integers(0, len(self) - block_size, size=skip + batch_size)
        return self.windows(starts[skip:], block_size)

    def fixed_windows(self, batches: int, batch_size: int, block_size: int) -> list[npt.NDArray[np.int64]]:
        """Return the starts of evenly spread windows, a batch an item: at most `batches`, none twice over the text."""
        wanted = min(batches, max(1, (len(self) - 1) // (block_size * batch_size)))
        starts = np.linspace(0, len(self) - block_size - 1, wanted * batch_size).astype(np.int64)
        return np.split(starts, wanted)
