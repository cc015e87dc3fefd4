"""What is known before a run starts: parameters, memory, whether it fits, epochs, the preset to begin with. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from engine.core.config import DATASET_ALIASES, TrainConfig
from engine.core.errors import UnderstudyError
from engine.core.init_from import is_model
from engine.core.kinds import DeviceKind
from engine.core.settings import setting_fields
from engine.datasets.dataset import Dataset, dataset, origin_of, prepared, refitted_from, vocabulary_of
from engine.datasets.folder import is_vocabulary, read_meta
from engine.machine.hardware import Machine
from engine.model.shape import ParameterCount, parameter_count
from engine.planning.calibration import IterationTime, Measurement, iteration_time
from engine.planning.estimate import MemoryEstimate, memory_estimate
from engine.planning.pace import Pace
from engine.planning.presets import Preset
from engine.planning.promise import Promise
from engine.planning.recommendation import COMFORT
from engine.runs.start_model import vocabulary_for
from engine.text.catalogue import CatalogueEntry, catalogue
from engine.text.turns import turns_from
from engine.tokens.tokenizer import GPT2_TOKENS
from gui.kit import formats
from gui.kit.run_words import in_own_tokens, text_title

PARTS = ("weights", "gradients", "optimizer", "activations", "logits")
_GPT2_VOCABULARY = 50304  # nanoGPT's: 50,257 tokens, rounded up to a multiple of 64
_MOST = int(setting_fields(TrainConfig)["batch_size"].metadata["maximum"])
_FILES = 3  # the latest checkpoint, the one before it, and the best; the one of a model that teaches beside them


class MemoryFit(Enum):
    """Whether a run has room on this machine."""

    FITS = "Fits"
    TIGHT = "Tight"
    WILL_NOT = "Will not fit"


@dataclass(frozen=True, slots=True)
class TextChoice:
    """A text that can be chosen: prepared, or to be prepared when training starts.

    `train_tokens` is None until it is prepared; `detail` is then what that takes, if it is more than a moment. `about`
    is what it is, in a line.
    """

    name: str
    title: str
    detail: str
    vocab_size: int
    train_tokens: int | None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a configuration means on this machine, with this text."""

    parameters: ParameterCount
    memory: MemoryEstimate
    limit: int
    fit: MemoryFit
    tokens_per_iter: int
    epochs: float | None
    seconds: float | None
    span: tuple[float, float]
    """The seconds between which the run should take; no more than its minutes."""
    most: float = math.inf
    """The seconds that its minutes allow."""
    promise: Promise | None = None
    """What it should reach, where that is known."""

    @property
    def time_text(self) -> str:
        """The time of the whole run and its range, or that it is not known yet."""
        if self.seconds is None:
            return f"{formats.duration(self.most)} at most" if self.most < math.inf else "not measured yet"
        low, high = map(formats.duration, self.span)
        usual = formats.duration(self.seconds)
        if low == high:
            return usual
        number, _, unit = low.partition(" ")
        same = unit == high.partition(" ")[2]
        return f"{usual} ({number}–{high})" if same else f"{usual} ({low} to {high})"

    @property
    def disk(self) -> int:
        """Bytes of the checkpoints: each holds the weights and AdamW's two moments."""
        return (_FILES + (self.memory.teacher > 0)) * (self.memory.weights + self.memory.optimizer)

    @property
    def memory_text(self) -> str:
        """Memory in a line: 2.4 of 12 GB."""
        return f"{formats.memory(self.memory.total)} of {formats.memory(self.limit)}"

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The parts of the memory, largest model part first, in bytes; a model that teaches counts as weights."""
        held = self.memory.as_dict()
        held["weights"] += held["teacher"]
        return tuple((part, held[part]) for part in PARTS)

    @property
    def parameters_text(self) -> str:
        """The parameter count, and where the parameters are."""
        of = self.parameters
        total, tokens, places, layers = map(formats.count, (of.total, of.embedding, of.position, of.blocks))
        return f"{total} parameters: {tokens} for its tokens, {places} for their places, {layers} in its layers"

    @property
    def parameters_sum(self) -> str:
        """The parameter count as the sum that it is."""
        of = self.parameters
        return f"{of.embedding:,} + {of.position:,} + {of.blocks:,} = {of.total:,}"

    @property
    def reading_text(self) -> str:
        """How much of the text the run reads."""
        epochs = [] if self.epochs is None else [formats.epochs(self.epochs)]
        update = f"{formats.whole(self.tokens_per_iter)} tokens per update"
        return " · ".join([*epochs, update, f"{formats.disk(self.disk)} on disk"])


def guide_text(preset: Preset | None) -> str:
    """Return what the guide says of a preset, to stand beside what was computed; empty for one of a person's own."""
    row = preset.guide if preset else {}
    if preset is None or not row:
        return ""
    words = f"The guide says {row['parameters']} parameters, {row['memory']}, {row['time']}."
    total = parameter_count(preset.config(), _GPT2_VOCABULARY).total
    right = row["parameters"] == f"~{total / 1e6:.0f}M"
    return words if right else f"{words} Its count is mistaken: most of a small model is the table of its tokens."


def texts() -> list[TextChoice]:
    """Return the texts that can be chosen: the built-in ones, then those of one's own; no vocabularies of runs."""
    ready: dict[str, Dataset] = {}
    known: dict[str, Dataset] = {}
    for one in prepared():
        if is_vocabulary(one):
            known.setdefault(origin_of(one.name) or "", one)
        else:
            ready[one.name] = one
    return [_built_in(entry, ready.pop(name, None), known.get(name)) for name, entry in catalogue().items()] + [
        _of_dataset(one) for one in ready.values()
    ]


