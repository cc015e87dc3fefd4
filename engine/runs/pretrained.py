"""The weights that a run may start from: GPT-2's own, a Hugging Face folder, or another run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.core.errors import CheckpointError
from engine.core.init_from import GPT2_SHAPES
from engine.core.untrusted_files import reason, require_content
from engine.core.untrusted_json import read_object
from engine.model.gpt import ModelArgs
from engine.model.shape import parameter_count
from engine.runs import checkpoint
from engine.runs.checkpoint import NOT_EVALUATED, Saved
from engine.runs.folder_tokenizer import folder_tokenizer
from engine.runs.model_files import is_hugging_face, model_place, not_a_gpt2, read_config
from engine.runs.model_tokenizer import KnownTokenizer, known_tokenizer
from engine.tokens.tokenizer import GPT2Tokenizer

_TURNED = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")
"""Matrices that GPT-2 keeps as (inputs, outputs), a Linear layer the other way round."""

_BUFFERS = (".attn.bias", ".attn.masked_bias")
"""Masks that older files carry; they hold nothing learned."""


_OTHER_WEIGHTS = ("pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack")
"""Files of weights in forms that are not read."""


def read_model(init_from: str) -> Saved:
    """Return the model that an init_from names, with no optimizer, at its beginning; raises CheckpointError."""
    place = model_place(init_from)
    if is_hugging_face(place):
        saved = read_hugging_face(place)
        return replace(saved, tokenizer=saved.tokenizer or _published(init_from))
    saved = checkpoint.load(_checkpoint_in(place))
    return replace(saved, optimizer=None, iter_num=0, best_val_loss=None, evaluated=NOT_EVALUATED)


def model_tokenizer(init_from: str) -> KnownTokenizer:
    """Return the tokenizer of the model that an init_from names, without its weights; raises CheckpointError."""
    place = model_place(init_from)
    if is_hugging_face(place):
        spec = folder_tokenizer(place) or _published(init_from)
        return known_tokenizer(spec, read_config(place)["vocab_size"], "")
    return checkpoint.glance(_checkpoint_in(place)).known_tokenizer()


def _published(init_from: str) -> dict[str, Any] | None:
    """Return the tokenizer of a published model, which the hub keeps apart from its weights; None for any other."""
    return {"kind": GPT2Tokenizer.kind} if init_from in GPT2_SHAPES else None


def _checkpoint_in(place: Path) -> Path:
    """Return the checkpoint that a run's folder, or a path of its own, names; raises CheckpointError."""
    runs = [place / "best.pt", place / "ckpt.pt"] if os.path.isdir(place) else [place]
    found = next((path for path in runs if os.path.isfile(path)), None)
    if found is None:
        raise not_a_gpt2(place, "There is no model: neither config.json with model.safetensors, nor a checkpoint.")
    return found


def read_hugging_face(folder: Path) -> Saved:
    """Return the GPT-2 in a Hugging Face folder under nanoGPT's names; raises CheckpointError saying what is wrong.

    Only safetensors is read. GELU is taken itself, as nanoGPT does, where GPT-2 was trained with its tanh form.
    """
    config = read_config(folder)
    args = ModelArgs(
        n_layer=config["n_layer"],
        n_head=config["n_head"],
        n_embd=config["n_embd"],
        block_size=config["n_positions"],
        bias=True,
        vocab_size=config["vocab_size"],
        dropout=0.0,
    )
    try:
        weights = dict(_weights(folder, args))
    except OSError as error:
        raise not_a_gpt2(folder, f"Its weights cannot be read: {reason(error)}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise not_a_gpt2(folder, f"Its weights cannot be read: {error}.") from error
    except CheckpointError:
        raise
    except Exception as error:  # the package safetensors has an error of its own for a file that is none
        raise not_a_gpt2(folder, f"Its weights are damaged: {error}.") from error
    table = weights.get("transformer.wte.weight")
    if table is not None:
        weights.setdefault("lm_head.weight", table)
    return Saved(
        args=args,
        model=checkpoint.tied(weights),
        optimizer=None,
        iter_num=0,
        best_val_loss=None,
        evaluated=NOT_EVALUATED,
        config={},
        tokenizer=folder_tokenizer(folder),
    )


def _weights(folder: Path, args: ModelArgs) -> Iterator[tuple[str, Tensor]]:
    """Yield each weight under nanoGPT's name and the way round that it has there."""
    from safetensors import safe_open

    files = _files(folder)
    other = next((name for name in _OTHER_WEIGHTS if os.path.exists(folder / name)), None)
    if other and not os.path.exists(files[0]):
        why = f"Its weights are in {other}, and opening such a file can run code: only model.safetensors is read."
        raise not_a_gpt2(folder, why)
    for path in files:
        require_content(path)
    size = sum(path.stat().st_size for path in files)
    if parameter_count(args, args.vocab_size).total > size:
        raise ValueError(f"config.json asks for more weights than {size:,} bytes hold")
    for path in files:
        with safe_open(path, framework="pt") as file:
            for key in file.keys():  # noqa: SIM118  (no mapping)
                name = key.removeprefix("transformer.")
                if name.endswith(_BUFFERS):
                    continue
                tensor = file.get_tensor(key).float()
                tensor = tensor.T.contiguous() if name.endswith(_TURNED) else tensor
                yield (name if name == "lm_head.weight" else f"transformer.{name}"), tensor


def _files(folder: Path) -> list[Path]:
    """Return the files of the weights: one, or as many as the index names."""
    index = folder / "model.safetensors.index.json"
    if not os.path.exists(index):
        return [folder / "model.safetensors"]
    names = set(read_object(index)["weight_map"].values())
    return [folder / Path(name).name for name in sorted(names)]


def cropped(saved: Saved, block_size: int) -> Saved:
    """Return a model that reads fewer tokens at once: the positions beyond are left out, as nanoGPT's surgery does."""
    name = "transformer.wpe.weight"
    weights = saved.model | {name: saved.model[name][:block_size]}
    return replace(saved, model=weights, args=replace(saved.args, block_size=block_size))
