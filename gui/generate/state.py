"""What the Generate tab shows and remembers, without Qt: checkpoints, dials in plain words, and passages."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from engine.config import SampleConfig
from engine.errors import SettingError
from engine.events import Event, Reply, Token
from engine.run_list import RunSummary
from engine.runs import RunFolder
from engine.settings import setting_fields
from gui import formats

FIRST_SETTINGS = SampleConfig(start="To be or not to be")
"""The guide's prompt and its settings."""

_FIELD_LIMIT = 2**31 - 1  # what a number field of Qt holds


# checkpoints


@dataclass(frozen=True, slots=True)
class CheckpointChoice:
    """One checkpoint to choose: its file, its run's name, what tells it from the others, and more about the run."""

    path: Path
    title: str
    detail: str
    about: str = ""

    @property
    def label(self) -> str:
        """Give the line in the list of checkpoints."""
        return f"{self.title} – {self.detail}" if self.detail else self.title


def checkpoint_choices(runs: Iterable[RunSummary], opened: Sequence[Path] = ()) -> list[CheckpointChoice]:
    """Give all checkpoints, those opened by hand first, then each run's best before its latest."""
    choices = [CheckpointChoice(path, path.parent.name, path.name, str(path.parent)) for path in opened]
    for run in runs:
        folder = RunFolder(run.path)
        if folder.best.exists():
            detail = _with("best", "loss", run.best_val_loss)
            choices.append(CheckpointChoice(folder.best, run.name, detail, about_run(run)))
        if folder.checkpoint.exists():
            at = f"iteration {formats.whole(run.iter_num)}" if run.iter_num is not None else ""
            detail = ", ".join(filter(None, ("latest", at)))
            choices.append(CheckpointChoice(folder.checkpoint, run.name, detail, about_run(run)))
    seen: set[Path] = set()
    return [c for c in choices if not (c.path in seen or seen.add(c.path))]  # type: ignore[func-returns-value]


def about_run(run: RunSummary) -> str:
    """Give what a run is, in a line: its size, its text, and when it was last trained."""
    size = f"{formats.count(run.parameters)} parameters" if run.parameters else ""
    return "  ·  ".join(filter(None, (size, run.dataset, formats.moment(run.modified.astimezone()))))


def _with(kind: str, what: str, value: float | None) -> str:
    return f"{kind}, {what} {formats.loss(value)}" if value is not None else kind


# dials


