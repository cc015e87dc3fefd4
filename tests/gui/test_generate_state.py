from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import SampleConfig
from engine.events import Reply, Token
from engine.run_list import RunSummary
from gui.generate.state import (
    DIALS,
    FIRST_SETTINGS,
    CheckpointChoice,
    Passage,
    Phase,
    checkpoint_choices,
    from_memory,
    memory_key,
    to_memory,
    transcript_text,
    varied,
)

CHOICE = CheckpointChoice(Path("/runs/a/best.pt"), "a", "best, loss 1.90")


def token(text, sample=0, tokens=1):
    return Token(sample=sample, tokens=tokens, text=text, token=1, probability=0.5, tokens_per_s=20.0)


def reply(text, sample=0, prompt="Once", reason="done"):
    return Reply(sample=sample, prompt=prompt, text=text, tokens=2, tokens_per_s=25.0, reason=reason)


def run(path, **more):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return RunSummary(**{"name": path.name, "path": path, "status": "finished", "created": now, "modified": now} | more)


def test_checkpoints_are_listed_best_before_latest_and_each_once(tmp_path):
    for name, files in {"new": ("best.pt", "ckpt.pt"), "old": ("ckpt.pt",), "empty": ()}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).touch()
    runs = [run(tmp_path / "new", best_val_loss=1.876, iter_num=2000), run(tmp_path / "empty"), run(tmp_path / "old")]
    choices = checkpoint_choices(runs, [tmp_path / "old" / "ckpt.pt"])
    assert [choice.label for choice in choices] == [
        "old – ckpt.pt",
        "new – best, loss 1.88",
        "new – latest, iteration 2,000",
    ]


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


def test_a_passage_grows_with_its_tokens():
    passage = Passage(CHOICE, SampleConfig(start="Once", max_new_tokens=2))
    assert passage.status() == "Getting ready…"
    assert passage.take(token(" upon")) == (0, " upon")
    assert passage.phase is Phase.WRITING
    assert "1 of 2 tokens" in passage.status()
    passage.take(token(" a", tokens=2))
    assert passage.take(reply("Once upon a")) == (0, "")
    passage.end()
    assert passage.text() == "Once upon a"
    assert passage.status() == "2 tokens  ·  25 tokens/s"
    assert passage.continues


def test_bytes_that_become_a_character_only_at_the_end_are_added():
    passage = Passage(CHOICE, SampleConfig(start="Once"))
    passage.take(token(""))
    assert passage.take(reply("Once\N{REPLACEMENT CHARACTER}")) == (0, "\N{REPLACEMENT CHARACTER}")


def test_several_samples_stay_apart():
    passage = Passage(CHOICE, SampleConfig(start="Once", num_samples=2))
    for event in (token(" a"), reply("Once a"), token(" b", 1), reply("Once b", 1)):
        passage.take(event)
    passage.end()
    assert passage.text() == "Once a\n\nOnce b"
    assert [passage.title_of(sample) for sample in range(2)] == ["Sample 1 of 2", "Sample 2 of 2"]
    assert not passage.continues


def test_a_stop_and_a_failure_are_told():
    stopped, failed = Passage(CHOICE, SampleConfig()), Passage(CHOICE, SampleConfig())
    for passage in (stopped, failed):
        passage.take(token("a"))
    stopped.take(reply("\na", prompt="\n", reason="stopped"))
    stopped.end()
    failed.end(failed=True)
    assert stopped.status().startswith("Stopped after 2 tokens")
    assert failed.status() == "Failed after 1 token"


def test_the_saved_transcript_says_what_made_each_text():
    passage = Passage(CHOICE, SampleConfig(start="Once", seed=5, top_p=0.9))
    passage.take(token(" more"))
    text = transcript_text([passage, Passage(CHOICE, SampleConfig())])
    assert "[a – best, loss 1.90  ·  temperature 0.8  ·  top-k 200  ·  top-p 0.9  ·  seed 5]" in text
    assert text.endswith("Once more\n")
