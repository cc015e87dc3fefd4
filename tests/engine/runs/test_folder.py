import json
from datetime import datetime

import pytest

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError
from engine.core.event_json import as_json
from engine.core.events import Progress, Sample
from engine.runs.folder import RunFolder, checkpoint_at, default_name, remember_folder, remembered_folders
from tests.fake_events import step


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def test_a_run_without_out_dir_gets_a_folder_of_its_own_each_time(home):
    config = TrainConfig(dataset="my notes/2", n_layer=2, n_head=2, n_embd=128)
    first, second = RunFolder.new(config), RunFolder.new(config)
    assert first.path.parent == second.path.parent == home / "runs"
    assert first.path.name.startswith("my-notes-2-2x128-20")
    assert second.path.name == first.path.name + "-2"
    assert first.read_config() == TrainConfig.of(config.as_dict(), {"out_dir": str(first.path)})


def test_a_relative_out_dir_is_in_the_working_directory(tmp_path):
    assert RunFolder.new(TrainConfig(out_dir="out-toy")).path == tmp_path / "out-toy"


@pytest.mark.parametrize("name", ["ckpt.pt", "best.pt"])
def test_a_folder_with_a_checkpoint_is_refused_and_left_alone(tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_bytes(b"precious")
    with pytest.raises(CheckpointError) as told:
        RunFolder.new(TrainConfig(out_dir="out"))
    assert told.value.code == "run_exists"
    for way in ("--init_from=resume --out_dir=out", "another --out_dir", "--overwrite=True"):
        assert way in told.value.fix
    assert [f.name for f in (tmp_path / "out").iterdir()] == [name]


def test_overwriting_keeps_the_old_run_beside_the_new(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ckpt.pt").write_bytes(b"old")
    (tmp_path / "out" / "mine.txt").write_text("not the run's")
    run = RunFolder.new(TrainConfig(out_dir="out", overwrite=True))
    assert not run.has_checkpoint
    assert (run.path / "mine.txt").exists()
    assert (tmp_path / "out (replaced)" / "ckpt.pt").read_bytes() == b"old"


def test_a_leftover_record_without_checkpoint_does_not_mix_with_a_new_run():
    before = RunFolder.new(TrainConfig(out_dir="out"))
    before.append(step(0))
    before.close()
    run = RunFolder.new(TrainConfig(out_dir="out"))
    assert list(run.events()) == []


def test_an_out_dir_that_is_a_file_is_told(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CheckpointError) as told:
        RunFolder.new(TrainConfig(out_dir="out"))
    assert told.value.code == "bad_out_dir"


def test_settings_of_another_version_are_left_out_and_bad_ones_told():
    run = RunFolder.new(TrainConfig(n_layer=2))
    values = json.loads(run.config_path.read_text())
    run.config_path.write_text(json.dumps(values | {"wandb_log": True}))
    assert run.read_config().n_layer == 2
    run.config_path.write_text(json.dumps(values | {"n_layer": "two"}))
    with pytest.raises(CheckpointError, match="cannot be used") as told:
        run.read_config()
    assert "n_layer" in told.value.cause


def test_what_goes_to_the_trash_is_only_the_run(tmp_path):
    own = RunFolder.new(TrainConfig())
    assert own.belongings() == [own.path]
    shared = RunFolder.new(TrainConfig(out_dir="."))
    (tmp_path / "thesis.txt").write_text("keep")
    assert sorted(p.name for p in shared.belongings()) == ["config.json", "run.json"]
    alone = RunFolder.new(TrainConfig(out_dir="out-alone"))
    assert alone.belongings() == [alone.path]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "files",
    [
        {"config.json": '{"model_type": "bert"}', "metrics.jsonl": "{}"},
        {"metrics.jsonl": "mine"},
        {"config.json": "[]", "weights.pt": "mine"},
    ],
    ids=str,
)
def test_files_that_no_run_has_written_are_not_moved_away(tmp_path, files, overwrite):
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(CheckpointError) as told:
        RunFolder.new(TrainConfig(out_dir=str(tmp_path), overwrite=overwrite))
    assert told.value.code in ("out_dir_foreign", "run_exists")
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == files


def test_samples_are_read_as_such_whatever_else_stands_among_them(tmp_path):
    run = RunFolder(tmp_path)
    run.append(Sample(iter_num=5, prompt="", text="One"))
    run.close()
    with run.samples_path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(as_json(step(6))) + "\n")
    assert [sample.text for sample in run.samples()] == ["One"]


