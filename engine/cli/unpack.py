"""`unpack`: a run that comes back from another machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.output import shown_progress, tell
from engine.cli.signals import CLEARING_UP, stopping_on_signals
from engine.core.events import Unpacked
from engine.core.jobs import Control
from engine.runs.command_line import flag


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `unpack`."""
    parser.add_argument("archive", metavar="ARCHIVE", help="the .tar.gz that `pack` wrote")


def run(arguments: argparse.Namespace) -> int:
    """Unpack; nothing half-written remains when it fails or is stopped (exit code 130)."""
    from engine.archives.unpack import unpack_job

    control = Control()
    with stopping_on_signals(control, CLEARING_UP) as caught:
        job = unpack_job(Path(arguments.archive), control=control)
        for event in shown_progress(job, control, as_lines=arguments.json):
            if isinstance(event, Unpacked) and not arguments.json:
                _show(event)
    return 128 + caught[0] if caught else 0


def _show(event: Unpacked) -> None:
    """Print where the run is, and how it goes on."""
    tell(f"run folder: {event.run_dir}, at iteration {event.iter_num}")
    tell(f"dataset: {event.dataset}" + (" (was here already)" if event.reused else ""))
    tell(f"It goes on with: python -m engine train --init_from=resume {flag('out_dir', event.run_dir)}")
