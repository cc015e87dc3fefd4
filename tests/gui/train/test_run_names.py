from datetime import datetime

import pytest

from engine.core.config import TrainConfig
from engine.datasets.prepare import prepare
from engine.runs.folder import RunFolder
from gui.train.run_names import name_new_run, run_name

SATURDAY = datetime(2026, 11, 28, 4, 28)


@pytest.mark.parametrize("tokens", ["", "_bpe2048", "_bpe"])
def test_a_run_is_named_after_its_text_in_whatever_tokens(tokens):
    assert run_name(f"shakespeare_complete{tokens}", SATURDAY) == "Complete Shakespeare, Saturday 04:28"


def test_a_text_of_ones_own_has_its_title(tmp_path):
    (tmp_path / "My diary.txt").write_text("Dear diary.\n" * 50)
    prepare(str(tmp_path / "My diary.txt"), name="diary", tokenizer="char")
    assert run_name("diary_bpe512", SATURDAY) == "My diary, Saturday 04:28"
    assert run_name("gone", SATURDAY) == "gone, Saturday 04:28"


def test_a_run_keeps_the_name_that_it_has():
    run = RunFolder.new(TrainConfig())
    assert name_new_run(run.path, "names", SATURDAY) == "Names, Saturday 04:28"
    assert name_new_run(run.path, "grimm", SATURDAY) == "Names, Saturday 04:28"
    assert run.card()["name"] == "Names, Saturday 04:28"


def test_a_run_in_a_folder_that_a_person_named_is_called_by_it(tmp_path):
    run = RunFolder.new(TrainConfig(out_dir=str(tmp_path / "my run")))
    assert name_new_run(run.path, "names", SATURDAY) == ""
    assert "name" not in run.card()


def test_a_folder_that_has_gone_is_no_trouble(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    assert name_new_run(tmp_path / "home" / "runs" / "gone", "names", SATURDAY) == ""
