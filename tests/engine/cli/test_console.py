import shlex
from dataclasses import replace

import pytest

from engine.cli.console import Console
from engine.core.config import TrainConfig
from engine.core.events import Finished, Forecast, Prospect
from engine.training.faults import keep_going
from tests.engine.cli.hands import TOY, config_of, started
from tests.fake_events import evaluation, finished


@pytest.mark.usefixtures("toy_dataset")
def test_a_run_ends_with_the_line_that_comes_next(engine):
    def said_next(words):
        return engine("train", *words, "--out_dir=my out")[1].splitlines()[-1]

    assert said_next([*TOY, "--max_iters=2"]) == "Let it write: python -m engine sample --out_dir='my out'"
    again = said_next(["--init_from=resume"])
    assert again.startswith("It had made all its 2 iterations before.")
    more = shlex.split(again.partition("python -m engine ")[2])
    assert engine(*more)[1].count("iter ") == 2  # the third and the fourth
    assert said_next(["--init_from=resume", "--eval_only=True"]).startswith("done")
    for words in (["--max_iters=3"], []):  # fewer than it has made, and what was then kept
        less = said_next(["--init_from=resume", *words])
        assert less.startswith("It had made all its 4 iterations before.")
        assert less.endswith("--max_iters=8")


@pytest.mark.usefixtures("toy_dataset", "clock")
def test_a_run_whose_minutes_are_over_says_so(engine):
    made = ("train", *TOY, "--sample_tokens=0", "--minutes=0.005", "--max_iters=90000", "--out_dir=out")
    assert "Let it write" in engine(*made)[1]
    again = engine("train", "--init_from=resume", "--out_dir=out")[1].splitlines()[-1]
    assert again.startswith("Its 0.005 minutes were over before.")
    more = shlex.split(again.partition("python -m engine ")[2])
    assert "iter " in engine(*more, "--minutes=0", "--max_iters=40")[1]


def test_a_run_that_overran_its_minutes_is_offered_more_than_it_had(toy_run, capsys):
    console = Console(TrainConfig(out_dir=str(toy_run.path), minutes=0.2))
    console.show(replace(started(toy_run.path), iter_num=3, max_iters=400))
    console.show(Finished(reason="done", iter_num=3, best_val_loss=None, seconds=73.7, peak_memory_bytes=0))
    offered = float(capsys.readouterr().out.splitlines()[-1].partition("--minutes=")[2])
    assert offered * 60 > 73.7


def test_a_run_that_was_stopped_ends_with_the_line_that_goes_on(toy_run, capsys):
    console = Console(TrainConfig(out_dir=str(toy_run.path)))
    console.show(started(toy_run.path))
    console.show(Finished(reason="stopped", iter_num=1, best_val_loss=None, seconds=1.0, peak_memory_bytes=0))
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"Go on: python -m engine train --init_from=resume --out_dir={toy_run.path}"


@pytest.mark.parametrize(("began_with", "offered"), [("scratch", True), ("gpt2", False)])
def test_a_new_model_that_stopped_early_may_teach_a_second_one(toy_run, toy_config, capsys, began_with, offered):
    toy_run.write_config(toy_config(out_dir=str(toy_run.path), init_from=began_with))
    console = Console(toy_config(out_dir=str(toy_run.path), init_from="resume"))
    console.show(started(toy_run.path))
    console.show(finished("early_stop", iter_num=30))
    *_, way, write = capsys.readouterr().out.splitlines()
    assert write.startswith("Let it write: ")
    assert way.startswith("Train a second model, taught by it: python -m engine train --init_from=resume ") is offered
    assert ({"--generations=2", "--max_iters=60", "--lr_decay_iters=60"} <= set(way.split())) is offered


def test_a_forecast_and_the_way_on_are_told_in_the_terminal(toy_run, capsys):
    console = Console(TrainConfig(out_dir=str(toy_run.path)))
    console.show(started(toy_run.path))
    console.show(Forecast(iter_num=4, best_iter=9, val_loss=2.5, low=2.25, high=2.75, past=0.1))
    console.show(Forecast(iter_num=6, best_iter=5, val_loss=2.5, low=2.25, high=2.75, past=0.95))
    config = TrainConfig(max_iters=10)
    for told in keep_going(config, 10, Prospect(more=5, val_loss=2.0, low=1.9, high=2.1)):
        console.show(told)
    console.show(Finished(reason="done", iter_num=10, best_val_loss=2.5, seconds=1.0, peak_memory_bytes=0))
    lines = capsys.readouterr().out.splitlines()
    assert "forecast: best val loss about 2.5000 (2.2500 to 2.7500), near iteration 9" in lines
    assert "forecast: no better val loss than 2.5000, of iteration 5" in lines
    more = lines[-2].removeprefix("Train 5 More: python -m engine train ")
    assert config_of(more).max_iters == 15
    assert lines[-1].startswith("Let it write")


def test_the_figure_with_full_memory_is_told_where_there_is_one(toy_run, capsys):
    console = Console(TrainConfig(out_dir=str(toy_run.path)))
    console.show(evaluation(5, 3.0))
    console.show(replace(evaluation(9, 2.5), full_memory_bits_per_byte=1.9444))
    assert capsys.readouterr().out.splitlines() == [
        "step 5: train loss 2.9000, val loss 3.0000",
        "step 9: train loss 2.4000, val loss 2.5000",
        "val 2.000 bits per byte; with its full memory 1.944",
    ]
