"""What every test of exports gets: a checkpoint for each kind of tokenizer, and a way to export it."""

from functools import cache
from pathlib import Path

import pytest

from engine.core.config import TrainConfig
from engine.core.events import Exported
from engine.core.jobs import Control, events_of
from engine.exports.job import export_job
from engine.runs import checkpoint
from engine.runs.checkpoint import Saved
from engine.tokens.tokenizer import CharTokenizer, gpt2_tokenizer
from engine.tokens.vocabulary import train_tokenizer

CHARS = sorted("\n !',-.:?\\ABCDEFGHIabcdefghijklmnopqrstuvwxyzäöü€東🎭")


@pytest.fixture(scope="session")
def chars():
    """Return the characters of the vocabulary of kind "char"."""
    return CHARS


@pytest.fixture(scope="session")
def tokenizer_of(toy_text, chars):
    """Return a maker of tokenizers by kind."""

    @cache
    def make(kind):
        if kind == "char":
            return CharTokenizer(chars)
        return gpt2_tokenizer() if kind == "gpt2" else train_tokenizer([toy_text], 300)

    return make


@pytest.fixture(scope="session")
def write_checkpoint(toy_model):
    """Return what writes a checkpoint with a tokenizer; the weights are large enough to have opinions."""

    def write(path, tokenizer, bias=False, **shape):
        model = toy_model(bias=bias, vocab_size=tokenizer.vocab_size, **{"n_embd": 32, **shape})
        saved = Saved(
            args=model.args,
            model=model.state_dict(),
            optimizer=None,
            iter_num=40,
            best_val_loss=1.75,
            evaluated=35,
            config=TrainConfig(dataset="toy").as_dict(),
            tokenizer=tokenizer.as_dict(),
        )
        path.parent.mkdir(exist_ok=True)
        checkpoint.save(saved, path)
        return path

    return write


@pytest.fixture
def checkpoint_of(tmp_path, write_checkpoint, tokenizer_of):
    """Return a maker of checkpoints with a tokenizer of some kind."""
    return lambda kind, **shape: write_checkpoint(tmp_path / f"run-{kind}" / "ckpt.pt", tokenizer_of(kind), **shape)


@pytest.fixture(scope="session")
def exported():
    """Return what exports a checkpoint and gives the event that tells of it."""

    def export(source, form, dest, **options):
        control = Control()
        *_, done = events_of(export_job(Path(source), form, Path(dest), control=control, **options), control)
        assert isinstance(done, Exported)
        return done

    return export
