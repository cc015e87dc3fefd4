from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.config import SampleConfig, TrainConfig
from engine.runs.folder import RunFolder
from engine.runs.listing import RunSummary
from gui.generate.choices import block_size_of, checkpoint_choices, opened_choice
from gui.generate.dials import DIALS, FIRST_SETTINGS, stop_words, varied
from gui.generate.recall import from_memory, memory_key, to_memory


def run(path, **more):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return RunSummary(**{"name": path.name, "path": path, "status": "finished", "created": now, "modified": now} | more)


def test_checkpoints_are_listed_best_before_latest(tmp_path):
    for name, files in {"new": ("best.pt", "ckpt.pt"), "old": ("ckpt.pt",), "empty": ()}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).touch()
    runs = [run(tmp_path / "new", best_val_loss=1.876, iter_num=2000), run(tmp_path / "empty"), run(tmp_path / "old")]
    assert [choice.label for choice in checkpoint_choices(runs)] == [
        "new – best, loss 1.88",
        "new – latest, iteration 2,000",
        "old – latest",
    ]
    assert opened_choice(tmp_path / "old" / "ckpt.pt").label == "old – ckpt.pt"


def test_how_far_a_model_looks_back_is_read_from_its_run(tmp_path):
    made = RunFolder.new(TrainConfig(block_size=96))
    made.write_config(TrainConfig(block_size=96))
    assert block_size_of(made.best) == 96
    assert block_size_of(tmp_path / "elsewhere" / "ckpt.pt") is None


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


@given(st.builds(SampleConfig, start=st.text(), seed=st.integers(0, 2**31), top_p=st.floats(0, 1)))
def test_what_is_remembered_comes_back(config):
    assert from_memory(to_memory(config)) == config


@pytest.mark.parametrize("kept", [None, "", "{", "[1]", '"x"', '{"temperature": "hot"}', '{"color": 1}', 7])
def test_an_unusable_memory_is_none(kept):
    assert from_memory(kept) is None


def test_checkpoints_have_memories_of_their_own():
    assert memory_key(Path("/a/best.pt")) != memory_key(Path("/b/best.pt"))


def test_another_try_has_the_next_seed_and_stays_in_the_field():
    assert varied(SampleConfig(seed=7)).seed == 8
    assert varied(SampleConfig(seed=2**31 - 2)).seed == 0
