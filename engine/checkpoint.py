"""Checkpoints: nanoGPT's keys, ours in a dictionary beside them, written whole or not at all.

A checkpoint from anywhere is read with weights_only=True, so opening one never runs code from it. The zip
records of a file carry CRC-32 sums, which torch does not check: here they are, before anything is used.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.datasets import dataset
from engine.errors import CheckpointError, DataError, TrainingError
from engine.model import GPT, ModelArgs
from engine.tokenizer import GPT2_VOCAB_SIZE, Tokenizer, tokenizer_from

NOT_EVALUATED = -1
"""The iteration of the last evaluation when there was none."""

_NO_LOSS = 1e9
"""What nanoGPT writes for best_val_loss before the first evaluation."""

_COMPILED_PREFIX = "_orig_mod."


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a checkpoint holds.

    Attributes:
        args: the shape of the model.
        model: its state_dict.
        optimizer: the optimizer's state_dict, or None.
        iter_num: the iteration that comes next.
        best_val_loss: the lowest validation loss so far, or None.
        evaluated: the iteration of the last evaluation, or NOT_EVALUATED.
        config: the settings of the run, as far as the file tells.
        tokenizer: what `tokenizer_from` makes the run's tokenizer from; None in a file of nanoGPT's own.
    """

    args: ModelArgs
    model: dict[str, Tensor]
    optimizer: dict[str, Any] | None
    iter_num: int
    best_val_loss: float | None
    evaluated: int
    config: dict[str, Any]
    tokenizer: dict[str, Any] | None

    def load_tokenizer(self) -> Tokenizer:
        """Give the tokenizer of the run: its own, else its dataset's, else GPT-2's where the vocabulary fits.

        Raises CheckpointError when none of them does.
        """
        if self.tokenizer is not None:
            return tokenizer_from(self.tokenizer)
        try:
            found = dataset(str(self.config.get("dataset", "")))
            if found.vocab_size == self.args.vocab_size:
                return found.load_tokenizer()
        except DataError:
            pass  # the vocabulary's size may still tell
        if 50257 <= self.args.vocab_size <= GPT2_VOCAB_SIZE:
            return tokenizer_from({"kind": "gpt2"})
        raise CheckpointError(
            f"This checkpoint does not say which of its {self.args.vocab_size} tokens is which text.",
            cause=f"It carries no tokenizer, and its dataset {self.config.get('dataset')!r} is not prepared here.",
            fix="Prepare that dataset under the same name (nanoGPT's own folder with its meta.pkl will do).",
            code="tokenizer_unknown",
        )

    def build_model(self) -> GPT:
        """Give the model with its weights, on the CPU; raises CheckpointError when they do not fit its shape."""
        model = GPT.empty(self.args)
        try:
            model.load_state_dict(self.model)
        except RuntimeError as error:
            raise CheckpointError(
                "The weights in this checkpoint do not fit the shape it names.",
                cause=str(error).splitlines()[-1].strip(),
                fix="Use another checkpoint: this one was changed, or comes from another kind of model.",
                code="checkpoint_mismatch",
            ) from error
        return model


