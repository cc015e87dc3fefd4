"""What the Runs tab shows, without Qt: columns, search, curves, and how runs differ."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.core.config import OF_THE_CALL, TrainConfig
from engine.core.errors import CheckpointError
from engine.core.events import Eval, Step
from engine.core.settings import setting_fields
from engine.runs.folder import RunFolder
from engine.runs.record import RecordScan
from engine.runs.run_summary import RunStatus, RunSummary
from gui.kit import formats
from gui.kit.lost_text import lost_text
from gui.kit.run_words import STATUS_WORDS, iterations_text, text_title, text_words, tokens_title

MOST_COMPARED = 8
"""Runs that are drawn and told apart at once: as many as there are colors."""

_MOST_POINTS = 2000
_NOT_ASKED = OF_THE_CALL | {"always_save_checkpoint"}


_STATUS_TIPS: Mapping[RunStatus, str] = {
    "interrupted": "It ended without being stopped. Resume it from its last checkpoint.",
    "foreign": "A checkpoint without Understudy’s records, as nanoGPT leaves it.",
}


STOP_FIRST = "Stop the run under way first."
"""Why nothing else can be trained now."""

_NO_SETTINGS = "It came without settings to resume with. Start From in the Train tab begins with its weights."


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: its title, what stands in it, and what it is sorted by (None is always last).

    `widest` is a text that it should have room for, `tip` what the title means.
    """

    title: str
    text: Callable[[RunSummary], str]
    key: Callable[[RunSummary], Any]
    widest: str = ""
    number: bool = True
    tip: str = ""


COLUMNS = (
    Column(
        "Name",
        lambda run: run.name,
        lambda run: run.name.casefold(),
        "Complete Shakespeare, Wednesday 04:28",
        number=False,
    ),
    Column(
        "Status",
        lambda run: STATUS_WORDS[run.status][0],
        lambda run: STATUS_WORDS[run.status][0],
        max((words for words, _ in STATUS_WORDS.values()), key=len),
        number=False,
    ),
    Column(
        "Best Loss",
        lambda run: formats.fine_loss(run.best_val_loss),
        lambda run: run.best_val_loss,
        "10.8250",
        tip="How surprised the model was by text it never learned from, at its best; less is better (nats per token)",
    ),
    Column(
        "Bits/Byte",
        lambda run: formats.fine_loss(run.bits_per_byte),
        lambda run: run.bits_per_byte,
        "10.8250",
        tip="The same for each byte of text: compares runs whatever their tokens are",
    ),
    Column(
        "Iterations",
        lambda run: iterations_text(run),
        lambda run: run.iter_num,
        "5,000 of 10,000",
        tip="How often the model was updated",
    ),
    Column(
        "Text",
        lambda run: text_words(run) or formats.NOTHING,
        lambda run: text_words(run) or None,
        "Complete Shakespeare",
        False,
    ),
    Column(
        "Parameters",
        lambda run: formats.count(run.parameters) if run.parameters else formats.NOTHING,
        lambda run: run.parameters,
        tip="How many numbers the model learned",
    ),
    Column("Size", lambda run: formats.disk(run.bytes_on_disk), lambda run: run.bytes_on_disk, "999.9 MB"),
    Column(
        "Last Trained",
        lambda run: formats.moment(run.modified.astimezone()),
        lambda run: run.modified,
        "Yesterday at 00:00",
        number=False,
    ),
)
NAME, STATUS, LAST_TRAINED = 0, 1, len(COLUMNS) - 1
GIVING_WAY = ("Text", "Parameters", "Iterations", "Size", "Bits/Byte")
"""The columns that are left out where names would be cut, the first first: the run below the table tells the same."""


def tip(run: RunSummary) -> str:
    """Return what a pointer over a run's status is told."""
    return run.problem or _STATUS_TIPS.get(run.status, "")


def in_order(runs: Iterable[RunSummary], column: int, *, descending: bool) -> list[RunSummary]:
    """Return the runs by a column's values; unknown values stand last in either direction."""
    keyed = [(COLUMNS[column].key(run), run) for run in runs]
    known = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=descending)
    return [run for _, run in known] + [run for key, run in keyed if key is None]


def matches(run: RunSummary, search: str) -> bool:
    """Return whether every word of a search stands in a run's name, text, status or note."""
    words = " ".join(
        (run.name, run.path.name, run.dataset, text_words(run), STATUS_WORDS[run.status][0], run.note)
    ).casefold()
    return all(word in words for word in search.casefold().split())


