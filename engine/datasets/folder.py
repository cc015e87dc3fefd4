"""A dataset's folder: written under a temporary name, put in place when it is whole, never over another text's."""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.core.errors import DataError
from engine.core.events import Event, Progress, Turn
from engine.core.files import write_text
from engine.core.jobs import Control, Job, asked_to_stop
from engine.core.kinds import SPLITS, TOKENIZERS
from engine.core.leftovers import before_of, clear_leftovers, part_of
from engine.core.paths import datasets_dir
from engine.core.untrusted_json import read_object, why_unread
from engine.datasets.dataset import Dataset, open_dataset, origin_of
from engine.datasets.nanogpt import nanogpt_vocabulary
from engine.datasets.order import Order, PreparationPlan
from engine.datasets.sums import changed_file
from engine.text.catalogue import catalogue
from engine.text.repetition import LineCount, repetition_notes
from engine.text.text_files import Survey
from engine.text.turns import TurnCount, Turns
from engine.tokens.token_files import TokenWriter, damaged
from engine.tokens.tokenizer import (
    BPE_VOCAB_SIZES,
    CharTokenizer,
    GPT2Tokenizer,
    Tokenizer,
    TrainedTokenizer,
    gpt2_tokenizer,
)
from engine.tokens.vocabulary import Excerpt, train_tokenizer

_TYPES = {"notes": list, "sources": list, "recipe": dict, "sums": dict, "turns": dict}
"""What of meta.json a dataset can do without, and its type."""

TRAIN_SHARE = 0.9
"""nanoGPT's: this share of the text is learned from; the rest judges."""


def same_as_before(
    plan: PreparationPlan, survey: Survey, control: Control
) -> Generator[Event | Turn, None, Dataset | None]:
    """Return the dataset that stands there already if it is whole and was made in the same way of the same text."""
    clear_leftovers(datasets_dir(), _is_whole)
    try:
        before = open_dataset(plan.folder) if os.path.isdir(plan.folder) else None
    except DataError:
        return None
    if before is None or before.fingerprint != survey.fingerprint:
        return None
    meta = read_meta(before)
    recipe = meta.get("recipe", {"tokenizer": before.tokenizer.get("kind"), "vocab_size": 0, "split": SPLITS[0]})
    if recipe != plan.recipe:
        return None
    changed = yield from changed_file(before.folder, meta.get("sums"), control)
    return None if changed else before


def require_said(order: Order, plan: PreparationPlan) -> None:
    """Raise DataError where an order would make a dataset otherwise than it is, and does not say that it should."""
    try:
        before = open_dataset(plan.folder) if os.path.isdir(plan.folder) else None
    except DataError:
        return
    if before is None or before.source != plan.source:
        return
    recipe = read_meta(before).get("recipe")
    if not isinstance(recipe, dict):
        return
    other = {name: value for name, value in order.left_open(recipe).items() if plan.recipe[name] != value}
    if not other:
        return
    if other.get("tokenizer") == TrainedTokenizer.kind:
        other["vocab_size"] = recipe.get("vocab_size")
    flags = " ".join(f"--{name} {value}" for name, value in other.items())
    raise DataError(
        f"There is already a dataset {plan.name} of this text, prepared with {flags}.",
        cause="Prepared without that it would be another, in other tokens or parts, and take its place.",
        fix=f"Say what you mean: add {flags} to prepare it again as it is, or --name for another beside it.",
        code="name_taken",
    )


def order_again(name: str) -> Order:
    """Return the order that prepares a built-in text as it is prepared now, where its folder tells how."""
    try:
        recipe = read_object(datasets_dir() / name / "meta.json").get("recipe")
    except (OSError, ValueError):
        recipe = None
    if not isinstance(recipe, dict):
        return Order(target=name)
    kind, split, size = recipe.get("tokenizer"), recipe.get("split"), recipe.get("vocab_size")
    return Order(
        target=name,
        name=name,
        tokenizer=kind if kind in TOKENIZERS else None,
        vocab_size=size if kind == TrainedTokenizer.kind and size in BPE_VOCAB_SIZES else None,
        split=split if split in SPLITS else None,
    )


def require_as_written(dataset: Dataset, control: Control) -> Job:
    """Read the token files of a dataset through; raises DataError when one is not as it was written."""
    changed = yield from changed_file(dataset.folder, read_meta(dataset).get("sums"), control)
    if changed:
        raise damaged(dataset.folder, f"{changed} is not as it was written: its SHA-256 is another.")


def read_meta(dataset: Dataset) -> dict[str, Any]:
    """Return all that meta.json says of a dataset; nothing for a folder that nanoGPT's scripts prepared.

    What of it is of another type than it was written in is left out.
    """
    try:
        meta = read_object(dataset.folder / "meta.json")
    except (OSError, ValueError):
        return {}
    return {name: value for name, value in meta.items() if isinstance(value, _TYPES.get(name, object))}


