"""Prepared datasets, found by name or folder, and the catalogue of the built-in ones.

A dataset is a folder with train.bin and val.bin (little-endian 16-bit token ids, as nanoGPT reads them) and
meta.json. A folder that nanoGPT's own scripts prepared will do as well.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from engine.core.config import DATASET_ALIASES
from engine.core.disk import refused
from engine.core.errors import DataError, Fix, nearest
from engine.core.files import plain_name, spoken_name
from engine.core.paths import datasets_dir
from engine.core.typed_json import MOST
from engine.core.untrusted_json import read_object
from engine.text.catalogue import CatalogueEntry, catalogue
from engine.tokens.token_files import damaged, token_count
from engine.tokens.tokenizer import BPE_VOCAB_SIZE, BPE_VOCAB_SIZES, Tokenizer, tokenizer_from

_REFITTED = re.compile(r"([^/]+)_bpe(\d*)")
_RETOKENISED = re.compile(r"([^/]+)_as_[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A prepared dataset.

    Attributes:
        name: what --dataset takes.
        title: what the window shows.
        folder: where its files are.
        source: where the text came from.
        tokenizer: what `tokenizer_from` makes its tokenizer from.
        vocab_size: what a model of it needs.
        train_tokens, val_tokens: ids in train.bin and val.bin.
        train_bytes, val_bytes: UTF-8 bytes of the text they were made from.
        fingerprint: SHA-256 of the text, or of the token files where the text is not known.
        two_cases: whether most letters of the text have capitals and small ones; where that is not known, they do.
    """

    name: str
    title: str
    folder: Path
    source: str
    tokenizer: dict[str, Any]
    vocab_size: int
    train_tokens: int
    val_tokens: int
    train_bytes: int
    val_bytes: int
    fingerprint: str
    two_cases: bool = True

    @property
    def train_path(self) -> Path:
        """The token ids to learn from."""
        return self.folder / "train.bin"

    @property
    def val_path(self) -> Path:
        """The token ids to be judged by."""
        return self.folder / "val.bin"

    @property
    def bytes_per_token(self) -> float:
        """Bytes of text for each token of the validation part: what bits per byte are computed with."""
        return self.val_bytes / self.val_tokens

    def load_tokenizer(self) -> Tokenizer:
        """Return the tokenizer of this dataset; raises DataError when it cannot be made."""
        tokenizer = tokenizer_from(self.tokenizer)
        if tokenizer.vocab_size != self.vocab_size:
            raise damaged(self.folder, f"Its tokenizer has {tokenizer.vocab_size:,} ids, not {self.vocab_size:,}.")
        return tokenizer


def vocabulary_of(name: str) -> int:
    """Return the vocabulary size of a dataset, also of one that training will prepare; raises DataError for another.

    Those are a built-in one, and the text of another in so many tokens, which may turn out a few less.
    """
    entry, origin = catalogue().get(DATASET_ALIASES.get(name, name)), refitted_from(name)
    try:
        return dataset(name).vocab_size
    except DataError:
        if entry is not None:
            return entry.vocab_size
        if origin is None:
            raise
        vocabulary_of(origin[0])
        return origin[1]


def refitted_name(name: str, vocab_size: int) -> str:
    """Return the name of a dataset's text in so many tokens of its own; `prepare` calls it the same."""
    return f"{name}_bpe{'' if vocab_size == BPE_VOCAB_SIZE else vocab_size}"


def refitted_from(name: str) -> tuple[str, int] | None:
    """Return which dataset a name is the text of, and in how many tokens; None for any other name."""
    found = _REFITTED.fullmatch(name)
    if found is None:
        return None
    size = int(found[2] or BPE_VOCAB_SIZE)
    return (found[1], size) if size in BPE_VOCAB_SIZES else None


def retokenised_name(source: Dataset, tokenizer: Tokenizer) -> str:
    """Return the name of a dataset's text in the tokens of a model: one for each text and tokenizer."""
    identity = json.dumps([source.source, tokenizer.as_dict()]).encode()
    return f"{plain_name(source.name)}_as_{hashlib.sha256(identity).hexdigest()[:8]}"


def origin_of(name: str) -> str | None:
    """Return the dataset whose text another is in other tokens, as its name tells; None for any other name."""
    if found := _RETOKENISED.fullmatch(name):
        return found[1]
    refitted = refitted_from(name)
    return refitted[0] if refitted else None


def beginning_for(name: str) -> str:
    """Return what a model of a built-in text may be asked to go on with, in whatever tokens.

    Empty for other texts, and for plays: the guide's own prompt suits them.
    """
    entry = entry_for(name)
    return entry.beginning if entry and entry.genre != "plays" else ""


def entry_for(name: str) -> CatalogueEntry | None:
    """Return the built-in text that a dataset is made of, in whatever tokens; None for any other."""
    name = DATASET_ALIASES.get(name, name)
    return catalogue().get(name) or catalogue().get(origin_of(name) or "")


def prepared() -> list[Dataset]:
    """Return every whole dataset in the datasets folder, by name; damaged ones are told of when they are opened."""
    found = []
    for folder in sorted(datasets_dir().glob("[!.]*")) if os.path.isdir(datasets_dir()) else ():
        try:
            found.append(open_dataset(folder))
        except DataError:
            continue
    return found


