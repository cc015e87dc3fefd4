"""`pack`: a run and its dataset in one file, to go on with on a bigger machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.checkpoints import checkpoint_path
from engine.cli.output import shown_progress, tell
from engine.cli.signals import CLEARING_UP, stopping_on_signals
from engine.core.events import Packed
from engine.core.jobs import Control


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
    with stopping_on_signals(control, CLEARING_UP) as caught:
        for event in shown_progress(job, control, as_lines=arguments.json):
            if isinstance(event, Packed) and not arguments.json:
                _show(event)
    return 128 + caught[0] if caught else 0


def _show(event: Packed) -> None:
    """Print where it is, and what to type."""
    tell(f"wrote {event.path} ({event.bytes / 1e6:,.1f} MB)")
    for title, rows in (
        ("To send it there:", event.send),
        ("To start it there:", event.start),
        ("To bring it back, there and then here:", event.back),
    ):
        tell("", title, *(f"    {row}" for row in rows))