def is_vocabulary(dataset: Dataset) -> bool:
    """Return whether a dataset is there for runs alone: a text that stands for itself, in tokens that a run wanted."""
    origin = origin_of(dataset.name)
    if origin is None or read_meta(dataset).get("asked") is not False:
        return False
    return origin in catalogue() or os.path.isdir(datasets_dir() / origin)


def claim(dataset: Dataset) -> None:
    """Take note that a person asked for a dataset that a run had made for itself; raises DataError when that fails."""
    if read_meta(dataset).get("asked") is False:
        _note(dataset, {"asked": True})


def retitle(dataset: Dataset, title: str) -> None:
    """Give a dataset another title; its name, which runs know it by, stays. Raises DataError when that fails."""
    _note(dataset, {"title": title})


def _note(dataset: Dataset, changes: dict[str, Any]) -> None:
    """Change what meta.json says of a dataset; raises DataError when that fails."""
    path = dataset.folder / "meta.json"
    try:
        meta = read_object(path) | changes
        write_text(path, json.dumps(meta, indent=2) + "\n")
    except (OSError, ValueError) as error:
        raise DataError(
            f"The dataset {dataset.name} cannot be changed.",
            cause=f"{why_unread(path, error)}.",
            fix="See that its folder may be written, then try again.",
            code="cannot_write",
        ) from error


def _check_replaceable(plan: PreparationPlan) -> None:
    """Raise DataError when preparing would replace another text's dataset."""
    if not os.path.exists(plan.folder):
        return
    meta = plan.folder / "meta.json"
    try:
        before = read_object(meta)["source"]
    except (OSError, ValueError, KeyError):
        # a built-in's name is only ever given to the built-in, so its damaged dataset may go
        before = plan.source if plan.name in catalogue() and os.path.exists(meta) else None
    if before != plan.source:
        raise DataError(
            f"There is already a dataset {plan.name} of another text.",
            cause=f"It was made from {before}." if before else f"{plan.folder} was not written by Understudy.",
            fix=f"Choose another name: `--name {plan.name}_2`.",
            code="name_taken",
        )


