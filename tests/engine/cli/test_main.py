import os
import shlex
from pathlib import Path

import pytest

from engine.cli.main import COMMANDS, main
from engine.core.config import TrainConfig
from engine.core.settings import setting_fields
from engine.runs.folder import RunFolder
from tests.as_anyone import shut
from tests.engine.cli.hands import json_lines, program
from tests.patience import PATIENCE_S


def test_an_error_is_told_in_json_too(engine):
    code, out, errors = engine("train", "--n_layr=3", "--json")
    (row,) = json_lines(out)
    assert (row["event"], row["code"], row["exit_code"]) == ("error", "unknown_option", code)
    assert [row["message"], row["cause"], row["fix"]] == errors.splitlines()
    assert engine("train", "--n_layr=3")[1] == ""


def test_prepare_asks_only_for_the_text_it_needs(engine):
    errors = engine("prepare")[2]
    assert "DATASET|FILE|FOLDER" in errors
    assert ", FILE|FOLDER" not in errors


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


def test_crash_logs_of_one_moment_do_not_overwrite_each_other(engine, monkeypatch, tmp_path):
    monkeypatch.setattr("engine.cli.runs.run", lambda _arguments: 1 / 0)
    assert [engine("runs")[0] for _ in range(2)] == [1, 1]
    assert len(list((tmp_path / "home" / "logs").glob("understudy-*.log"))) == 2


@pytest.mark.parametrize("command", ["runs", "doctor"])
def test_a_home_of_nobody_is_told(engine, monkeypatch, command):
    monkeypatch.setenv("UNDERSTUDY_HOME", "~nobody-of-this-name/x")
    code, out, err = engine(command)
    assert code in (1, 2)
    assert "UNDERSTUDY_HOME" in out + err
    assert "does not know" not in err


@pytest.mark.parametrize("command", ["runs", "sample"])
def test_a_folder_that_may_not_be_read_is_told(engine, tmp_path, command):
    runs = tmp_path / "home" / "runs"
    runs.mkdir(parents=True)
    with shut(runs):
        code, _, err = engine(command)
    assert code == 3
    assert f"{runs}: Permission denied" in err
    assert "does not know" not in err


def test_a_name_that_is_no_unicode_is_spelled_out(tmp_path):
    run = RunFolder(os.fsdecode(os.fsencode(tmp_path / "home" / "runs") + b"/no-\xff"))
    try:
        run.path.mkdir(parents=True)
    except OSError:
        pytest.skip("the disk takes no such name")
    with program("runs") as running:
        out, _ = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, "no-\\udcff" in out) == (0, True)


@pytest.mark.parametrize("word", ["a\0b", "\ud800"])
def test_a_word_that_is_no_text_is_refused(engine, word):
    code, _, err = engine("train", f"--out_dir={word}")
    assert code == 2
    assert "no text" in err


BEYOND = "9" * 5000


@pytest.mark.parametrize("number", [BEYOND, BEYOND[:400], "-" + BEYOND[:400]])
@pytest.mark.parametrize("name", ["max_iters", "warmup_iters", "grad_clip", "learning_rate", "seed", "minutes"])
def test_a_number_of_hundreds_of_digits_is_refused_by_name(engine, name, number):
    code, _, err = engine("train", f"--{name}={number}")
    assert code == 2
    assert f"{name} must be" in err
    assert len(err) < 1500


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


# as a program of its own


def test_as_a_program_it_exits_with_its_code():
    with program("train", "--n_layr=3") as running:
        out, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, out) == (2, "")
    assert "Did you mean --n_layer?" in err