def dataset(name: str) -> Dataset:
    """Return the prepared dataset of that name, in the datasets folder or in ./data, or the one in that folder.

    Raises DataError when there is none, saying how to prepare it, or when its files are damaged.
    """
    name = DATASET_ALIASES.get(name, name)
    places = [_as_path(name)]
    if _is_plain(name):
        kept = unicodedata.normalize("NFC", name)  # as names are made, however a keyboard or a disk spells them
        places = [datasets_dir() / name, datasets_dir() / kept, Path("data") / name, *places]
    for folder in places:
        if os.path.exists(folder / "train.bin") or os.path.exists(folder / "meta.json"):
            return open_dataset(folder)
    for folder in places:
        _require_allowed(folder)
    raise _missing(name)


def is_gone(name: str) -> bool:
    """Return whether the text of a dataset is not here any more: neither it, nor another that it could be made from.

    A built-in text is never gone; and what is damaged, or may not be opened, is there.
    """
    for each in filter(None, (name, origin_of(name))):
        if catalogue().get(DATASET_ALIASES.get(each, each)) is not None:
            return False
        try:
            dataset(each)
        except DataError as error:
            if error.code != "unknown_dataset":
                return False
        else:
            return False
    return True


def _require_allowed(folder: Path) -> None:
    """Raise DataError for a folder of which nobody may know what is in it: it may be the one that is meant."""
    try:
        os.stat(folder / "train.bin")
    except PermissionError as error:
        raise refused(error) from error
    except (OSError, ValueError):
        return


def open_dataset(folder: Path) -> Dataset:
    """Return the dataset in a folder, ours or nanoGPT's; raises DataError when its files are missing or damaged."""
    if os.path.lexists(folder / "meta.json"):
        return _from_meta(folder)
    from engine.datasets.nanogpt import foreign_facts  # needs numpy, which our own folders do not

    source = os.path.realpath(folder)
    name = os.path.basename(source)
    return Dataset(name=name, title=spoken_name(name), folder=folder, source=source, **foreign_facts(folder))


def _from_meta(folder: Path) -> Dataset:
    """Return the dataset that meta.json describes, once its token files agree with it."""
    try:
        meta = read_object(folder / "meta.json")
    except (OSError, ValueError) as error:
        raise damaged(folder, f"meta.json cannot be read: {error}.") from error
    kinds = {"tokenizer": dict} | {f.name: int for f in fields(Dataset) if f.type == "int"}
    names = [f.name for f in fields(Dataset) if f.name not in ("folder", "name") and f.default is MISSING]
    for name in names:
        value = meta.get(name)
        if type(value) is not kinds.get(name, str) or (isinstance(value, int) and not 0 < value <= MOST):
            raise damaged(folder, f"meta.json has no usable {name}.")
    if not isinstance(meta["tokenizer"].get("kind"), str):
        raise damaged(folder, "meta.json names no kind of tokenizer.")
    for file, name in (("train.bin", "train_tokens"), ("val.bin", "val_tokens")):
        if token_count(folder, file) != meta[name]:
            raise damaged(folder, f"{file} holds {token_count(folder, file):,} tokens where {meta[name]:,} belong.")
    told = {name: meta[name] for name in names} | {"two_cases": meta.get("two_cases") is not False}
    if told["title"] == folder.name:  # nobody gave it another: as it is called on disk, it is not for people
        told["title"] = spoken_name(folder.name)
    return Dataset(name=folder.name, folder=folder, **told)


def _as_path(name: str) -> Path:
    """Return a name as a path, whatever a person typed."""
    return Path(os.path.expanduser(name))  # pathlib's own raises for the home of nobody


def _is_plain(name: str) -> bool:
    """Return whether a name is just a name and no path."""
    return bool(name) and Path(name).name == name


def _missing(name: str) -> DataError:
    """Return the error for a dataset that is not there, with the way to get it."""
    if entry := catalogue().get(name):
        if entry.offline:
            cause, command = "It ships with Understudy and is prepared in a moment.", f"prepare {name}"
        else:
            cause = f"Its text is downloaded once ({entry.download_bytes / 1e6:.1f} MB), or read from a file of yours."
            command = f"prepare {name} [--from FILE]"
        return DataError(
            f"The dataset {name} is not prepared yet.",
            cause=cause,
            fix=f"Run `python -m engine {command}`, or use shakespeare_complete, which needs no download.",
            code="not_prepared",
            fixes=(Fix(f"Prepare {entry.title}", "prepare", {"dataset": name}),),
        )
    if origin := origin_of(name):
        try:
            dataset(origin)
        except DataError as error:  # the text that it is to be made of
            return error
    if os.path.isfile(_as_path(name)):
        return DataError(
            f"{name} is a text, not a prepared dataset.",
            fix=f"Run `python -m engine prepare {name}` first, then use the name that it tells.",
            code="not_prepared",
            fixes=(Fix("Prepare this text", "prepare", {"dataset": name}),),
        )
    known = list(catalogue()) + [one.name for one in prepared()]
    return DataError(
        f"There is no dataset {name!r}.{nearest(name, known)}",
        cause=f"Known are {', '.join(dict.fromkeys(known))}.",
        fix="Use one of these, or make one of your own text: `python -m engine prepare FILE`.",
        code="unknown_dataset",
    )
