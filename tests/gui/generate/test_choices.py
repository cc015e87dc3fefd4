"""The checkpoints there are to write with."""

from datetime import UTC, datetime

from engine.core.config import TrainConfig
from engine.runs.folder import RunFolder
from engine.runs.listing import RunSummary
from engine.runs.same_weights import WeightMarks
from gui.generate.choices import (
    CheckpointChoice,
    about_run,
    block_size_of,
    checkpoint_choices,
    opened_choice,
    others_than,
)


def run(path, **more):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return RunSummary(**{"name": path.name, "path": path, "status": "finished", "created": now, "modified": now} | more)


def test_checkpoints_are_listed_best_before_latest(tmp_path):
    for name, files in {"new": ("best.pt", "ckpt.pt"), "old": ("ckpt.pt",), "empty": ()}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).touch()
    runs = [run(tmp_path / "new", best_val_loss=1.876, iter_num=2000), run(tmp_path / "empty"), run(tmp_path / "old")]
    assert [choice.label for choice in checkpoint_choices(runs, WeightMarks())] == [
        "new – best",
        "new – latest, iteration 2,000",
        "old – latest",
    ]
    assert opened_choice(tmp_path / "old" / "ckpt.pt").label == "old – ckpt.pt"


def test_a_run_is_described_without_saying_twice_what_its_name_says(tmp_path):
    named = run(tmp_path / "a", name="Alice in Wonderland, Sunday 09:10", dataset="alice", best_val_loss=1.876)
    assert about_run(named).startswith("Best loss 1.88  ·  ")
    assert "Alice" not in about_run(named)
    assert "Alice in Wonderland" in about_run(run(tmp_path / "mine", dataset="alice"))


def test_how_far_a_model_looks_back_is_read_from_its_run(tmp_path):
    made = RunFolder.new(TrainConfig(block_size=96))
    made.write_config(TrainConfig(block_size=96))
    assert block_size_of(made.best) == 96
    assert block_size_of(tmp_path / "elsewhere" / "ckpt.pt") is None


def test_the_same_weights_are_never_offered_twice_to_compare_with(tmp_path):
    best, latest, other, again, unknown, gone = (
        CheckpointChoice(tmp_path / name, name, "", weights=weights)
        for name, weights in [("best", (1,)), ("latest", (1,)), ("b", (2,)), ("b2", (2,)), ("u", None), ("g", None)]
    )
    choices = [best, latest, other, again, unknown, gone]
    assert others_than(best, choices) == others_than(latest, choices) == [other, unknown, gone]
    assert others_than(again, choices) == [best, unknown, gone]
    assert others_than(unknown, choices) == [best, other, gone]


def test_a_file_under_two_names_is_one_checkpoint(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "ckpt.pt").write_bytes(b"weights")
    (tmp_path / "linked.pt").symlink_to(tmp_path / "run" / "ckpt.pt")
    listed = checkpoint_choices([run(tmp_path / "run")], WeightMarks())
    assert others_than(opened_choice(tmp_path / "linked.pt"), listed) == []
