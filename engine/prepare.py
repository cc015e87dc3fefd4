"""From a text to a dataset: read it through, split it nine to one, write its tokens, all or nothing."""

from __future__ import annotations

import json
import os
import pickle
import re
import secrets
import shutil
from pathlib import Path
from typing import Any

import psutil

from engine.config import DATASET_ALIASES
from engine.datasets import Dataset, catalogue, dataset, open_dataset
from engine.download import download
from engine.errors import DataError
from engine.events import Prepared, Progress, Turn
from engine.jobs import Control, Job, events_of
from engine.paths import datasets_dir
from engine.plans import PART, Plan, check_tokenizer, plan_built_in, plan_own
from engine.texts import Survey, Text
from engine.tokenfiles import TokenWriter
from engine.tokenizer import ID_LIMIT, CharTokenizer, Tokenizer, gpt2_tokenizer

TRAIN_SHARE = 0.9
"""nanoGPT's: this share of the characters, from the beginning, is learned from; the rest judges."""

RECOMMENDED_BYTES = 100_000
"""A text with less than this is learned by heart rather than understood."""


def prepare_job(
    target: str, *, source: str | None = None, name: str | None = None, tokenizer: str | None = None, control: Control
) -> Job:
    """Prepare a built-in dataset, a text file, or a folder of texts; ends with a Prepared event.

    `source` is a file that holds the text of a built-in dataset. A stop, or closing the iterator, leaves nothing
    behind. Raises DataError for a text that cannot be used or a name that is taken, SettingError for a tokenizer
    there is not.
    """
    try:
        yield from _prepare(target, source, name, tokenizer, control)
    except _Stopped:
        return


def _prepare(target: str, source: str | None, name: str | None, tokenizer: str | None, control: Control) -> Job:
    """Do the work of `prepare_job`; raises _Stopped at a stop."""
    target = DATASET_ALIASES.get(target, target)
    check_tokenizer(tokenizer)
    entry = catalogue().get(target)
    if entry and not entry.offline and not source:
        yield from download(entry, control)
    _go_on(control)
    plan = plan_built_in(entry, source, name, tokenizer) if entry else plan_own(target, source, name, tokenizer)
    survey = Survey()
    yield from _read(plan.text, survey, control)
    _check_text(plan, survey)
    if not (done := _same_as_before(plan, survey)):
        _check_replaceable(plan)
        yield from _write(plan, survey, control)
        done = open_dataset(plan.folder)
    yield _prepared(plan, done, survey)


def prepare(
    target: str, *, source: str | None = None, name: str | None = None, tokenizer: str | None = None
) -> Prepared:
    """Prepare a dataset at once and give its Prepared event; raises what `prepare_job` raises."""
    control = Control()
    *_, last = events_of(prepare_job(target, source=source, name=name, tokenizer=tokenizer, control=control), control)
    assert isinstance(last, Prepared)
    return last


def ensure_ready(name: str, control: Control) -> Job:
    """Prepare a dataset that ships with Understudy if it is not there or damaged; do nothing for any other."""
    name = DATASET_ALIASES.get(name, name)
    entry = catalogue().get(name)
    if not entry or not entry.offline:
        return
    try:
        dataset(name)
    except DataError:
        yield from prepare_job(name, control=control)


class _Stopped(Exception):  # noqa: N818 (no error: what ends a preparation that was asked to stop)
    pass


def _go_on(control: Control) -> None:
    """Raise _Stopped when a stop was asked for."""
    if control.stopping:
        raise _Stopped


def _read(text: Text, survey: Survey, control: Control) -> Job:
    """Read a text through, and take it into the survey."""
    for piece in text.pieces():
        survey.add(piece)
        yield Progress(what="Reading", done=min(survey.bytes, text.size), total=text.size, unit="bytes")
        yield Turn.NEXT
        _go_on(control)


def _check_text(plan: Plan, survey: Survey) -> None:
    """Raise DataError for a text that nothing can be learned from."""
    if plan.entry and survey.fingerprint != plan.entry.sha256:
        raise DataError(
            f"The text of {plan.entry.title} is damaged.",
            cause="Its SHA-256 is not the one that belongs to it.",
            fix="Install Understudy again; in a checkout, run `make run`.",
            code="wrong_text",
        )
    if survey.blank:
        raise DataError(
            f"{plan.text.source} is empty.",
            cause="There is nothing in it but white space." if survey.characters else "It has no characters at all.",
            fix="Choose a text with something to learn from, best 100 KB or more.",
            code="empty_text",
        )
    if plan.kind == CharTokenizer.kind and len(survey.symbols) > ID_LIMIT:
        raise DataError(
            f"{plan.text.source} has {len(survey.symbols):,} different characters.",
            cause=f"Tokens are stored as 16-bit numbers, so that at most {ID_LIMIT:,} can be told apart.",
            fix="Use the gpt2 tokenizer, which needs no vocabulary of its own.",
            code="too_many_characters",
        )


def _same_as_before(plan: Plan, survey: Survey) -> Dataset | None:
    """Give the dataset that stands there already if it is whole and of the same text and tokenizer."""
    try:
        before = open_dataset(plan.folder) if plan.folder.is_dir() else None
    except DataError:
        return None
    same = before and (before.fingerprint, before.tokenizer["kind"]) == (survey.fingerprint, plan.kind)
    return before if same else None


