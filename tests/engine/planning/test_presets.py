import pytest

from engine.core.errors import SettingError
from engine.planning.presets import preset, presets

GUIDE = {  # n_layer, n_head, n_embd, block_size, batch_size, max_iters
    "tiny": (2, 2, 128, 128, 8, 2000),
    "small": (4, 4, 256, 256, 4, 5000),
    "medium-m4": (6, 6, 384, 384, 6, 8000),
    "medium": (6, 6, 384, 512, 2, 10000),
    "large": (12, 12, 768, 1024, 1, 20000),
}


def test_the_five_configurations_of_the_guide_in_its_order():
    assert list(presets()) == list(GUIDE)
    for name, numbers in GUIDE.items():
        c = preset(name).config()
        assert (c.n_layer, c.n_head, c.n_embd, c.block_size, c.batch_size, c.max_iters) == numbers


@pytest.mark.parametrize("name", GUIDE)
def test_the_rate_falls_to_a_tenth_over_the_whole_run(name):
    config = preset(name).config()
    rate = 6e-4 if name == "large" else 1e-3
    assert (config.learning_rate, config.min_lr) == (rate, pytest.approx(rate / 10))
    assert (config.warmup_iters, config.lr_decay_iters) == (100, config.max_iters)
    assert config.gradient_accumulation_steps == 1


@pytest.mark.parametrize("name", GUIDE)
def test_each_says_what_it_is_for(name):
    assert preset(name).label
    assert preset(name).summary


def test_a_preset_is_changed_by_name():
    config = preset("tiny").config(max_iters=10, device="cpu")
    assert (config.max_iters, config.lr_decay_iters, config.n_layer, config.device) == (10, 10, 2, "cpu")
    assert preset("tiny").config().max_iters == 2000


def test_an_unknown_preset_is_told_with_the_nearest():
    with pytest.raises(SettingError, match=r"Did you mean medium-m4\?"):
        preset("medium-m5")
