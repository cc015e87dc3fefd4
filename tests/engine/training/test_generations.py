"""Runs that train several models, each taught by the one before it."""

import pytest
import torch

from engine.core.errors import CheckpointError, TrainingError
from engine.core.events import Advice, Eval, Forecast, Step
from engine.core.generations import FROM_TEACHER
from engine.core.kinds import OptimizerName
from engine.datasets.dataset import dataset
from engine.machine.device import Device
from engine.model.gpt import GPT
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.runs.longer import second_model
from engine.tokens.batches import TokenFile
from engine.training.learner import Learner, model_args
from engine.training.schedule import learning_rate_at
from tests.engine.training.hands import assert_same_result, rates, resume, train, train_until

TWO = {"generations": 2, "max_iters": 12, "eval_interval": 3, "log_interval": 1}


def begins(event):
    return isinstance(event, Advice) and event.code == "next_generation"


def at_step(number):
    return lambda event: isinstance(event, Step) and event.iter_num == number


def evals_of(events):
    return [event for event in events if isinstance(event, Eval)]


def test_the_second_model_is_new_and_has_a_schedule_of_its_own(toy_config):
    config = toy_config(**TWO)
    events = train(config)
    (told,) = filter(begins, events)
    assert events[0].generations == 2
    assert told.iter_num == 6
    assert "Model 2 of 2" in told.what
    assert [event.iter_num for event in evals_of(events)] == [0, 3, 6, 9, 12]
    one = config.changed({"generations": 1, "max_iters": 6})
    assert rates(events) == [learning_rate_at(at, one) for at in range(6)] * 2
    losses = [event.loss for event in events if isinstance(event, Step)]
    assert losses[6] > losses[5]
    assert losses[6] == pytest.approx(losses[0], abs=0.2)
    assert events[-1].iter_num == 12


def test_what_teaches_is_the_best_model_and_stays_as_it_is(toy_config):
    config = toy_config(**TWO)
    events = train_until(config, begins)
    run = RunFolder(config.out_dir)
    best = checkpoint.load(run.best)
    assert best.iter_num == min(evals_of(events)[1:], key=lambda one: one.val_loss).iter_num
    resume(config, max_iters=60)
    teacher = checkpoint.load(run.teacher)
    assert teacher.iter_num == best.iter_num
    assert all(torch.equal(teacher.model[name], tensor) for name, tensor in best.model.items())
    last = checkpoint.load(run.checkpoint)
    assert (last.generation.number, last.generation.began) == (1, 6)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
@pytest.mark.parametrize("stopped_at", [2, 5, 6, 9])
def test_a_run_that_was_stopped_goes_on_exactly(toy_config, tmp_path, stopped_at, optimizer: OptimizerName):
    settings = TWO | {"dropout": 0.1, "optimizer": optimizer, "sampling": "epochs"}
    whole, parted = (toy_config(out_dir=str(tmp_path / name), **settings) for name in ("whole", "parted"))
    train(whole)
    train_until(parted, at_step(stopped_at))
    resume(parted)
    assert_same_result(whole, parted)


def test_a_run_that_was_stopped_at_the_turn_goes_on_exactly(toy_config, tmp_path):
    whole, parted = (toy_config(out_dir=str(tmp_path / name), **TWO) for name in ("whole", "parted"))
    train(whole)
    train_until(parted, begins)
    assert checkpoint.load(RunFolder(parted.out_dir).checkpoint).generation.number == 1
    resume(parted)
    assert_same_result(whole, parted)


def test_a_kill_between_teacher_and_pupil_teaches_again(toy_config, tmp_path):
    whole, parted = (toy_config(out_dir=str(tmp_path / name), **TWO) for name in ("whole", "parted"))
    train(whole)
    train_until(parted, lambda event: isinstance(event, Eval) and event.iter_num == 6)
    run = RunFolder(parted.out_dir)
    checkpoint.keep_as(run.best, run.teacher)  # as a process leaves it that is killed there
    assert checkpoint.load(run.checkpoint).generation.number == 0
    resume(parted)
    assert_same_result(whole, parted)


