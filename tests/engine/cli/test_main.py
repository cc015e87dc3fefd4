import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.cli.console import Console
from engine.cli.estimate import span
from engine.cli.main import COMMANDS, main
from engine.cli.options import Parser
from engine.cli.run_options import add_run_options, config_from
from engine.core.config import TrainConfig
from engine.core.events import Finished, Forecast, Prospect, Started, Step
from engine.core.settings import setting_fields
from engine.planning.own_presets import save_preset
from engine.planning.presets import presets
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.training.faults import keep_going
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]

GUIDE = {  # each `python train.py …` line of the guide, and what it means
    "--device=mps --compile=False --dataset=shakesphere --batch_size=6 --block_size=384 --n_layer=6 --n_head=6 "
    "--n_embd=384 --max_iters=8000": (6, 384, 6, 6, 384, 8000),
    "--device=mps --compile=False --dataset=shakesphere --batch_size=8 --block_size=128 --n_layer=2 --n_head=2 "
    "--n_embd=128 --max_iters=2000": (8, 128, 2, 2, 128, 2000),
    "--device=mps --compile=False --dataset=shakesphere --batch_size=4 --block_size=256 --n_layer=4 --n_head=4 "
    "--n_embd=256 --max_iters=5000": (4, 256, 4, 4, 256, 5000),
    "--device=mps --compile=False --dataset=shakesphere --batch_size=2 --block_size=512 --n_layer=6 --n_head=6 "
    "--n_embd=384 --max_iters=10000": (2, 512, 6, 6, 384, 10000),
    "--device=mps --compile=False --dataset=shakesphere --batch_size=1 --block_size=1024 --n_layer=12 --n_head=12 "
    "--n_embd=768 --max_iters=20000": (1, 1024, 12, 12, 768, 20000),
    "--dataset=mydata --device=mps --compile=False --batch_size=4 --n_layer=4 --n_head=4 --n_embd=256": (
        4,
        256,
        4,
        4,
        256,
        5000,
    ),
}
GUIDE_SAMPLE = '--out_dir=out-shakespeare-small --start="To be or not to be" --num_samples=3 --max_new_tokens=200'
GUIDE_RESUME = "--init_from=resume --out_dir=out-shakespeare-small"
TOY = [
    *("--dataset=toy", "--n_layer=1", "--n_head=2", "--n_embd=16", "--block_size=16", "--batch_size=4"),
    *("--eval_iters=2", "--sample_tokens=3", "--log_interval=1", "--warmup_iters=2", "--device=cpu"),
]


@pytest.fixture
def engine(capsys):
    """Run a command in this process; gives its exit code, standard output and standard error."""

    def run(*words):
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def config_of(line):
    parser = Parser(prog="train")
    add_run_options(parser)
    return config_from(parser.parse_args(shlex.split(line)))


# the guide's own lines


@pytest.mark.parametrize("line", GUIDE)
def test_each_training_line_of_the_guide_is_understood(line):
    config = config_of(line)
    assert (
        config.batch_size,
        config.block_size,
        config.n_layer,
        config.n_head,
        config.n_embd,
        config.max_iters,
    ) == GUIDE[line]
    assert (config.device, config.compile) == ("mps", False)
    assert config.dataset == ("mydata" if "mydata" in line else "shakespeare")


