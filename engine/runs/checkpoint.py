"""Checkpoints: nanoGPT's keys, ours in a dictionary beside them, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.core import typed_json
from engine.core.disk import is_no_room, refused
from engine.core.errors import CheckpointError, Fix, TrainingError
from engine.core.files import sync_folder
from engine.core.generations import FIRST, Generation
from engine.core.untrusted_files import opened
from engine.model.gpt import GPT, ModelArgs
from engine.model.shape import parameter_count
from engine.runs import snapshot_file
from engine.runs.checkpoint_contents import check_sums, contents, what_else
from engine.runs.folder import RunFolder
from engine.runs.host_copies import HostCopies
from engine.runs.model_tokenizer import KnownTokenizer, known_tokenizer
from engine.tokens.tokenizer import Tokenizer

NOT_EVALUATED = -1
"""The iteration of the last evaluation when there was none."""

NO_LOSS = 1e9
"""What nanoGPT writes for best_val_loss before the first evaluation."""

_WRAPPERS = ("_orig_mod.", "module.")
"""What torch.compile and DistributedDataParallel put before the name of each weight."""

_HEAD, _TABLE = "lm_head.weight", "transformer.wte.weight"


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
        fingerprint: the text the run learns from, as its Dataset tells; empty where it is not known.
        seconds: how long the run has trained.
        generation: which of the run's models it is.
    """

    args: ModelArgs
    model: dict[str, Tensor]
    optimizer: dict[str, Any] | None
    iter_num: int
    best_val_loss: float | None
    evaluated: int
    config: dict[str, Any]
    tokenizer: dict[str, Any] | None
    fingerprint: str = ""
    seconds: float = 0.0
    generation: Generation = FIRST

    @property
    def size(self) -> int:
        """Bytes of the tensors, each storage once: the size of the file but for its names."""
        storages = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in _tensors(self._parts)}
        return sum(storages.values())

    @property
    def is_finite(self) -> bool:
        """Whether all numbers of weights and optimizer are finite."""
        return is_finite(self._parts)

    @property
    def _parts(self) -> tuple[Any, Any]:
        return self.model, self.optimizer

    def copied(self) -> Saved:
        """Return a copy on the CPU that later updates do not touch; what shared memory still does."""
        model, optimizer = HostCopies().of(self._parts)
        return replace(self, model=model, optimizer=optimizer)

    def known_tokenizer(self) -> KnownTokenizer:
        """Return the tokenizer of the run, and how it is known; raises CheckpointError where nothing tells."""
        return known_tokenizer(self.tokenizer, self.args.vocab_size, str(self.config.get("dataset", "")))

    def load_tokenizer(self) -> Tokenizer:
        """Return the tokenizer of the run; raises CheckpointError where nothing tells it."""
        return self.known_tokenizer().tokenizer

    def build_model(self) -> GPT:
        """Return the model with its weights, on the CPU; raises CheckpointError when they do not fit its shape."""
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


