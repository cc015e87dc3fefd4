import re

import pytest

from engine.cli.options import Parser, add_settings, given_settings
from engine.core.config import SampleConfig, TrainConfig
from engine.core.errors import SettingError


@pytest.fixture
def parser():
    made = Parser(prog="train")
    add_settings(made, TrainConfig, leave_out=("out_dir",))
    return made


def test_each_setting_is_an_option_whose_help_says_its_kind_default_and_range(parser):
    text = " ".join(parser.format_help().split())
    kinds = dict(re.findall(r"(--\w+) ([A-Z]+)", text))
    assert set(kinds.values()) == {"STR", "INT", "FLOAT", "BOOL"}
    assert (kinds["--device"], kinds["--n_layer"], kinds["--compile"]) == ("STR", "INT", "BOOL")
    assert "default 'auto', one of auto, mps, cuda, cpu" in text
    assert "default 4, 1 to 256" in text
    assert "--out_dir" not in text


def test_only_what_was_given_is_told_as_values(parser):
    given = given_settings(parser.parse_args(["--n_layer=3", "--compile=True", "--device=cpu"]), TrainConfig)
    assert given == {"n_layer": 3, "compile": True, "device": "cpu"}


def test_bad_usage_is_a_wrong_setting_and_abbreviations_are_none(parser):
    with pytest.raises(SettingError) as told:
        parser.parse_args(["--n_layer"])
    assert told.value.code == "bad_usage"
    assert parser.parse_known_args(["--n_lay=3"])[1] == ["--n_lay=3"]


@pytest.mark.parametrize(("word", "told"), [("--n_layr=3", "Did you mean --n_layer?"), ("toy", "Nothing is expected")])
def test_what_no_option_takes_is_refused(parser, word, told):
    with pytest.raises(SettingError, match=re.escape(told)) as refusal:
        parser.refuse_unknown([word])
    assert refusal.value.code == "unknown_option"
    parser.refuse_unknown([])


def test_a_reply_has_options_of_its_own():
    parser = Parser(prog="sample")
    add_settings(parser, SampleConfig)
    assert given_settings(parser.parse_args(["--top_k=5"]), SampleConfig) == {"top_k": 5}
