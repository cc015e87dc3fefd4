"""What tests of the command line do again and again: lines of the guide, a toy’s settings, a program of its own."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from engine.cli.options import Parser
from engine.cli.run_options import add_run_options, config_from
from engine.core.events import Started

ROOT = Path(__file__).resolve().parents[3]


GUIDE = {  # each `python train.py …` line of the guide, and what it means
    "--device=mps --compile=False --dataset=shakesphere --batch_size=6 --block_size=384 --n_layer=6 --n_head=6 "
    "--n_embd=384 --max_iters=8000": (6, 384, 6, 6, 384, 8000),
    "--device=mps --compile=False --dataset=shakesphere --batch_size=8 --block_size=128 --n_layer=2 --n_head=2 "
    "--n_embd=128 --max_iters=2000": (8, 128, 2, 2, 128, 2000),
    "--device=mps --compile=False --dataset=shakesphere --batch_size=4 --block_size=256 --n_layer=4 --n_head=4 "
    "--n_embd=256 --max_iters=5000": (4, 256, 4, 4, 256, 5000),
    "--device=mps --compile=False --dataset=shakesphere --batch_size=2 --block_size=512 --n_layer=6 --n_head=6 "
    "--n_embd=384 --max_iters=10000": (2, 512, 6, 6, 384, 10000),
    "--device=mps --compile=False --dataset=shakesphere --batch_size=1 --block_size=1024 --n_layer=12 --n_head=12 "
    "--n_embd=768 --max_iters=20000": (1, 1024, 12, 12, 768, 20000),
    "--dataset=mydata --device=mps --compile=False --batch_size=4 --n_layer=4 --n_head=4 --n_embd=256": (
        4,
        256,
        4,
        4,
        256,
        5000,
    ),
}


TOY = [
    *("--dataset=toy", "--n_layer=1", "--n_head=2", "--n_embd=16", "--block_size=16", "--batch_size=4"),
    *("--eval_iters=2", "--sample_tokens=3", "--log_interval=1", "--warmup_iters=2", "--device=cpu"),
]


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def config_of(line):
    parser = Parser(prog="train")
    add_run_options(parser)
    return config_from(parser.parse_args(shlex.split(line)))


def started(folder):
    """Return the event of a run of ten iterations that begins."""
    figures = dict.fromkeys(("parameters", "tokens_per_iter", "train_tokens", "val_tokens", "val_bytes"), 1)
    return Started(
        run_dir=str(folder),
        device="cpu",
        dtype="float32",
        estimate={},
        iter_num=0,
        max_iters=10,
        vocab_size=4,
        **figures,
    )


def program(*words, **streams):
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings,
        **streams,
    )


SHAPE = ("--n_layer=1", "--n_head=2", "--n_embd=16", "--block_size=16", "--batch_size=4", "--device=cpu")
