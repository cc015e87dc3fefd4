"""`prepare`: a text becomes a dataset."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from tqdm import tqdm

from engine.cli import print_json
from engine.commands.train import stopping_on_signals
from engine.datasets import catalogue
from engine.events import Event, Prepared, Progress, as_json
from engine.jobs import Control
from engine.plans import SPLITS
from engine.tokenizer import BPE_VOCAB_SIZE, TOKENIZERS


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `prepare`."""
    parser.add_argument("target", metavar="DATASET|FILE|FOLDER", help=f"{', '.join(catalogue())}, or texts of your own")
    parser.add_argument("--from", dest="source", metavar="FILE", help="take the text from here, not from the network")
    parser.add_argument("--name", metavar="NAME", help="what to call the dataset")
    parser.add_argument("--tokenizer", metavar="NAME", help=f"one of {', '.join(TOKENIZERS)}")
    parser.add_argument("--vocab_size", metavar="N", type=int, help=f"tokens that bpe learns [{BPE_VOCAB_SIZE}]")
    parser.add_argument(
        "--split",
        metavar="HOW",
        default=SPLITS[0],
        help="what judges: the end of the text (position), or whole files (document)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Prepare; nothing half-written remains when it fails or is stopped (exit code 130)."""
    from engine.prepare import prepare_job

    control = Control()
    with (
        stopping_on_signals(control) as caught,
        tqdm(file=sys.stderr, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), leave=False) as bar,
    ):
        job = prepare_job(
            arguments.target,
            source=arguments.source,
            name=arguments.name,
            tokenizer=arguments.tokenizer,
            vocab_size=arguments.vocab_size,
            split=arguments.split,
            control=control,
        )
        for event in job:
            if isinstance(event, Progress):
                bar.set_description(event.what, refresh=False)
                bar.total = event.total
                bar.update(event.done - bar.n)
            if arguments.json and isinstance(event, Event):
                print_json(as_json(event))
            elif isinstance(event, Prepared):
                _show(event, bar)
    return 128 + caught[0] if caught else 0


def _show(done: Prepared, bar: tqdm[Any]) -> None:
    """Print what the dataset became, in nanoGPT's words where it has some."""
    bar.close()
    print(f"{done.name}: tokenizer {done.tokenizer}, vocabulary {done.vocab_size:,}")
    print(f"train has {done.train_tokens:,} tokens")
    print(f"val has {done.val_tokens:,} tokens")
    for note in done.notes:
        print(note)
    print(f"Train on it: python -m engine train --dataset={done.name}", flush=True)