def write_dataset(plan: PreparationPlan, survey: Survey, control: Control) -> Job:
    """Write the dataset under a temporary name, and give it its own once it is whole.

    Nothing remains when it fails, is stopped or closed. Raises DataError when the name belongs to another text, the
    text changed or is too short, or the disk takes no more.
    """
    _check_replaceable(plan)
    part = part_of(plan.folder)
    try:
        clear_leftovers(datasets_dir(), _is_whole)
        part.mkdir(parents=True)
        yield from _write_into(part, plan, survey, control)
        if not asked_to_stop(control):
            _put_in_place(part, plan)
    except OSError as error:
        raise DataError(
            f"The dataset {plan.name} cannot be written.",
            cause=f"The system says: {error.strerror or error}.",
            fix=f"Make room on the disk and see that {datasets_dir()} may be written, then try again.",
            code="cannot_write",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_into(part: Path, plan: PreparationPlan, survey: Survey, control: Control) -> Job:
    """Write all files of a dataset into an empty folder."""
    tokenizer = yield from _tokenizer(plan, survey, control)
    if asked_to_stop(control):
        return
    again = Survey(survey.tells_symbols)
    lines = LineCount(survey.bytes), LineCount(survey.bytes)
    turns = TurnCount()
    with TokenWriter(part / "train.bin", tokenizer) as train, TokenWriter(part / "val.bin", tokenizer) as val:
        for head, tail in _in_two(plan, survey, again):
            if not again.symbols <= survey.symbols:
                break
            for words, writer, counted in ((head, train, lines[0]), (tail, val, lines[1])):
                writer.add(words)
                counted.add(words)
            turns.add(head + tail)
            yield _progress("Writing tokens", again, survey)
            yield Turn.NEXT
            if asked_to_stop(control):
                return
        for writer, counted in zip((train, val), lines, strict=True):
            writer.finish()
            counted.finish()
        turns.finish()
    if again.fingerprint != survey.fingerprint:
        raise _changed(plan)
    if min(train.tokens, val.tokens) < 2:
        raise DataError(
            f"{plan.text.source} is too short.",
            cause=f"It makes {train.tokens} tokens to learn from and {val.tokens} to be judged by; each needs 2.",
            fix="Choose a longer text, best 100 KB or more.",
            code="text_too_short",
        )
    notes = plan.text.notes() + repetition_notes(*lines)
    if tokenizer.vocab_size < plan.vocab_size:
        notes.append(
            f"The text gives {tokenizer.vocab_size:,} tokens, not {plan.vocab_size:,}: nothing else in it repeats."
        )
    found = plan.text.turns or turns.found(plan.text.account.messages)
    _write_meta(part, plan, survey, tokenizer, train, val, notes, found)


def _tokenizer(plan: PreparationPlan, survey: Survey, control: Control) -> Generator[Event | Turn, None, Tokenizer]:
    """Return the tokenizer to write with; one of the text's own is learned from the part that is trained on."""
    if plan.tokenizer is not None:
        return plan.tokenizer
    if plan.kind == CharTokenizer.kind:
        return CharTokenizer(sorted(survey.symbols))
    if plan.kind != TrainedTokenizer.kind:
        return gpt2_tokenizer()
    again, excerpt = Survey(survey.tells_symbols), Excerpt(survey.bytes)
    for head, _ in _in_two(plan, survey, again):
        excerpt.add(head)
        yield _progress("Reading for the vocabulary", again, survey)
        yield Turn.NEXT
        if asked_to_stop(control):
            break
    excerpt.finish()
    yield Progress(what="Learning the vocabulary", done=0, total=0, unit="")  # how far it is cannot be asked
    return train_tokenizer(excerpt.taken, plan.vocab_size)


def _in_two(plan: PreparationPlan, survey: Survey, again: Survey) -> Iterator[tuple[str, str]]:
    """Yield the text in pieces, taken into `again`: what is learned from, and what judges; one may be empty."""
    boundary = int(survey.characters * TRAIN_SHARE)
    held_out = _held_out(plan, survey) if plan.split == "document" else None
    for number, document in enumerate(plan.text.documents()):
        again.begin_document()
        for piece in document:
            head = max(0, boundary - again.characters)
            if held_out is not None:
                head = 0 if number in held_out else len(piece)
            again.add(piece)
            yield piece[:head], piece[head:]


def _held_out(plan: PreparationPlan, survey: Survey) -> set[int]:
    """Return the numbers of the documents held out: a tenth of the text, from all over; DataError for one."""
    if sum(size > 2 for size in survey.documents) < 2:
        raise DataError(
            f"{plan.text.source} is a single document.",
            cause="Splitting by document keeps whole files for validation, so it needs at least two.",
            fix="Leave `--split document` out, or prepare a folder of several files.",
            code="single_document",
        )
    held, seen, kept_characters = set(), 0, 0
    for number, size in enumerate(survey.documents):
        seen += size
        if size > 2 and kept_characters + size <= (1 - TRAIN_SHARE) * seen * 1.0001:
            held.add(number)
            kept_characters += size
    smallest = min((size, number) for number, size in enumerate(survey.documents) if size > 2)[1]
    return held or {smallest}


def _progress(what: str, again: Survey, survey: Survey) -> Progress:
    return Progress(what=what, done=min(again.bytes, survey.bytes), total=survey.bytes, unit="bytes")


def _changed(plan: PreparationPlan) -> DataError:
    return DataError(
        f"{plan.text.source} changed while it was read.",
        fix="Close the program that writes to it, then prepare it again.",
        code="text_changed",
    )


def _write_meta(
    part: Path,
    plan: PreparationPlan,
    survey: Survey,
    tokenizer: Tokenizer,
    train: TokenWriter,
    val: TokenWriter,
    notes: list[str],
    turns: Turns | None,
) -> None:
    """Write the meta.pkl that nanoGPT wants where tokens are not GPT-2's, and last meta.json: now it is whole."""
    meta: dict[str, Any] = {
        "title": plan.title,
        "source": plan.source,
        "sources": list(plan.text.sources),
        "tokenizer": tokenizer.as_dict(),
        "vocab_size": tokenizer.vocab_size,
        "train_tokens": train.tokens,
        "val_tokens": val.tokens,
        "characters": survey.characters,
        "documents": sum(size > 2 for size in survey.documents),
        "train_bytes": train.bytes,
        "val_bytes": val.bytes,
        "two_cases": survey.letters.two_cases,
        "fingerprint": survey.fingerprint,
        "recipe": plan.recipe,
        "asked": plan.asked,
        "notes": notes,
        "turns": turns.as_json() if turns else {},
        "account": plan.text.account.as_json(),
        "sums": {"train.bin": train.sha256, "val.bin": val.sha256},
    }
    if plan.text.made_of:
        meta["made_of"] = plan.text.made_of
    if tokenizer.kind != GPT2Tokenizer.kind:
        with (part / "meta.pkl").open("wb") as file:
            pickle.dump(nanogpt_vocabulary(tokenizer), file)
    # the names of files that were left out may be no Unicode
    (part / "meta.json").write_text(json.dumps(meta, indent=2, ensure_ascii=False) + "\n", "utf-8", errors="replace")


def _put_in_place(part: Path, plan: PreparationPlan) -> None:
    """Give a whole dataset its name, if no other text has it by now; what had it before goes only then."""
    with _alone():
        _check_replaceable(plan)
        before = before_of(part)
        if os.path.exists(plan.folder):
            plan.folder.rename(before)
        part.rename(plan.folder)
    shutil.rmtree(before, ignore_errors=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Let no other process give a dataset its name for a moment."""
    handle = os.open(datasets_dir(), os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _is_whole(part: Path) -> bool:
    """Return whether a folder is a dataset that only lacks its name: meta.json is written last."""
    return os.path.exists(part / "meta.json")
