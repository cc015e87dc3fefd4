"""Records the curves that the forecast is tried on: `python scripts/record_curves.py CURVES.json [FIRST] [STEP]`.

Short runs of small models, each drawn by its number: texts from 4 KB to 5 MB of two kinds (plays, Python's own
library), vocabularies, widths, batches, rates, dropouts and lengths. Early stopping is off, so that every curve goes
to its end. A run that stands beside the file already is not made again, so the work can be broken off at any time.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.core.config import TrainConfig
from engine.core.events import Eval
from engine.core.files import write_text
from engine.datasets.prepare import prepare
from engine.text.plays import Plays
from engine.training.trainer import Trainer

RUNS = 88
EVALUATIONS = 40
KILOBYTES = (4, 8, 16, 30, 60, 120, 300, 1000, 5000)
SHORT = (6, 10, 20, 40)
LEARNED_BY_HEART = range(64, 88)
"""Runs that read a short text so often that the loss turns on the way."""


def drawn(number: int) -> dict[str, Any]:
    """Return the text and settings of a run: a function of its number."""
    draw = random.Random(number)
    by_heart = number in LEARNED_BY_HEART
    width = draw.choice((64, 96, 128) if by_heart else (48, 64, 96, 128))
    layers = draw.choice((1, 2, 2, 3))
    block_size = draw.choice((32, 64, 128))
    batch_size = draw.choice((4, 8, 16))
    vocabulary = draw.choice((0, 0, 512, 1024))
    parameters = 12 * layers * width**2 + (vocabulary or 90) * width
    flops = 0.6e12 if by_heart else draw.choice((0.1e12, 0.25e12, 0.6e12))
    iters = min(2400, max(200, flops / (6 * parameters * batch_size * block_size)))
    interval = max(5, round(iters / EVALUATIONS))
    rate = draw.choice((1e-3, 2e-3, 3e-3) if by_heart else (5e-4, 1e-3, 1e-3, 2e-3, 4e-3))
    return {
        "kind": draw.choice(("plays", "plays", "python")),
        "kilobytes": SHORT[number % len(SHORT)] if by_heart else KILOBYTES[number % len(KILOBYTES)],
        "vocabulary": vocabulary,
        "settings": {
            "n_layer": layers,
            "n_head": 2,
            "n_embd": width,
            "block_size": block_size,
            "batch_size": batch_size,
            "max_iters": interval * EVALUATIONS,
            "learning_rate": rate,
            "decay_lr": draw.random() > 0.15,
            "warmup_iters": draw.choice((0, 20, 50)),
            "dropout": draw.choice((0.0, 0.0, 0.1, 0.2)),
            "weight_decay": draw.choice((0.0, 0.1, 0.1)),
            "eval_interval": interval,
            "eval_iters": draw.choice((5, 10, 20)),
            "seed": number,
        },
    }


def record(number: int) -> dict[str, Any]:
    """Make a run, then go on with it for half as long again; return both losses at each evaluation (nats)."""
    run = drawn(number)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["UNDERSTUDY_HOME"] = folder
        source = Path(folder) / "text.txt"
        source.write_text(text_of(run["kind"], run["kilobytes"] * 1000, number), "utf-8")
        kind = {"tokenizer": "bpe", "vocab_size": run["vocabulary"]} if run["vocabulary"] else {"tokenizer": "char"}
        prepare(str(source), name="text", **kind)
        config = TrainConfig(
            dataset="text",
            out_dir=f"{folder}/run",
            early_stop=False,
            sample_tokens=0,
            always_save_checkpoint=False,
            device="cpu",
            dtype="float32",
            **run["settings"],
        )
        evals = list(evaluations(config))
        again = config.changed({"init_from": "resume", "max_iters": config.max_iters * 3 // 2})
        longer = list(evaluations(again))
    train, val = zip(*evals, strict=True)
    return run | {"number": number, "train_loss": train, "val_loss": val, "longer": [loss for _, loss in longer]}


def evaluations(config: TrainConfig) -> Iterator[tuple[float, float]]:
    """Train, and yield both losses of each evaluation."""
    for event in Trainer(config).run():
        if isinstance(event, Eval):
            yield round(event.train_loss, 3), round(event.val_loss, 3)


def text_of(kind: str, length: int, seed: int) -> str:
    """Return so many characters, about: of the plays, or of modules of Python's library in a shuffled order."""
    if kind == "plays":
        text = "".join(piece for document in Plays().documents() for piece in document)
        start = random.Random(seed).randrange(max(1, len(text) - length))
        return text[start : start + length]
    modules = sorted(Path(random.__file__).parent.glob("*.py"))
    random.Random(seed).shuffle(modules)
    text = ""
    while len(text) < length and modules:
        text += modules.pop().read_text("utf-8", errors="replace")
    return text[:length]


def main(file: Path, first: int = 0, step: int = 1) -> None:
    """Make the runs that the file lacks, each `step`th from the first on."""
    for number in range(first, RUNS, step):
        part = file.with_name(f"{file.stem}-{number:02}.json")
        if not part.exists():
            write_text(part, json.dumps(record(number)))
    rows = [json.loads(part.read_text("utf-8")) for part in sorted(file.parent.glob(f"{file.stem}-*.json"))]
    write_text(file, "[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
