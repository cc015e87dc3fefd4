"""A run as it is shown to others: what it wrote from its first words to its last, and a few facts. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from engine.core.events import Started
from engine.core.kinds import DeviceKind
from engine.runs.folder import RunFolder
from engine.runs.listing import summary
from engine.runs.record import RecordScan
from gui.kit import formats
from gui.kit.run_words import text_title
from gui.train.curves import Curves
from gui.train.record import read_record
from gui.train.run_names import own_name
from gui.train.written import is_read_in_lines, with_dots, without_gaps

_POINTS = 240  # of the curve: more are not seen in a picture
_TOO_MUCH = re.compile(r"\((R|TM|C)\)|\bCPU\b|\bProcessor\b|\b\d+-Core\b|@.*", re.IGNORECASE)
_SECONDS_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Moment:
    """What the model wrote after so many seconds of training."""

    words: str
    seconds: float

    @property
    def when(self) -> str:
        """The moment, as it stands over the words."""
        return f"After {spelled_out(self.seconds)}" if self.seconds > 0 else "Before the first lesson"


@dataclass(frozen=True, slots=True)
class SharedRun:
    """What others see of a run.

    Attributes:
        title: the name that a person gave it, else what its text is called.
        in_lines: whether the text is read as code is, and not as a book.
        moments: what it wrote, the first first.
        facts: its text where the title is another, how large the model is, how long it was trained, and on what.
        curve: points of its loss: the share of the time, and the loss.
    """

    title: str
    in_lines: bool
    moments: tuple[Moment, ...]
    facts: tuple[str, ...]
    curve: tuple[tuple[float, float], ...] = ()


def read_shared_run(run_dir: Path) -> SharedRun:
    """Return a run as it is shown to others; what is missing or torn is left out. 20,000 iterations take 0.3 s."""
    known, record = summary(run_dir), read_record(run_dir)
    curves, started = record.trace.curves, _last_start(run_dir)
    seconds = known.seconds or (float(curves.steps.column("seconds")[-1]) if len(curves.steps) else 0.0)
    when = curves.seconds_before([sample.iter_num for sample in record.samples])
    text, own, in_lines = text_title(known.dataset), own_name(run_dir, known.dataset), is_read_in_lines(known.dataset)
    facts = (
        text if own not in ("", text) and known.dataset else "",
        f"{formats.count(known.parameters)} parameters" if known.parameters else "",
        formats.duration(seconds) if seconds else "",
        machine_words(started.chip, started.device) if started else "",
    )
    return SharedRun(
        title=own or (text if known.dataset else known.name),
        in_lines=in_lines,
        moments=tuple(
            Moment(readable(sample.text, in_lines=in_lines), after)
            for sample, after in zip(record.samples, when, strict=True)
        ),
        facts=tuple(filter(None, facts)),
        curve=curve_of(curves),
    )


def _last_start(run_dir: Path) -> Started | None:
    try:
        return RecordScan.of(RunFolder(run_dir).metrics_path).last(Started)
    except OSError:
        return None


def readable(text: str, *, in_lines: bool = False) -> str:
    """Return what a model wrote as plain lines, a dot for each thing that is no character."""
    return "\n".join(with_dots(without_gaps(text, in_lines=in_lines)).splitlines()).rstrip()


def machine_words(chip: str, device: DeviceKind) -> str:
    """Return what a run was trained on, as people call it: its chip, or that it was a graphics card.

    Neither is a person's name in it, nor a machine's own.
    """
    if device.startswith("cuda"):
        return "NVIDIA GPU"
    return " ".join(_TOO_MUCH.sub(" ", chip).split())


def spelled_out(seconds: float) -> str:
    """Return a duration in words that stand in a sentence: 12 seconds, 5 minutes, 2 h 10 min."""
    if seconds < _SECONDS_A_MINUTE - 0.5:
        return formats.plural(max(round(seconds), 1), "second")
    minutes = round(seconds / _SECONDS_A_MINUTE)
    return formats.plural(minutes, "minute") if minutes < _SECONDS_A_MINUTE else formats.duration(seconds)


def curve_of(curves: Curves) -> tuple[tuple[float, float], ...]:
    """Return the smoothed loss along the time, at no more points than are seen; those that are no numbers are left out.

    The time is told as its share, from 0 to 1.
    """
    steps = curves.steps
    seconds, losses = steps.column("seconds"), steps.column("smoothed")
    if len(steps) < 2 or not seconds[-1] > 0:
        return ()
    step = max(len(steps) // _POINTS, 1)
    places = sorted({*range(0, len(steps), step), len(steps) - 1})
    points = ((float(seconds[at] / seconds[-1]), float(losses[at])) for at in places)
    return tuple(point for point in points if math.isfinite(point[1]))
