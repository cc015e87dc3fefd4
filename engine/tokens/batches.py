"""Windows of tokens: random ones to train on, fixed ones to score.

Every random choice is a function of (seed, iteration) and a place in it, so a run needs no random state to go on
exactly where it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.core.config import TrainConfig
from engine.core.errors import DataError
from engine.tokens.epochs import Epochs
from engine.tokens.made_up_words import MOST_TOKENS, MadeUpWords
from engine.tokens.token_files import require_known
from engine.tokens.tokenizer import Tokenizer

_SALT = 0x5A17
"""Makes another key of a key: that of the windows' made-up words."""


class TokenFile:
    """A train.bin or val.bin: little-endian uint16 token ids, read through a memory map."""

    _made_up: MadeUpWords | None = None
    _epochs: Epochs | None = None

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

    @classmethod
    def to_learn_from(cls, path: Path, tokenizer: Tokenizer, config: TrainConfig) -> Self:
        """Return the tokens of a text, its random windows as the settings want them.

        Raises DataError where they cannot be read, are no tokens of the tokenizer, or less than a block.
        """
        tokens = cls(path, tokenizer.token_count)
        tokens.require(config.block_size, "training")
        if config.made_up_words:
            tokens.make_up_words(tokenizer)
        if config.sampling == "epochs":
            tokens.read_in_epochs(config)
        return tokens

    def __len__(self) -> int:
        return len(self.tokens)

    def read_in_epochs(self, config: TrainConfig) -> None:
        """Let random windows be those of epochs from now on, by a run's seed, batch and block; it must have a block."""
        self._epochs = Epochs(len(self), config)

    def make_up_words(self, tokenizer: Tokenizer) -> None:
        """Let some words in random windows be made up from now on; those to be scored stay as they are.

        Raises DataError where the file holds what is no token.
        """
        self._require_known(self.tokens[:MOST_TOKENS])
        self._made_up = MadeUpWords(self.tokens, [tokenizer.token_bytes(token) for token in range(self.vocab_size)])

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
        return _inputs_and_targets(self._taken(starts, block_size))

    def _taken(self, starts: npt.NDArray[np.int64], block_size: int) -> npt.NDArray[np.int64]:
        """Return the tokens of the windows that begin at `starts` (B,), and of each the one after: (B, T + 1)."""
        taken: npt.NDArray[np.int64] = self.tokens[starts[:, None] + np.arange(block_size + 1)].astype(np.int64)
        self._require_known(taken)
        return taken

    def _require_known(self, taken: npt.NDArray[np.integer]) -> None:
        """Raise DataError when a token is none of the vocabulary."""
        require_known(self.path, int(taken.max(initial=0)), self.vocab_size)

    def random_windows(self, batch_size: int, block_size: int, *key: int, skip: int = 0) -> tuple[Tensor, Tensor]:
        """Return windows at random places, drawn as nanoGPT does or in epochs; the same key gives the same windows.

        The key is a run's seed and the number of the update. With `skip` they are those that come after so many of
        the key's windows: an update reads the same text in however many micro steps. Words are made up by the key,
        too, where they are.
        """
        count = skip + batch_size
        if self._epochs:
            starts = self._epochs.starts(key[-1], count)
        else:
            starts = np.random.default_rng(key).integers(0, len(self) - block_size, size=count)
        taken = self._taken(starts[skip:], block_size)
        if self._made_up:
            salts = np.random.default_rng((*key, _SALT)).integers(0, 2**63, size=len(starts))
            taken = self._made_up.exchange(taken, salts[skip:])
        return _inputs_and_targets(taken)

    def fixed_windows(self, batches: int, batch_size: int, block_size: int) -> list[npt.NDArray[np.int64]]:
        """Return the starts of evenly spread windows, a batch an item: at most `batches`, none twice over the text."""
        wanted = min(batches, max(1, (len(self) - 1) // (block_size * batch_size)))
        starts = np.linspace(0, len(self) - block_size - 1, wanted * batch_size).astype(np.int64)
        return np.split(starts, wanted)


def _inputs_and_targets(taken: npt.NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Return rows of tokens (B, T + 1) but for the last of each, and but for the first, each (B, T)."""
    both = torch.from_numpy(taken)
    return both[:, :-1].contiguous(), both[:, 1:].contiguous()
