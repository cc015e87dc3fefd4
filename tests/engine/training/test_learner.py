import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError, TrainingError
from engine.machine.device import Device
from engine.runs.checkpoint import NOT_EVALUATED, Saved
from engine.tokens.batches import TokenFile
from engine.training.learner import Learner

SHAPE = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 8, "batch_size": 4, "warmup_iters": 0}


class SameRows(TokenFile):
    """A token file that gives the same rows at every iteration."""

    def random_windows(self, batch_size, block_size, *_key, skip=0):
        return self.windows(np.arange(skip, skip + batch_size) * 9, block_size)


@pytest.fixture
def tokens(tmp_path):
    path = tmp_path / "tokens.bin"
    np.random.default_rng(3).integers(0, 20, 200).astype("<u2").tofile(path)
    return TokenFile(path, 20)


def learner_of(**changes):
    return Learner.fresh(TrainConfig.of(SHAPE, changes), 20, Device())


def weights(learner):
    return {name: p.detach().clone() for name, p in learner.model.named_parameters()}


def do(learner, iter_num, tokens):
    return list(learner.update(iter_num, tokens))


def test_two_halves_of_a_batch_teach_what_the_whole_teaches(tokens):
    whole, halves = learner_of(), learner_of(batch_size=2, gradient_accumulation_steps=2)
    for iter_num in range(3):
        assert do(whole, iter_num, tokens) == []
        assert do(halves, iter_num, tokens) == [1]
        one, other = whole.read(iter_num), halves.read(iter_num)
        assert other.loss == pytest.approx(one.loss, rel=1e-5)
        assert other.grad_norm == pytest.approx(one.grad_norm, rel=1e-4)
    for name, tensor in weights(whole).items():
        assert torch.allclose(weights(halves)[name], tensor, atol=1e-4), name


@pytest.mark.parametrize("micro_steps", [1, 2])
def test_an_update_given_up_in_its_middle_changes_nothing(tokens, micro_steps):
    learner, same = (learner_of(gradient_accumulation_steps=3, dropout=0.2) for _ in range(2))
    before = weights(learner)
    update = learner.update(0, tokens)
    for _ in range(micro_steps):
        next(update)
    update.close()
    assert all(torch.equal(before[name], tensor) for name, tensor in weights(learner).items())
    moments = learner.optimizer.state_dict()["state"].values()
    assert not any(tensor.any() for state in moments for tensor in state.values())
    for each in (learner, same):
        do(each, 0, tokens)
    assert learner.read(0).loss == same.read(0).loss
    assert all(torch.equal(weights(same)[name], tensor) for name, tensor in weights(learner).items())


@pytest.mark.parametrize("place", ["lm_head.weight", "transformer.h.0.mlp.c_fc.weight"])
def test_a_weight_that_is_no_number_ends_training_before_anything_is_changed(tokens, place):
    learner = learner_of(learning_rate=4e-3)
    do(learner, 0, tokens)
    with torch.no_grad():
        dict(learner.model.named_parameters()).get(place, learner.model.lm_head.weight)[:, 0] = math.nan
    before = weights(learner)
    with pytest.raises(TrainingError) as told:
        do(learner, 1, tokens)
    assert told.value.code == "nan_loss"
    assert "iteration 1" in told.value.message
    assert "--learning_rate=0.002" in told.value.fix
    assert told.value.fixes[0].changes["learning_rate"] == 2e-3
    for name, tensor in weights(learner).items():
        assert torch.equal(before[name].nan_to_num(), tensor.nan_to_num()), name


def test_a_device_that_is_slow_to_read_tells_of_it_at_the_next_reading(tokens):
    learner = learner_of()
    learner.device.reads_are_free = False
    with torch.no_grad():
        learner.model.lm_head.weight[0, 0] = math.nan
    do(learner, 0, tokens)
    with pytest.raises(TrainingError) as told:
        learner.read(0)
    assert told.value.code == "nan_loss"


def test_gradients_are_clipped_to_their_norm(tokens):
    free, clipped, loose = learner_of(grad_clip=0.0), learner_of(grad_clip=1e-3), learner_of(grad_clip=1e6)
    for learner in (free, clipped, loose):
        next(learner.update(0, tokens), None)
        learner.optimizer.zero_grad()
    norms = [learner.read(0).grad_norm for learner in (free, clipped, loose)]
    assert norms[0] == pytest.approx(norms[1]) == pytest.approx(norms[2])  # told as it was before
    assert norms[0] > 0.1
    moments = [learner.optimizer.state_dict()["state"][0]["exp_avg"] for learner in (free, clipped, loose)]
    assert torch.allclose(moments[0] * 1e-3 / norms[0], moments[1], rtol=1e-3, atol=1e-9)
    assert torch.equal(moments[0], moments[2])


def test_clipping_is_the_same_where_reading_is_slow(tokens):
    free, slow = learner_of(grad_clip=0.01), learner_of(grad_clip=0.01)
    slow.device.reads_are_free = False
    for learner in (free, slow):
        do(learner, 0, tokens)
    assert all(torch.allclose(weights(free)[n], t, atol=1e-7) for n, t in weights(slow).items())