def with_live(runs: Sequence[RunSummary], live: Mapping[Path, RunStatus]) -> list[RunSummary]:
    """Return the runs with the status that those under way have in this window."""
    if not live:
        return list(runs)
    return [
        replace(run, status=live[key]) if (key := Path(os.path.realpath(run.path))) in live else run for run in runs
    ]


def total_text(runs: Sequence[RunSummary], shown: int) -> str:
    """Return how many runs there are and what they take, in a line."""
    size = formats.disk(sum(run.bytes_on_disk for run in runs))
    number = (
        formats.plural(len(runs), "run") if shown == len(runs) else f"{shown} of {formats.plural(len(runs), 'run')}"
    )
    return f"{number}  ·  {size}"


def compared_text(shown: int, selected: int) -> str:
    """Return how many of the selected runs are compared."""
    if shown == selected:
        return f"{formats.plural(selected, 'run')} compared"
    return f"{shown} of {formats.plural(selected, 'selected run')} compared"


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be done with the runs that are selected; `why_not` says why none can be trained on now."""

    generate: bool
    resume: bool
    use_settings: bool
    pack: bool
    reveal: bool
    rename: bool
    trash: bool
    why_not: str = ""


def offers(selected: Sequence[RunSummary], live: Collection[Path], *, training: bool = False) -> Offers:
    """Return what can be done with a selection; a run under way, here or in another process, is left alone.

    `training`: a run is on in this window, which another would have to wait for.
    """
    one = selected[0] if len(selected) == 1 else None
    under_way = any(_is_under_way(run, live) for run in selected)
    whole = bool(one and not under_way and os.path.exists(RunFolder(one.path).checkpoint))
    foreign = bool(one and one.status == "foreign")
    return Offers(
        generate=bool(one and one.has_checkpoint),
        resume=whole and not foreign and not training,
        use_settings=bool(one and one.dataset) and not training,
        pack=whole,
        reveal=bool(one),
        rename=bool(one),
        trash=bool(selected) and not under_way,
        why_not=STOP_FIRST if training else _NO_SETTINGS if foreign else "",
    )


def why_not_packed(selected: Sequence[RunSummary], live: Collection[Path]) -> tuple[str, str]:
    """Return why a selection cannot go to a bigger machine, and what to do."""
    if len(selected) != 1:
        return "Select one run to continue on a bigger machine.", "Then choose the command again."
    if _is_under_way(selected[0], live):
        return f"“{selected[0].name}” is being trained.", "Stop it first: it goes on there from where it was saved."
    return f"“{selected[0].name}” has no checkpoint to go on from.", "Select another run."


def _is_under_way(run: RunSummary, live: Collection[Path]) -> bool:
    """Return whether a run is being trained or rests in a process, this one or another."""
    return run.owned or run.status == "running" or (bool(live) and _whole(run.path) in live)


def _whole(path: Path) -> Path:
    """Return a path with no link in it; one that leads round in a circle stays as it is."""
    return Path(os.path.realpath(path))


def unfinished(runs: Sequence[RunSummary]) -> RunSummary | None:
    """Return the run last trained, the first of `runs`, if it was left before its end and can go on; else None."""
    last = runs[0] if runs else None
    if last is None or last.owned or not last.has_checkpoint:
        return None
    left = last.status in ("stopped", "interrupted", "paused")
    aim = last.max_iters is not None and (last.iter_num or 0) < last.max_iters
    return last if left and aim else None


# curves and settings


@dataclass(frozen=True, slots=True)
class Curve:
    """A run's losses by iteration; the training loss thinned out to what can be seen.

    `bits_per_byte` are those of the validation loss per byte of text, which compares runs in different tokens.
    """

    name: str
    train: tuple[list[int], list[float]]
    validation: tuple[list[int], list[float]]
    bits_per_byte: tuple[list[int], list[float]] = field(default_factory=lambda: ([], []))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.train[0] and not self.validation[0]


def curve(run: RunSummary, *, whole: bool = True) -> Curve:
    """Return a run's losses; unless `whole`, those of training only where there are no others.

    The window waits whenever another thread runs Python: what is not drawn is not parsed.
    """
    try:
        record = RecordScan.of(RunFolder(run.path).metrics_path)
    except OSError:
        record = RecordScan(b"")
    scored = list(record.every(Eval))
    evals = [(each.iter_num, each.val_loss) for each in scored]
    bits = _finite((each.iter_num, each.bits_per_byte) for each in scored)
    steps = record.every(Step, at_most=_MOST_POINTS) if whole or not evals else []
    return Curve(run.name, _finite((step.iter_num, step.loss) for step in steps), _finite(evals), bits)


def _finite(points: Iterable[tuple[int, float]]) -> tuple[list[int], list[float]]:
    """Return the iterations and losses of the points whose loss is a number."""
    known = [(iter_num, loss) for iter_num, loss in points if math.isfinite(loss)]
    return [iter_num for iter_num, _ in known], [loss for _, loss in known]


@dataclass(frozen=True, slots=True)
class Insides:
    """What is read from the folders of the selected runs.

    Attributes:
        curves: what is drawn of each.
        settings: as `settings_rows` returns them.
        texts: what the texts in them are called, by the names of their datasets: in short, and in full.
        lost: that the text of a single run is gone, and what to do; else empty.
    """

    curves: tuple[Curve, ...]
    settings: tuple[tuple[str, ...], ...]
    texts: Mapping[str, tuple[str, str]]
    lost: str = ""


def insides(runs: Sequence[RunSummary]) -> Insides:
    """Return the settings of some runs and what is drawn of them: the validation losses, of one the training's too."""
    curves = [curve(run, whole=len(runs) == 1) for run in runs]
    rows = settings_rows(runs)
    lost = lost_text(runs[0].dataset) if len(runs) == 1 else None
    return Insides(tuple(curves), tuple(rows), _texts(rows), f"{lost.message} {lost.fix}" if lost else "")