def test_folders_elsewhere_are_remembered_once_and_those_of_the_runs_folder_never(home, tmp_path):
    elsewhere = [tmp_path / "b", tmp_path / "a"]
    for path in (*elsewhere, home / "runs" / "own", *elsewhere):
        remember_folder(path)
    assert remembered_folders() == elsewhere
    assert len((home / "runs" / "elsewhere.jsonl").read_text("utf-8").splitlines()) == 2


def test_a_line_that_tells_of_no_folder_is_passed_over(home, tmp_path, caplog):
    remember_folder(tmp_path / "a")
    with (home / "runs" / "elsewhere.jsonl").open("a", encoding="utf-8") as file:
        file.write('7\n"not/absolute"\n{torn\n"/with\\u0000nothing"\n')
    assert remembered_folders() == [tmp_path / "a"]
    assert "a line is passed over" in caplog.text


def test_a_run_is_named_for_its_text_its_shape_and_the_day():
    day = datetime.now().date().isoformat()
    assert default_name(TrainConfig(dataset="my text/über", n_layer=3, n_embd=96)) == f"my-text-über-3x96-{day}"
    assert default_name(TrainConfig(dataset="...")).startswith("run-")
    assert len(default_name(TrainConfig(dataset="x" * 200))) == 80 + len(f"-6x384-{day}")


def test_a_name_and_a_note_are_kept_on_the_card():
    run = RunFolder.new(TrainConfig())
    run.rename("  The Third ")
    run.write_note(" Worth a look.\n")
    card = run.card()
    assert (card["name"], card["note"]) == ("The Third", "Worth a look.")
    assert datetime.fromisoformat(card["created"]).tzinfo is not None


def test_a_path_names_the_latest_checkpoint_of_its_run(tmp_path):
    assert checkpoint_at(tmp_path / "any.pt") == tmp_path / "any.pt"
    assert checkpoint_at(tmp_path) is None
    (tmp_path / "ckpt.pt").touch()
    assert checkpoint_at(tmp_path) == tmp_path / "ckpt.pt"
    (tmp_path / "best.pt").touch()
    assert checkpoint_at(tmp_path) == tmp_path / "ckpt.pt"


def test_only_its_own_files_are_those_of_a_run(tmp_path):
    for name in ("ckpt.pt", "mine.pt", "metrics.jsonl", "run.json", "thesis.txt", "run.lock"):
        (tmp_path / name).touch()
    (tmp_path / "folder.pt").mkdir()
    assert {path.name for path in RunFolder(tmp_path).files()} == {"ckpt.pt", "mine.pt", "metrics.jsonl", "run.json"}
    assert RunFolder(tmp_path / "none").files() == []


def test_progress_is_not_recorded(tmp_path):
    run = RunFolder(tmp_path)
    run.append(Progress(what="Reading", done=1, total=2, unit="bytes"))
    assert not run.metrics_path.exists()


@pytest.mark.parametrize("files", [{"old.pt": "weights"}, {"run.json": '{"created": "2026"}', "metrics.jsonl": ""}])
def test_what_a_run_or_nanogpt_has_written_may_be_set_aside(tmp_path, files):
    for name, content in files.items():
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / name).write_text(content, "utf-8")
    run = RunFolder.new(TrainConfig(out_dir=str(tmp_path / "out"), overwrite=True))
    assert {path.name for path in (tmp_path / "out (replaced)").iterdir()} == set(files)
    assert set(remembered_folders()) == {run.path, tmp_path / "out (replaced)"}
