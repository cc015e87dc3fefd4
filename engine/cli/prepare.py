"""`prepare`: a text becomes a dataset."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from engine.cli.output import advance, print_json, progress_bar, tell
from engine.cli.signals import CLEARING_UP, stopping_on_signals
from engine.core.errors import SettingError
from engine.core.event_json import as_json
from engine.core.events import Event, Prepared, TextMeasured
from engine.core.jobs import Control
from engine.core.kinds import TOKENIZERS
from engine.datasets.order import Order
from engine.planning.choices import expected_device
from engine.planning.presets import preset, presets
from engine.runs.command_line import flag
from engine.text.catalogue import catalogue
from engine.text.wishes import ReadingWishes
from engine.tokens.tokenizer import BPE_VOCAB_SIZE, TrainedTokenizer

if TYPE_CHECKING:
    from engine.planning.costs import TokenizerAdvice, TokenizerCost


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `prepare`."""
    parser.add_argument("target", metavar="DATASET|FILE|FOLDER", help=f"{', '.join(catalogue())}, or texts of your own")
    parser.add_argument("also", metavar="FILE|FOLDER", nargs="*", default=(), help="more texts, which follow the first")
    parser.add_argument("--from", dest="source", metavar="FILE", help="take the text from here, not from the network")
    parser.add_argument("--name", metavar="NAME", help="what to call the dataset")
    parser.add_argument("--tokenizer", metavar="NAME", help=f"one of {', '.join(TOKENIZERS)}")
    parser.add_argument("--vocab_size", metavar="N", type=int, help=f"tokens that bpe learns [{BPE_VOCAB_SIZE}]")
    parser.add_argument(
        "--split",
        metavar="HOW",
        help="what judges: the end of the text (position), or whole files (document)",
    )
    parser.add_argument("--encoding", metavar="NAME", default="", help="how the bytes of older files are characters")
    parser.add_argument("--text_key", metavar="NAME", default="", help="the column or JSON key that holds the words")
    parser.add_argument("--speaker_key", metavar="NAME", default="", help="the one that holds who says them")
    parser.add_argument(
        "--speaker", metavar="NAME=OTHER", action="append", default=[], help="call somebody in a chat by another name"
    )
    parser.add_argument("--allow-loss", action="store_true", help="go on although much of a text cannot be read")
    parser.add_argument("--costs", action="store_true", help="say what each tokenizer costs, and prepare nothing")
    parser.add_argument(
        "--preset", metavar="NAME", help=f"for --costs: the model, one of {', '.join(presets())} [tiny]"
    )


def run(arguments: argparse.Namespace) -> int:
    """Prepare; nothing half-written remains when it fails or is stopped (exit code 130)."""
    from engine.datasets.prepare import prepare_job

    order, control = _order(arguments), Control()
    if arguments.costs:
        return _run_costs(order, arguments, control)
    with stopping_on_signals(control, CLEARING_UP) as caught, progress_bar() as bar:
        for event in prepare_job(order, control):
            advance(bar, event)
            if arguments.json and isinstance(event, Event):
                print_json(as_json(event))
            elif isinstance(event, Prepared):
                _show(event, bar)
    return 128 + caught[0] if caught else 0


def _order(arguments: argparse.Namespace) -> Order:
    """Return what was asked for."""
    values = {field.name: getattr(arguments, field.name) for field in fields(Order) if hasattr(arguments, field.name)}
    wishes = ReadingWishes(
        encoding=arguments.encoding,
        text_key=arguments.text_key,
        speaker_key=arguments.speaker_key,
        names=tuple(map(_renaming, arguments.speaker)),
        allow_loss=arguments.allow_loss,
    )
    return Order(**values | {"also": tuple(arguments.also), "wishes": wishes})


def _renaming(asked: str) -> tuple[str, str]:
    """Return a name and the other that is to stand for it; raises SettingError for what is no such pair."""
    name, sign, other = asked.partition("=")
    if not (sign and name.strip() and other.strip()):
        raise SettingError(
            f"--speaker takes a name and another, not {asked!r}.",
            fix='Write them with a sign between: `--speaker "Zoë=Friend"`.',
            problems={"speaker": "It must be NAME=OTHER."},
        )
    return name, other


def _run_costs(order: Order, arguments: argparse.Namespace, control: Control) -> int:
    """Print what each tokenizer costs on a text, and which one is recommended."""
    from engine.planning.costs import measure_job, recommend_tokenizer, tokenizer_costs

    order.check()
    config = preset(arguments.preset or next(iter(presets()))).config()
    device = expected_device(config.device)
    with stopping_on_signals(control) as caught, progress_bar() as bar:
        for event in measure_job(order, control):
            advance(bar, event)
            if isinstance(event, TextMeasured):
                costs = tokenizer_costs(event, config, device, arguments.vocab_size or BPE_VOCAB_SIZE)
                _show_costs(costs, recommend_tokenizer(event, config, device), bar, arguments.json)
    return 128 + caught[0] if caught else 0


def _show_costs(costs: Sequence[TokenizerCost], advice: TokenizerAdvice, bar: tqdm[Any], json: bool) -> None:
    """Print a line for each tokenizer and the recommendation."""
    bar.close()
    if json:
        for cost in costs:
            print_json({"event": "cost", **asdict(cost)})
        print_json({"event": "tokenizer_advice", **asdict(advice)})
        return
    heads = ("tokens", 8), ("bytes each", 12), ("parameters", 13), ("memory", 10), ("an iteration", 14), ("epochs", 8)
    tell(f"{'tokenizer':<10}" + "".join(f"{head:>{width}}" for head, width in heads))
    for cost in costs:
        time = f"{cost.iteration_time.seconds_per_iter * 1e3:,.0f} ms" if cost.iteration_time else "not measured"
        tell(
            f"{cost.tokenizer:<10}{cost.vocab_size:>8,}{cost.bytes_per_token:>12.2f}{cost.parameters:>13,}"
            f"{cost.memory_bytes / 2**20:>7,.0f} MB{time:>14}{cost.epochs:>8.1f}"
            + ("" if cost.fits else "  will not fit")
        )
    size = f" --vocab_size {advice.vocab_size}" if advice.tokenizer == TrainedTokenizer.kind else ""
    tell(f"Recommended: --tokenizer {advice.tokenizer}{size}. {advice.reason}")


def _show(done: Prepared, bar: tqdm[Any]) -> None:
    """Print what the dataset became, in nanoGPT's words where it has some."""
    bar.close()
    if done.account:
        files, left_out = done.account["files_read"], done.account["files_left_out"]
        words = f"read {files:,} {'file' if files == 1 else 'files'}, {done.account['characters']:,} characters"
        tell(words + (f"; left out {left_out:,}" if left_out else ""))
    tell(f"{done.name}: tokenizer {done.tokenizer}, vocabulary {done.vocab_size:,}")
    tell(f"train has {done.train_tokens:,} tokens")
    tell(f"val has {done.val_tokens:,} tokens")
    for note in done.notes:
        tell(note)
    tell(f"Train on it: python -m engine train {flag('dataset', done.name)}")
