import json
import os

import pytest

from engine.core.config import TrainConfig
from engine.core.event_json import as_json
from engine.core.events import Paused, Sample
from engine.runs.folder import RunFolder, remember_folder
from engine.runs.listing import list_runs, summary
from tests.as_anyone import shut
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


BEYOND = "9" * 401


def whole_run(name):
    """Return a run in the runs folder, with a step and its end."""
    run = RunFolder.new(TrainConfig(dataset=name))
    record(run, started(), step(0), finished("done", 10))
    return run


def edited(file, before, after):
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")


DAMAGES = {
    "a folder for config.json": lambda run: (run.config_path.unlink(), run.config_path.mkdir()),
    "a pipe for config.json": lambda run: (run.config_path.unlink(), os.mkfifo(run.config_path)),
    "an integer of 401 digits": lambda run: edited(run.config_path, '"max_iters": 5000', f'"max_iters": {BEYOND}'),
    "nested a thousand deep": lambda run: run.config_path.write_text("[" * 1000 + "]" * 1000),
    "half a character": lambda run: edited(run.config_path, '"dataset": "', '"dataset": "\\ud800'),
    "a folder for metrics.jsonl": lambda run: (run.metrics_path.unlink(), run.metrics_path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_run_is_listed_with_why_and_hides_no_other(damage):
    damaged, good = whole_run("a"), whole_run("b")
    damage(damaged)
    found = {run.path: run for run in list_runs()}
    assert found[damaged.path].status == "damaged"
    assert str(damaged.path) in found[damaged.path].problem
    assert found[good.path].status == "finished"


ODDITIES = {
    "begun in the year 1": lambda run: (run.path / "run.json").write_text('{"created": "0001-01-01T00:00:00+14:00"}'),
    "a reason that is a list": lambda run: edited(run.metrics_path, '"reason": "done"', '"reason": ["x"]'),
    "a loss of 401 digits": lambda run: edited(run.metrics_path, '"loss": 3.0', f'"loss": -{BEYOND}'),
    "a lock of pid -1": lambda run: (run.path / "run.lock").write_text('{"pid": -1, "began": 1, "host": "x"}'),
    "a pipe for a lock": lambda run: os.mkfifo(run.path / "run.lock"),
    "a date beyond the calendar": lambda run: os.utime(run.metrics_path, (2**40, 2**40)),
}


@pytest.mark.parametrize("oddity", ODDITIES.values(), ids=ODDITIES)
def test_what_is_odd_in_a_run_is_passed_over(oddity):
    odd, good = whole_run("a"), whole_run("b")
    oddity(odd)
    found = {run.path: run for run in list_runs()}
    assert found.keys() == {odd.path, good.path}
    assert found[odd.path].status in ("finished", "interrupted")
    assert found[odd.path].created.astimezone().year >= 1970
    assert found[good.path].status == "finished"


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_run_that_may_not_be_opened_is_listed_with_why(tmp_path, elsewhere):
    refused = RunFolder.new(TrainConfig(out_dir=str(tmp_path / "mine") if elsewhere else ""))
    good = whole_run("b")
    with shut(refused.path):
        found = {run.path: run for run in list_runs()}
    assert found[refused.path].status == "damaged"
    assert "may not be opened" in found[refused.path].problem
    assert found[good.path].status == "finished"


@pytest.mark.parametrize(
    "line", [b'"/tmp/\xff"', b"\0", b'"/a\\u0000b"', b'"\\ud800"', b"[" * 5000, b"7", b'"not/whole"']
)
def test_what_is_no_folder_in_the_list_of_those_elsewhere_is_passed_over(tmp_path, line, home):
    one, other = (RunFolder.new(TrainConfig(out_dir=str(tmp_path / name))) for name in ("one", "other"))
    lines = (home / "runs" / "elsewhere.jsonl").read_bytes().splitlines()
    (home / "runs" / "elsewhere.jsonl").write_bytes(b"\n".join([lines[0], line, lines[1], b""]))
    assert {run.path for run in list_runs()} == {one.path, other.path}


def test_runs_that_may_not_be_listed_are_not_said_to_be_none(home):
    whole_run("a")
    with shut(home / "runs"), pytest.raises(PermissionError):
        list_runs()


def test_a_folder_that_was_made_and_nothing_more_is_an_empty_run(home):
    (home / "runs" / "new").mkdir(parents=True)
    assert [run.status for run in list_runs()] == ["empty"]


def test_no_runs_yet_is_an_empty_list():
    assert list_runs() == []


def test_of_a_run_of_twenty_thousand_iterations_few_lines_are_parsed(monkeypatch):
    run = RunFolder.new(TrainConfig())
    lines = [json.dumps(as_json(step(i))) for i in range(20_000)]
    lines[10_000:10_000] = [json.dumps(as_json(evaluation(i, 3.0))) for i in range(0, 20_000, 250)]
    run.metrics_path.write_text(json.dumps(as_json(started())) + "\n" + "\n".join(lines) + "\n")
    parse, parsed = json.JSONDecoder.decode, []
    monkeypatch.setattr("json.JSONDecoder.decode", lambda self, line: parsed.append(line) or parse(self, line))
    told = summary(run.path)
    assert (told.iter_num, told.best_val_loss, told.parameters) == (19_999, 3.0, 6_849_152)
    assert len(parsed) < 10  # the last of each kind, and the evaluation with the lowest loss


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n\n  ROMEO:\nO, speak", "ROMEO: O, speak"),
        ("\ufffd\x00 q\tw\x1b[31m", "q w [31m"),
        ("\ud800", ""),
        ("x" * 500, "x" * 120),
    ],
)
def test_the_summary_has_the_beginning_of_what_was_written_last(text, line):
    run = RunFolder.new(TrainConfig())
    record(run, started(), Sample(iter_num=0, prompt="", text="noise"), Sample(iter_num=9, prompt="", text=text))
    assert summary(run.path).written == line


def test_a_record_of_samples_that_cannot_be_read_hides_nothing():
    run = RunFolder.new(TrainConfig())
    record(run, started(), evaluation(5, 2.0))
    run.samples_path.mkdir()
    told = summary(run.path)
    assert (told.written, told.best_val_loss) == ("", 2.0)
