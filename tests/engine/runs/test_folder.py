import json

import pytest

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError
from engine.core.events import Checkpoint, Eval, Finished, Paused, Sample, Started, Step, Token, as_json
from engine.runs.folder import RunFolder, remember_folder
from engine.runs.listing import list_runs, summary


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def started(iter_num=0, **more):
    values = {
        "run_dir": "r",
        "parameters": 1234,
        "device": "cpu",
        "dtype": "float32",
        "tokens_per_iter": 1024,
        "estimate": {"total": 5},
        "iter_num": iter_num,
        "max_iters": 100,
        "train_tokens": 10,
        "val_tokens": 5,
        "val_bytes": 15,
        "vocab_size": 65,
    }
    return Started(**values | more)


def step(iter_num, loss=3.0, grad_norm=1.0):
    return Step(
        iter_num=iter_num, loss=loss, lr=1e-3, grad_norm=grad_norm, step_ms=10.0, tokens_per_s=1e5, memory_bytes=1
    )


def evaluation(iter_num, val_loss, best=True):
    return Eval(
        iter_num=iter_num, train_loss=val_loss - 0.1, val_loss=val_loss, bits_per_byte=val_loss / 2, is_best=best
    )


def finished(iter_num, reason="done"):
    return Finished(reason=reason, iter_num=iter_num, best_val_loss=2.0, seconds=12.5, peak_memory_bytes=1)


def record(run, *events):
    for event in events:
        run.append(event)
    run.close()


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
    record(RunFolder.new(TrainConfig(out_dir="out")), step(0), step(10))
    run = RunFolder.new(TrainConfig(out_dir="out"))
    assert list(run.events()) == []


def test_an_out_dir_that_is_a_file_is_told(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CheckpointError) as told:
        RunFolder.new(TrainConfig(out_dir="out"))
    assert told.value.code == "bad_out_dir"


def test_events_come_back_as_they_went_in_and_samples_apart():
    run = RunFolder.new(TrainConfig())
    told = [started(), step(0), evaluation(0, 4.0), Checkpoint(iter_num=0, path="p", kind="best")]
    sample = Sample(iter_num=0, prompt="\n", text="\nWhat ho! «ψ»")
    record(run, *told, sample, Token(sample=0, tokens=1, text="x", token=1, probability=0.5, tokens_per_s=1.0))
    assert list(run.events()) == [as_json(event) for event in told]
    assert list(run.samples()) == [as_json(sample)]


def test_a_number_json_cannot_write_is_null():
    run = RunFolder.new(TrainConfig())
    record(run, step(0, grad_norm=float("inf")))
    assert "Infinity" not in run.metrics_path.read_text()
    assert next(run.events())["grad_norm"] is None


def test_torn_and_unreadable_lines_spoil_nothing_else():
    run = RunFolder.new(TrainConfig())
    record(run, step(0))
    with run.metrics_path.open("ab") as file:
        file.write(b'\xff\xfe nonsense\n[1]\n{"event": "step", "iter_num": 10, "lo')
    record(run, step(20))
    assert [row["iter_num"] for row in run.events()] == [0, 20]


def test_cutting_back_leaves_each_iteration_once():
    run = RunFolder.new(TrainConfig())
    record(run, started(), evaluation(0, 4.0), Sample(iter_num=0, prompt="", text="a"))
    record(run, *[step(i) for i in range(0, 60, 10)], evaluation(50, 3.0), Sample(iter_num=50, prompt="", text="b"))
    record(run, Paused(iter_num=55), finished(55, "stopped"))
    run.cut_back(iter_num=50, evaluated=0)
    assert [(r["event"], r["iter_num"]) for r in run.events()] == [
        ("started", 0),
        ("eval", 0),
        *[("step", i) for i in range(0, 50, 10)],
    ]
    assert [r["text"] for r in run.samples()] == ["a"]
    record(run, step(50))
    assert [r["iter_num"] for r in run.events() if r["event"] == "step"] == [0, 10, 20, 30, 40, 50]


def test_cutting_back_at_a_stop_keeps_what_was_evaluated_there():
    run = RunFolder.new(TrainConfig())
    record(run, step(40), evaluation(50, 3.0), finished(50, "stopped"), Sample(iter_num=50, prompt="", text="b"))
    run.cut_back(iter_num=50, evaluated=50)
    assert [r["event"] for r in run.events()] == ["step", "eval", "finished"]
    assert len(list(run.samples())) == 1


def test_settings_of_another_version_are_left_out_and_bad_ones_told():
    run = RunFolder.new(TrainConfig(n_layer=2))
    values = json.loads(run.config_path.read_text())
    run.config_path.write_text(json.dumps(values | {"wandb_log": True}))
    assert run.read_config().n_layer == 2
    run.config_path.write_text(json.dumps(values | {"n_layer": "two"}))
    with pytest.raises(CheckpointError, match="cannot be used") as told:
        run.read_config()
    assert "n_layer" in told.value.cause


def test_the_summary_says_how_far_it_came():
    run = RunFolder.new(TrainConfig(max_iters=100))
    record(run, started(), evaluation(0, 4.0), step(0), evaluation(50, 2.0), step(90), evaluation(100, 2.5, best=False))
    record(run, finished(100))
    run.checkpoint.write_bytes(b"x" * 1000)
    told = summary(run.path)
    assert (told.status, told.iter_num, told.max_iters) == ("finished", 100, 100)
    assert (told.best_val_loss, told.val_loss, told.train_loss) == (2.0, 2.5, 2.4)
    assert (told.bits_per_byte, told.seconds, told.parameters) == (1.0, 12.5, 1234)
    assert told.has_checkpoint
    assert 1000 < told.bytes_on_disk < 10_000


@pytest.mark.parametrize(
    ("last", "status"),
    [(finished(9, "stopped"), "stopped"), (finished(9, "early_stop"), "finished"), (Paused(iter_num=9), "paused")],
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


def test_what_goes_to_the_trash_is_only_the_run(tmp_path):
    own = RunFolder.new(TrainConfig())
    assert own.belongings() == [own.path]
    shared = RunFolder.new(TrainConfig(out_dir="."))
    (tmp_path / "thesis.txt").write_text("keep")
    assert sorted(p.name for p in shared.belongings()) == ["config.json", "run.json"]
    alone = RunFolder.new(TrainConfig(out_dir="out-alone"))
    assert alone.belongings() == [alone.path]


def test_of_a_run_of_twenty_thousand_iterations_few_lines_are_parsed(monkeypatch):
    run = RunFolder.new(TrainConfig())
    lines = [json.dumps(as_json(step(i))) for i in range(20_000)]
    lines[10_000:10_000] = [json.dumps(as_json(evaluation(i, 3.0))) for i in range(0, 20_000, 250)]
    run.metrics_path.write_text(json.dumps(as_json(started())) + "\n" + "\n".join(lines) + "\n")
    parse, parsed = json.loads, []
    monkeypatch.setattr("json.loads", lambda line, **options: parsed.append(line) or parse(line, **options))
    told = summary(run.path)
    assert (told.iter_num, told.best_val_loss, told.parameters) == (19_999, 3.0, 1234)
    assert 80 <= len(parsed) < 100  # the evaluations, and the last of each other kind
