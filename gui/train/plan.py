"""What is known before a run starts: parameters, memory, whether it fits, epochs, the preset to begin with. Pure."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from enum import Enum

from engine.config import DATASET_ALIASES, TrainConfig
from engine.datasets import Dataset, catalogue, prepared, vocabulary_of
from engine.estimate import MemoryEstimate, ParameterCount, memory_estimate, parameter_count
from engine.machine import Machine
from engine.presets import Preset, presets
from gui import formats

PARTS = ("weights", "gradients", "optimizer", "activations", "logits")
COMFORT = 0.7
"""The share of the limit up to which a run leaves other programs room."""

_GPT2_VOCABULARY = 50304  # nanoGPT's: 50,257 tokens, rounded up to a multiple of 64
_LARGEST_ON_CPU = "tiny"


class Fit(Enum):
    """Whether a run has room on this machine."""

    FITS = "Fits"
    TIGHT = "Tight"
    WILL_NOT = "Will not fit"


@dataclass(frozen=True, slots=True)
class TextChoice:
    """A text that can be chosen: prepared, or to be prepared when training starts.

    `train_tokens` is None until it is prepared.
    """

    name: str
    title: str
    detail: str
    vocab_size: int
    train_tokens: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a configuration means on this machine, with this text."""

    parameters: ParameterCount
    memory: MemoryEstimate
    limit: int
    fit: Fit
    tokens_per_iter: int
    epochs: float | None

    @property
    def memory_text(self) -> str:
        """Memory in a line: 2.4 of 12 GB."""
        return f"{formats.memory(self.memory.total)} of {formats.memory(self.limit)}"

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The parts of the memory, largest model part first, in bytes."""
        return tuple((part, getattr(self.memory, part)) for part in PARTS)

    @property
    def parameters_text(self) -> str:
        """The parameter count, and where most of it is."""
        share = self.parameters.embedding / self.parameters.total
        return f"{formats.count(self.parameters.total)} parameters, {formats.percent(share)} in the token table"

    @property
    def reading_text(self) -> str:
        """How much of the text the run reads."""
        an_update = f"{formats.whole(self.tokens_per_iter)} tokens per update"
        return an_update if self.epochs is None else f"{formats.epochs(self.epochs)} · {an_update}"


def expected_device() -> str:
    """Give where training will run as far as it can be told without torch: the GPU of an Apple chip, else the CPU."""
    return "mps" if sys.platform == "darwin" and platform.machine() == "arm64" else "cpu"


def texts() -> list[TextChoice]:
    """Give the texts that can be chosen: the built-in ones, then those of one's own."""
    ready = {one.name: one for one in prepared()}
    choices = []
    for name, entry in catalogue().items():
        one = ready.pop(name, None)
        if one is not None:
            choices.append(_of_dataset(one))
        else:
            detail = "Ready in a moment" if entry.offline else f"Downloads {formats.disk(entry.bytes)} once"
            choices.append(TextChoice(name, entry.title, detail, vocabulary_of(name), None))
    return choices + [_of_dataset(one) for one in ready.values()]


def _of_dataset(one: Dataset) -> TextChoice:
    return TextChoice(
        one.name, one.title, f"{formats.count(one.train_tokens)} tokens", one.vocab_size, one.train_tokens
    )


def unknown_text(name: str) -> TextChoice:
    """Give the choice for a text that is not in the list: a folder, or one that has gone."""
    return TextChoice(DATASET_ALIASES.get(name, name), name, "", _GPT2_VOCABULARY, None)


def plan(config: TrainConfig, text: TextChoice, machine: Machine, device: str) -> Plan:
    """Give what a configuration means; `device` is where it will run, "cpu" while that is not known."""
    memory = memory_estimate(config, text.vocab_size, device)
    tokens = config.tokens_per_iter * config.max_iters
    return Plan(
        parameters=parameter_count(config, text.vocab_size),
        memory=memory,
        limit=machine.memory_limit_bytes,
        fit=fit(memory.total, machine.memory_limit_bytes),
        tokens_per_iter=config.tokens_per_iter,
        epochs=tokens / text.train_tokens if text.train_tokens else None,
    )


def fit(needed: int, limit: int) -> Fit:
    """Tell whether so many bytes have room."""
    return Fit.FITS if needed <= COMFORT * limit else Fit.TIGHT if needed <= limit else Fit.WILL_NOT


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The preset to begin with on this machine, and why."""

    name: str
    reason: str


def recommend(text: TextChoice, machine: Machine, device: str) -> Recommendation:
    """Give the preset to begin with: on a GPU the sweet spot if it fits well, on a processor the quickest."""
    if device == "cpu":
        return Recommendation(_LARGEST_ON_CPU, "No GPU here, so the quickest one to see it learn")
    sweet = [name for name in ("tiny", "small", "medium-m4") if fits_well(presets()[name], text, machine, device)]
    if not sweet:
        return Recommendation("tiny", "The one that asks least of this memory")
    of = formats.memory(machine.memory_limit_bytes)
    return Recommendation(sweet[-1], f"Fits well in {of} and writes good text soon")


def fits_well(preset: Preset, text: TextChoice, machine: Machine, device: str) -> bool:
    """Tell whether a preset leaves other programs room."""
    return plan(preset.config(), text, machine, device).fit is Fit.FITS
