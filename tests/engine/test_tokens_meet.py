"""Wherever a model meets a dataset: what it reads are the ids it knows, or it is refused in words. Never silently else.

Each model is trained on a text called "book", which is then prepared again: in other tokens, with another vocabulary of
the same size, as another text.
"""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.archives.pack import pack_job
from engine.archives.unpack import unpack_job
from engine.core.errors import CheckpointError, DataError
from engine.core.events import Advice, Eval, Memorised, ScoredAll, Unpacked
from engine.core.jobs import Control, events_of
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.datasets.refit import PreparedText
from engine.exports.job import export_job
from engine.generation.memorisation import memorisation_job
from engine.generation.model_cache import Shelf
from engine.generation.surprise import Place, score_job, score_passage_job
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.runs.pretrained import read_model
from engine.tokens.tokenizer import CharTokenizer, same_tokens
from engine.training.trainer import Trainer

OURS = ("char", "bpe", "gpt2")
SHAPE = {"n_layer": 1, "n_head": 2, "n_embd": 8, "bias": False}


def done(job):
    return list(events_of(job, Control()))


def trained(config):
    return list(Trainer(config).run())


def texts_of(name):
    """Return what a dataset's two parts say, as its own tokens tell it."""
    return ["".join(part) for part in PreparedText(dataset(name)).documents()]


def text_read_by(saved, name):
    """Return what the ids of a dataset say to a model."""
    data = dataset(name)
    ids = [np.fromfile(path, "<u2").tolist() for path in (data.train_path, data.val_path)]
    return [saved.load_tokenizer().decode(part) for part in ids]


@pytest.fixture
def first_text(toy_text):
    return toy_text.replace("fool", "jolt")


@pytest.fixture
def other_text(first_text):
    """Return a text of as many characters of as many kinds, one of which the first has not."""
    return first_text.replace("j", "z")[::-1]


@pytest.fixture
def write(tmp_path):
    """Return what prepares a text as "book", in place of what is called so."""

    def prepared(text, kind, vocab_size=None):
        shutil.rmtree(datasets_dir() / "book", ignore_errors=True)
        if kind == "nanogpt":
            return as_nanogpt(text)
        (tmp_path / "book.txt").write_text(text, "utf-8")
        return prepare(str(tmp_path / "book.txt"), name="book", tokenizer=kind, vocab_size=vocab_size)

    return prepared


def as_nanogpt(text):
    """Prepare a text as nanoGPT's own script does."""
    folder, chars = datasets_dir() / "book", sorted(set(text))
    folder.mkdir(parents=True)
    tokenizer, cut = CharTokenizer(chars), int(len(text) * 0.9)
    for name, part in (("train.bin", text[:cut]), ("val.bin", text[cut:])):
        np.array(tokenizer.encode(part), "<u2").tofile(folder / name)
    meta = {"vocab_size": len(chars), "itos": dict(enumerate(chars)), "stoi": {c: n for n, c in enumerate(chars)}}
    (folder / "meta.pkl").write_bytes(pickle.dumps(meta))


@pytest.fixture
def model(write, first_text, toy_config, tmp_path):
    """Return the run of a model with such a tokenizer; a "nanogpt" one carries none in its checkpoint."""

    def train(kind):
        write(first_text, kind, 300 if kind == "bpe" else None)
        trained(toy_config(dataset="book", out_dir=str(tmp_path / "run"), max_iters=1, sample_tokens=0, **SHAPE))
        run = RunFolder(tmp_path / "run")
        if kind == "nanogpt":
            content = torch.load(run.checkpoint, weights_only=True)
            del content["understudy"]
            for path in (run.checkpoint, run.best, run.path / "previous.pt"):
                path.unlink(missing_ok=True)
            torch.save(content, run.checkpoint)
        return run

    return train


# each model's tokenizer, and each way in which its dataset may have been prepared again

CHANGES = {
    "same tokens, longer text": ("same", lambda first, other: first + first[:500]),
    "as many tokens that are others": ("same", lambda first, other: other),
    "char": ("char", lambda first, other: first[:4000]),
    "bpe": ("bpe", lambda first, other: first[:4000]),
    "gpt2": ("gpt2", lambda first, other: first[:4000]),
    "nanogpt": ("nanogpt", lambda first, other: first[:4000]),
}


