"""Exporting: where it goes, what it leaves alone, and that nothing counts as done that computes something else."""

import json

import pytest
import torch

from engine.core.errors import CheckpointError, DataError, TrainingError
from engine.core.events import Exported, Progress
from engine.core.jobs import Control, events_of
from engine.exports import huggingface
from engine.exports.formats import FORMATS
from engine.exports.job import export_job

NAMES = [form.name for form in FORMATS]


@pytest.mark.parametrize("form", NAMES)
def test_an_export_is_told_with_what_was_compared(tmp_path, checkpoint_of, form, exported):
    done = exported(checkpoint_of("char"), form, tmp_path / "out")
    assert done.format == form
    assert done.logits_difference <= done.tolerance
    assert done.tokens_equal == done.tokens == 15
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    if form != "gguf":
        stamp = json.loads((tmp_path / "out" / "understudy.json").read_text("utf-8"))
        assert stamp["compared"]["logits_difference"] == done.logits_difference
        assert stamp["iter_num"] == 40


def with_one_changed(name):
    """Return a maker of weights that has one of them too large."""
    make = huggingface.gpt2_weights
    return lambda saved, tokens: make(saved, tokens) | {name: 1.1 * make(saved, tokens)[name]}


@pytest.mark.parametrize("name", ["wpe.weight", "h.0.attn.c_attn.weight", "h.1.mlp.c_proj.weight", "ln_f.weight"])
def test_what_computes_something_else_is_not_kept(tmp_path, checkpoint_of, monkeypatch, name, exported):
    source = checkpoint_of("char")
    monkeypatch.setattr(huggingface, "gpt2_weights", with_one_changed(name))
    with pytest.raises(CheckpointError) as told:
        exported(source, "huggingface", tmp_path / "out")
    assert told.value.code == "export_differs"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["run-char"]


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize("after", [0, 8, 17])
def test_a_stop_leaves_nothing(tmp_path, checkpoint_of, form, after):
    control = Control()
    job = export_job(checkpoint_of("char"), form, tmp_path / "out", control=control)
    seen = [item for item, _ in zip(job, range(after), strict=False)]
    control.stop()
    seen += list(job)
    assert not any(isinstance(item, Exported) for item in seen)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["run-char"]


def test_a_closed_job_leaves_nothing(tmp_path, checkpoint_of):
    job = export_job(checkpoint_of("char"), "huggingface", tmp_path / "out", control=Control())
    while not isinstance(item := next(job), Progress) or not item.what.startswith("Writing"):
        pass
    assert len(list(tmp_path.glob(".out*"))) == 1
    job.close()
    assert list(tmp_path.glob("*out*")) == []


def test_a_full_disk_and_a_closed_folder_are_told(tmp_path, checkpoint_of, monkeypatch, exported):
    source = checkpoint_of("char")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError) as told:
        exported(source, "gguf", tmp_path / "file" / "model.gguf")
    assert told.value.code == "cannot_write"
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(TrainingError) as told:
        exported(source, "nanogpt", tmp_path / "out")
    assert told.value.code == "disk_full"


def test_a_model_that_broke_down_is_refused(tmp_path, checkpoint_of, exported):
    source = checkpoint_of("char")
    content = torch.load(source, weights_only=True)
    content["model"]["transformer.ln_f.weight"][0] = torch.nan
    torch.save(content, source)
    with pytest.raises(CheckpointError) as told:
        exported(source, "huggingface", tmp_path / "out")
    assert told.value.code == "checkpoint_broken"


def test_a_job_tells_its_events_without_turns(tmp_path, checkpoint_of):
    control = Control()
    events = list(events_of(export_job(checkpoint_of("char"), "huggingface", tmp_path / "a", control=control), control))
    assert [type(event) for event in events[-1:]] == [Exported]
    writing = [event for event in events if isinstance(event, Progress) and event.what.startswith("Writing")]
    assert [event.done for event in writing] == sorted({event.done for event in writing})
    assert writing[-1].done == writing[-1].total


def test_what_a_killed_export_left_is_removed_by_the_next(tmp_path, checkpoint_of, exported, ended_process):
    place = tmp_path / "exports"
    (place / f".another.{ended_process}.0123abcd.part").mkdir(parents=True)
    exported(checkpoint_of("char"), "nanogpt", place / "model")
    assert [path.name for path in place.iterdir()] == ["model"]