@pytest.mark.parametrize("line", [line for line in GUIDE if "shakesphere" in line])
def test_each_training_line_of_the_guide_can_be_estimated(engine, line):
    code, out, err = engine("estimate", *shlex.split(line), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["parameters"] > 0


def test_the_guides_other_flags_are_understood():
    for line in ("--learning_rate=5e-4", "--learning_rate=1e-3 --dropout=0.1", "--batch_size=2 --n_layer=2 --n_head=2"):
        assert isinstance(config_of(line), TrainConfig)
    assert config_of("--learning_rate=5e-4").min_lr == pytest.approx(5e-5)


def test_the_guides_way_to_resume_and_to_sample(engine, toy_run):
    toy_run.path.rename("out-shakespeare-small")
    code, out, _ = engine("train", *GUIDE_RESUME.split(), "--max_iters=14")
    assert code == 0
    assert re.findall(r"^iter (\d+): loss", out, re.MULTILINE) == ["12", "13"]

    code, out, _ = engine("sample", *shlex.split(GUIDE_SAMPLE))
    assert code == 0
    texts = out.split("\n---------------\n")
    assert texts.pop() == ""
    assert len(texts) == len(set(texts)) == 3
    for text in texts:
        assert text.startswith("To be or not to be")
        assert len(text) == len("To be or not to be") + 200
    assert engine("sample", *shlex.split(GUIDE_SAMPLE))[1] == out


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
def test_a_run_ends_with_the_line_that_comes_next(engine):
    def said_next(words):
        return engine("train", *words, "--out_dir=my out")[1].splitlines()[-1]

    assert said_next([*TOY, "--max_iters=2"]) == "Let it write: python -m engine sample --out_dir='my out'"
    again = said_next(["--init_from=resume"])
    assert again.startswith("It had made all its 2 iterations before.")
    more = shlex.split(again.partition("python -m engine ")[2])
    assert engine(*more)[1].count("iter ") == 2  # the third and the fourth
    assert said_next(["--init_from=resume", "--eval_only=True"]).startswith("done")


def started(folder):
    """Return the event of a run of ten iterations that begins."""
    figures = dict.fromkeys(("parameters", "tokens_per_iter", "train_tokens", "val_tokens", "val_bytes"), 1)
    return Started(
        run_dir=str(folder),
        device="cpu",
        dtype="float32",
        estimate={},
        iter_num=0,
        max_iters=10,
        vocab_size=4,
        **figures,
    )


@pytest.mark.usefixtures("toy_dataset", "clock")
def test_a_run_whose_minutes_are_over_says_so(engine):
    made = ("train", *TOY, "--sample_tokens=0", "--minutes=0.005", "--max_iters=90000", "--out_dir=out")
    assert "Let it write" in engine(*made)[1]
    again = engine("train", "--init_from=resume", "--out_dir=out")[1].splitlines()[-1]
    assert again.startswith("Its 0.005 minutes were over before.")
    more = shlex.split(again.partition("python -m engine ")[2])
    assert "iter " in engine(*more, "--minutes=0", "--max_iters=40")[1]


def test_a_run_that_was_stopped_ends_with_the_line_that_goes_on(toy_run, capsys):
    console = Console(TrainConfig(out_dir=str(toy_run.path)))
    console.show(started(toy_run.path))
    console.show(Finished(reason="stopped", iter_num=1, best_val_loss=None, seconds=1.0, peak_memory_bytes=0))
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"Go on: python -m engine train --init_from=resume --out_dir={toy_run.path}"


@pytest.mark.parametrize(("seconds", "told"), [(89, "89 seconds"), (300, "5 minutes"), (145_080, "40.3 hours")])
def test_the_time_of_an_estimate_is_told_in_the_unit_one_would_use(seconds, told):
    assert span(seconds) == told


@pytest.mark.usefixtures("toy_dataset")
def test_flags_of_nanogpt_that_mean_nothing_here_are_taken_and_told(engine):
    code, _, err = engine("train", *TOY, "--max_iters=0", "--out_dir=out", "--wandb_log=True", "--backend=nccl")
    assert code == 0
    assert "--wandb_log has no effect" in err
    assert "--backend has no effect" in err


# one JSON object a line


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


def test_sample_in_json_is_one_text_a_line(engine, toy_run):
    code, out, _ = engine(
        "sample", "--out_dir", toy_run.path, "--start", "The", "--num_samples=2", "--max_new_tokens=9", "--json"
    )
    assert code == 0
    rows = json_lines(out)
    assert [row["tokens"] for row in rows] == [9, 9]
    for row in rows:
        assert row["text"].startswith("The")
        assert len(row["text"]) == 12
        assert row["tokens_per_s"] > 0


@pytest.mark.parametrize("name", presets())
def test_estimate_in_json(engine, name):
    code, out, err = engine("estimate", "--preset", name, "--json")
    assert (code, err) == (0, "")
    (row,) = json_lines(out)
    assert row.keys() >= {"parameters", "memory", "fits", "seconds_per_iter", "seconds_total"}
    memory = row["memory"]
    parts = [memory[part] for part in ("weights", "gradients", "optimizer", "activations", "logits")]
    assert sum(parts) == memory["total"]
    assert row["fits"] is (memory["total"] <= memory["limit"])


def test_runs_and_doctor_in_json(engine, toy_run):
    code, out, _ = engine("runs", "--json")
    assert code == 0
    assert [Path(row["path"]) for row in json_lines(out)] == [toy_run.path]
    assert str(toy_run.path) in engine("runs")[1]
    code, out, _ = engine("doctor", "--json")
    rows = json_lines(out)
    assert {"versions", "device", "memory", "disk", "tokenizer", "data"} <= {row["check"] for row in rows}
    assert code == (0 if all(row["ok"] for row in rows) else 1)
    assert all(row["fix"] for row in rows if not row["ok"])


def test_prepare_in_json_ends_with_what_was_prepared(engine, toy_text):
    Path("mine.txt").write_text(toy_text, "utf-8")
    code, out, _ = engine("prepare", "mine.txt", "--name", "mine", "--tokenizer", "char", "--json")
    assert code == 0
    last = json_lines(out)[-1]
    assert (last["event"], last["name"], last["tokenizer"]) == ("prepared", "mine", "char")
    assert last["train_tokens"] + last["val_tokens"] == len(toy_text)


# wrong input: what, why, and what to do


def half(run):
    content = run.checkpoint.read_bytes()
    run.checkpoint.write_bytes(content[: len(content) // 2])


WRONG = {
    "an unknown flag": (
        "train --n_layr=3",
        2,
        ["no option --n_layr", "Did you mean --n_layer?", "refused", "train --help"],
    ),
    "an unknown command": ("trian", 2, ["no command 'trian'", "Did you mean train?", "prepare, train"]),
    "a word too many": ("train toy", 2, ["Nothing is expected at 'toy'", "--help"]),
    "an unknown preset": ("train --preset=tinny", 2, ["no preset 'tinny'", "Did you mean tiny?", "small"]),
    "a value that is none": ("train --n_layer=two", 2, ["n_layer must be a whole number, not 'two'", "Change n_layer"]),
    "a value out of range": (
        "estimate --batch_size=0",
        2,
        ["batch_size must be at least 1, not 0", "Change batch_size"],
    ),
    "heads that do not share": (
        "train --n_embd=100 --n_head=3",
        2,
        ["n_embd 100 is not divisible by n_head 3", "equal share", "try n_embd 99 or 102"],
    ),
    "a start there is not": ("train --init_from=gtp2", 2, ["init_from must be one of", "resume"]),
    "resuming nothing": ("train --init_from=resume", 2, ["does not say which run", "--out_dir"]),
    "a dataset there is not": (
        "train --dataset=shakespear_char",
        3,
        ["no dataset 'shakespear_char'", "Did you mean shakespeare_char?", "Known are", "prepare FILE"],
    ),
    "a text shorter than a block": (
        "train --dataset=toy --block_size=5000 --device=cpu --out_dir=new",
        3,
        ["less than one block of 5,000", "block_size tokens and the one that follows", "longer text"],
    ),
    "an empty file": ("prepare empty.txt", 3, ["empty.txt is empty", "no characters", "Choose a text"]),
    "a binary file": ("prepare binary.txt", 3, ["binary.txt", "UTF-8"]),
    "a file there is not": ("prepare none.txt", 3, ["no file or folder none.txt", "spelling"]),
    "a folder with a run": (
        "train --dataset=toy --device=cpu --out_dir=out",
        3,
        ["out already holds a run", "never overwritten", "--init_from=resume", "another --out_dir", "--overwrite=True"],
    ),
    "half a checkpoint, to sample": ("sample --out_dir=cut", 3, ["cut/ckpt.pt is damaged", "Use another checkpoint"]),
    "half a checkpoint, to resume": (
        "train --init_from=resume --out_dir=cut --max_iters=20",
        3,
        ["cut/ckpt.pt is damaged"],
    ),
    "a run there is not": ("sample --out_dir=nowhere", 3, ["no checkpoint at", "nowhere", "python -m engine runs"]),
    "a prompt it cannot read": ("sample --out_dir=out --start=2B", 3, ["cannot read '2'", "trained on", "gpt2"]),
    "a prompt's file there is not": ("sample --out_dir=out --start=FILE:none.txt", 2, ["none.txt", "UTF-8"]),
}


@pytest.fixture
def _wrong_things(toy_run, toy_config):
    from engine.training.trainer import Trainer

    Path("empty.txt").write_bytes(b"")
    Path("binary.txt").write_bytes(bytes(range(256)) * 40)
    for _ in Trainer(toy_config(out_dir="cut", max_iters=1)).run():
        pass
    for name in ("best.pt", "previous.pt"):
        Path("cut", name).unlink(missing_ok=True)
    half(RunFolder("cut"))


def test_costs_are_told_and_nothing_is_prepared(engine, toy_text):
    Path("more.txt").write_text(toy_text)
    Path("text.txt").write_text(toy_text)
    code, out, _ = engine("prepare", "text.txt", "more.txt", "--costs", "--json")
    *costs, advice = json_lines(out)
    assert code == 0
    assert [cost["tokenizer"] for cost in costs] == ["gpt2", "char", "bpe"]
    assert advice["tokenizer"] in ("char", "bpe")
    code, out, _ = engine("prepare", "text.txt", "--costs", "--preset=small", "--vocab_size=512", "--tokenizer=bpe")
    assert code == 0
    assert "512" in out
    assert out.splitlines()[-1].startswith(f"Recommended: --tokenizer {advice['tokenizer']}")
    assert engine("runs", "--json")[0] == 0
    assert engine("prepare", "text.txt", "--costs", "--preset=tyny")[0] == 2


@pytest.mark.usefixtures("_wrong_things")
def test_wrong_input_is_told_with_what_why_and_what_to_do(engine, tmp_path):
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"}
    for case, (line, exit_code, told) in WRONG.items():
        code, out, err = engine(*shlex.split(line))
        assert code == exit_code, (case, err)
        assert out == "", case
        for words in told:
            assert words in err, (case, words, err)
        assert 2 <= len(err.splitlines()) <= 3, (case, err)
        assert "Traceback" not in err, case
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"}
    assert after == before  # and nothing was lost or left behind


def test_a_run_that_fails_exits_with_1(engine, toy_run):
    saved = checkpoint.load(toy_run.checkpoint)
    saved.model["transformer.ln_f.weight"][0] = 3e38
    checkpoint.save(saved, toy_run.checkpoint)
    code, _, err = engine("train", "--init_from=resume", "--out_dir", toy_run.path, "--max_iters=20")
    assert code == 1
    assert "broke down at iteration 12" in err
    assert "--learning_rate=0.005" in err


def test_an_error_nobody_thought_of_is_written_to_a_file(engine, monkeypatch, tmp_path):
    def broken(_arguments):
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr("engine.cli.runs.run", broken)
    code, out, err = engine("runs")
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert "ZeroDivisionError: nobody thought of this" in err
    (log,) = (tmp_path / "home" / "logs").iterdir()
    assert str(log) in err
    assert "Traceback" in log.read_text("utf-8")


# help


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(capsys, command):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert "--json" in told
    if command == "train":
        assert all(f"--{name}" in told for name in setting_fields(TrainConfig))


def test_help_lists_the_commands(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert all(command in told for command in COMMANDS)


def test_no_command_is_bad_usage(engine):
    assert engine()[0] == 2


def test_sample_says_which_settings_cannot_be_followed(engine, toy_run, monkeypatch):
    monkeypatch.setattr("engine.machine.abilities.multiplies", lambda _device, dtype: dtype == torch.float32)
    code, out, err = engine(
        "sample", "--out_dir", toy_run.path, "--dtype=bfloat16", "--device=cpu", "--max_new_tokens=3"
    )
    assert code == 0
    assert err == "The cpu of this machine does not multiply in bfloat16: products are in float32.\n"
    assert "float32" not in out


def test_samples_come_from_the_newest_run_when_none_is_named(engine, toy_run):
    code, out, err = engine("sample", "--start=The", "--max_new_tokens=4", "--temperature=0")
    assert code == 0
    assert out.startswith("The")
    assert str(toy_run.path) in err


def test_there_is_no_run_to_sample_from(engine):
    code, _, err = engine("sample")
    assert code == 3
    assert "no trained run yet" in err


# as a program of its own


def program(*words):
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings,
    )


def test_as_a_program_it_exits_with_its_code():
    with program("train", "--n_layr=3") as running:
        out, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, out) == (2, "")
    assert "Did you mean --n_layer?" in err


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


SHAPE = ("--n_layer=1", "--n_head=2", "--n_embd=16", "--block_size=16", "--batch_size=4", "--device=cpu")


def test_a_recipe_makes_an_ordinary_run(engine, tmp_path, toy_text):
    (tmp_path / "play.txt").write_text(toy_text * 3, "utf-8")
    engine("prepare", tmp_path / "play.txt", "--name=play")
    quick = ("--recipe=quick", "--dataset=play", *SHAPE, "--learning_rate=0.003")
    code, out, err = engine("estimate", "--json", *quick)
    assert code == 0, err
    assert json.loads(out)["parameters"] < 20_000
    code, out, err = engine("train", "--json", *quick, "--max_iters=3", f"--out_dir={tmp_path / 'out'}")
    assert code == 0, err
    assert "optimizer muon: " in err
    assert [event["event"] for event in map(json.loads, out.splitlines())].count("prepared") == 1
    config = RunFolder(tmp_path / "out").read_config()
    assert (config.dataset, config.recipe, config.optimizer) == ("play_bpe256", "quick", "muon")
    assert (config.learning_rate, config.max_iters, config.decay_form) == (0.003, 3, "linear")
    again = ("train", "--json", "--init_from=resume", f"--out_dir={tmp_path / 'out'}", "--max_iters=5")
    code, out, err = engine(*again)
    assert (code, "optimizer" in err) == (0, False)
    assert RunFolder(tmp_path / "out").read_config() == config.changed({"max_iters": 5})


@pytest.mark.usefixtures("toy_dataset")
def test_a_recipe_leaves_ones_own_preset_as_it_is():
    shape = {"n_layer": 3, "n_head": 4, "n_embd": 256, "block_size": 64}
    save_preset("mine", TrainConfig.of(shape, {"dropout": 0.15, "learning_rate": 5e-4}))
    config = config_of("--preset=mine --recipe=quick --minutes=5 --dataset=toy --learning_rate=0.002")
    assert {name: getattr(config, name) for name in shape} == shape
    assert (config.dropout, config.optimizer, config.learning_rate) == (0.15, "adamw", 0.002)
    assert config.max_iters == TrainConfig().max_iters


def test_a_recipe_says_that_it_plans_no_model_that_was_trained_before(engine, toy_run):
    out = ("--init_from=resume", f"--out_dir={toy_run.path}", "--max_iters=13")
    code, _, err = engine("train", "--recipe=quick", *out)
    assert (code, "--recipe has no effect here" in err) == (0, True)
    assert toy_run.read_config().recipe == "guide"


def test_the_minutes_of_a_plan_bound_its_estimate(engine, toy_run):
    shape = ("n_layer", "n_head", "n_embd", "block_size", "batch_size", "device")
    plan = ("estimate", "--dataset=toy", *[f"--{name}={getattr(toy_run.read_config(), name)}" for name in shape])
    whole = json.loads(engine(*plan, "--max_iters=10000000", "--json")[1])["seconds_total"]
    assert whole > 60
    assert json.loads(engine(*plan, "--max_iters=10000000", "--minutes=0.5", "--json")[1])["seconds_total"] == 30
    assert "its 0.5 minutes hold about" in engine(*plan, "--max_iters=10000000", "--minutes=0.5")[1]


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


@pytest.mark.usefixtures("toy_dataset", "clock")
def test_a_run_of_so_many_minutes_ends_then(engine, tmp_path):
    words = ("--dataset=toy", *SHAPE, "--minutes=0.02", "--max_iters=10000000", "--eval_iters=1")
    code, out, _ = engine("train", "--json", *words, f"--out_dir={tmp_path / 'out'}")
    finished = json.loads(out.splitlines()[-1])
    assert (code, finished["reason"]) == (0, "done")
    assert 0 < finished["iter_num"] < 10_000_000
