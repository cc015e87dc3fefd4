"""Make the runs that are asked for and are not in the file of results yet; then print its table."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.recipe_lab import __doc__ as about
from scripts.recipe_lab.table import samples, table
from scripts.recipe_lab.texts import TEXTS, prepare_text
from scripts.recipe_lab.trial import Trial, run

RESULTS = Path("build") / "recipe-lab.jsonl"

ACCEPTANCE = ((1.0, 3), (0.145, 3), (5.0, 3))
"""What quick must reach on Tiny Shakespeare is asked after so many minutes, with so many seeds."""


def main() -> None:
    """Run the lab."""
    arguments = _arguments()
    results = _read(arguments.results)
    done = {_key(row) for row in results}
    wanted = [one for one in _trials(arguments) if one.key not in done]
    if wanted and not arguments.table:
        with tempfile.TemporaryDirectory() as home:
            _prepare({one.text for one in wanted}, Path(home), arguments.shakespeare)
            for number, trial in enumerate(wanted, 1):
                print(f"{number} of {len(wanted)}: {' '.join(trial.flags)}", file=sys.stderr, flush=True)
                row = run(trial, Path(home))
                results.append(row)
                _add(arguments.results, row)
                figures = f"{row['bits_per_byte']:.3f} after {row['iterations']:,} iterations, {row['seconds']:.1f} s"
                print(f"  {figures}", file=sys.stderr, flush=True)
    print(table(results))
    if arguments.samples:
        print(f"\n{samples(results)}")


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
    parser.add_argument("--shakespeare", metavar="FILE", help="Tiny Shakespeare, in place of a download")
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
    for text, preset, minutes, recipe in itertools.product(*(each.split(",") for each in lists)):
        for changes, seed in itertools.product(variants, range(1, arguments.seeds + 1)):
            yield Trial(
                text=text,
                recipe=recipe,
                preset=preset,
                minutes=float(minutes),
                iters=arguments.iters,
                seed=seed,
                changes=changes,
            )


def _prepare(texts: set[str], home: Path, source: str | None) -> None:
    """Prepare the texts in a home of their own."""
    os.environ["UNDERSTUDY_HOME"] = str(home)
    for text in sorted(texts):
        prepare_text(text, source)


def _key(row: dict[str, Any]) -> str:
    """Return the key of the trial in a row."""
    return Trial(**{name: row[name] for name in Trial.__dataclass_fields__}).key


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def _add(path: Path, row: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
