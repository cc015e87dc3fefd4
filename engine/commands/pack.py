"""`pack`: a run and its dataset in one file, to go on with on a bigger machine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from engine.cli import print_json
from engine.commands.sample import checkpoint_path
from engine.commands.train import stopping_on_signals
from engine.events import Packed, Progress, as_json
from engine.jobs import Control, Job, events_of


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pack`."""
    parser.add_argument("dest", metavar="DEST", nargs="?", default=".", help="the .tar.gz to write, or its folder [.]")
    parser.add_argument("--out_dir", metavar="DIR", help="the run’s folder [default: newest run]")
    parser.add_argument("--gpus", metavar="N", type=int, default=0, help="GPUs to start it on there [all there are]")


def run(arguments: argparse.Namespace) -> int:
    """Pack; nothing half-written remains when it fails or is stopped (exit code 130)."""
    run_dir = checkpoint_path(arguments.out_dir).parent
    from engine.archives.pack import pack_job

    control = Control()
    job = pack_job(run_dir, Path(arguments.dest), gpus=max(0, arguments.gpus), control=control)
    with stopping_on_signals(control) as caught:
        for event in shown_progress(job, control, as_lines=arguments.json):
            if isinstance(event, Packed) and not arguments.json:
                _show(event)
    return 128 + caught[0] if caught else 0


def shown_progress(job: Job, control: Control, *, as_lines: bool) -> list[object]:
    """Run a job under a progress bar, or telling each event as a line of JSON; all events but its progress."""
    told: list[object] = []
    with tqdm(file=sys.stderr, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), leave=False) as bar:
        for event in events_of(job, control):
            if isinstance(event, Progress):
                bar.set_description(event.what, refresh=False)
                bar.total = event.total or None
                bar.update(event.done - bar.n)
            else:
                told.append(event)
            if as_lines:
                print_json(as_json(event))
    return told


def _show(event: Packed) -> None:
    """Print where it is, and what to type."""
    print(f"wrote {event.path} ({event.bytes / 1e6:,.1f} MB)")
    for title, rows in (
        ("\nTo send it there:", event.send),
        ("\nTo start it there:", event.start),
        ("\nTo bring it back, there and then here:", event.back),
    ):
        print(title)
        for row in rows:
            print(f"    {row}")