def save(saved: Saved, path: Path) -> None:
    """Write a checkpoint so that a kill at any moment leaves the previous whole file.

    Raises TrainingError when the disk is full or the folder cannot be written; the previous file stays.
    """
    content = {
        "model": saved.model,
        "optimizer": saved.optimizer,
        "model_args": saved.args.as_dict(),
        "iter_num": saved.iter_num,
        "best_val_loss": _NO_LOSS if saved.best_val_loss is None else saved.best_val_loss,
        "config": saved.config,
        "understudy": {"format": 1, "evaluated": saved.evaluated, "tokenizer": saved.tokenizer},
    }
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except (OSError, RuntimeError) as error:
        raise _not_written(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def keep_as(path: Path, copy: Path) -> None:
    """Let `copy` be the checkpoint that `path` is now: a hard link where the disk has them, else a copy."""
    temporary = copy.with_name(f".{copy.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        try:
            os.link(path, temporary)
        except OSError:  # a file system without hard links
            shutil.copyfile(path, temporary)
        temporary.replace(copy)
        sync_folder(copy.parent)
    except OSError as error:
        raise _not_written(copy, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def load(path: Path) -> Saved:
    """Read a checkpoint, ours or nanoGPT's, onto the CPU.

    Raises CheckpointError when it is missing, damaged, or no checkpoint of a GPT. Runs no code from it.
    """
    if not path.is_file():
        raise CheckpointError(
            f"There is no checkpoint at {path}.",
            cause="A run writes one at its first evaluation after the start, and when it is stopped.",
            fix="`python -m engine runs` lists the runs there are.",
            code="checkpoint_missing",
        )
    zipped = zipfile.is_zipfile(path)
    if zipped:
        _check_sums(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except Exception as error:  # torch raises many kinds for a file that is not whole
        raise _damaged(path, error) from error
    return _read(content, path)


def _check_sums(path: Path) -> None:
    """Raise CheckpointError when a record's CRC-32 is not that of its bytes."""
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise _damaged(path, error) from error
    if broken is not None:
        raise _damaged(path, ValueError(f"the checksum of {broken} is wrong"))


def _read(content: object, path: Path) -> Saved:
    """Check the parts of a checkpoint and give them; raises CheckpointError naming what is wrong."""
    if not isinstance(content, dict):
        raise _foreign(path, "It holds no dictionary.")
    missing = [key for key in ("model", "model_args", "iter_num", "config") if key not in content]
    if missing:
        raise _foreign(path, f"It lacks {', '.join(missing)}.")
    ours: dict[str, Any] = content.get("understudy") or {}
    best = float(content.get("best_val_loss", _NO_LOSS))
    try:
        return Saved(
            args=_read_args(content["model_args"]),
            model=_read_weights(content["model"]),
            optimizer=content.get("optimizer"),
            iter_num=int(content["iter_num"]),
            best_val_loss=None if best >= _NO_LOSS else best,
            evaluated=int(ours["evaluated"] if "evaluated" in ours else content["iter_num"]),
            config=dict(content["config"]),
            tokenizer=ours.get("tokenizer"),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise _foreign(path, str(error)) from error


def _read_args(raw: Mapping[str, Any]) -> ModelArgs:
    """Give the shape of the model; raises ValueError for one that cannot be."""
    values = {"dropout": 0.0, **raw}
    args = ModelArgs(**{f.name: values[f.name] for f in fields(ModelArgs)})
    sizes = (args.n_layer, args.n_head, args.n_embd, args.block_size, args.vocab_size)
    if not all(type(n) is int and 0 < n <= 2**24 for n in sizes) or args.n_embd % args.n_head:
        raise ValueError(f"model_args {raw} is not the shape of a GPT")
    return args


def _read_weights(raw: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give the weights under plain names: a compiled model's prefix and GPT-2's mask buffers are left out."""
    weights = {name.removeprefix(_COMPILED_PREFIX): tensor for name, tensor in raw.items()}
    return {name: tensor for name, tensor in weights.items() if not name.endswith(".attn.bias")}


def _damaged(path: Path, error: Exception) -> CheckpointError:
    """Give the error for a file that is not whole; names the other checkpoint of the run, if there is one."""
    other = path.with_name("best.pt" if path.name == "ckpt.pt" else "ckpt.pt")
    instead = f"The run's other checkpoint, {other}, may be whole." if other.is_file() else "Use another checkpoint."
    return CheckpointError(
        f"The checkpoint {path} is damaged or not a checkpoint.",
        cause=(str(error) or type(error).__name__).splitlines()[0],
        fix=instead,
        code="checkpoint_damaged",
    )


def _foreign(path: Path, why: str) -> CheckpointError:
    """Give the error for a file that holds something else."""
    return CheckpointError(
        f"{path} is not a checkpoint of a GPT.",
        cause=why,
        fix="Choose a ckpt.pt or best.pt that Understudy or nanoGPT wrote.",
        code="checkpoint_foreign",
    )


def _not_written(path: Path, error: Exception) -> TrainingError:
    """Give the error for a checkpoint that could not be written."""
    free = shutil.disk_usage(path.parent).free if path.parent.is_dir() else 0
    return TrainingError(
        f"The checkpoint {path} could not be written ({free / 2**20:,.0f} MiB free).",
        cause=str(error).splitlines()[0],
        fix="Make room on the disk, then go on with --init_from=resume: the previous checkpoint is whole.",
        code="not_saved",
    )