def matrix():
    """Yield each model with each change: each once here, and the one that no number tells with all; else in proofs."""
    for number, change in enumerate(CHANGES):
        for kind in OURS:
            here = kind == OURS[number % len(OURS)] or change.startswith("as many")
            yield pytest.param(kind, change, marks=() if here else pytest.mark.slow, id=f"{kind}-{change}")


@pytest.mark.thorough
@pytest.mark.parametrize(("kind", "change"), list(matrix()))
def test_a_model_reads_the_text_as_it_is_now_in_its_own_tokens_or_is_refused(
    model, write, toy_config, first_text, other_text, tmp_path, kind, change
):
    run = model(kind)
    before = checkpoint.load(run.checkpoint)
    other_kind, changed = CHANGES[change]
    text = changed(first_text, other_text)
    write(text, kind if other_kind == "same" else other_kind, 300 if "same" == other_kind == "bpe" else None)
    if kind == "char" and set(text) - set(first_text):
        for config in (resumed_config(str(run.path), {}), resumed_config(str(run.path), {"eval_only": True})):
            with pytest.raises(DataError, match=r"cannot be written in the tokens of this model\. .*'z'") as told:
                trained(config.changed({"max_iters": 2}))
            assert told.value.code == "unknown_characters"
        assert checkpoint.load(run.checkpoint).iter_num == 1
        return
    (loss,) = [e.val_loss for e in trained(resumed_config(str(run.path), {"eval_only": True})) if isinstance(e, Eval)]
    events = trained(resumed_config(str(run.path), {"max_iters": 2}))
    after = checkpoint.load(run.checkpoint)
    assert after.iter_num == 2
    assert same_tokens(after.load_tokenizer(), before.load_tokenizer())
    assert "".join(text_read_by(after, after.config["dataset"])) == text
    assert loss == pytest.approx(before_loss(before, run, tmp_path), abs=1e-6)
    assert any(isinstance(event, Advice) and event.code == "data_changed" for event in events)
    # and as the model that another run begins with
    second = toy_config(dataset="book", out_dir=str(tmp_path / "second"), init_from=str(run.path), max_iters=1, **SHAPE)
    trained(second)
    begun = checkpoint.load(RunFolder(second.out_dir).checkpoint)
    assert same_tokens(begun.load_tokenizer(), before.load_tokenizer())
    assert "".join(text_read_by(begun, begun.config["dataset"])) == text