def test_the_rate_of_the_schedule_is_in_force(tokens):
    learner = learner_of(learning_rate=1e-2, warmup_iters=9)
    for iter_num, rate in [(0, 1e-3), (4, 5e-3)]:
        do(learner, iter_num, tokens)
        assert learner.learning_rate == pytest.approx(rate)
        assert {group["lr"] for group in learner.optimizer.param_groups} == {learner.learning_rate}


def test_the_seed_decides_the_model():
    one, same, other = learner_of(), learner_of(), learner_of(seed=1)
    assert all(torch.equal(weights(one)[name], tensor) for name, tensor in weights(same).items())
    assert not torch.equal(one.model.lm_head.weight, other.model.lm_head.weight)


def test_dropout_differs_from_one_iteration_and_micro_step_to_the_next_but_not_between_runs(tokens):
    rows = SameRows(tokens.path, 20)

    def losses(**changes):
        learner = learner_of(learning_rate=0.0, min_lr=0.0, weight_decay=0.0, **changes)
        told = []
        for iter_num in range(3):
            do(learner, iter_num, rows)
            told.append(learner.read(iter_num).loss)
        return told

    assert len(set(losses())) == 1
    assert len(set(losses(dropout=0.5))) == 3
    assert losses(dropout=0.5) == losses(dropout=0.5)


def test_a_toy_learns_a_repeated_string(tmp_path):
    text = "abac" * 60
    ids = [ord(char) - ord("a") for char in text]
    path = tmp_path / "tokens.bin"
    np.array(ids, dtype="<u2").tofile(path)
    learner = Learner.fresh(
        TrainConfig.of(SHAPE, {"n_embd": 32, "block_size": 16, "batch_size": 8, "learning_rate": 1e-2}), 3, Device()
    )
    for iter_num in range(200):
        do(learner, iter_num, TokenFile(path, 3))
    pairs, singles = Counter(pairwise(ids)), Counter(ids[:-1])
    after_one = -sum(n * math.log(n / singles[a]) for (a, _), n in pairs.items()) / sum(pairs.values())
    # two letters tell all that follows, so that only a window's first place has anything uncertain
    assert learner.read(199).loss < after_one / 16 + 0.05 < after_one / 2


def saved_of(learner, **changes):
    values = {
        "args": learner.model.args,
        "model": learner.model.state_dict(),
        "optimizer": learner.optimizer.state_dict(),
        "iter_num": 3,
        "best_val_loss": None,
        "evaluated": NOT_EVALUATED,
        "config": learner.config.as_dict(),
        "tokenizer": None,
    }
    return Saved(**values | changes)


@pytest.mark.parametrize("place", ["all", "layers"])
def test_a_resumed_learner_goes_on_as_if_it_had_not_stopped(tokens, place):
    one = learner_of(dropout=0.1, dropout_at=place)
    for iter_num in range(3):
        do(one, iter_num, tokens)
    other = Learner.resumed(one.config, saved_of(one), Device())
    for learner in (one, other):
        do(learner, 3, tokens)
    assert one.read(3).loss == other.read(3).loss
    assert all(torch.equal(weights(one)[name], tensor) for name, tensor in weights(other).items())


def test_a_resumed_learner_takes_the_settings_in_force(tokens):
    one = learner_of()
    do(one, 0, tokens)
    config = TrainConfig.of(one.config.as_dict(), {"weight_decay": 0.7, "beta2": 0.95, "dropout": 0.25})
    other = Learner.resumed(config, saved_of(one), Device())
    assert [group["weight_decay"] for group in other.optimizer.param_groups] == [0.7, 0.0]
    assert {group["betas"] for group in other.optimizer.param_groups} == {(config.beta1, 0.95)}
    assert {m.p for m in other.model.modules() if isinstance(m, torch.nn.Dropout)} == {0.25}


def test_the_shape_of_a_model_cannot_change():
    one = learner_of()
    config = TrainConfig.of(one.config.as_dict(), {"n_embd": 32, "block_size": 16})
    with pytest.raises(CheckpointError) as told:
        Learner.resumed(config, saved_of(one), Device())
    assert told.value.code == "shape_changed"
    assert "n_embd is 16, not 32" in told.value.message
    assert "block_size is 8, not 16" in told.value.message


def test_an_optimizers_state_of_another_model_is_refused(tokens, toy_model):
    one, other = learner_of(), learner_of(n_layer=2)
    do(other, 0, tokens)
    with pytest.raises(CheckpointError) as told:
        Learner.resumed(one.config, saved_of(one, optimizer=other.optimizer.state_dict()), Device())
    assert told.value.code == "checkpoint_mismatch"


def test_weights_without_an_optimizer_go_on_with_a_fresh_one(tokens):
    one = learner_of()
    other = Learner.resumed(one.config, saved_of(one, optimizer=None), Device())
    do(other, 3, tokens)
    assert math.isfinite(other.read(3).loss)


@pytest.mark.parametrize(("name", "words"), [("_loss", "the loss is nan"), ("_grad_norm", "norm is nan")])
def test_each_of_loss_and_norm_must_be_a_number(tokens, name, words):
    learner = learner_of()
    list(learner.update(0, tokens))
    learner.require_sound(0)
    setattr(learner, name, torch.tensor(math.nan))
    with pytest.raises(TrainingError) as told:
        learner.require_sound(0)
    assert told.value.code == "nan_loss"
    assert words in told.value.message
