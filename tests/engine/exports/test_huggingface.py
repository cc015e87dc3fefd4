"""Exports as transformers, a program of others, reads them."""

import json
import os
import random
import warnings

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.exports.vocabulary_files import hugging_face_tokenizer, merges
from engine.runs import checkpoint
from engine.tokens.tokenizer import gpt2_tokenizer

KINDS = ("gpt2", "char", "bpe")
STRINGS = 10_000


@pytest.fixture
def transformers(monkeypatch):
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pytest.importorskip("transformers", reason="`make test` installs it")


@pytest.mark.parametrize(("kind", "bias"), [("gpt2", False), ("char", True), ("bpe", False)])
def test_transformers_computes_the_same(transformers, tmp_path, checkpoint_of, kind, bias, exported):
    source = checkpoint_of(kind, bias=bias)
    done = exported(source, "huggingface", tmp_path / "out")
    ours = checkpoint.load(source).build_model().eval()
    theirs, told = transformers.GPT2LMHeadModel.from_pretrained(tmp_path / "out", output_loading_info=True)
    assert not any(told[name] for name in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"))
    count = theirs.config.vocab_size
    tokens = torch.randint(count, (3, 16), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        difference = (theirs(tokens).logits - ours.logits(tokens)[..., :count]).abs().max()
    assert difference < 1e-4
    assert done.logits_difference < 1e-4
    assert (done.tokens, done.tokens_equal) == (15, 15)


def test_transformers_writes_the_same_fifty_tokens(transformers, tmp_path, checkpoint_of, exported):
    source = checkpoint_of("char", block_size=64)
    assert exported(source, "huggingface", tmp_path / "out").tokens_equal == 50
    ours = checkpoint.load(source).build_model().eval()
    theirs = transformers.GPT2LMHeadModel.from_pretrained(tmp_path / "out")
    text = torch.tensor([[3]])
    written = theirs.generate(
        text, attention_mask=torch.ones_like(text), max_new_tokens=50, do_sample=False, pad_token_id=0
    )
    for _ in range(50):
        with torch.no_grad():
            text = torch.cat((text, ours.logits(text)[:, -1:].argmax(-1)), 1)
    assert len(set(text[0].tolist())) > 5  # it does not say the same thing over and over
    assert torch.equal(written, text)


def random_strings(kind, chars):
    """Return strings of words, of single characters from everywhere, and of white space."""
    draw = random.Random(20)
    everywhere = [chr(n) for n in (*range(32, 0x2FA1), *range(0x3040, 0x9FFF, 7), *range(0x1F300, 0x1F6FF))]
    alphabet = chars if kind == "char" else [*everywhere, *(["\n", " ", "  ", "\t", "the", "ing", "'s", "1"] * 900)]
    return ["".join(draw.choices(alphabet, k=draw.randint(1, 24))) for _ in range(STRINGS)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_ids_of_ten_thousand_strings_are_equal(
    transformers, tmp_path, checkpoint_of, tokenizer_of, chars, kind, exported
):
    exported(checkpoint_of(kind), "huggingface", tmp_path / "out")
    ours, theirs = tokenizer_of(kind), transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    assert len(theirs) == ours.token_count
    strings = random_strings(kind, chars)
    ids = theirs(strings, add_special_tokens=False)["input_ids"]
    assert [text for text, found in zip(strings, ids, strict=True) if found != ours.encode(text)] == []
    assert theirs.decode(ids[0]) == strings[0]


def test_only_gpt2s_tokens_have_an_end_of_text(transformers, tmp_path, checkpoint_of, exported):
    for kind, end in (("gpt2", 50256), ("bpe", None)):
        exported(checkpoint_of(kind), "huggingface", tmp_path / kind)
        assert transformers.AutoTokenizer.from_pretrained(tmp_path / kind).eos_token_id == end
        assert json.loads((tmp_path / kind / "config.json").read_text("utf-8"))["eos_token_id"] == end


def test_gpt2s_merges_are_those_that_openai_published():
    from engine.core.carriers import carried

    lines = (carried("gpt2") / "vocab.bpe").read_text("utf-8").splitlines()[1:]
    assert [" ".join(pair) for pair in merges(gpt2_tokenizer())] == [line for line in lines if line]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_cut_alike(text):
    ours = gpt2_tokenizer()
    assert _theirs().encode(text).ids == ours.encode(text) or "<|endoftext|>" in text


_made = []


def _theirs():
    if not _made:
        _made.append(hugging_face_tokenizer(gpt2_tokenizer()))
    return _made[0]
