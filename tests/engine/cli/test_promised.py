"""What a run is promised to reach, where commands tell it."""

import difflib
import json
from pathlib import Path

import pytest

from engine.cli.promised import promised
from engine.core.config import TrainConfig
from engine.datasets.prepare import prepare
from tests.engine.cli.hands import json_lines

PLANNED = ("--recipe=quick", "--dataset=sherlock", "--max_iters=400", "--device=cpu")


def test_an_estimate_of_a_quick_run_says_what_it_should_reach(engine):
    code, out, _ = engine("estimate", *PLANNED)
    assert code == 0
    assert "bits per byte at its end (" in out
    (row,) = json_lines(engine("estimate", *PLANNED, "--json")[1])
    told = row["promise"]
    assert 1.5 < told["low"] < told["bits_per_byte"] < told["high"] < 4.0
    assert f"About {told['bits_per_byte']:.1f}" in out


@pytest.mark.parametrize("other", [("--recipe=guide",), ("--learning_rate=1",), ("--max_iters=10000000",)])
def test_of_other_runs_nothing_is_said(engine, other):
    code, out, _ = engine("estimate", *PLANNED, *other)
    assert code == 0
    assert "at its end" not in out
    assert json.loads(engine("estimate", *PLANNED, *other, "--json")[1])["promise"] is None


@pytest.mark.parametrize("changes", [{"init_from": "resume"}, {"eval_only": True}])
def test_what_goes_on_or_is_only_scored_is_promised_nothing(changes):
    assert promised(TrainConfig.of({"recipe": "quick", "dataset": "sherlock"}, changes)) is None


def test_it_is_said_before_training_begins(engine, tmp_path, toy_run):
    """The folder is another run's, so that nothing is trained."""
    source = tmp_path / "mine.txt"
    source.write_text(Path(difflib.__file__).read_text("utf-8"), "utf-8")
    prepare(str(source), name="mine")
    planned = ("--recipe=quick", "--dataset=mine", "--max_iters=400", "--device=cpu", f"--out_dir={toy_run.path}")
    code, _, err = engine("train", *planned)
    assert code == 3
    assert "bits per byte at its end (" in err
    told = [row for row in json_lines(engine("train", *planned, "--json")[1]) if row["event"] == "promise"]
    assert [row.keys() >= {"bits_per_byte", "low", "high", "counted"} for row in told] == [True]