def save(saved: Saved, path: Path, previous: Path | None = None) -> None:
    """Write a checkpoint so that a kill at any moment leaves the previous whole file; `previous` then names that.

    Raises TrainingError, the file that was there untouched: code "disk_full" when there is no room, else "not_saved".
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            torch.save(_content(saved), file)
            file.flush()
            os.fsync(file.fileno())
        if previous is not None and os.path.exists(path):
            keep_as(path, previous)
        temporary.replace(path)
        sync_folder(path.parent)
    except (OSError, RuntimeError) as error:
        raise _not_written(path, error, saved.size) from error
    finally:
        with contextlib.suppress(OSError):  # gone by its new name, or never made
            temporary.unlink()


def save_weights(saved: Saved, path: Path) -> None:
    """Write the weights alone as a snapshot, in 16 bits; raises OSError or ValueError, the folder as it was."""
    snapshot_file.write(_content(saved), path)


def _content(saved: Saved) -> dict[str, Any]:
    """Return what stands in the file of a checkpoint."""
    return {
        "model": saved.model,
        "optimizer": saved.optimizer,
        "model_args": saved.args.as_dict(),
        "iter_num": saved.iter_num,
        "best_val_loss": NO_LOSS if saved.best_val_loss is None else saved.best_val_loss,
        "config": saved.config,
        "understudy": {
            "format": 1,
            "evaluated": saved.evaluated,
            "tokenizer": saved.tokenizer,
            "fingerprint": saved.fingerprint,
            "seconds": saved.seconds,
            "generation": asdict(saved.generation),
        },
    }


def keep_as(path: Path, copy: Path) -> None:
    """Let `copy` be the checkpoint that `path` is now: a hard link where the disk has them, else a copy."""
    temporary = copy.with_name(f".{copy.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        try:
            os.link(path, temporary)
        except OSError:  # a file system without hard links
            shutil.copyfile(path, temporary)
        temporary.replace(copy)
        sync_folder(copy.parent)
    except OSError as error:
        raise _not_written(copy, error, path.stat().st_size) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def load(path: Path) -> Saved:
    """Return a checkpoint, ours or nanoGPT's, read onto the CPU.

    Raises CheckpointError when it is missing, damaged, no checkpoint of a GPT, or one whose weights are no numbers or
    whose tokenizer is another's. Runs no code from it, and believes no size in it that the file does not bear out.
    """
    saved = glance(path, checked=True)
    if saved.tokenizer is not None:
        saved.load_tokenizer()
    if not is_finite(saved.model):
        raise CheckpointError(
            f"The weights in {path} are no numbers any more.",
            cause="Some are infinite or NaN: training had broken down when they were saved, or the file was changed.",
            code="checkpoint_broken",
            **_ways_out(path),
        )
    return saved


def glance(path: Path, *, checked: bool = False) -> Saved:
    """Return what a checkpoint says, as `load` does, its tensors left on the disk; each byte is read if `checked`."""
    if not os.path.isfile(path):
        raise CheckpointError(
            f"There is no checkpoint at {path}.",
            cause="A run writes one at each evaluation, every few minutes, and when it is stopped.",
            fix="`python -m engine runs` lists the runs there are.",
            code="checkpoint_missing",
        )
    try:
        opened(path).close()
    except OSError as error:
        raise refused(error) from error
    try:
        content = contents(path, checked=checked)
    except Exception as error:  # torch and zipfile raise many kinds for a file that is not whole
        raise _damaged(path, error) from error
    return _read(content, path)


def is_whole(path: Path) -> bool:
    """Return whether a checkpoint is there and each of its bytes is as it was written."""
    try:
        check_sums(path)
    except Exception:  # as above
        return False
    return True


def _read(content: object, path: Path) -> Saved:
    """Return the parts of a checkpoint once they are checked; raises CheckpointError naming what is wrong."""
    if not isinstance(content, dict):
        raise _foreign(path, "It holds no dictionary.")
    missing = [key for key in ("model", "model_args", "iter_num", "config") if key not in content]
    if missing:
        raise _foreign(path, f"It lacks {', '.join(missing)}.")
    try:
        ours: dict[str, Any] = dict(content.get("understudy") or {})
        best = float(content.get("best_val_loss", NO_LOSS))
        weights = _read_weights(content["model"])
        args = _read_args(content["model_args"], weights)
        _check_room(args, path.stat().st_size)
        return Saved(
            args=args,
            model=weights,
            optimizer=_read_optimizer(content.get("optimizer")),
            iter_num=_count(content["iter_num"]),
            best_val_loss=best if best < NO_LOSS else None,
            evaluated=int(ours["evaluated"] if "evaluated" in ours else content["iter_num"]),
            config=dict(content["config"]),
            tokenizer=ours.get("tokenizer"),
            fingerprint=str(ours.get("fingerprint", "")),
            seconds=max(0.0, float(ours.get("seconds", 0.0))),
            generation=typed_json.read(Generation, ours.get("generation", {})),
        )
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, RuntimeError) as error:
        raise _foreign(path, f"{str(error)[:200]}.") from error


def _read_args(raw: Mapping[str, Any], weights: Mapping[str, Tensor]) -> ModelArgs:
    """Return the shape of the model; raises ValueError for one that cannot be, or that this engine does not know.

    A checkpoint from before nanoGPT had `bias` does not name it; its weights tell.
    """
    values = {"dropout": 0.0, "bias": "transformer.ln_f.bias" in weights, **raw}
    if more := [name for name, value in raw.items() if value and name not in {f.name for f in fields(ModelArgs)}]:
        raise ValueError(f"model_args has {', '.join(map(str, more))}, which nanoGPT’s model does not know")
    args = ModelArgs(**{f.name: values[f.name] for f in fields(ModelArgs)})
    sizes = (args.n_layer, args.n_head, args.n_embd, args.block_size, args.vocab_size)
    if not all(type(n) is int and 0 < n <= 2**24 for n in sizes) or args.n_embd % args.n_head:
        raise ValueError(f"model_args {raw} is not the shape of a GPT")
    if type(args.bias) is not bool or not 0 <= float(args.dropout) < 1:
        raise ValueError(f"model_args {raw} is not the shape of a GPT")
    return args


def _read_weights(raw: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights under plain names: the prefixes of wrappers and GPT-2's mask buffers are left out."""
    weights = {_unwrapped(name): tensor for name, tensor in raw.items()}
    weights = {name: tensor for name, tensor in weights.items() if not name.endswith(".attn.bias")}
    for name, tensor in weights.items():
        if not tensor.is_floating_point():
            raise ValueError(f"{name} holds no weights")
        _check_dense(name, tensor)
    return tied(weights)


