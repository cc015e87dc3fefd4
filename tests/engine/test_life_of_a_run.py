"""The whole life of a run, in little: what works on every processor. test_processors.py runs this file as several."""

import importlib
import pkgutil

import pytest
import torch

import engine
from engine.cli.main import main
from engine.core.config import SampleConfig
from engine.core.events import Eval, Reply, ScoredAll, Step
from engine.core.jobs import Control, events_of
from engine.exports.formats import FORMATS
from engine.generation.sampler import sample_job
from engine.generation.surprise import score_job
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.training.trainer import Trainer

TOY = {"n_layer": 2, "n_head": 2, "n_embd": 16, "block_size": 16, "batch_size": 4, "gradient_accumulation_steps": 2}
LENGTH = {
    "device": "cpu",
    "max_iters": 20,
    "eval_interval": 10,
    "eval_iters": 2,
    "log_interval": 1,
    "dropout": 0.1,
    "sample_tokens": 3,
}
RECIPES = {"adamw": {"optimizer": "adamw"}, "muon": {"optimizer": "muon"}, "quick": {"recipe": "quick"}}
OPTIONS = {"temperature": 0.9, "top_k": 20, "top_p": 0.95, "min_p": 0.01, "repetition_penalty": 1.2, "stop": "zz"}


def flags(settings):
    return [f"--{name}={value}" for name, value in settings.items()]


def state(run):
    """Return the weights and the optimizer's state of a run's checkpoint."""
    saved = checkpoint.load(run.checkpoint)
    return {**saved.model, **{f"{n}.{k}": t for n, s in saved.optimizer["state"].items() for k, t in s.items()}}


def interrupted(run, out_dir):
    """Train as a run was trained, but stop half way and go on in another process's place."""
    control = Control()
    config = run.read_config().changed({"out_dir": out_dir, "init_from": "scratch"})
    for event in Trainer(config, control).run():
        if isinstance(event, Step) and event.iter_num == 9:
            control.stop()
    assert checkpoint.load(RunFolder(out_dir).checkpoint).iter_num == 10
    for _ in Trainer(resumed_config(out_dir, {})).run():
        pass
    return RunFolder(out_dir)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.usefixtures("toy_dataset")
def test_a_run_is_trained_evaluated_saved_and_resumed_bit_for_bit(tmp_path, recipe):
    settings = {"dataset": "toy", "out_dir": tmp_path / "run", **TOY, **LENGTH, **RECIPES[recipe]}
    assert main(["train", *flags(settings)]) == 0
    run = RunFolder(tmp_path / "run")
    evaluations = [event.val_loss for event in run.events() if isinstance(event, Eval)]
    assert evaluations[-1] < evaluations[0]
    whole, parted = state(run), state(interrupted(run, str(tmp_path / "parted")))
    assert whole.keys() == parted.keys()
    assert all(torch.equal(tensor, parted[name]) for name, tensor in whole.items())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_its_model_writes_three_samples_with_every_option(toy_run, dtype):
    config = SampleConfig(start="the ", num_samples=3, max_new_tokens=40, device="cpu", dtype=dtype, **OPTIONS)
    told = events_of(sample_job(toy_run.checkpoint, config, Control()), Control())
    assert len({event.text for event in told if isinstance(event, Reply)}) == 3
    assert main(["sample", f"--out_dir={toy_run.path}", "--max_new_tokens=5", f"--dtype={dtype}", "--device=cpu"]) == 0


def test_its_model_scores_a_text_and_leaves_in_every_form(toy_run, tmp_path):
    *_, scored = events_of(score_job(toy_run.checkpoint, "the king speaks to the queen", Control()), Control())
    assert isinstance(scored, ScoredAll)
    for form in FORMATS:
        destination = tmp_path / f"as{form.suffix or form.name}"
        assert main(["export", f"--out_dir={toy_run.path}", f"--format={form.name}", str(destination)]) == 0
        assert destination.exists()


def test_every_module_can_be_loaded():
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
