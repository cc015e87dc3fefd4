"""The record of a run on disk: metrics.jsonl and samples.jsonl."""

import json
import math

import pytest

from engine.core.event_json import as_json
from engine.core.events import Checkpoint, Eval, Finished, Paused, Sample, Started, Step, Token
from engine.runs.folder import RunFolder
from engine.runs.record import FORMAT, RecordScan, read_events
from tests.fake_events import evaluation, finished, started, step


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path)


def record(run, *events):
    for event in events:
        run.append(event)
    run.close()


def numbered(run):
    return [(type(event), event.iter_num) for event in run.events()]


def test_events_come_back_as_they_went_in_and_samples_apart(run):
    told = [started(), step(0), evaluation(0, 4.0), Checkpoint(iter_num=0, path="p", kind="best")]
    sample = Sample(iter_num=0, prompt="\n", text="\nWhat ho! «ψ»")
    record(run, *told, sample, Token(sample=0, tokens=1, text="x", token=1, probability=0.5, tokens_per_s=1.0))
    assert list(run.events()) == told
    assert list(run.samples()) == [sample]


def test_a_number_json_cannot_write_is_null_and_comes_back_as_none(run):
    record(run, step(0, grad_norm=float("inf")))
    assert json.loads(run.metrics_path.read_text(), parse_constant=pytest.fail)["grad_norm"] is None
    assert math.isnan(next(run.events()).grad_norm)


def test_torn_and_unreadable_lines_spoil_nothing_else(run):
    record(run, step(0))
    with run.metrics_path.open("ab") as file:
        file.write(b'\xff\xfe nonsense\n[1]\n{"event": "step", "iter_num": 10, "lo')
    record(run, step(20))
    assert numbered(run) == [(Step, 0), (Step, 20)]


def test_each_start_says_the_version_of_the_format_and_one_without_it_is_read_as_well(run):
    record(run, started(), step(0))
    first, second = map(json.loads, run.metrics_path.read_text().splitlines())
    assert (first.pop("format"), "format" in second) == (FORMAT, False)
    run.metrics_path.write_text(json.dumps(first) + "\n")
    assert list(run.events()) == [started()]


def test_what_a_newer_version_adds_is_passed_over_said_once_and_kept_on_disk(run, caplog):
    newer = as_json(started()) | {"format": FORMAT + 1, "mood": "good"}
    unknown = {"event": "dream", "iter_num": 3}
    run.metrics_path.write_text("".join(json.dumps(row) + "\n" for row in (newer, unknown, as_json(step(4)))))
    assert list(run.events()) == [started(), step(4)]
    assert [entry.getMessage() for entry in caplog.records] == [
        f"{run.metrics_path} is of a newer version: what is unknown to this one is passed over"
    ]
    run.cut_back(iter_num=4, evaluated=0)
    assert [json.loads(line) for line in run.metrics_path.read_text().splitlines()] == [newer, unknown]


def test_cutting_back_leaves_each_iteration_once(run):
    record(run, started(), evaluation(0, 4.0), Sample(iter_num=0, prompt="", text="a"))
    record(run, *[step(i) for i in range(0, 60, 10)], evaluation(50, 3.0), Sample(iter_num=50, prompt="", text="b"))
    record(run, Paused(iter_num=55), finished("stopped", 55))
    run.cut_back(iter_num=50, evaluated=0)
    assert numbered(run) == [(Started, 0), (Eval, 0), *[(Step, i) for i in range(0, 50, 10)]]
    assert [sample.text for sample in run.samples()] == ["a"]
    record(run, step(50))
    assert numbered(run)[-1] == (Step, 50)


def test_cutting_back_at_a_stop_keeps_what_was_evaluated_there(run):
    record(run, step(40), evaluation(50, 3.0), finished("stopped", 50), Sample(iter_num=50, prompt="", text="b"))
    run.cut_back(iter_num=50, evaluated=50)
    assert numbered(run) == [(Step, 40), (Eval, 50), (Finished, 50)]
    assert len(list(run.samples())) == 1


def test_a_scan_finds_what_a_reading_line_by_line_finds(run):
    record(run, started(), *[step(i) for i in range(10)], evaluation(5, 3.0), evaluation(9, 2.0), finished("done", 10))
    with run.metrics_path.open("ab") as file:
        file.write(b'{"event": "eval", "iter_num": 10, "train')
    scan, events = RecordScan.of(run.metrics_path), list(read_events(run.metrics_path))
    for kind in (Started, Step, Eval, Finished, Paused):
        of_kind = [event for event in events if isinstance(event, kind)]
        assert scan.every(kind) == of_kind
        assert scan.last(kind) == (of_kind[-1] if of_kind else None)
    assert scan.last_of_all() == events[-1]


def test_of_many_events_a_scan_gives_some_all_along(run):
    record(run, *[step(i) for i in range(100)])
    assert [event.iter_num for event in RecordScan.of(run.metrics_path).every(Step, at_most=4)] == [0, 25, 50, 75]


def test_the_ends_of_a_record_are_its_first_and_last_lines_whole(run):
    record(run, started(), *[step(i) for i in range(100)], finished("done", 100))
    line = len(json.dumps(as_json(step(50))))
    ends = RecordScan.ends_of(run.metrics_path, 6 * line)
    kept = [event.iter_num for event in ends.every(Step)]
    assert kept == sorted(kept)
    assert (kept[0], kept[-1]) == (0, 99)
    assert 50 not in kept
    assert (ends.last(Started), ends.last(Finished)) == (started(), finished("done", 100))


def test_the_ends_of_a_short_record_are_all_of_it_once(run):
    record(run, started(), step(0), step(1))
    assert RecordScan.ends_of(run.metrics_path, 10**6).every(Step) == [step(0), step(1)]


def test_a_run_without_a_record_has_no_events(run):
    assert list(run.events()) == list(run.samples()) == []
    assert RecordScan.of(run.metrics_path).last_of_all() is None


def test_an_event_that_stands_inside_another_line_is_none(run):
    torn = b'{"event": "eval", "iter_num": 3, "tr'
    whole = json.dumps(as_json(step(7))).encode()
    run.metrics_path.write_bytes(torn + whole + b"\n" + json.dumps(as_json(step(8))).encode() + b"\n")
    scan = RecordScan.of(run.metrics_path)
    assert scan.every(Step) == [step(8)]
    assert scan.every(Eval) == []
    assert scan.last_of_all() == step(8)


def test_the_last_event_of_all_is_found_above_what_cannot_be_read(run):
    run.metrics_path.write_bytes(json.dumps(as_json(step(1))).encode() + b"\nnothing\n\n{}\n")
    assert RecordScan.of(run.metrics_path).last_of_all() == step(1)
    run.metrics_path.write_bytes(b"nothing\n")
    assert RecordScan.of(run.metrics_path).last_of_all() is None


def test_the_lowest_is_the_first_of_those_that_are_as_low(run):
    low = [evaluation(at, loss) for at, loss in ((0, 3.0), (5, 2.0), (10, 2.0), (15, 2.5))]
    record(run, *low)
    scan = RecordScan.of(run.metrics_path)
    assert scan.lowest(Eval, "val_loss") == low[1]
    assert scan.last(Eval, lambda each: each.val_loss == 2.0) == low[2]
    assert scan.lowest(Step, "loss") is None


def test_text_is_recorded_as_it_is_written(run):
    record(run, Sample(iter_num=1, prompt="", text="ä日🎭\n"))
    assert "ä日🎭" in run.samples_path.read_text("utf-8")
