"""The checkpoints there are to write with."""

from datetime import UTC, datetime

from engine.core.config import TrainConfig
from engine.runs.folder import RunFolder
from engine.runs.listing import RunSummary
from gui.generate.choices import block_size_of, checkpoint_choices, opened_choice


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