def before_loss(saved, run, tmp_path):
    """Return the loss of a model over the fixed windows of the text it goes on with, read apart from the training."""
    config = RunFolder(run.path).read_config()
    data, model = dataset(config.dataset), saved.build_model().eval()
    ids = np.fromfile(data.val_path, "<u2").astype(np.int64)
    block, batch = config.block_size, config.batch_size
    wanted = min(config.eval_iters, max(1, (len(ids) - 1) // (block * batch)))
    starts = np.linspace(0, len(ids) - block - 1, wanted * batch).astype(int)
    windows = torch.tensor(np.stack([ids[start : start + block + 1] for start in starts]))
    with torch.no_grad():
        return float(model(windows[:, :-1], windows[:, 1:]))


@pytest.mark.parametrize("kind", [*OURS, "nanogpt"])
def test_where_nothing_changed_nothing_is_prepared_anew(model, kind):
    run = model(kind)
    events = trained(resumed_config(str(run.path), {"max_iters": 2}))
    assert sorted(folder.name for folder in datasets_dir().iterdir()) == ["book", "toy"]
    assert run.read_config().dataset == "book"
    told = [event.what for event in events if isinstance(event, Advice) and event.code == "tokenizer_assumed"]
    assert told == (
        ["The model’s file carries no tokenizer: it is taken to be that of the dataset book."] * (kind == "nanogpt")
    )


def test_the_text_in_a_models_tokens_follows_the_text(model, write, first_text):
    run = model("bpe")
    write(first_text[:4000], "gpt2")
    trained(resumed_config(str(run.path), {"max_iters": 2}))
    name = run.read_config().dataset
    assert name.startswith("book_as_")
    write(first_text[:4500], "gpt2")
    trained(resumed_config(str(run.path), {"max_iters": 3}))
    assert run.read_config().dataset == name
    assert "".join(texts_of(name)) == first_text[:4500]
    shutil.rmtree(datasets_dir() / "book")  # the text is still there in its tokens
    trained(resumed_config(str(run.path), {"max_iters": 4}))
    shutil.rmtree(datasets_dir() / name)
    with pytest.raises(DataError) as told:
        trained(resumed_config(str(run.path), {"max_iters": 5}))
    assert told.value.code == "unknown_dataset"
    assert "'book'" in told.value.message


def test_a_model_that_carries_no_tokenizer_is_refused_what_cannot_be_its_own(model, write, first_text):
    run = model("nanogpt")
    write(first_text, "bpe", 400)
    for use in (
        lambda: trained(resumed_config(str(run.path), {"max_iters": 2})),
        lambda: done(score_job(run.checkpoint, "king", Control())),
        lambda: done(export_job(run.checkpoint, "huggingface", Path("out"), control=Control())),
    ):
        with pytest.raises(CheckpointError, match="does not say which") as told:
            use()
        assert told.value.code == "tokenizer_unknown"
        assert "its dataset 'book' has" in told.value.cause


# what is read and written without training


@pytest.mark.parametrize("kind", OURS)
def test_a_passage_is_scored_in_the_models_tokens_whatever_its_dataset_is_in(model, write, first_text, kind):
    run = model(kind)
    for other in ("char", "bpe", "gpt2"):
        write(first_text, other)
        data = dataset("book")
        ids = np.fromfile(data.train_path, "<u2")[:60].tolist()
        passage = data.load_tokenizer().decode(ids)
        *_, there = done(score_passage_job(run.checkpoint, Place("train", 0, 60), Control()))
        *_, typed = done(score_job(run.checkpoint, passage, Control()))
        assert isinstance(there, ScoredAll)
        assert (there.tokens, there.bits) == (typed.tokens, pytest.approx(typed.bits))
        *_, known = done(memorisation_job(run.checkpoint, [first_text[:80]], Control(), Shelf()))
        assert isinstance(known, Memorised)
        assert known.longest == 80


@pytest.mark.parametrize("kind", OURS)
def test_another_text_is_neither_scored_nor_searched(model, write, other_text, kind):
    run = model(kind)
    write(other_text, kind, 300 if kind == "bpe" else None)
    for job in (
        score_passage_job(run.checkpoint, Place("train", 0, 60), Control()),
        memorisation_job(run.checkpoint, ["x"], Control(), Shelf()),
    ):
        with pytest.raises(DataError) as told:
            done(job)
        assert told.value.code == "text_changed"


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_an_export_has_the_runs_tokenizer_whatever_its_dataset_is_in(model, write, first_text, tmp_path, kind):
    run = model(kind)
    write(first_text, "gpt2")
    done(export_job(run.checkpoint, "huggingface", tmp_path / "hub", control=Control()))
    assert read_model(str(tmp_path / "hub")).tokenizer == checkpoint.load(run.checkpoint).tokenizer


def test_what_is_assumed_of_a_models_tokenizer_is_told(model, first_text, tmp_path):
    run = model("nanogpt")
    words = "The model’s file carries no tokenizer: it is taken to be that of the dataset book."
    assert words in Shelf().model(run.checkpoint).notices
    *_, told = done(export_job(run.checkpoint, "huggingface", tmp_path / "hub", control=Control()))
    assert words in told.notes


@pytest.mark.parametrize("kind", OURS)
def test_a_run_travels_with_the_text_in_its_own_tokens(model, write, first_text, tmp_path, monkeypatch, kind):
    run = model(kind)
    write(first_text[:4000], "bpe")
    done(pack_job(run.path, tmp_path / "run.tar.gz", control=Control()))
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "elsewhere"))
    *_, told = done(unpack_job(tmp_path / "run.tar.gz", control=Control()))
    assert isinstance(told, Unpacked)
    saved = checkpoint.load(RunFolder(told.run_dir).checkpoint)
    assert "".join(text_read_by(saved, told.dataset)) == first_text[:4000]