def test_a_lesson_is_half_of_what_is_learned(toy_config):
    config = toy_config(max_iters=1, dropout=0.0)
    vocab_size, device = dataset("toy").vocab_size, Device()
    tokens = TokenFile(dataset("toy").train_path, vocab_size)
    torch.manual_seed(99)
    teacher = GPT(model_args(config, vocab_size))
    taught, alone = (Learner.fresh(config, vocab_size, device, each) for each in (teacher, None))
    inputs, targets = tokens.random_windows(config.batch_size, config.block_size, config.seed, 0)
    expected = torch.softmax(teacher.logits(inputs), -1).flatten(0, 1).detach()
    one_hot = torch.nn.functional.one_hot(targets.flatten(), vocab_size).float()
    mixed = (1 - FROM_TEACHER) * one_hot + FROM_TEACHER * expected
    model = Learner.fresh(config, vocab_size, device).model
    torch.nn.functional.cross_entropy(model.logits(inputs).flatten(0, 1), mixed).backward()
    norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
    for learner in (taught, alone):
        list(learner.update(0, tokens))
    assert taught.read(0).grad_norm == pytest.approx(float(norm), rel=1e-4)
    assert alone.read(0).grad_norm != pytest.approx(float(norm), rel=1e-2)


def test_the_teacher_learns_nothing(toy_config):
    config = toy_config(max_iters=1, dropout=0.2, optimizer="muon")
    vocab_size = dataset("toy").vocab_size
    teacher = GPT(model_args(config, vocab_size))
    before = {name: tensor.clone() for name, tensor in teacher.state_dict().items()}
    learner = Learner.fresh(config, vocab_size, Device(), teacher)
    list(learner.update(0, TokenFile(dataset("toy").train_path, vocab_size)))
    assert not teacher.training  # or it would drop what it knows
    assert all(torch.equal(before[name], tensor) for name, tensor in teacher.state_dict().items())


def test_a_model_that_gets_no_better_gives_way_to_the_next(toy_config):
    settings = {"max_iters": 4000, "eval_interval": 20, "patience": 2, "learning_rate": 5e-3, "n_embd": 32}
    config = toy_config(
        generations=2, batch_size=16, log_interval=100, eval_iters=4, sample_tokens=0, early_stop=True, **settings
    )
    told = next(filter(begins, train_until(config, begins)))
    assert told.iter_num < 2000
    run = RunFolder(config.out_dir)
    assert checkpoint.load(run.teacher).iter_num < told.iter_num
    assert checkpoint.load(run.checkpoint).generation.began == told.iter_num


def test_the_losses_of_the_first_do_not_count_against_the_second(toy_config):
    config = toy_config(generations=2, max_iters=160, eval_interval=10, patience=2, learning_rate=3e-3, early_stop=True)
    events = train(config)
    assert events[-1].reason == "done"  # although its losses are above the first one's for long
    turn = next(filter(begins, events)).iter_num
    second = [event for event in events if isinstance(event, Forecast) and event.iter_num > turn]
    assert second
    assert all(event.path[0][0] == event.iter_num for event in second)
    assert all(event.path[-1][0] == 160 for event in second)
    first = [event for event in events if isinstance(event, Forecast) and event.iter_num <= turn]
    assert all(event.path[-1][0] == 80 for event in first)
    assert first
    assert all(event.iter_num < turn for event in first)  # at its end there is nothing more to expect of it


def test_each_model_of_a_fine_tuned_run_begins_with_the_one_it_was_given(toy_run, toy_config, tmp_path):
    config = toy_config(init_from=str(toy_run.path), out_dir=str(tmp_path / "tuned"), learning_rate=1e-3, **TWO)
    events = train(config)
    losses = [event.loss for event in events if isinstance(event, Step)]
    assert losses[6] == pytest.approx(losses[0], abs=0.3)
    new = next(event.loss for event in train(toy_config(out_dir="", max_iters=1)) if isinstance(event, Step))
    assert max(losses[0], losses[6]) < new - 0.1