def _built_in(entry: CatalogueEntry, one: Dataset | None, known: Dataset | None) -> TextChoice:
    """Return the choice for a built-in text; `known` is what a run made of it for itself."""
    what = entry.description.partition(". ")[0].removesuffix(".")
    if one is not None:
        return replace(_of_dataset(one), about=_about(one, what))
    detail = "" if entry.offline else f"downloads {formats.disk(entry.download_bytes)} first"
    size = detail[0].upper() + detail[1:] if detail else formats.disk(entry.bytes)
    about = _about(known, what) if known else f"{size} · {what}"
    return TextChoice(entry.name, entry.title, detail, vocabulary_of(entry.name), None, about)


def _about(one: Dataset, what: str = "") -> str:
    """Return how long a text is, how many speak in it, and what else is said of it."""
    turns = turns_from(read_meta(one).get("turns", {}))
    speakers = formats.plural(turns.speakers, "speaker") if turns else ""
    return " · ".join(filter(None, (formats.disk(one.train_bytes + one.val_bytes), speakers, what)))


def _of_dataset(one: Dataset) -> TextChoice:
    title = one.title
    if refitted_from(one.name):  # a recipe's, of a text that stands in the list as well
        title = in_own_tokens(title.removesuffix(" (bpe)"), one.vocab_size)
    detail = f"{formats.count(one.train_tokens)} tokens"
    return TextChoice(one.name, title, detail, one.vocab_size, one.train_tokens, _about(one))


def unknown_text(name: str) -> TextChoice:
    """Return the choice for a text that is not in the list: a vocabulary of one, a folder, or one that has gone."""
    if refitted_from(name):
        with suppress(UnderstudyError):
            return _of_dataset(dataset(name))
    title = text_title(name) if Path(name).name == name else name
    return TextChoice(DATASET_ALIASES.get(name, name), title, "", _GPT2_VOCABULARY, None)


def in_models_tokens(text: TextChoice, config: TrainConfig) -> TextChoice:
    """Return a text in the tokens of the model that a run begins with; how many they are is known only then."""
    if not is_model(config.init_from):
        return text
    with suppress(UnderstudyError):
        size = vocabulary_for(config)
        if size != text.vocab_size and not (size in GPT2_TOKENS and text.vocab_size in GPT2_TOKENS):
            return replace(text, vocab_size=size, train_tokens=None)
    return text


def plan(
    config: TrainConfig,
    text: TextChoice,
    machine: Machine,
    device: DeviceKind,
    measured: Sequence[Measurement] = (),
    rate: float = 0.0,
) -> Plan:
    """Return what a configuration means; `device` is where it will run, `measured` what is known of its speed.

    Where nothing is, `rate`, of operations a second, tells about how long it takes; 0.0 tells nothing.
    """
    text = in_models_tokens(text, config)
    memory = memory_estimate(config, text.vocab_size, device)
    time = iteration_time(config, text.vocab_size, device, measured)
    if time is None and rate:
        time = Pace(device=device, rate=rate).guess(config, text.vocab_size)
    whole = time.seconds_total(config) if time else None
    clock = config.minutes * 60 or math.inf
    share = min(1.0, clock / whole) if whole else 1.0
    tokens = config.tokens_per_iter * config.max_iters * share
    return Plan(
        parameters=parameter_count(config, text.vocab_size),
        memory=memory,
        limit=machine.memory_limit_bytes,
        fit=fit(memory.total, machine.memory_limit_bytes),
        tokens_per_iter=config.tokens_per_iter,
        epochs=tokens / text.train_tokens if text.train_tokens and (whole or not config.minutes) else None,
        seconds=min(clock, whole) if whole else None,
        span=_span(time, whole, clock) if time and whole else (0.0, 0.0),
        most=clock,
    )


def _span(time: IterationTime, whole: float, clock: float) -> tuple[float, float]:
    """Return the least and the most seconds of a run that takes about `whole`, and ends when the clock says so."""
    low, high = (min(clock, whole * edge / time.seconds_per_iter) for edge in (time.low, time.high))
    return low, high


def fit(needed: int, limit: int) -> MemoryFit:
    """Return how so many bytes fit into a limit."""
    return MemoryFit.FITS if needed <= COMFORT * limit else MemoryFit.TIGHT if needed <= limit else MemoryFit.WILL_NOT


def fitting_batch(config: TrainConfig, text: TextChoice, machine: Machine, device: DeviceKind) -> dict[str, int]:
    """Return the largest batch that leaves other programs room, and the accumulation that keeps the tokens per update.

    Empty when the settings are so already, or when not even one stretch of text at a time has room.
    """
    text = in_models_tokens(text, config)
    stretches = config.batch_size * config.gradient_accumulation_steps
    for batch in (size for size in range(min(stretches, _MOST), 0, -1) if stretches % size == 0):
        tried = replace(config, batch_size=batch, gradient_accumulation_steps=stretches // batch)
        needed = memory_estimate(tried, text.vocab_size, device).total
        if fit(needed, machine.memory_limit_bytes) is MemoryFit.FITS:
            same = batch == config.batch_size
            return {} if same else {"batch_size": batch, "gradient_accumulation_steps": stretches // batch}
    return {}