def _texts(rows: Iterable[tuple[str, ...]]) -> dict[str, tuple[str, str]]:
    """Return what the texts of some settings are called, by the names of their datasets: in short, and in full.

    In short is as short as tells them apart: the title, with its tokens, or else the name.
    """
    names = {name for row in rows if row[0] == "dataset" for name in row[1:] if name != formats.NOTHING}
    titles, full = ({name: told(name) for name in names} for told in (text_title, tokens_title))
    short = next((each for each in (titles, full) if len(set(each.values())) == len(names)), {})
    return {name: (short.get(name, name), full[name]) for name in names}


def settings_rows(runs: Sequence[RunSummary]) -> list[tuple[str, ...]]:
    """Return the settings of one run, or those in which several differ: the name, then each run's value."""
    known = [_settings(run) for run in runs]
    settings_known = [settings for settings in known if settings]
    names = sorted(
        (name for name in setting_fields(TrainConfig) if name not in _NOT_ASKED and settings_known), key=_place
    )
    rows = [(name, *(settings.get(name, formats.NOTHING) for settings in known)) for name in names]
    if len(runs) == 1:
        return rows
    return [row for row in rows if len({settings.get(row[0]) for settings in settings_known}) > 1]


def _place(name: str) -> int:
    """Return where a setting stands: the text first, what does not change the model last."""
    return -1 if name == "dataset" else 1 if name == "checkpoint_minutes" else 0


def _settings(run: RunSummary) -> dict[str, str]:
    config = _config(run)
    values = config.as_dict() if config else {}
    texts = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in values.items()}
    return texts | ({} if config is None or config.minutes else {"minutes": "no limit"})


def _config(run: RunSummary) -> TrainConfig | None:
    try:
        return RunFolder(run.path).read_config()
    except CheckpointError:
        return None


def recipe_words(run: RunSummary) -> str:
    """Return the recipe that a run's settings came from, where it is not the guide's: "quick recipe, 5 min"."""
    config = _config(run)
    if config is None or config.recipe == "guide":
        return ""
    return f"{config.recipe} recipe" + (f", {formats.duration(config.minutes * 60)}" if config.minutes else "")


def facts(run: RunSummary) -> str:
    """Return what is known of one run, in a line."""
    begun = formats.moment(run.created.astimezone())
    parts = [STATUS_WORDS[run.status][0], *filter(None, [recipe_words(run)])]
    parts += [f"best loss {formats.loss(run.best_val_loss)}"] if run.best_val_loss is not None else []
    parts += [f"iteration {iterations_text(run)}"] if run.iter_num is not None else []
    parts += [f"trained for {formats.duration(run.seconds)}"] if run.seconds else []
    parts += [f"begun {begun[:1].lower()}{begun[1:]}"]
    return "  ·  ".join(parts)