def _unwrapped(name: str) -> str:
    while any(name.startswith(prefix) for prefix in _WRAPPERS):
        name = name.split(".", 1)[1]
    return name


def tied(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return weights whose output layer is the token table, where a file has only one of them.

    Raises ValueError where it has two that differ: this model has one.
    """
    head, table = weights.get(_HEAD), weights.get(_TABLE)
    if head is None or table is None:
        one = table if head is None else head
        return weights if one is None else weights | {_HEAD: one, _TABLE: one}
    if head.shape != table.shape or not (head.data_ptr() == table.data_ptr() or torch.equal(head, table)):
        raise ValueError(f"{_HEAD} differs from {_TABLE}, and in a nanoGPT the two are one")
    return weights


def _read_optimizer(raw: object) -> dict[str, Any] | None:
    """Return the optimizer's state as far as its form tells; raises ValueError when it is none."""
    if raw is None:
        return None
    if not isinstance(raw, dict) or not isinstance(raw.get("state"), dict) or not _is_groups(raw.get("param_groups")):
        raise ValueError("what stands under optimizer is no optimizer’s state")
    for tensor in _tensors(raw):
        _check_dense("a tensor of the optimizer", tensor)
    return raw


def _is_groups(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(group, dict) for group in value)


def _check_dense(name: str, tensor: Tensor) -> None:
    """Raise ValueError for a tensor that claims more numbers than it brings (a stride of 0 makes a giant of one)."""
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise ValueError(f"{name} claims {tensor.numel():,} numbers and does not hold them")


def _check_room(args: ModelArgs, file_size: int) -> None:
    """Raise ValueError when the shape asks for more weights than the file can hold, before any room is made."""
    weights = parameter_count(args, args.vocab_size).total
    if weights > file_size:
        raise ValueError(f"model_args ask for {weights:,} weights in a file of {file_size:,} bytes")


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f"{value!r} is no number of iterations")
    return value


def is_finite(tree: Any) -> bool:
    """Return whether all numbers in nested containers of tensors are finite."""
    sums = (t.sum(dtype=torch.float32) if t.is_floating_point() else t.sum() for t in _tensors(tree))
    return all(bool(total.isfinite()) for total in sums)  # a NaN or inf stays one


def _tensors(tree: Any) -> list[Tensor]:
    """Return the tensors in nested dictionaries, lists and tuples."""
    if isinstance(tree, Tensor):
        return [tree]
    if isinstance(tree, dict):
        return [tensor for value in tree.values() for tensor in _tensors(value)]
    return [tensor for value in tree for tensor in _tensors(value)] if isinstance(tree, list | tuple) else []


def _damaged(path: Path, error: Exception) -> CheckpointError:
    """Return the error for a file that is not whole; offers the run's other checkpoints that are."""
    why = what_else(error) or (str(error) or type(error).__name__).splitlines()[0]
    if "PytorchStreamReader" in why:  # what torch says of it is for programmers
        why = "Its end is missing, or its contents were changed: a copy or a download may have broken off."
    return CheckpointError(
        f"The checkpoint {path} is damaged or not a checkpoint.",
        cause=why,
        code="checkpoint_damaged",
        **_ways_out(path),
    )


def _ways_out(path: Path) -> dict[str, Any]:
    """Return the fix, in words and as buttons, for a checkpoint of no use: the run’s others that are whole."""
    others = {"previous": path.with_name("previous.pt"), "best": path.with_name("best.pt")}
    whole = [name for name, other in others.items() if _is_another(other, path) and is_whole(other)]
    instead = "Use another checkpoint."
    if whole:
        instead = f"Go on from the {whole[0]} one: --init_from=resume --out_dir={path.parent} --resume_from={whole[0]}"
    return {"fix": instead, "fixes": [Fix(_GO_BACK[name], "resume", {"resume_from": name}) for name in whole]}


def _is_another(other: Path, path: Path) -> bool:
    """Return whether a file is there that is not the same under another name."""
    return os.path.exists(other) and not (os.path.exists(path) and other.samefile(path))


_GO_BACK = {"previous": "Go On from the Previous Checkpoint", "best": "Go On from the Best Checkpoint"}


def _foreign(path: Path, why: str) -> CheckpointError:
    """Return the error for a file that holds something else."""
    return CheckpointError(
        f"{path} is not a checkpoint of a GPT.",
        cause=why,
        fix="Choose a ckpt.pt or best.pt that Understudy or nanoGPT wrote.",
        code="checkpoint_foreign",
    )


def _not_written(path: Path, error: Exception, needed: int) -> TrainingError:
    """Return the error for a checkpoint that could not be written."""
    if is_no_room(error):
        return RunFolder(path.parent).no_room(path, needed)
    return TrainingError(
        f"The checkpoint {path} could not be written.",
        cause=str(error).splitlines()[0],
        fix="See that its folder is there and may be written, then go on with --init_from=resume.",
        code="not_saved",
    )
