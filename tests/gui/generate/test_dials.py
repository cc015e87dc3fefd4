import pytest

from engine.core.config import SampleConfig
from gui.generate.dials import DIALS, FIRST_SETTINGS, next_seed, stop_words


@pytest.mark.parametrize("dial", DIALS, ids=lambda dial: dial.name)
def test_every_dial_is_within_its_setting_and_speaks(dial):
    low, high = dial.limits()
    for value in (low, getattr(FIRST_SETTINGS, dial.name), high):
        SampleConfig.of({dial.name: value if dial.decimals else int(value)})
        assert dial.words(value)
    if dial.scale:
        for position in range(dial.scale.steps + 1):
            value = round(dial.scale.value(position), dial.decimals)
            assert low <= value <= high
            if dial.decimals or dial.name == "num_samples":
                assert dial.scale.position(value) == position
        ends = [dial.scale.position(value) for value in (dial.scale.low, dial.scale.high)]
        assert ends[0] == 0
        assert ends[1] >= dial.scale.steps - 1


def test_the_words_of_a_dial_change_with_what_it_does():
    words = {dial.name: {dial.words(value) for value in (0, 0.3, 1, 2)} for dial in DIALS}
    assert len(words["temperature"]) == 4
    assert all(len(words[name]) > 1 for name in ("top_k", "top_p", "min_p", "repetition_penalty"))
    assert stop_words("") != stop_words("x")


def test_every_setting_of_generation_has_a_dial():
    names = {dial.name for dial in DIALS} | {"start", "stop", "device", "dtype", "compile"}
    assert names == set(SampleConfig().as_dict())


def test_no_cut_off_stands_at_the_far_end_of_top_k():
    scale = next(dial.scale for dial in DIALS if dial.name == "top_k")
    assert scale.value(scale.steps) == 0
    assert scale.position(0) == scale.steps
    assert scale.position(50257) < scale.steps


def test_the_next_seed_stays_in_the_field():
    assert next_seed(7) == 8
    assert next_seed(2**31 - 2) == 0


def test_the_temperature_alone_is_always_in_sight():
    assert [dial.name for dial in DIALS if not dial.more] == ["temperature"]
