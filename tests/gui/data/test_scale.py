"""The scale of a text, in words: what the best run reached on it, or what to expect of a first one."""

from datetime import UTC, datetime
from pathlib import Path

from engine.datasets.quality import Ladder, Rung
from engine.runs.run_summary import RunSummary
from gui.data.scale import verdict

LADDER = Ladder("mine", (Rung("random", "", 10.83, 4.84), Rung("bigram", "", 5.29, 2.37)), 0.5)


def run(dataset):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return RunSummary(
        name="a", path=Path("/a"), status="finished", created=now, modified=now, dataset=dataset, best_val_loss=4.8
    )


def test_a_run_in_other_tokens_of_the_text_is_not_passed_over():
    assert verdict(LADDER, (), ("mine_bpe",)).startswith("Nothing was trained on this text yet.")
    assert verdict(LADDER, (run("mine_bpe"),), ("mine_bpe",)).startswith("No run has learned it in these tokens yet.")
    assert verdict(LADDER, (run("another"),), ("mine_bpe",)).startswith("Nothing was trained on this text yet.")
