"""Exporting: where it goes, what it leaves alone, and that nothing counts as done that computes something else."""

import json

import pytest
import torch

from engine.cli.main import main
from engine.core.errors import CheckpointError, DataError, SettingError, TrainingError
from engine.core.events import Exported, Progress
from engine.core.jobs import Control, events_of
from engine.exports import huggingface, nanogpt
from engine.exports.formats import FORMATS, suggested_name
from engine.exports.job import export_job
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.training.trainer import Trainer

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


def test_nanogpts_checkpoint_has_its_keys_and_none_of_ours(tmp_path, checkpoint_of, tokenizer_of, exported):
    source = checkpoint_of("char")
    exported(source, "nanogpt", tmp_path / "out")
    content = torch.load(tmp_path / "out" / "ckpt.pt", weights_only=True)
    assert list(content) == ["model", "optimizer", "model_args", "iter_num", "best_val_loss", "config"]
    assert content["config"]["dataset"] == "toy"
    assert "patience" not in content["config"]
    saved = checkpoint.load(source)
    assert all(torch.equal(content["model"][name], saved.model[name]) for name in saved.model)
    assert (tmp_path / "out" / "meta.pkl").exists()


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


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_others_wrote_is_never_replaced(tmp_path, checkpoint_of, overwrite, exported):
    source = checkpoint_of("char")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "novel.txt").write_text("Chapter 1", "utf-8")
    (tmp_path / "novel.gguf").write_text("Chapter 1", "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    for form, name in (("huggingface", "theirs"), ("nanogpt", "link"), ("gguf", "novel.gguf"), ("nanogpt", "run-char")):
        with pytest.raises(SettingError) as told:
            exported(source, form, tmp_path / name, overwrite=overwrite)
        assert told.value.code == ("dest_foreign" if overwrite else "dest_exists")
    assert (tmp_path / "theirs" / "novel.txt").read_text("utf-8") == "Chapter 1"
    assert (tmp_path / "novel.gguf").read_text("utf-8") == "Chapter 1"


@pytest.mark.parametrize("form", NAMES)
def test_an_earlier_export_is_replaced_only_when_asked(tmp_path, checkpoint_of, form, exported):
    source, dest = checkpoint_of("char"), tmp_path / "out.gguf"
    exported(source, form, dest)
    before = dest.stat().st_ino
    with pytest.raises(SettingError):
        exported(source, form, dest)
    assert dest.stat().st_ino == before
    exported(source, form, dest, overwrite=True)
    assert dest.stat().st_ino != before
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["out.gguf", "run-char"]


def test_a_file_in_a_folder_gets_the_runs_name(tmp_path, checkpoint_of, exported):
    (tmp_path / "models").mkdir()
    done = exported(checkpoint_of("char"), "gguf", tmp_path / "models", outtype="q8_0")
    assert done.path == str(tmp_path / "models" / "run-char-q8_0.gguf")
    assert suggested_name("A run: of mine/", "huggingface") == "A-run-of-mine-huggingface"


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


def test_nanogpts_settings_are_typed_as_its_configurator_demands(tmp_path, checkpoint_of):
    content = nanogpt.content(checkpoint.load(checkpoint_of("char")))
    assert type(content["config"]["dropout"]) is float
    assert type(content["config"]["grad_clip"]) is float


def test_the_command_prints_the_figures(tmp_path, checkpoint_of, capsys):
    source = checkpoint_of("char")
    wanted = ["export", "--out_dir", str(source.parent), "--format", "gguf", str(tmp_path / "m.gguf")]
    assert main([*wanted, "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["event"] == "exported"
    assert last["tokens_equal"] == last["tokens"]
    assert main(wanted) == 2  # taken by now
    assert main([*wanted, "--overwrite=True"]) == 0
    assert "likeliest tokens the same" in capsys.readouterr().out
    assert main([*wanted[:3], "--format", "ggfu", "x"]) == 2
    assert "Did you mean gguf?" in capsys.readouterr().err


def test_a_job_tells_its_events_without_turns(tmp_path, checkpoint_of):
    control = Control()
    events = list(events_of(export_job(checkpoint_of("char"), "huggingface", tmp_path / "a", control=control), control))
    assert [type(event) for event in events[-1:]] == [Exported]
    writing = [event for event in events if isinstance(event, Progress) and event.what.startswith("Writing")]
    assert [event.done for event in writing] == sorted({event.done for event in writing})
    assert writing[-1].done == writing[-1].total


def test_nanogpt_goes_on_with_adamw_where_a_run_was_trained_with_muon(tmp_path, toy_config):
    config = toy_config(optimizer="muon")
    for _ in Trainer(config).run():
        pass
    saved = checkpoint.load(RunFolder(config.out_dir).checkpoint)
    assert saved.optimizer["momentum"]
    content = nanogpt.content(saved)
    assert list(content["optimizer"]) == ["state", "param_groups"]
    model = saved.build_model()
    parameters = list(model.parameters())
    groups = [[p for p in parameters if p.dim() >= 2], [p for p in parameters if p.dim() < 2]]
    optimizer = torch.optim.AdamW([{"params": group} for group in groups], lr=1e-3)
    optimizer.load_state_dict(content["optimizer"])
    model(torch.arange(8)[None], torch.arange(8)[None]).backward()
    optimizer.step()
    assert {p.shape for p in optimizer.state} == {p.shape for p in parameters}