def test_what_is_expected_of_a_model_that_goes_on_is_its_own(toy_config):
    config = toy_config(generations=2, max_iters=160, eval_interval=10)
    train_until(config, at_step(145))
    first = next(event for event in resume(config) if isinstance(event, Forecast))
    assert first.iter_num == 140
    assert (first.path[0][0], first.path[-1][0]) == (140, 160)


def test_a_fault_of_the_second_model_names_the_iteration_of_the_run(toy_config):
    config = toy_config(**TWO)
    train_until(config, at_step(7))
    path = RunFolder(config.out_dir).checkpoint
    saved = checkpoint.load(path)
    saved.model["transformer.ln_f.weight"][0] = 3e38
    checkpoint.save(saved, path)
    with pytest.raises(TrainingError, match="iteration 8"):
        resume(config)


EARLY = {"max_iters": 4000, "eval_interval": 20, "patience": 2, "learning_rate": 5e-3, "n_embd": 32, "batch_size": 16}


@pytest.mark.parametrize(
    "settings",
    [{"max_iters": 6}, {"max_iters": 6, "minutes": 5.0}, EARLY | {"early_stop": True, "lr_decay_iters": 400}],
    ids=["done", "timed", "stopped early"],
)
def test_another_model_can_be_taught_by_one_that_has_ended(toy_config, settings):
    config = toy_config(**({"eval_interval": 3, "sample_tokens": 0} | settings))
    ended = train(config)[-1]
    run = RunFolder(config.out_dir)
    best = checkpoint.load(run.best).iter_num
    events = train_until(
        config.going_on(config.out_dir, second_model(run.read_config(), ended)), at_step(ended.iter_num)
    )
    assert [event.iter_num for event in filter(begins, events)] == [ended.iter_num]
    assert [event.iter_num for event in events if isinstance(event, Step)] == [ended.iter_num]
    assert checkpoint.load(run.teacher).iter_num == best
    last = resume(config)[-1]
    assert last.iter_num == 2 * ended.iter_num or last.reason == "early_stop"
    assert checkpoint.load(run.checkpoint).generation.number == 1


def test_a_pupil_without_its_teacher_says_so_and_can_go_on_alone(toy_config):
    config = toy_config(**TWO)
    train_until(config, at_step(8))
    run = RunFolder(config.out_dir)
    run.teacher.unlink()
    with pytest.raises(CheckpointError, match=r"teacher\.pt") as told:
        resume(config)
    assert told.value.fixes[0].changes == {"generations": 1}
    assert resume(config, **told.value.fixes[0].changes)[-1].iter_num == 12
    assert checkpoint.load(run.checkpoint).generation.number == 1


def test_the_best_of_the_first_model_can_be_gone_on_from(toy_config):
    config = toy_config(**TWO)
    train_until(config, at_step(7))
    events = resume(config, resume_from="best", max_iters=14)
    assert events[0].iter_num <= 6
    assert [event.iter_num for event in filter(begins, events)] == [7]
    assert events[-1].iter_num == 14


@pytest.mark.parametrize("wrong", [{"number": -1}, {"began": "x"}, {"seconds": None}, [1]])
def test_a_checkpoint_that_claims_an_impossible_model_is_refused(toy_config, wrong):
    config = toy_config(max_iters=2)
    train(config)
    path = RunFolder(config.out_dir).checkpoint
    content = torch.load(path, weights_only=True)
    content["understudy"]["generation"] = wrong
    torch.save(content, path)
    with pytest.raises(CheckpointError):
        checkpoint.load(path)


def test_a_checkpoint_from_before_there_were_several_is_of_the_first(toy_config):
    config = toy_config(max_iters=2)
    train(config)
    path = RunFolder(config.out_dir).checkpoint
    content = torch.load(path, weights_only=True)
    del content["understudy"]["generation"]
    torch.save(content, path)
    assert checkpoint.load(path).generation.number == 0
    assert resume(config, max_iters=4)[-1].iter_num == 4
