"""Any file of ours may be found damaged: each command says so in words, or does what it can."""

import logging
import os

import pytest
from hypothesis import Phase, given, settings

from engine.cli.main import main
from tests.as_anyone import as_anyone
from tests.damage import damaged_copy, damages, homes, removed
from tests.person import TINY

SMALL = [f"--{name}={value}" for name, value in (TINY | {"block_size": 8, "batch_size": 2}).items()]
TOY, RUN = "datasets/toy/", "^out/|/toy/"

COMMANDS = {
    "runs": (["runs"], "runs|^out/"),
    "runs in JSON": (["runs", "--json"], "runs|^out/"),
    "doctor": (["doctor"], "home"),
    "sample of the newest": (["sample", "--max_new_tokens=2", "--device=cpu"], "runs|^out/"),
    "sample": (["sample", "--max_new_tokens=2", "--device=cpu", "--out_dir=out"], "^out/"),
    "play": (["play", "--auto=2", "--max_new_tokens=2", "--device=cpu", "--out_dir=out"], RUN),
    "estimate": (["estimate", "--preset=mine", "--dataset=toy", "--device=cpu"], "home"),
    "train": (["train", "--preset=mine", "--dataset=toy", "--device=cpu", *SMALL], f"preset|{TOY}|home/[^/]*$"),
    "train quick": (["train", "--recipe=quick", "--minutes=0.001", "--dataset=bytes", "--device=cpu", *SMALL], "home"),
    "train from a run": (["train", "--init_from=./out", "--dataset=toy", "--device=cpu", *SMALL], RUN),
    "train from a folder": (["train", "--init_from=./exported", "--dataset=toy", "--device=cpu", *SMALL], "exported"),
    "resume": (["train", "--init_from=resume", "--out_dir=out", "--max_iters=4", "--device=cpu"], RUN),
    "evaluate": (["train", "--init_from=resume", "--out_dir=out", "--eval_only=True", "--device=cpu"], RUN),
    "export": (["export", "another", "--format=huggingface", "--out_dir=out"], "^out/"),
    "export again": (["export", "exported", "--format=huggingface", "--out_dir=out", "--overwrite=True"], "exported"),
    "export for nanoGPT": (["export", "another", "--format=nanogpt", "--out_dir=out"], "^out/"),
    "pack": (["pack", "again.tar.gz", "--out_dir=out"], RUN),
    "unpack": (["unpack", "away.tar.gz"], "away"),
    "prepare": (["prepare", "toy.txt", "--name=toy", "--tokenizer=char"], f"toy.txt|{TOY}"),
    "prepare in bytes": (
        ["prepare", "toy.txt", "--name=bytes", "--tokenizer=bpe", "--vocab_size=256"],
        "datasets/bytes",
    ),
}
"""What is typed, and which files it heeds."""


@pytest.fixture
def _unforeseen_is_raised(monkeypatch):
    def raise_it():
        raise

    monkeypatch.setattr("engine.cli.main.write_crash_log", raise_it)


def outcome(whole, here, command, changes):
    """Run a command where a damaged copy stands; return its exit code."""
    if here.exists():
        removed(here)
    damaged_copy(whole, here, changes)
    os.chdir(here)
    try:
        with as_anyone():
            return main(COMMANDS[command][0])
    finally:
        os.chdir(whole)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_does_what_it_should_where_nothing_is_damaged(whole, here, command):
    assert outcome(whole, here, command, []) == 0


@pytest.mark.usefixtures("_unforeseen_is_raised")
@pytest.mark.parametrize("command", COMMANDS)
def test_no_damage_is_unforeseen(whole, here, command, capsys, caplog):
    @settings(max_examples=homes(), phases=[Phase.generate])  # making one smaller takes minutes
    @given(damages(whole, COMMANDS[command][1]))
    def no_damage_is_unforeseen(changes):
        code = outcome(whole, here, command, changes)
        err = capsys.readouterr().err
        assert code in (0, 1, 2, 3), err
        assert "Traceback" not in err
        assert not [each.exc_info for each in caplog.records if each.levelno >= logging.ERROR]

    no_damage_is_unforeseen()
