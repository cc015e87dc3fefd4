"""A GGUF file as llama.cpp reads GPT-2: its names for the tensors, and the vocabulary inside.

The names and rules are those of llama.cpp's convert_hf_to_gguf.py: norms, biases and positions stay float32, matrices
are in the type that is asked for. The output layer is the token table, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.core.errors import DataError
from engine.exports.readback import ReadBack
from engine.exports.vocabulary_files import END_OF_TEXT, UNKNOWN_CUTS, letters, merges, tokens_in_letters
from engine.exports.weights import LAYER_NORM_EPS, tokens_of, whole_weights
from engine.runs.checkpoint import Saved
from engine.tokens.tokenizer import BytePairTokenizer, CharTokenizer, GPT2Tokenizer, Tokenizer

if TYPE_CHECKING:
    from gguf import GGUFWriter

_NAMES = {
    "wte": "token_embd",
    "wpe": "position_embd",
    "ln_f": "output_norm",
    "ln_1": "attn_norm",
    "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
}
"""llama.cpp's names for the parts of GPT-2."""

_BLOCK = 32
"""Numbers that share a scale in q8_0; a matrix whose rows are no whole number of these stays float16."""

_NEVER_IN_TEXT = 0xFF
"""A byte that no UTF-8 text holds, so that a model never learns to write it."""


def tensor_name(name: str) -> str:
    """Return llama.cpp's name of a tensor by Hugging Face's: h.3.mlp.c_fc.weight is blk.3.ffn_up.weight."""
    match = re.fullmatch(r"(?:h\.(\d+)\.)?(.+)\.(weight|bias)", name)
    assert match is not None
    layer, part, kind = match.groups()
    return f"{_NAMES[part]}.{kind}" if layer is None else f"blk.{layer}.{_NAMES[part]}.{kind}"


def write_file(
    saved: Saved, tokenizer: Tokenizer, path: Path, outtype: str, about: dict[str, str]
) -> Iterator[tuple[int, int]]:
    """Write the file, yielding (bytes so far, bytes in all). `about` is the name and description in its head.

    Raises DataError for a vocabulary that llama.cpp has no form for.
    """
    import gguf

    writer = gguf.GGUFWriter(path, "gpt2")
    try:
        _add_head(writer, saved, outtype, about)
        _add_vocabulary(writer, tokenizer)
        weights = {
            tensor_name(name.removeprefix("transformer.")): tensor
            for name, tensor in whole_weights(saved, tokens_of(saved, tokenizer)).items()
        }
        sizes = {name: _bytes_of(name, tensor, outtype) for name, tensor in weights.items()}
        for name, tensor in weights.items():
            kind = _kind(name, tensor, outtype)
            writer.add_tensor_info(name, tensor.shape, np.dtype(np.float32), sizes[name], raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        done = 0
        for name, tensor in weights.items():
            data = gguf.quants.quantize(tensor.contiguous().numpy(), _kind(name, tensor, outtype))
            writer.write_tensor_data(data)
            done += data.nbytes
            yield done, sum(sizes.values())
    finally:
        writer.close()


def _kind(name: str, tensor: Tensor, outtype: str) -> Any:
    """Return the type that a tensor is written in."""
    from gguf import GGMLQuantizationType as Kind

    if outtype == "f32" or tensor.dim() < 2 or name.startswith("position_embd"):
        return Kind.F32
    return Kind.Q8_0 if outtype == "q8_0" and tensor.shape[-1] % _BLOCK == 0 else Kind.F16


def _bytes_of(name: str, tensor: Tensor, outtype: str) -> int:
    """Return the bytes that a tensor takes in the file."""
    from gguf import GGML_QUANT_SIZES

    numbers, size = GGML_QUANT_SIZES[_kind(name, tensor, outtype)]
    return tensor.numel() // numbers * size


def _add_head(writer: GGUFWriter, saved: Saved, outtype: str, about: dict[str, str]) -> None:
    """Add what llama.cpp must know of the model, and what a person is shown."""
    import gguf

    args = saved.args
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(about["name"])
    writer.add_description(about["description"])
    writer.add_block_count(args.n_layer)
    writer.add_context_length(args.block_size)
    writer.add_embedding_length(args.n_embd)
    writer.add_feed_forward_length(4 * args.n_embd)
    writer.add_head_count(args.n_head)
    writer.add_layer_norm_eps(LAYER_NORM_EPS)
    kinds = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "q8_0": "MOSTLY_Q8_0"}
    writer.add_file_type(gguf.LlamaFileType[kinds[outtype]])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def _add_vocabulary(writer: GGUFWriter, tokenizer: Tokenizer) -> None:
    """Add the vocabulary in the form that llama.cpp cuts text with as the run does."""
    import gguf

    kinds = [gguf.TokenType.NORMAL] * tokenizer.token_count
    if isinstance(tokenizer, CharTokenizer):
        # the longest token that fits is always one character; and it is the only form that needs no end-of-text token
        if "\n" not in tokenizer.chars:
            cause = "llama.cpp cannot use a vocabulary of characters where it has no line break."
            raise _no_form(cause, "Export it in the huggingface or nanogpt format.")
        writer.add_tokenizer_model("rwkv")
        writer.add_token_list([_escaped(char) for char in tokenizer.chars])
        writer.add_token_types(kinds)
        return
    if not isinstance(tokenizer, BytePairTokenizer):
        raise _no_form(UNKNOWN_CUTS, "Export it in the nanogpt format.")
    tokens, pairs = tokens_in_letters(tokenizer), merges(tokenizer)
    end = tokens.index(letters(bytes([_NEVER_IN_TEXT])))
    if isinstance(tokenizer, GPT2Tokenizer):
        end = tokens.index(END_OF_TEXT)
        kinds[end] = gguf.TokenType.CONTROL
    never = letters(bytes([_NEVER_IN_TEXT]))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in pairs] or [f"{never} {never}"])  # llama.cpp wants some
    writer.add_bos_token_id(end)
    writer.add_eos_token_id(end)
    writer.add_add_bos_token(False)


def _escaped(char: str) -> bytes:
    """Return a character as llama.cpp's byte-wise vocabularies write it: in UTF-8, what is not plain escaped."""
    plain = char.isascii() and char.isprintable() and char != "\\"
    return char.encode() if plain else "".join(f"\\x{byte:02x}" for byte in char.encode()).encode()


def _no_form(cause: str, fix: str) -> DataError:
    return DataError("This vocabulary has no form in a GGUF file.", cause=cause, fix=fix, code="no_gguf_form")


def read_file(path: Path) -> ReadBack:
    """Return what stands in a file, by the package gguf and what the file's head says."""
    import gguf

    reader = gguf.GGUFReader(path)
    tensors = {tensor.name: tensor for tensor in reader.tensors}

    def value_of(key: str) -> Any:
        field = reader.get_field(key)
        assert field is not None
        return field.contents()

    def tensor(name: str) -> Tensor:
        found = tensors[tensor_name(name)]
        numbers: npt.NDArray[np.float32] = gguf.quants.dequantize(found.data, found.tensor_type).astype(np.float32)
        matrix = torch.from_numpy(numbers)
        return matrix.T if matrix.dim() == 2 and not name.startswith(("wte", "wpe")) else matrix

    return ReadBack(
        n_layer=value_of("gpt2.block_count"),
        n_head=value_of("gpt2.attention.head_count"),
        epsilon=value_of("gpt2.attention.layer_norm_epsilon"),
        tensor=tensor,
    )
