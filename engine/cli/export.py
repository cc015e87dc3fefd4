"""`export`: a trained model for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tqdm import tqdm

from engine.cli.checkpoints import checkpoint_path
from engine.cli.output import advance, print_json, progress_bar, tell
from engine.cli.signals import CLEARING_UP, stopping_on_signals
from engine.core.errors import SettingError
from engine.core.event_json import as_json
from engine.core.events import Event, Exported
from engine.core.jobs import Control, events_of
from engine.exports.formats import FORMATS, OUTTYPES, checked_outtype, export_format


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `export`."""
    forms = "; ".join(f"{form.name}, opens in {form.opens_in}" for form in FORMATS)
    parser.add_argument("dest", metavar="DEST", help="the file (gguf) or new folder to write")
    parser.add_argument("--out_dir", metavar="DIR", help="the run’s folder, or a checkpoint file [default: newest run]")
    parser.add_argument("--format", metavar="NAME", required=True, help=forms)
    parser.add_argument(
        "--outtype", metavar="TYPE", default=OUTTYPES[0], help=f"numbers in a gguf file: {', '.join(OUTTYPES)} [f16]"
    )
    parser.add_argument("--overwrite", metavar="BOOL", default="False", help="replace an earlier export [False]")


def run(arguments: argparse.Namespace) -> int:
    """Export; nothing half-written remains when it fails or is stopped (exit code 130)."""
    export_format(arguments.format)
    checked_outtype(arguments.outtype)
    if arguments.overwrite not in ("True", "False"):
        raise SettingError("--overwrite is True or False.", problems={"overwrite": "neither"})
    source = checkpoint_path(arguments.out_dir)
    from engine.exports.job import export_job  # here, so that a bad argument is told without waiting for torch

    control = Control()
    job = export_job(
        source,
        arguments.format,
        Path(arguments.dest),
        outtype=arguments.outtype,
        overwrite=arguments.overwrite == "True",
        control=control,
    )
    with stopping_on_signals(control, CLEARING_UP) as caught, progress_bar() as bar:
        for event in events_of(job, control):
            advance(bar, event)
            if arguments.json:
                print_json(as_json(event))
            else:
                _show(event, bar)
    return 128 + caught[0] if caught else 0


def _show(event: Event, bar: tqdm[Any]) -> None:
    """Print what was written and how it compares."""
    if not isinstance(event, Exported):
        return
    bar.close()
    tell(f"wrote {event.path} ({event.bytes / 1e6:,.1f} MB, {event.dtype})")
    tell(
        f"read back and compared: logits within {event.logits_difference:.1e} (allowed {event.tolerance:.1e}), "
        f"{event.tokens_equal} of {event.tokens} likeliest tokens the same"
        + (f", {event.texts} texts cut into the same tokens" if event.texts else "")
    )
    for note in event.notes:
        tell(note)