def _check_replaceable(plan: Plan) -> None:
    """Raise DataError when preparing would replace another text's dataset."""
    if not plan.folder.exists():
        return
    meta = plan.folder / "meta.json"
    try:
        before = json.loads(meta.read_text("utf-8"))["source"]
    except (OSError, ValueError, KeyError, TypeError):
        # a built-in's name is only ever given to the built-in, so its damaged dataset may go
        before = plan.source if plan.name in catalogue() and meta.exists() else None
    if before != plan.source:
        raise DataError(
            f"There is already a dataset {plan.name} of another text.",
            cause=f"It was made from {before}." if before else f"{plan.folder} was not written by Understudy.",
            fix=f"Choose another name: `--name {plan.name}_2`.",
            code="name_taken",
        )


def _write(plan: Plan, survey: Survey, control: Control) -> Job:
    """Write the dataset under a temporary name, and give it its own once it is whole."""
    part = _hidden(plan.folder)
    try:
        _clear_leftovers()
        part.mkdir(parents=True)
        yield from _write_into(part, plan, survey, control)
        _put_in_place(part, plan.folder)
    except OSError as error:
        raise DataError(
            f"The dataset {plan.name} cannot be written.",
            cause=f"The system says: {error.strerror or error}.",
            fix=f"Make room on the disk and see that {datasets_dir()} may be written, then try again.",
            code="cannot_write",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_into(part: Path, plan: Plan, survey: Survey, control: Control) -> Job:
    """Write all files of a dataset into an empty folder."""
    tokenizer: Tokenizer = CharTokenizer(sorted(survey.symbols)) if plan.kind == "char" else gpt2_tokenizer()
    boundary = int(survey.characters * TRAIN_SHARE)
    again = Survey()
    with TokenWriter(part / "train.bin", tokenizer) as train, TokenWriter(part / "val.bin", tokenizer) as val:
        for piece in plan.text.pieces():
            head = max(0, boundary - again.characters)
            again.add(piece)
            if not again.symbols <= survey.symbols:
                break
            train.add(piece[:head])
            val.add(piece[head:])
            yield Progress(what="Writing tokens", done=min(again.bytes, survey.bytes), total=survey.bytes, unit="bytes")
            yield Turn.NEXT
        train.finish()
        val.finish()
    if again.fingerprint != survey.fingerprint:
        raise DataError(
            f"{plan.text.source} changed while it was read.",
            fix="Close the program that writes to it, then prepare it again.",
            code="text_changed",
        )
    if min(train.tokens, val.tokens) < 2:
        raise DataError(
            f"{plan.text.source} is too short.",
            cause=f"It makes {train.tokens} tokens to learn from and {val.tokens} to be judged by; each needs 2.",
            fix="Choose a longer text, best 100 KB or more.",
            code="text_too_short",
        )
    _write_meta(part, plan, survey, tokenizer, train, val)


def _write_meta(
    part: Path, plan: Plan, survey: Survey, tokenizer: Tokenizer, train: TokenWriter, val: TokenWriter
) -> None:
    """Write for characters the meta.pkl that nanoGPT's own scripts read, and last meta.json: now it is whole."""
    meta: dict[str, Any] = {
        "title": plan.title,
        "source": plan.source,
        "tokenizer": tokenizer.as_dict(),
        "vocab_size": tokenizer.vocab_size,
        "train_tokens": train.tokens,
        "val_tokens": val.tokens,
        "characters": survey.characters,
        "train_bytes": train.bytes,
        "val_bytes": val.bytes,
        "fingerprint": survey.fingerprint,
    }
    if isinstance(tokenizer, CharTokenizer):
        itos = dict(enumerate(tokenizer.chars))
        stoi = {char: token_id for token_id, char in itos.items()}
        with (part / "meta.pkl").open("wb") as file:
            pickle.dump({"vocab_size": tokenizer.vocab_size, "itos": itos, "stoi": stoi}, file)
    (part / "meta.json").write_text(json.dumps(meta, indent=2) + "\n", "utf-8")


def _put_in_place(part: Path, folder: Path) -> None:
    """Give a whole dataset its name; what had the name before goes only then."""
    if not folder.exists():
        part.rename(folder)
        return
    before = _hidden(folder)
    folder.rename(before)
    part.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


def _hidden(folder: Path) -> Path:
    """Give a name beside a dataset that no other preparation uses, and that tells which process does."""
    return folder.with_name(f".{folder.name}.{os.getpid()}.{secrets.token_hex(4)}{PART}")


def _clear_leftovers() -> None:
    """Remove what preparations left behind that were killed; a dataset that was being replaced comes back."""
    for part in datasets_dir().glob(f".*{PART}"):
        owner = re.fullmatch(r"\.(.+)\.(\d+)\.[0-9a-f]{8}\.part", part.name)
        if not owner or psutil.pid_exists(int(owner[2])):
            continue
        folder = part.with_name(owner[1])
        if (part / "meta.json").exists() and not folder.exists():
            part.rename(folder)
        else:
            shutil.rmtree(part, ignore_errors=True)


def _prepared(plan: Plan, done: Dataset, survey: Survey) -> Prepared:
    """Give the event that tells of a finished dataset."""
    notes = plan.text.notes()
    if survey.bytes < RECOMMENDED_BYTES:
        size = f"{survey.bytes / 1000:.1f} KB"
        notes.append(f"The text has only {size}. A model learns so little by heart: 100 KB or more is better.")
    return Prepared(
        name=done.name,
        folder=str(done.folder),
        tokenizer=plan.kind,
        vocab_size=done.vocab_size,
        train_tokens=done.train_tokens,
        val_tokens=done.val_tokens,
        characters=survey.characters,
        train_bytes=done.train_bytes,
        val_bytes=done.val_bytes,
        notes=tuple(notes),
    )
