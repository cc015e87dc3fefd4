"""Make the runs that are asked for and are not in the file of results yet; then print its table."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from engine.core.errors import UnderstudyError
from scripts.recipe_lab import __doc__ as about
from scripts.recipe_lab.baselines import keep
from scripts.recipe_lab.experiments import Queue
from scripts.recipe_lab.paired import paired_table
from scripts.recipe_lab.results import Results
from scripts.recipe_lab.table import samples, table
from scripts.recipe_lab.texts import CHECKED_WITH, TEXTS, prepare_text
from scripts.recipe_lab.trial import Trial, commit_here, run

RESULTS = Path("build") / "recipe-lab.jsonl"

ACCEPTANCE = ((1.0, 3), (0.145, 3), (5.0, 3))
"""What quick must reach on Tiny Shakespeare is asked after so many minutes, with so many seeds."""


def main() -> None:
    """Run the lab."""
    arguments = _arguments()
    if arguments.keep:
        with tempfile.TemporaryDirectory() as home:
            _prepare(set(TEXTS), Path(home), arguments)
            keep(arguments.keep, TEXTS)
        return
    queue = Queue.read(arguments.queue) if arguments.queue else None
    wanted = list(queue.trials(CHECKED_WITH if arguments.check else ()) if queue else _trials(arguments))
    results, failed = Results(arguments.results), 0
    if not arguments.table:
        with results, tempfile.TemporaryDirectory() as home:
            failed = _make([one for one in wanted if not results.has(one)], results, Path(home), arguments)
    baseline = arguments.against or (queue.baseline if queue else "")
    found = results.rows if queue is None else _named(wanted, results)
    print(paired_table(found, baseline) if baseline else table(found))
    if arguments.samples:
        print(f"\n{samples(found)}")
    if failed:
        sys.exit(f"{failed} of them failed; the next time they are tried again")


def _make(trials: Sequence[Trial], results: Results, home: Path, arguments: argparse.Namespace) -> int:
    """Make the runs, each kept as soon as it has ended; return how many failed.

    Those about other code than this are left for later.
    """
    here, failed = commit_here(), 0
    mine = [one for one in trials if not one.commit or (here.startswith(one.commit) and not here.endswith("+"))]
    for name in dict.fromkeys(one.name for one in trials if one not in mine):
        print(f"{name} is about another commit than {here}: left out here", file=sys.stderr)
    if mine:
        _prepare({one.text for one in mine}, home, arguments)
    for number, trial in enumerate(mine, 1):
        if results.has(trial):  # under another name, a moment ago
            continue
        print(f"{number} of {len(mine)}: {trial.label}: {' '.join(trial.flags)}", file=sys.stderr, flush=True)
        try:
            row = run(trial, home)
        except RuntimeError as error:
            failed += 1
            print(f"  {error}", file=sys.stderr, flush=True)
            continue
        results.add(row)
        figures = f"{row['bits_per_byte']:.3f} after {row['iterations']:,} iterations, {row['seconds']:.1f} s"
        print(f"  {figures}", file=sys.stderr, flush=True)
    return failed


def _named(wanted: Iterable[Trial], results: Results) -> list[dict[str, object]]:
    """Return the results of a queue, each under the name that it has there."""
    rows = {Trial.of(row).key: row for row in results.rows}
    return [rows[one.key] | {"name": one.name} for one in wanted if one.key in rows]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.recipe_lab", description=about)
    parser.add_argument("--texts", default="shakespeare", help=f"of {','.join(TEXTS)} [shakespeare]")
    parser.add_argument("--presets", default="", help="whose shapes are kept; empty: the recipe's choice")
    parser.add_argument("--recipes", default="guide,quick", help="[guide,quick]")
    parser.add_argument("--minutes", default="1", help="budgets, as 1,5,20 [1]")
    parser.add_argument("--iters", type=int, default=0, help="end each run here, not by the clock")
    parser.add_argument("--seeds", type=int, default=1, help="seeds for each [1]")
    parser.add_argument("--change", action="append", default=[], metavar="NAME=VALUE[,NAME=VALUE]", help="a variant")
    parser.add_argument("--acceptance", action="store_true", help="the runs that the recipe is accepted by, 25 minutes")
    parser.add_argument("--queue", type=Path, metavar="FILE", help="experiments of a file, at equal arithmetic")
    parser.add_argument("--check", action="store_true", help=f"a queue on {' and '.join(CHECKED_WITH)} instead")
    parser.add_argument("--against", metavar="NAME", default="", help="a table of paired differences from this one")
    parser.add_argument("--keep", metavar="NAME@N", default="", help="keep what quick decides today, to compare with")
    for text in sorted({*TEXTS} - {"python"}):  # every machine has that
        parser.add_argument(f"--{text}", metavar="FILE", help=f"{text}, in place of a download")
    parser.add_argument("--results", type=Path, default=RESULTS, help=f"file of results [{RESULTS}]")
    parser.add_argument("--table", action="store_true", help="run nothing; print what is there")
    parser.add_argument("--samples", action="store_true", help="print what each wrote, too")
    return parser.parse_args()


def _trials(arguments: argparse.Namespace) -> Iterator[Trial]:
    """Yield the trials that were asked for, the most telling first."""
    if arguments.acceptance:
        for minutes, seeds in ACCEPTANCE:
            for seed in range(1, seeds + 1):
                yield Trial(text="shakespeare", recipe="quick", preset="", minutes=minutes, seed=seed)
            yield Trial(text="shakespeare", recipe="guide", preset="", minutes=minutes, seed=1)
        return
    lists = (arguments.texts, arguments.presets, arguments.minutes, arguments.recipes)
    variants = [dict(pair.split("=", 1) for pair in one.split(",")) for one in arguments.change] or [{}]
    for text, preset, minutes in itertools.product(*(each.split(",") for each in lists[:3])):
        by_turns = itertools.product(range(1, arguments.seeds + 1), lists[3].split(","), variants)
        for seed, recipe, changes in by_turns:
            yield Trial(
                text=text,
                recipe=recipe,
                preset=preset,
                minutes=float(minutes),
                iters=arguments.iters,
                seed=seed,
                changes=changes,
            )


def _prepare(texts: set[str], home: Path, arguments: argparse.Namespace) -> None:
    """Prepare the texts in a home of their own."""
    os.environ["UNDERSTUDY_HOME"] = str(home)
    for text in sorted(texts):
        prepare_text(text, getattr(arguments, text, None))


if __name__ == "__main__":
    try:
        main()
    except (UnderstudyError, ValueError, LookupError, BlockingIOError) as wrong:
        sys.exit(str(wrong))
