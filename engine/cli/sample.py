"""`sample`: nanoGPT's sample.py."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator

from engine.cli.checkpoints import checkpoint_path, snapshot_path
from engine.cli.options import add_settings, given_settings
from engine.cli.output import print_json, say
from engine.cli.signals import stopping_on_signals
from engine.cli.terminal import plain
from engine.core.config import SampleConfig
from engine.core.errors import SettingError
from engine.core.events import Reply, Token
from engine.core.jobs import Control


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options of `sample`."""
    parser.add_argument("--out_dir", metavar="DIR", help="the run’s folder, or a checkpoint file [default: newest run]")
    parser.add_argument(
        "--snapshot", metavar="TIME", help="the run as it was after so long, 20s or 5min: the snapshot nearest to it"
    )
    parser.add_argument("--init_from", metavar="STR", default="resume", help="only resume: a trained model")
    add_settings(parser, SampleConfig)


def run(arguments: argparse.Namespace) -> int:
    """Write samples as they come; exit code 130 when stopped by Ctrl-C."""
    given = given_settings(arguments, SampleConfig)
    if arguments.init_from != "resume":
        raise SettingError(
            f"sample cannot start from {arguments.init_from!r}.",
            fix="Name a trained run with --out_dir.",
            code="bad_init_from",
            problems={"init_from": "not resume"},
        )
    config = SampleConfig.of(given)
    out_dir, time = arguments.out_dir, arguments.snapshot
    path = checkpoint_path(out_dir) if time is None else snapshot_path(out_dir, time)
    from engine.generation.model_cache import Shelf
    from engine.generation.sampler import (  # here, so that a bad setting is told without waiting for torch
        sample_job,
        start_text,
    )

    config = SampleConfig.of(config.as_dict(), {"start": start_text(config.start)})
    control, shelf = Control(), Shelf()
    with stopping_on_signals(control) as caught:
        for notice in shelf.model(path, config.device, config.dtype).notices:
            say(notice)
        events = in_order(sample_job(path, config, control, shelf))
        if arguments.json:
            _print_as_json(events)
        else:
            _stream(events, config.start)
    return 128 + caught[0] if caught else 0


def in_order(items: Iterable[object]) -> Iterator[Token | Reply]:
    """Yield the tokens and replies of samples that are written side by side, one sample after the other."""
    current = 0
    waiting: dict[int, deque[Token | Reply]] = defaultdict(deque)
    for item in items:
        if isinstance(item, Token | Reply):
            waiting[item.sample].append(item)
        while waiting[current]:
            event = waiting[current].popleft()
            current += isinstance(event, Reply)
            yield event


def _print_as_json(events: Iterable[Token | Reply]) -> None:
    """Print an object for each sample."""
    for event in events:
        if isinstance(event, Reply):
            print_json({"text": event.text, "tokens": event.tokens, "tokens_per_s": event.tokens_per_s})


def _stream(events: Iterable[Token | Reply], start: str) -> None:
    """Write each sample as it comes, as nanoGPT lays them out."""
    shown = ""
    for event in events:
        if isinstance(event, Token):
            shown += _write((start if event.tokens == 1 else "") + event.text)
        else:
            _write(event.text.removeprefix(shown) + "\n---------------\n")
            shown = ""


def _write(text: str) -> str:
    """Write a piece of a sample to standard output at once; return the piece."""
    sys.stdout.write(plain(text, keep="\n\t"))
    sys.stdout.flush()
    return text
