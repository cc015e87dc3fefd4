import ast
import shlex

import pytest

from engine.core.config import TrainConfig
from engine.core.settings import parse_value
from engine.runs.command_line import beyond_nanogpt, command_line, nanogpt_command, nanogpt_lines

DEFAULTS = {
    "out_dir": "out",
    "eval_interval": 2000,
    "log_interval": 1,
    "eval_iters": 200,
    "eval_only": False,
    "always_save_checkpoint": True,
    "init_from": "scratch",
    "wandb_log": False,
    "dataset": "openwebtext",
    "gradient_accumulation_steps": 40,
    "batch_size": 12,
    "block_size": 1024,
    "n_layer": 12,
    "n_head": 12,
    "n_embd": 768,
    "dropout": 0.0,
    "bias": False,
    "learning_rate": 6e-4,
    "max_iters": 600000,
    "weight_decay": 1e-1,
    "beta1": 0.9,
    "beta2": 0.95,
    "grad_clip": 1.0,
    "decay_lr": True,
    "warmup_iters": 2000,
    "lr_decay_iters": 600000,
    "min_lr": 6e-5,
    "backend": "nccl",
    "device": "cuda",
    "dtype": "bfloat16",
    "compile": True,
}
"""nanoGPT's train.py: its settings with their defaults, whose types its configurator compares with."""


def as_nanogpt_reads(line):
    """Return the settings of a line as nanoGPT's configurator reads them, by its rules."""
    settings = {}
    for word in shlex.split(line)[2:]:
        name, text = word.split("=")
        try:
            value = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            value = text
        assert type(value) is type(DEFAULTS[name.removeprefix("--")]), word
        settings[name.removeprefix("--")] = value
    return settings


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dropout": 0, "weight_decay": 0, "grad_clip": 1, "learning_rate": 1e-5, "min_lr": 0},
        {"bias": True, "decay_lr": False, "dataset": "my text", "dtype": "bfloat16", "device": "mps"},
    ],
    ids=str,
)
def test_nanogpts_line_leaves_nothing_to_its_defaults(changes):
    config = TrainConfig.of(changes)
    read = as_nanogpt_reads(nanogpt_command(config))
    assert read.keys() == DEFAULTS.keys()
    for name, value in config.as_dict().items():
        if name in DEFAULTS and name not in ("out_dir", "device", "dtype"):
            assert read[name] == value, name
    assert read["compile"] is False


def test_what_the_machine_would_choose_is_spelled_out():
    read = as_nanogpt_reads(nanogpt_command(TrainConfig()))
    assert (read["device"], read["dtype"], read["backend"]) == ("cpu", "float32", "gloo")


def test_the_folder_of_the_data_is_named_where_it_is_known():
    assert as_nanogpt_reads(nanogpt_command(TrainConfig(), "/data/my text"))["dataset"] == "/data/my text"


def test_our_own_line_gives_the_configuration_back():
    config = TrainConfig.of({"dataset": "it's mine", "n_layer": 2, "sample_prompt": "\n$HOME"})
    words = [word.removeprefix("--").split("=", 1) for word in shlex.split(command_line(config))[4:]]
    assert TrainConfig.of({name: parse_value(TrainConfig, name, text) for name, text in words}) == config


@pytest.mark.parametrize(
    ("init_from", "as_nanogpt"),
    [("scratch", "scratch"), ("gpt2-medium", "gpt2-medium"), ("resume", "scratch"), ("/models/mine", "scratch")],
)
def test_nanogpt_starts_from_gpt2_or_from_scratch(init_from, as_nanogpt):
    config = TrainConfig(init_from=init_from, out_dir="run")
    assert as_nanogpt_reads(nanogpt_command(config))["init_from"] == as_nanogpt


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"init_from": "gpt2"}, []),
        ({"optimizer": "muon"}, ["no muon"]),
        ({"decay_form": "linear"}, ["no linear decay"]),
        ({"copy_heads": True}, ["no copy heads"]),
        ({"sampling": "epochs"}, ["reads at random"]),
        ({"made_up_words": True}, ["makes up no words"]),
        ({"dropout": 0.1, "dropout_at": "layers"}, ["drops everywhere"]),
        ({"dropout_at": "layers"}, []),
        ({"minutes": 5.0, "max_iters": 70}, ["makes all 70 iterations"]),
        ({"init_from": "/models/mine"}, ["it starts from scratch"]),
        ({"optimizer": "muon", "minutes": 1.0}, ["no muon", "no time limit"]),
    ],
)
def test_what_nanogpt_cannot_do_is_said(changes, words):
    said = beyond_nanogpt(TrainConfig(**changes))
    assert len(said) == len(words)
    assert all(each in sentence for each, sentence in zip(words, said, strict=True))
    assert nanogpt_lines(TrainConfig(**changes)).splitlines()[:-1] == [f"# {sentence}" for sentence in said]


def test_only_a_model_to_start_from_is_named_in_our_line():
    assert "--init_from=gpt2 " in command_line(TrainConfig(init_from="gpt2"))
    for of_the_call in ("scratch", "resume"):
        assert "--init_from" not in command_line(TrainConfig(init_from=of_the_call, out_dir="run"))
