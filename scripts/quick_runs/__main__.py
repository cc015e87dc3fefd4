"""Records runs: `python -m scripts.quick_runs TEXTS RUNS.jsonl [--budgets 0.5,1,2,3] [--texts NAME,NAME]`.

TEXTS is a folder of text files, or folders of them; one that bears the name of a built-in text stands in for its
download. Each text is given two of the budgets (10^12 operations), another two each time, so that few runs tell much.
A run that stands in the file is not made again, so the work can be broken off at any time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.datasets.dataset import prepared
from engine.datasets.prepare import prepare
from engine.text.catalogue import catalogue
from scripts.quick_runs.recorded import record


def main() -> None:
    """Make the runs that the file lacks."""
    arguments = _arguments()
    os.environ.setdefault("UNDERSTUDY_HOME", tempfile.mkdtemp())
    texts = {path.stem: path for path in sorted(arguments.folder.iterdir())}
    names = arguments.texts.split(",") if arguments.texts else list(texts)
    done = {(row["text"], row["tflop"], row["settings"]["seed"]) for row in _rows(arguments.runs)}
    for text, tflop, seed in drawn(names, [float(each) for each in arguments.budgets.split(",")], arguments.first_seed):
        if (text, tflop, seed) in done:
            continue
        prepare_text(text, texts[text])
        row = record(text, tflop, seed)
        with arguments.runs.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"tflop": tflop} | row, separators=(",", ":")) + "\n")
        print(f"{text} {tflop:g}: {row['bits_per_byte']:.3f}, {row['seconds']:.0f} s", file=sys.stderr, flush=True)


def drawn(texts: Sequence[str], budgets: Sequence[float], first_seed: int) -> Iterator[tuple[str, float, int]]:
    """Yield text, budget and seed of each run: every text once with each of two budgets, the first of all first."""
    turns = itertools.cycle(range(len(budgets)))
    first = [(text, next(turns)) for text in texts]
    for again in range(min(2, len(budgets))):
        for number, (text, turn) in enumerate(first):
            budget = budgets[(turn + again * (len(budgets) // 2)) % len(budgets)]
            yield text, budget, first_seed + number + again * len(texts)


def prepare_text(name: str, source: Path) -> None:
    """Prepare a text as the window would, unless it is prepared already."""
    if any(one.name == name for one in prepared()):
        return
    if name in catalogue():
        prepare(name, source=None if catalogue()[name].offline else str(source))
    else:
        prepare(str(source), name=name)


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []  # type: ignore[misc]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.quick_runs", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--budgets", default="0.5,1,2,3")
    parser.add_argument("--texts", default="")
    parser.add_argument("--first_seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
