import math

import pytest
import torch

from engine.core.errors import DataError
from engine.core.events import Scored, ScoredAll, Turn
from engine.core.jobs import Control
from engine.datasets.dataset import dataset
from engine.generation.decoder import Weights, window_start
from engine.generation.surprise import Place, score_job, score_passage_job, scores
from engine.machine.device import Device
from engine.runs import checkpoint
from engine.tokens.batches import TokenFile
from engine.tokens.tokenizer import CharTokenizer, gpt2_tokenizer
from engine.training.evaluation import mean_loss
from engine.training.learner import Learner

LETTERS = CharTokenizer("\n abcdefghijklmnopqrstuvwxyzäß")


def told(job):
    """Return the scores of a job's tokens, and its sums."""
    *pieces, total = [item for item in job if not isinstance(item, Turn)]
    assert isinstance(total, ScoredAll)
    assert all(isinstance(piece, Scored) for piece in pieces)
    tokens = [score for piece in pieces for score in piece.tokens]
    firsts = [0]
    for piece in pieces:
        firsts.append(firsts[-1] + len(piece.tokens))
    assert [piece.first for piece in pieces] == firsts[:-1]
    return tokens, total


@pytest.mark.parametrize("length", [1, 2, 16, 17, 25, 100])
def test_each_token_is_expected_as_the_model_would_write_it(toy_model, length):
    model = toy_model(scale=4.0)
    ids = torch.randint(30, (length,), generator=torch.Generator().manual_seed(length)).tolist()
    tokens, total = told(scores(Weights.frozen(model), LETTERS, ids, Control()))
    assert (tokens[0].probability, tokens[0].bits, tokens[0].alternatives) == (None, None, ())
    nats = 0.0
    for place in range(1, length):
        seen = torch.tensor([ids[window_start(place, 16) : place]])
        with torch.no_grad():
            p = torch.softmax(model.logits(seen)[0, -1], 0)
        assert tokens[place].probability == pytest.approx(float(p[ids[place]]), abs=1e-5)
        assert tokens[place].bits == pytest.approx(-math.log2(float(p[ids[place]])), abs=1e-4)
        likely = p.topk(10)
        assert [one.token for one in tokens[place].alternatives] == likely.indices.tolist()
        assert [one.probability for one in tokens[place].alternatives] == pytest.approx(
            likely.values.tolist(), abs=1e-5
        )
        nats -= math.log(float(p[ids[place]]))
    assert "".join(score.text for score in tokens) == LETTERS.decode(ids)
    assert (total.tokens, total.characters) == (length - 1, length)
    if length > 1:
        assert total.loss == pytest.approx(nats / (length - 1), abs=1e-5)
    else:
        assert (total.loss, total.bits_per_byte) == (None, None)


def test_the_sum_over_the_validation_windows_is_val_loss(toy_run, toy_config):
    config, data = toy_config(), dataset("toy")
    saved = checkpoint.load(toy_run.checkpoint)
    model = saved.build_model()
    file = TokenFile(data.val_path, data.vocab_size)
    loss = yield_value(mean_loss(Learner(model, config, Device()), file, Control()))
    bits = count = 0
    for starts in file.fixed_windows(config.eval_iters, config.batch_size, config.block_size):
        for start in starts:
            ids = file.tokens[start : start + config.block_size + 1].tolist()
            total = told(scores(Weights.frozen(model.eval()), data.load_tokenizer(), ids, Control()))[1]
            bits, count = bits + total.bits, count + total.tokens
    assert bits * math.log(2) / count == pytest.approx(loss, abs=1e-5)


def yield_value(generator):
    try:
        while True:
            next(generator)
    except StopIteration as end:
        return end.value


def test_a_stretch_of_the_dataset_is_scored_knowing_what_stands_before(toy_run):
    data = dataset("toy")
    ids = TokenFile(data.train_path, data.vocab_size).tokens[84:150].tolist()
    tokens, total = told(score_passage_job(toy_run.checkpoint, Place("train", 100, 50), Control()))
    assert [score.token for score in tokens] == ids[16:]
    saved = checkpoint.load(toy_run.checkpoint)
    with torch.no_grad():
        p = torch.softmax(saved.build_model().eval().logits(torch.tensor([ids[:16]]))[0, -1], 0)
    assert tokens[0].probability == pytest.approx(float(p[ids[16]]), abs=1e-5)
    assert total.tokens == 50


def test_a_stretch_past_the_end_is_what_there_is(toy_run):
    size = len(TokenFile(dataset("toy").val_path, 99))
    assert told(score_passage_job(toy_run.checkpoint, Place("val", size - 3, 50), Control()))[1].tokens == 3
    assert told(score_passage_job(toy_run.checkpoint, Place("val", size + 30, 50), Control()))[1].tokens == 0


def test_any_text_is_scored_or_refused_with_a_reason(toy_run, toy_text):
    assert told(score_job(toy_run.checkpoint, "", Control()))[1].tokens == 0
    tokens, total = told(score_job(toy_run.checkpoint, toy_text[:100], Control()))
    assert "".join(score.text for score in tokens) == toy_text[:100]
    assert total.bits_per_byte == pytest.approx(total.bits / 99)
    with pytest.raises(DataError) as refused:
        told(score_job(toy_run.checkpoint, "§", Control()))
    assert refused.value.code == "unknown_characters"


def test_parts_of_a_character_wait_until_it_is_whole(toy_model):
    tokenizer = gpt2_tokenizer()
    weights = Weights.live(toy_model(vocab_size=tokenizer.vocab_size, n_layer=1))
    tokens, _ = told(scores(weights, tokenizer, tokenizer.encode("a 😀 𓀀"), Control()))
    assert "".join(score.text for score in tokens) == "a 😀 𓀀"
    assert "" in [score.text for score in tokens]


def test_a_stop_gives_what_was_scored(toy_model):
    control, seen = Control(), []
    for item in scores(Weights.live(toy_model()), LETTERS, [3] * 200, control):
        seen.append(item)
        if isinstance(item, Turn):
            control.stop()
    assert isinstance(seen[-1], ScoredAll)
    assert 0 < seen[-1].tokens <= 16
