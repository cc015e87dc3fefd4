import json

import pytest

from engine.core.config import TrainConfig
from engine.core.event_json import as_json
from engine.core.events import Paused
from engine.runs.folder import RunFolder, remember_folder
from engine.runs.listing import list_runs, summary
from tests.fake_events import evaluation, finished, started, step


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def record(run, *events):
    for event in events:
        run.append(event)
    run.close()


def test_the_summary_says_how_far_it_came():
    run = RunFolder.new(TrainConfig(max_iters=100))
    record(
        run, started(), evaluation(0, 4.0), step(0), evaluation(50, 2.0), step(90), evaluation(100, 2.5, is_best=False)
    )
    record(run, finished("done", 100))
    run.checkpoint.write_bytes(b"x" * 1000)
    told = summary(run.path)
    assert (told.status, told.iter_num, told.max_iters) == ("finished", 100, 100)
    assert (told.best_val_loss, told.val_loss, told.train_loss) == (2.0, 2.5, 2.4)
    assert (told.bits_per_byte, told.seconds, told.parameters) == (2.0, 12.0, 6_849_152)
    assert told.has_checkpoint
    assert 1000 < told.bytes_on_disk < 10_000


@pytest.mark.parametrize(
    ("last", "status"),
    [(finished("stopped", 9), "stopped"), (finished("early_stop", 9), "finished"), (Paused(iter_num=9), "paused")],
)
def test_the_status_is_the_last_event_s(last, status):
    run = RunFolder.new(TrainConfig())
    record(run, started(), step(0), last)
    assert summary(run.path).status == status
    record(run, step(10))
    assert summary(run.path).status == "interrupted"
    assert summary(run.path).train_loss == 3.0


def test_a_new_run_is_empty_until_something_happens():
    assert summary(RunFolder.new(TrainConfig()).path).status == "empty"


def test_names_and_notes_are_kept_and_do_not_make_a_run_newer():
    run = RunFolder.new(TrainConfig())
    before = summary(run.path)
    run.rename("  The long night ")
    run.write_note("dropout helped")
    after = summary(run.path)
    assert (after.name, after.note) == ("The long night", "dropout helped")
    assert (after.created, after.modified) == (before.created, before.modified)
    run.rename("")
    assert summary(run.path).name == run.path.name


def test_every_run_is_listed_the_damaged_and_the_foreign_too(tmp_path, home):
    good = RunFolder.new(TrainConfig())
    elsewhere = RunFolder.new(TrainConfig(out_dir="out-far"))
    damaged = RunFolder.new(TrainConfig())
    damaged.config_path.write_text("{")
    (home / "runs" / "from-nanogpt").mkdir()
    (home / "runs" / "from-nanogpt" / "ckpt.pt").write_bytes(b"zip")
    (tmp_path / "opened").mkdir()
    (tmp_path / "opened" / "ckpt.pt").write_bytes(b"zip")
    remember_folder(tmp_path / "opened")
    remember_folder(tmp_path / "gone")
    status = {run.path: run.status for run in list_runs()}
    assert status == {
        good.path: "empty",
        elsewhere.path: "empty",
        damaged.path: "damaged",
        home / "runs" / "from-nanogpt": "foreign",
        tmp_path / "opened": "foreign",
    }
    assert "cannot be read" in summary(damaged.path).problem


def test_no_runs_yet_is_an_empty_list():
    assert list_runs() == []


def test_of_a_run_of_twenty_thousand_iterations_few_lines_are_parsed(monkeypatch):
    run = RunFolder.new(TrainConfig())
    lines = [json.dumps(as_json(step(i))) for i in range(20_000)]
    lines[10_000:10_000] = [json.dumps(as_json(evaluation(i, 3.0))) for i in range(0, 20_000, 250)]
    run.metrics_path.write_text(json.dumps(as_json(started())) + "\n" + "\n".join(lines) + "\n")
    parse, parsed = json.loads, []
    monkeypatch.setattr("json.loads", lambda line, **options: parsed.append(line) or parse(line, **options))
    told = summary(run.path)
    assert (told.iter_num, told.best_val_loss, told.parameters) == (19_999, 3.0, 6_849_152)
    assert 80 <= len(parsed) < 100  # the evaluations, and the last of each other kind
