"""Times nanoGPT's own train.py at a preset's shape; prints one JSON object. A part of scripts/bench.py.

nanoGPT is brought by whoever asks: three of its files are copied to a folder that is gone afterwards, and run there
as they are, on random tokens. On a CPU it trains in float32, as it does by itself.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import runpy
import shutil
import statistics
import sys
import tempfile
import warnings
from pathlib import Path

from engine.core.config import TrainConfig
from engine.planning.presets import preset, presets
from engine.training.bench import RandomTokens, peak_resident

FILES = ("train.py", "model.py", "configurator.py")
VOCABULARY = 50257
WARM_UP = 3
"""Iterations that do not count: the first is timed with an evaluation, the others take memory."""


def main() -> None:
    """Train a few iterations and print the median time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="nanoGPT's folder")
    parser.add_argument("--preset", choices=list(presets()), required=True)
    parser.add_argument("--iters", type=int, default=10)
    arguments = parser.parse_args()
    if missing := [name for name in FILES if not (arguments.folder / name).is_file()]:
        parser.error(f"{arguments.folder} is not nanoGPT's folder: it has no {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as place:
        result = train(arguments.folder, Path(place), preset(arguments.preset).config(), arguments.iters)
    ms = [float(found) for found in re.findall(r"^iter \d+: .*time ([\d.]+)ms", result, re.MULTILINE)]
    print(json.dumps({"ms_per_iter": statistics.median(ms[WARM_UP:]), "peak_memory_bytes": peak_resident()}))


def train(folder: Path, place: Path, config: TrainConfig, iterations: int) -> str:
    """Run train.py in a folder of its own, in this process; return what it printed."""
    for name in FILES:
        shutil.copy(folder / name, place)
    data = place / "data" / "random"
    data.mkdir(parents=True)
    for name in ("train.bin", "val.bin"):
        RandomTokens(VOCABULARY, config.block_size).tokens.tofile(data / name)
    settings = {
        "dataset": "random",
        "device": "cpu",
        "compile": False,
        "gradient_accumulation_steps": 1,
        "eval_interval": 10**6,
        "eval_iters": 1,
        "log_interval": 1,
        "max_iters": WARM_UP + iterations - 1,
        **{name: getattr(config, name) for name in ("n_layer", "n_head", "n_embd", "block_size", "batch_size")},
    }
    warnings.simplefilter("ignore")  # of what torch calls out of date in it
    os.chdir(place)
    sys.path.insert(0, str(place))
    sys.argv = ["train.py", *(f"--{name}={value}" for name, value in settings.items())]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        runpy.run_path("train.py", run_name="__main__")
    os.chdir(folder)
    return output.getvalue()


if __name__ == "__main__":
    main()
