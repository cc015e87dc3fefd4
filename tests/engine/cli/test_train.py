import json
import re
import signal
from pathlib import Path

import pytest
import torch

from engine.core.events import Step
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from tests.engine.cli.hands import SHAPE, TOY, json_lines, program
from tests.patience import PATIENCE_S


@pytest.mark.usefixtures("toy_dataset")
def test_training_for_mps_elsewhere_says_so_and_trains(engine):
    if torch.backends.mps.is_available():
        pytest.skip("this machine has it")
    code, out, err = engine(
        "train", *TOY, "--device=mps", "--compile=False", "--max_iters=4", "--eval_interval=2", "--out_dir=out"
    )
    assert code == 0, err
    assert "This machine has no mps device: running on cpu." in out + err
    assert re.findall(r"^iter (\d+): loss \d+\.\d{4}, time \d+\.\d\dms$", out, re.MULTILINE) == list("0123")
    assert re.findall(r"^step (\d+): train loss \d\.\d{4}, val loss \d\.\d{4}$", out, re.MULTILINE) == list("024")
    assert f"saving checkpoint to {Path('out').absolute() / 'ckpt.pt'}" in out
    assert Path("out/ckpt.pt").is_file()


@pytest.mark.usefixtures("toy_dataset")
def test_train_in_json_is_one_event_a_line(engine):
    code, out, _ = engine("train", *TOY, "--max_iters=3", "--out_dir=out", "--json")
    assert code == 0
    rows = json_lines(out)
    kinds = [row["event"] for row in rows]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    fields = {
        "started": "run_dir parameters device dtype tokens_per_iter estimate",
        "step": "iter_num loss lr grad_norm step_ms tokens_per_s memory_bytes",
        "eval": "iter_num train_loss val_loss bits_per_byte is_best",
        "sample": "iter_num prompt text",
        "checkpoint": "iter_num path kind",
        "finished": "reason iter_num best_val_loss seconds peak_memory_bytes",
    }
    assert set(kinds) >= set(fields)
    for row in rows:
        assert set(fields.get(row["event"], "").split()) <= row.keys()
    assert [row["iter_num"] for row in rows if row["event"] == "step"] == [0, 1, 2]


def test_a_run_that_fails_exits_with_1(engine, toy_run):
    saved = checkpoint.load(toy_run.checkpoint)
    saved.model["transformer.ln_f.weight"][0] = 3e38
    checkpoint.save(saved, toy_run.checkpoint)
    code, _, err = engine("train", "--init_from=resume", "--out_dir", toy_run.path, "--max_iters=20")
    assert code == 1
    assert "broke down at iteration 12" in err
    assert "--learning_rate=0.005" in err


@pytest.mark.usefixtures("toy_dataset")
def test_ctrl_c_saves_a_checkpoint_and_exits_with_130():
    with program("train", *TOY, "--max_iters=1000000", "--eval_interval=1000000", "--out_dir=out") as running:
        for line in running.stdout:
            if line.startswith("iter 0:"):
                break
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    saved = checkpoint.load(Path("out/ckpt.pt"))
    assert saved.iter_num >= 1
    assert f"saving checkpoint to {Path('out').absolute() / 'ckpt.pt'}" in out
    steps = [event.iter_num for event in RunFolder("out").events() if isinstance(event, Step)]
    assert steps == list(range(saved.iter_num))


def test_a_recipe_makes_an_ordinary_run(engine, tmp_path, toy_text):
    (tmp_path / "play.txt").write_text(toy_text * 3, "utf-8")
    engine("prepare", tmp_path / "play.txt", "--name=play")
    quick = ("--recipe=quick", "--dataset=play", *SHAPE, "--learning_rate=0.003")
    code, out, err = engine("estimate", "--json", *quick)
    assert code == 0, err
    assert json.loads(out)["parameters"] < 20_000
    code, out, err = engine("train", "--json", *quick, "--max_iters=3", f"--out_dir={tmp_path / 'out'}")
    assert code == 0, err
    told = [json.loads(line) for line in out.splitlines()]
    decided = {event["name"]: event["value"] for event in told if event["event"] == "decision"}
    assert decided["optimizer"] == "muon"
    assert [event["event"] for event in told].count("prepared") == 1
    config = RunFolder(tmp_path / "out").read_config()
    assert (config.dataset, config.recipe, config.optimizer) == ("play_bpe256", "quick", "muon")
    assert (config.learning_rate, config.max_iters, config.decay_form) == (0.003, 3, "linear")
    again = ("train", "--json", "--init_from=resume", f"--out_dir={tmp_path / 'out'}", "--max_iters=5")
    code, out, err = engine(*again)
    assert (code, '"decision"' in out) == (0, False)
    assert RunFolder(tmp_path / "out").read_config() == config.changed({"max_iters": 5})


@pytest.mark.usefixtures("toy_dataset", "clock")
def test_a_run_of_so_many_minutes_ends_then(engine, tmp_path):
    words = ("--dataset=toy", *SHAPE, "--minutes=0.02", "--max_iters=10000000", "--eval_iters=1")
    code, out, _ = engine("train", "--json", *words, f"--out_dir={tmp_path / 'out'}")
    finished = json.loads(out.splitlines()[-1])
    assert (code, finished["reason"]) == (0, "done")
    assert 0 < finished["iter_num"] < 10_000_000
