"""From a text to a dataset: read it through, split it nine to one, write its tokens, all or nothing."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from engine.config import DATASET_ALIASES
from engine.datasets import CatalogueEntry, Dataset, catalogue, dataset, open_dataset
from engine.download import download, file_sha256, kept
from engine.errors import DataError, SettingError, nearest
from engine.events import Prepared, Progress, Turn
from engine.jobs import Control, Job, events_of
from engine.paths import datasets_dir
from engine.plays import Plays
from engine.texts import Survey, Text, own_text
from engine.tokenfiles import TokenWriter
from engine.tokenizer import ID_LIMIT, TOKENIZERS, CharTokenizer, Tokenizer, gpt2_tokenizer

TRAIN_SHARE = 0.9
"""nanoGPT's: this share of the characters, from the beginning, is learned from; the rest judges."""

RECOMMENDED_BYTES = 100_000
"""A text with less than this is learned by heart rather than understood."""

_PART = ".part"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be prepared: a text, the kind of its tokenizer, and the name it gets."""

    name: str
    title: str
    text: Text
    kind: str
    entry: CatalogueEntry | None

    @property
    def folder(self) -> Path:
        return datasets_dir() / self.name

    @property
    def source(self) -> str:
        return self.entry.title if self.entry else self.text.source


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
    _check_tokenizer(tokenizer)
    entry = catalogue().get(target)
    if entry and not entry.offline and not source:
        yield from download(entry, control)
    _go_on(control)
    plan = _plan_entry(entry, source, name, tokenizer) if entry else _plan_own(target, source, name, tokenizer)
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


def _check_tokenizer(kind: str | None) -> None:
    """Raise SettingError for a tokenizer there is not."""
    if kind is not None and kind not in TOKENIZERS:
        problem = f"tokenizer must be one of {', '.join(TOKENIZERS)}, not {kind!r}.{nearest(kind, TOKENIZERS)}"
        raise SettingError(problem, fix="Choose one of these.", problems={"tokenizer": problem})


def _plan_entry(entry: CatalogueEntry, source: str | None, name: str | None, kind: str | None) -> _Plan:
    """Give the plan for a built-in dataset, its text checked against the catalogue."""
    kind = kind or entry.tokenizer
    alike = [one for one in catalogue().values() if one.sha256 == entry.sha256 and one.tokenizer == kind]
    default = alike[0].name if alike else f"{entry.name}_{kind}"
    title = alike[0].title if alike else f"{entry.title} ({kind})"
    name = _checked_name(name or default)
    if entry.offline:
        if source:
            raise DataError(
                f"{entry.name} takes no --from: its text ships with Understudy.",
                fix=f"Leave --from out, or prepare the file itself: `python -m engine prepare {source}`.",
                code="needless_source",
            )
        return _Plan(name, title, Plays(), kind, entry)
    path = Path(os.path.expanduser(source)) if source else kept(entry)
    text = own_text(path)
    if path.is_dir() or file_sha256(path) != entry.sha256:
        raise DataError(
            f"{path} is not {entry.title}.",
            cause=f"Its SHA-256 is not the one the dataset {entry.name} is known by, so results could not be compared.",
            fix=f"Give an unchanged copy, or use this text under a name of its own: `python -m engine prepare {path}`.",
            code="wrong_text",
        )
    return _Plan(name, title, text, kind, entry)


def _plan_own(target: str, source: str | None, name: str | None, kind: str | None) -> _Plan:
    """Give the plan for a text of one's own."""
    path = Path(os.path.expanduser(target))
    if source:
        raise DataError(
            f"--from goes with a built-in dataset, and {target} is none.{nearest(target, catalogue())}",
            cause=f"Built in are {', '.join(catalogue())}.",
            fix=f"To prepare a text of your own: `python -m engine prepare {source}`.",
            code="unknown_dataset",
        )
    if (close := nearest(target, catalogue())) and not path.exists():
        raise DataError(
            f"There is no dataset, file or folder {target!r}.{close}",
            cause=f"Built in are {', '.join(catalogue())}.",
            fix="Give one of these names, or the path of a text.",
            code="unknown_dataset",
        )
    text = own_text(path)
    stem = path.resolve().name if path.is_dir() else path.resolve().stem
    name = _checked_name(name or re.sub(r"[^\w.-]+", "_", stem).strip("._-") or "text")
    if name in catalogue():
        raise DataError(
            f"{name} is the name of a built-in dataset.",
            cause="A text of your own under it would be taken for the built-in one.",
            fix=f"Choose another name: `--name my_{name}`.",
            code="name_taken",
        )
    return _Plan(name, stem, text, kind or TOKENIZERS[0], None)