@dataclass(frozen=True, slots=True)
class Scale:
    """A slider's travel over a setting's values, even or logarithmic; `open_end` puts the value 0 at the far end."""

    low: float
    high: float
    logarithmic: bool = False
    open_end: bool = False
    steps: int = 200

    def value(self, position: int) -> float:
        """Give the value at a position from 0 to `steps`."""
        if self.open_end and position >= self.steps:
            return 0
        share = position / self.steps
        if self.logarithmic:
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low + share * (self.high - self.low)

    def position(self, value: float) -> int:
        """Give the position nearest to a value; values outside the travel stand at its ends."""
        if self.open_end and value == 0:
            return self.steps
        inside = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = (math.log(inside) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        else:
            share = (inside - self.low) / (self.high - self.low)
        last = self.steps - 1 if self.open_end else self.steps
        return min(round(share * self.steps), last)


@dataclass(frozen=True, slots=True)
class Dial:
    """One setting of generation: its name, what it says on screen, and its slider (none: only a field).

    `at_zero` stands for 0, and `grouped` numbers have their thousands apart.
    """

    name: str
    label: str
    words: Callable[[float], str]
    scale: Scale | None = None
    decimals: int = 0
    at_zero: str = ""
    grouped: bool = True

    def limits(self) -> tuple[float, float]:
        """Give the least and the greatest value that the setting allows."""
        allowed = setting_fields(SampleConfig)[self.name].metadata
        greatest = allowed["maximum"]
        return allowed["minimum"], min(greatest or _FIELD_LIMIT, _FIELD_LIMIT)


def temperature_words(value: float) -> str:
    """Say what a temperature does."""
    if value == 0:
        return "Always the likeliest token; the seed makes no difference."
    if value < 0.5:
        return "Careful: close to the text it learned, and it may repeat itself."
    if value <= 1:
        return "Balanced between sense and surprise."
    return "Daring: more surprises, more nonsense." if value <= 1.5 else "Wild: mostly noise."


def top_k_words(value: float) -> str:
    """Say what top_k does."""
    if value == 0:
        return "Chooses among all tokens."
    if value == 1:
        return "Always the likeliest token."
    return f"Chooses among the {formats.whole(int(value))} likeliest tokens."


def top_p_words(value: float) -> str:
    """Say what top_p does."""
    if value >= 1:
        return "Cuts nothing off."
    return f"Leaves out the unlikely tokens beyond the first {formats.percent(value)} of probability."


def length_words(value: float) -> str:
    """Say what max_new_tokens does."""
    return f"Writes {formats.plural(int(value), 'token')} after your beginning."


def samples_words(value: float) -> str:
    """Say what num_samples does."""
    return "One continuation." if value == 1 else f"{formats.whole(int(value))} continuations of the same beginning."


def seed_words(_value: float) -> str:
    """Say what the seed does."""
    return "The same seed gives the same text."


DIALS = (
    Dial("temperature", "Temperature", temperature_words, Scale(0.0, 2.0), decimals=2),
    Dial("top_k", "Top-k", top_k_words, Scale(1, 1000, logarithmic=True, open_end=True), at_zero="All"),
    Dial("top_p", "Top-p", top_p_words, Scale(0.0, 1.0, steps=100), decimals=2),
    Dial("max_new_tokens", "Length", length_words, Scale(10, 10_000, logarithmic=True)),
    Dial("num_samples", "Samples", samples_words, Scale(1, 8, steps=7)),
    Dial("seed", "Seed", seed_words, grouped=False),
)


def varied(config: SampleConfig) -> SampleConfig:
    """Give the settings with the next seed: another text from the same beginning."""
    return replace(config, seed=(config.seed + 1) % _FIELD_LIMIT)


# memory


def memory_key(checkpoint: Path) -> str:
    """Give the name under which a checkpoint's prompt and settings are remembered."""
    return f"generate/{hashlib.sha256(str(checkpoint).encode()).hexdigest()[:16]}"


def to_memory(config: SampleConfig) -> str:
    """Give settings as a text to keep."""
    return json.dumps(config.as_dict())


def from_memory(text: object) -> SampleConfig | None:
    """Give the settings that were kept, or None where nothing usable was."""
    try:
        return SampleConfig.of(json.loads(text)) if isinstance(text, str) else None
    except (ValueError, TypeError, SettingError):
        return None


# passages


class Phase(Enum):
    """Where a passage stands."""

    WAITING = "waiting"
    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(slots=True)
class Passage:
    """One beginning and what the model makes of it, as it grows; `after` is the passage it goes on from, if any."""

    checkpoint: CheckpointChoice
    config: SampleConfig
    after: Passage | None = None
    phase: Phase = Phase.WAITING
    tokens_per_s: float = 0.0
    _pieces: list[list[str]] = field(default_factory=list)
    _counts: dict[int, int] = field(default_factory=dict)
    _stopped: bool = False

    def take(self, event: Event) -> tuple[int, str] | None:
        """Take in an event of its job; gives the sample it belongs to and the text to add, or None."""
        if isinstance(event, Token):
            self._counts[event.sample] = event.tokens
            return self._add(event.sample, event.text, event.tokens_per_s)
        if isinstance(event, Reply):
            self._stopped |= event.reason == "stopped"
            self._counts[event.sample] = event.tokens
            whole = event.text.removeprefix(event.prompt)
            return self._add(event.sample, whole[len(self.written(event.sample)) :], event.tokens_per_s)
        return None

    def end(self, failed: bool = False) -> None:
        """Take in that its job is over."""
        if not failed:
            self.after = None  # what it goes on from stands in its own beginning
        self.phase = Phase.FAILED if failed else Phase.STOPPED if self._stopped else Phase.DONE

    @property
    def under_way(self) -> bool:
        """Whether its job goes on."""
        return self.phase in (Phase.WAITING, Phase.WRITING)

    @property
    def samples(self) -> int:
        """How many samples it has begun."""
        return len(self._pieces)

    def written(self, sample: int) -> str:
        """Give what the model wrote of one sample so far."""
        return "".join(self._pieces[sample]) if sample < len(self._pieces) else ""

    @property
    def continues(self) -> bool:
        """Whether it can be gone on with: one sample, and its job is over."""
        return self.samples == 1 and not self.under_way

    def text(self) -> str:
        """Give all its samples, each with the beginning, an empty line between them."""
        return "\n\n".join(self.config.start + self.written(sample) for sample in range(self.samples))

    def title_of(self, sample: int) -> str:
        """Give the title of one of several samples; one alone has none."""
        return f"Sample {sample + 1} of {self.config.num_samples}" if self.config.num_samples > 1 else ""

    def heading(self) -> str:
        """Give what made it, in a line: checkpoint and settings."""
        cuts = [f"top-k {self.config.top_k}"] if self.config.top_k else []
        cuts += [f"top-p {self.config.top_p:g}"] if self.config.top_p < 1 else []
        made = [self.checkpoint.label, f"temperature {self.config.temperature:g}", *cuts, f"seed {self.config.seed}"]
        return "  ·  ".join(made)

    def status(self) -> str:
        """Give how it goes, in a line."""
        told = formats.plural(self._tokens, "token")
        at = f"  ·  {formats.rate(self.tokens_per_s)}" if self.tokens_per_s else ""
        match self.phase:
            case Phase.WAITING:
                return "Getting ready…"
            case Phase.WRITING:
                return f"Writing: {formats.whole(self._tokens)} of {formats.plural(self._wanted, 'token')}{at}"
            case Phase.DONE:
                return told + at
            case Phase.STOPPED:
                return f"Stopped after {told}{at}"
        return f"Failed after {told}" if self._tokens else ""

    @property
    def _tokens(self) -> int:
        return sum(self._counts.values())

    @property
    def _wanted(self) -> int:
        return self.config.max_new_tokens * self.config.num_samples

    def _add(self, sample: int, text: str, tokens_per_s: float) -> tuple[int, str]:
        while len(self._pieces) <= sample:
            self._pieces.append([])
        self.phase = Phase.WRITING
        self.tokens_per_s = tokens_per_s
        self._pieces[sample].append(text)
        return sample, text


def transcript_text(passages: Iterable[Passage]) -> str:
    """Give all passages as a text file: what made each, and what it says."""
    parts = (f"[{passage.heading()}]\n\n{passage.text()}\n" for passage in passages if passage.samples)
    return "\n\n".join(parts)
