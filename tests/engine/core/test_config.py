import json

import pytest

from engine.core.config import OF_THE_CALL, SampleConfig, TrainConfig, explanations
from engine.core.errors import SettingError
from engine.core.settings import setting_fields


def problems(**values):
    with pytest.raises(SettingError) as told:
        TrainConfig(**values)
    return told.value.problems


def test_the_defaults_are_a_laptops():
    config = TrainConfig()
    assert config.dataset == "shakespeare_complete"
    assert (config.learning_rate, config.min_lr, config.beta2) == (1e-3, 1e-4, 0.99)
    assert (config.warmup_iters, config.lr_decay_iters) == (100, config.max_iters)
    assert (config.eval_interval, config.eval_iters, config.log_interval) == (250, 20, 10)
    assert (config.gradient_accumulation_steps, config.device, config.compile) == (1, "auto", False)


def test_min_lr_and_lr_decay_iters_follow_unless_they_are_given():
    config = TrainConfig(max_iters=700, learning_rate=3e-4)
    assert config.lr_decay_iters == 700
    assert config.min_lr == pytest.approx(3e-5)
    given = TrainConfig(max_iters=700, lr_decay_iters=600, min_lr=0.0)
    assert (given.lr_decay_iters, given.min_lr) == (600, 0.0)


def test_the_guides_spelling_of_the_dataset_is_understood():
    assert TrainConfig(dataset="shakesphere").dataset == "shakespeare"


def test_heads_must_share_the_width():
    told = problems(n_embd=100, n_head=3)
    assert list(told) == ["n_embd"]
    assert "n_embd 99 or 102" in told["n_embd"]
    assert "n_embd 3." in problems(n_embd=2, n_head=3)["n_embd"]


def test_a_rate_that_would_rise_is_refused():
    assert "min_lr" in problems(learning_rate=1e-4, min_lr=1e-3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_layer": 0},
        {"batch_size": 0},
        {"block_size": 0},
        {"max_iters": -1},
        {"learning_rate": -1e-3},
        {"dropout": 1.0},
        {"beta1": 1.0},
        {"eval_interval": 0},
        {"log_interval": 0},
        {"eval_iters": 0},
        {"device": "tpu"},
        {"dtype": "int8"},
        {"init_from": "nowhere"},
        {"seed": -1},
        {"seed": 2**32},
        {"min_lr": -2.0},
        {"min_lr": -0.5},
        {"grad_clip": -1.0},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    assert list(problems(**wrong)) == list(wrong)


def test_tokens_of_an_iteration():
    config = TrainConfig(batch_size=6, block_size=384, gradient_accumulation_steps=5)
    assert config.tokens_per_iter == 6 * 384 * 5
    assert TrainConfig(n_embd=384, n_head=6).head_size == 64


def test_a_configuration_survives_json():
    config = TrainConfig(n_layer=2, learning_rate=3e-4, dropout=0.1, sample_prompt="Ä\n")
    assert TrainConfig.of(json.loads(json.dumps(config.as_dict()))) == config


def test_each_setting_of_both_forms_is_explained():
    for cls in (TrainConfig, SampleConfig):
        for name in setting_fields(cls):
            assert explanations()[name]["what"], name


@pytest.mark.parametrize("wrong", [{"temperature": -0.1}, {"top_p": 1.1}, {"top_k": -1}, {"num_samples": 0}])
def test_a_reply_that_cannot_be_is_refused(wrong):
    with pytest.raises(SettingError) as told:
        SampleConfig(**wrong)
    assert list(told.value.problems) == list(wrong)


def test_what_followed_another_setting_goes_on_following_it():
    config = TrainConfig(max_iters=100, learning_rate=1e-3)
    longer = config.changed({"max_iters": 300, "learning_rate": 1e-2})
    assert (longer.lr_decay_iters, longer.min_lr) == (300, 1e-3)


def test_what_was_set_by_itself_stays():
    config = TrainConfig(max_iters=100, lr_decay_iters=80, min_lr=5e-5)
    longer = config.changed({"max_iters": 300, "learning_rate": 1e-2})
    assert (longer.lr_decay_iters, longer.min_lr) == (80, 5e-5)


def test_a_run_goes_on_with_all_its_settings_but_those_of_the_call():
    config = TrainConfig(n_layer=2, out_dir="a", resume_from="best", overwrite=True, learning_rate=3e-3)
    resumed = config.going_on("b", {"learning_rate": 1e-3})
    assert (resumed.init_from, resumed.resume_from, resumed.out_dir) == ("resume", "latest", "b")
    assert (resumed.overwrite, resumed.n_layer, resumed.min_lr) == (False, 2, 1e-4)
    assert config.going_on("b", {"resume_from": "previous"}).resume_from == "previous"


def test_the_settings_of_the_call_are_settings():
    assert TrainConfig().as_dict().keys() >= OF_THE_CALL