def _checked_name(name: str) -> str:
    """Give a name back that can be a folder's; raises DataError for another."""
    if not re.fullmatch(r"\w[\w .-]{0,99}", name) or name.endswith(_PART) or name != name.strip(" ."):
        raise DataError(
            f"A dataset cannot be called {name!r}.",
            cause="The name becomes a folder: letters, digits, _, - and . are fine, at most 100 of them.",
            fix="Choose another --name.",
            code="bad_name",
        )
    return name


def _read(text: Text, survey: Survey, control: Control) -> Job:
    """Read a text through, and take it into the survey."""
    for piece in text.pieces():
        survey.add(piece)
        yield Progress(what="Reading", done=min(survey.bytes, text.size), total=text.size, unit="bytes")
        yield Turn.NEXT
        _go_on(control)


def _check_text(plan: _Plan, survey: Survey) -> None:
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


def _same_as_before(plan: _Plan, survey: Survey) -> Dataset | None:
    """Give the dataset that stands there already if it is whole and of the same text and tokenizer."""
    try:
        before = open_dataset(plan.folder) if plan.folder.is_dir() else None
    except DataError:
        return None
    same = before and (before.fingerprint, before.tokenizer["kind"]) == (survey.fingerprint, plan.kind)
    return before if same else None


def _check_replaceable(plan: _Plan) -> None:
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


def _write(plan: _Plan, survey: Survey, control: Control) -> Job:
    """Write the dataset under a temporary name, and give it its own once it is whole."""
    part = datasets_dir() / f".{plan.name}.{os.getpid()}{_PART}"
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


def _write_into(part: Path, plan: _Plan, survey: Survey, control: Control) -> Job:
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
    part: Path, plan: _Plan, survey: Survey, tokenizer: Tokenizer, train: TokenWriter, val: TokenWriter
) -> None:
    """Write meta.json, and for characters the meta.pkl that nanoGPT's own scripts read."""
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
    (part / "meta.json").write_text(json.dumps(meta, indent=2) + "\n", "utf-8")
    if isinstance(tokenizer, CharTokenizer):
        itos = dict(enumerate(tokenizer.chars))
        stoi = {char: token_id for token_id, char in itos.items()}
        with (part / "meta.pkl").open("wb") as file:
            pickle.dump({"vocab_size": tokenizer.vocab_size, "itos": itos, "stoi": stoi}, file)


def _put_in_place(part: Path, folder: Path) -> None:
    """Give a whole dataset its name; what had the name before goes only then."""
    if not folder.exists():
        part.rename(folder)
        return
    before = folder.with_name(f".{folder.name}.{os.getpid()}.before{_PART}")
    folder.rename(before)
    part.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


def _clear_leftovers() -> None:
    """Remove what preparations left behind that were killed."""
    for part in datasets_dir().glob(f".*{_PART}"):
        owner = re.search(r"\.(\d+)(\.before)?\.part$", part.name)
        if owner and (int(owner[1]) == os.getpid() or not psutil.pid_exists(int(owner[1]))):
            shutil.rmtree(part, ignore_errors=True)


def _prepared(plan: _Plan, done: Dataset, survey: Survey) -> Prepared:
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
