"""Records runs: `python -m scripts.quick_runs TEXTS RUNS.jsonl TEXT:TFLOP… [--seed N]`.

TEXTS is a folder of text files; one that bears the name of a built-in text stands in for its download. Each run is of a
text and a budget of 10^12 operations. One that stands in the file is not made again, so the work can be broken off at
any time. `python -m scripts.quick_runs.fit RUNS.jsonl` then takes them in.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from engine.datasets.dataset import prepared
from engine.datasets.prepare import prepare
from engine.text.catalogue import catalogue
from scripts.quick_runs.recorded import record
from scripts.quick_runs.runs import Row


def main() -> None:
    """Make the runs that the file lacks."""
    arguments = _arguments()
    os.environ.setdefault("UNDERSTUDY_HOME", tempfile.mkdtemp())
    texts = {path.stem: path for path in sorted(arguments.folder.iterdir())}
    done = {(row["text"], row["tflop"], row["settings"]["seed"]) for row in _rows(arguments.runs)}
    for text, tflop in ((text, float(budget)) for text, _, budget in (one.partition(":") for one in arguments.wanted)):
        if (text, tflop, arguments.seed) in done:
            continue
        prepare_text(text, texts[text])
        row = record(text, tflop, arguments.seed)
        with arguments.runs.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, separators=(",", ":")) + "\n")
        print(f"{text} {tflop:g}: {row['bits_per_byte']:.3f}, {row['seconds']:.0f} s", file=sys.stderr, flush=True)


def prepare_text(name: str, source: Path) -> None:
    """Prepare a text as the window would, unless it is prepared already."""
    if any(one.name == name for one in prepared()):
        return
    if name in catalogue():
        prepare(name, source=None if catalogue()[name].offline else str(source))
    else:
        prepare(str(source), name=name)


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.quick_runs", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("wanted", nargs="+", metavar="TEXT:TFLOP")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
