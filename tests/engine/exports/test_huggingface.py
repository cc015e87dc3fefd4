"""Exports as transformers, a program of others, reads them."""

import json
import random
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.runs import checkpoint
from engine.tokens.tokenizer import gpt2_tokenizer

KINDS = ("gpt2", "char", "bpe")
STRINGS = 10_000


pytestmark = pytest.mark.filterwarnings("ignore")  # transformers' own


@pytest.fixture(scope="session")
def transformers():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield pytest.importorskip("transformers", reason="`make test` installs it")


@pytest.fixture(scope="session")
def export_of(tmp_path_factory, write_checkpoint, tokenizer_of, exported):
    """Return a maker of exports by kind of tokenizer, each made once and only read: its event, and its source."""

    @cache
    def make(kind):
        folder = tmp_path_factory.mktemp(kind)
        source = write_checkpoint(folder / "run" / "ckpt.pt", tokenizer_of(kind), bias=kind == "char")
        return exported(source, "huggingface", folder / "out"), source

    return make


@pytest.fixture(scope="session")
def their_tokenizer_of(transformers, export_of):
    """Return a maker of tokenizers by kind, as transformers reads them from an export."""
    return cache(lambda kind: transformers.AutoTokenizer.from_pretrained(export_of(kind)[0].path))


@pytest.mark.parametrize("kind", KINDS)
def test_transformers_computes_the_same(transformers, export_of, kind):
    done, source = export_of(kind)
    ours = checkpoint.load(source).build_model().eval()
    theirs, told = transformers.GPT2LMHeadModel.from_pretrained(done.path, output_loading_info=True)
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
def test_the_ids_of_ten_thousand_strings_are_equal(tokenizer_of, their_tokenizer_of, chars, kind):
    ours, theirs = tokenizer_of(kind), their_tokenizer_of(kind)
    assert len(theirs) == ours.token_count
    strings = random_strings(kind, chars)
    ids = theirs(strings, add_special_tokens=False)["input_ids"]
    assert [text for text, found in zip(strings, ids, strict=True) if found != ours.encode(text)] == []
    assert theirs.decode(ids[0]) == strings[0]


@pytest.mark.parametrize(("kind", "end"), [("gpt2", 50256), ("bpe", None)])
def test_only_gpt2s_tokens_have_an_end_of_text(export_of, their_tokenizer_of, kind, end):
    assert their_tokenizer_of(kind).eos_token_id == end
    config = Path(export_of(kind)[0].path, "config.json")
    assert json.loads(config.read_text("utf-8"))["eos_token_id"] == end


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_cut_alike(their_tokenizer_of, text):
    ids = their_tokenizer_of("gpt2").encode(text, add_special_tokens=False)
    assert ids == gpt2_tokenizer().encode(text) or "<|endoftext|>" in text
