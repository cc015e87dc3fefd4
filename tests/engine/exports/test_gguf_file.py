"""GGUF files as the package gguf reads them."""

import gguf
import numpy as np
import pytest

from engine.core.errors import DataError
from engine.exports.gguf_file import tensor_name, write_file
from engine.runs import checkpoint
from engine.tokens.tokenizer import CharTokenizer, ListedTokenizer


def contents(path):
    """Return what the head of a file says, and its tensors by name."""
    reader = gguf.GGUFReader(path)
    said = {name: field.contents() for name, field in reader.fields.items()}
    return said, {tensor.name: tensor for tensor in reader.tensors}


@pytest.mark.parametrize("outtype", ["f32", "f16", "q8_0"])
@pytest.mark.parametrize("bias", [False, True])
def test_the_tensors_are_the_models(tmp_path, checkpoint_of, outtype, bias, exported):
    source = checkpoint_of("char", bias=bias)
    done = exported(source, "gguf", tmp_path / "model.gguf", outtype=outtype)
    saved = checkpoint.load(source)
    said, tensors = contents(tmp_path / "model.gguf")
    assert said["general.architecture"] == "gpt2"
    assert (said["gpt2.block_count"], said["gpt2.attention.head_count"]) == (2, 2)
    assert (said["gpt2.embedding_length"], said["gpt2.context_length"]) == (32, 16)
    assert len(tensors) == 2 + 2 + 12 * 2  # tables, last norm, and twelve of each layer
    allowed = {"f32": 0.0, "f16": 2**-11, "q8_0": 1 / 254 + 2**-11}[outtype]
    for name, ours in saved.model.items():
        if name == "lm_head.weight":
            continue
        found = tensors[tensor_name(name.removeprefix("transformer."))]
        numbers = gguf.quants.dequantize(found.data, found.tensor_type)
        assert np.abs(numbers - ours.numpy()).max() <= allowed * ours.abs().max().item()
        exact = ours.dim() == 1 or name == "transformer.wpe.weight"
        assert found.tensor_type.name == ("F32" if exact else outtype.upper())
    if not bias:
        assert not tensors["blk.1.ffn_up.bias"].data.any()
    assert done.dtype == outtype
    assert done.bytes == (tmp_path / "model.gguf").stat().st_size


def test_what_is_rounded_more_differs_more(tmp_path, checkpoint_of, exported):
    source = checkpoint_of("bpe")
    off = [exported(source, "gguf", tmp_path / kind, outtype=kind).logits_difference for kind in ("f32", "f16", "q8_0")]
    assert 1e-4 > off[0] < off[1] < off[2]


def test_rows_that_make_no_whole_blocks_stay_in_16_bits(tmp_path, checkpoint_of, exported):
    exported(checkpoint_of("char", n_embd=24), "gguf", tmp_path / "a.gguf", outtype="q8_0")
    _, tensors = contents(tmp_path / "a.gguf")
    assert tensors["token_embd.weight"].tensor_type.name == "F16"
    assert tensors["blk.0.ffn_down.weight"].tensor_type.name == "Q8_0"


def test_the_vocabulary_of_gpt2(tmp_path, checkpoint_of, tokenizer_of):
    # written and read once, without the job's own reading: a hundred thousand texts take the package seconds
    saved, about = checkpoint.load(checkpoint_of("gpt2")), {"name": "toy", "description": ""}
    *_, last = write_file(saved, tokenizer_of("gpt2"), tmp_path / "a.gguf", "f16", about)
    assert last[0] == last[1]
    said, tensors = contents(tmp_path / "a.gguf")
    tokens = said["tokenizer.ggml.tokens"]
    assert (said["tokenizer.ggml.model"], said["tokenizer.ggml.pre"]) == ("gpt2", "gpt-2")
    assert (len(tokens), tokens[262], tokens[-1]) == (50257, "Ġthe", "<|endoftext|>")
    assert said["tokenizer.ggml.eos_token_id"] == 50256
    assert said["tokenizer.ggml.token_type"][-1] == gguf.TokenType.CONTROL
    assert said["tokenizer.ggml.merges"][0] == "Ġ t"
    assert tuple(tensors["token_embd.weight"].shape) == (32, 50257)


def test_the_vocabulary_of_a_text_ends_with_what_no_text_holds(tmp_path, checkpoint_of, tokenizer_of, exported):
    exported(checkpoint_of("bpe"), "gguf", tmp_path / "a.gguf")
    said, _ = contents(tmp_path / "a.gguf")
    tokenizer = tokenizer_of("bpe")
    assert len(said["tokenizer.ggml.tokens"]) == tokenizer.token_count
    assert len(said["tokenizer.ggml.merges"]) == tokenizer.token_count - 256
    assert tokenizer.token_bytes(said["tokenizer.ggml.eos_token_id"]) == b"\xff"


def test_characters_are_told_by_their_bytes(tmp_path, checkpoint_of, exported, chars):
    exported(checkpoint_of("char"), "gguf", tmp_path / "a.gguf")
    said, _ = contents(tmp_path / "a.gguf")
    tokens = said["tokenizer.ggml.tokens"]
    assert said["tokenizer.ggml.model"] == "rwkv"
    assert "tokenizer.ggml.eos_token_id" not in said
    for char, shown in (("\n", "\\x0a"), ("a", "a"), ("\\", "\\x5c"), ("€", "\\xe2\\x82\\xac")):
        assert tokens[chars.index(char)] == shown


def test_a_vocabulary_that_llama_cpp_has_no_form_for_is_refused(tmp_path, write_checkpoint, exported):
    source = write_checkpoint(tmp_path / "run" / "ckpt.pt", CharTokenizer("abc"))
    with pytest.raises(DataError) as told:
        exported(source, "gguf", tmp_path / "a.gguf")
    assert told.value.code == "no_gguf_form"


@pytest.mark.parametrize("form", ["gguf", "huggingface"])
def test_a_list_of_tokens_from_elsewhere_is_refused(tmp_path, write_checkpoint, exported, form):
    source = write_checkpoint(tmp_path / "run" / "ckpt.pt", ListedTokenizer(["one", "two"], between=" "))
    with pytest.raises(DataError) as told:
        exported(source, form, tmp_path / "out")
    assert told.value.code in ("no_gguf_form", "no_export_form")
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir() if "gguf" in path.name] == []
