import shutil
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import torch

from engine.core.errors import CheckpointError, DataError, TrainingError
from engine.core.events import (
    Checkpoint,
    Step,
)
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.machine.device import Device
from engine.planning.estimate import memory_estimate
from engine.runs import checkpoint
from engine.runs.continuation import make_latest, resumed_config
from engine.runs.folder import RunFolder
from engine.runs.pretrained import read_model
from engine.tokens.batches import TokenFile
from engine.training.session import Session
from engine.training.trainer import Trainer
from tests.engine.training.hands import (
    train,
)
from tests.fake_events import evaluation, finished


@pytest.fixture
def opened():
    """Open sessions, and close them at the end."""
    sessions = []

    def open_session(config):
        sessions.append(Session(config, dataset(config.dataset), Device()))
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()


def test_a_fresh_run_begins_at_the_beginning(toy_config, toy_dataset, opened):
    config = toy_config()
    session = opened(config)
    assert (session.iter_num, session.best_val_loss, session.saved_at) == (0, None, None)
    assert RunFolder(config.out_dir).read_config() == config
    started = session.started()
    assert started.run_dir == config.out_dir
    assert started.parameters == session.learner.model.parameter_count()
    assert started.estimate == memory_estimate(config, toy_dataset.vocab_size).as_dict()
    assert (started.train_tokens, started.val_tokens) == (toy_dataset.train_tokens, toy_dataset.val_tokens)


def test_an_auto_dtype_becomes_one_that_the_run_goes_on_in(toy_config, opened):
    config = toy_config(dtype="auto")
    session = opened(config)
    assert session.started().dtype in ("float32", "bfloat16")
    assert RunFolder(config.out_dir).read_config().dtype == session.started().dtype


def test_what_is_saved_is_taken_up_again(toy_config, opened):
    config = toy_config()
    session = opened(config)
    for iter_num in range(3):
        list(session.learner.update(iter_num, session.train_tokens))
    session.iter_num, session.evaluated, session.best_val_loss = 3, 2, 2.25
    (told,) = session.save()
    assert (told.iter_num, told.kind, Path(told.path)) == (3, "latest", RunFolder(config.out_dir).checkpoint)
    assert session.saved_at == 3
    session.close()
    again = opened(resumed_config(config.out_dir, {}))
    assert (again.iter_num, again.evaluated, again.best_val_loss, again.saved_at) == (3, 2, 2.25, 3)
    for name, tensor in session.learner.model.state_dict().items():
        assert tensor.equal(again.learner.model.state_dict()[name])


def test_a_fine_tuned_run_that_saved_nothing_yet_begins_with_its_model_again(toy_run, toy_config, opened, tmp_path):
    config = toy_config(init_from=str(toy_run.path), out_dir=str(tmp_path / "tuned"))
    opened(config).close()
    again = opened(resumed_config(config.out_dir, {}))
    learned = read_model(str(toy_run.path)).build_model().state_dict()
    for name, tensor in again.learner.model.state_dict().items():
        assert tensor.equal(learned[name])
    assert RunFolder(config.out_dir).read_config() == config


def test_the_best_is_kept_beside_the_latest(toy_config, opened):
    config = toy_config()
    session = opened(config)
    session.iter_num = 5
    session.begin_save(best=True)
    session.wait_for_save()
    assert [told.kind for told in session.saves_done()] == ["latest", "best"]
    session.iter_num = 6
    session.save()
    run = RunFolder(config.out_dir)
    assert (checkpoint.load(run.checkpoint).iter_num, checkpoint.load(run.best).iter_num) == (6, 5)


def test_a_checkpoint_is_of_the_moment_it_was_asked_for(toy_config, opened):
    session = opened(toy_config())
    session.iter_num = 1
    before = {name: tensor.clone() for name, tensor in session.learner.model.state_dict().items()}
    session.begin_save()
    for iter_num in range(5):  # training goes on while it is written
        list(session.learner.update(iter_num, session.train_tokens))
    session.wait_for_save()
    session.saves_done()
    saved = checkpoint.load(session.run.checkpoint)
    assert all(tensor.equal(saved.model[name]) for name, tensor in before.items())


def test_a_run_with_one_checkpoint_left_goes_on_from_that(toy_run):
    toy_run.checkpoint.unlink()
    best = checkpoint.load(toy_run.best).iter_num
    session = Session(resumed_config(str(toy_run.path), {}), dataset("toy"), Device())
    session.close()
    assert session.iter_num == best


@pytest.mark.parametrize("part", ["train.bin", "val.bin"])
def test_both_parts_must_hold_a_block(toy_config, toy_dataset, part, tmp_path):
    tokens = {name: len(TokenFile(Path(toy_dataset.folder) / name, 99)) for name in ("train.bin", "val.bin")}
    fits = min(tokens.values()) - 1
    if part == "val.bin":
        with pytest.raises(DataError, match="validation part"):
            Session(toy_config(block_size=fits + 1), dataset("toy"), Device())
    else:
        with pytest.raises(DataError, match="training part"):
            Session(toy_config(block_size=tokens[part]), dataset("toy"), Device())
    assert not (tmp_path / "out").exists()
    session = Session(toy_config(block_size=fits), dataset("toy"), Device())
    session.close()


def test_where_memory_is_short_a_save_takes_none_and_is_done_at_once(toy_config, opened, monkeypatch):
    session = opened(toy_config())
    saved = session._state()
    list(session.learner.update(0, session.train_tokens))
    session.iter_num = 1
    available = 2 * saved.size - 1
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=available))
    monkeypatch.setattr(checkpoint.Saved, "copied", lambda _: pytest.fail("a copy was made"))
    session.begin_save()
    assert not session.is_saving
    assert checkpoint.load(session.run.checkpoint).iter_num == 1


def trained_without(config, take_away):
    """Train to the end, and take something away once when the last checkpoint was told."""
    waiting = [take_away]
    for event in Trainer(config).run():
        if waiting and isinstance(event, Checkpoint) and event.iter_num == config.max_iters:
            waiting.pop()()


@pytest.mark.parametrize("lost", [["ckpt.pt"], ["config.json"], ["ckpt.pt", "config.json"]], ids=str)
def test_what_is_deleted_while_a_run_trains_is_written_again_at_its_end(toy_config, lost):
    config = toy_config()
    run = RunFolder(config.out_dir)
    trained_without(config, lambda: [(run.path / name).unlink() for name in lost])
    assert checkpoint.load(run.checkpoint).iter_num == config.max_iters
    assert run.read_config() == config


def test_a_folder_that_is_deleted_is_written_again(toy_config):
    config = toy_config()
    run = RunFolder(config.out_dir)
    trained_without(config, lambda: shutil.rmtree(run.path))
    assert checkpoint.load(run.checkpoint).iter_num == config.max_iters
    assert resumed_config(config.out_dir, {}).max_iters == config.max_iters


def test_a_folder_that_cannot_be_written_again_is_told(toy_config):
    config = toy_config()
    run = RunFolder(config.out_dir)

    def put_something_else_there():
        shutil.rmtree(run.path)
        run.path.write_text("something else", "utf-8")

    with pytest.raises(TrainingError, match="gone, and cannot be written again") as told:
        trained_without(config, put_something_else_there)
    assert told.value.code == "not_saved"


def test_resuming_takes_the_settings_of_the_run_but_what_is_given_again(toy_config):
    config = toy_config(weight_decay=0.3)
    train(config)
    again = resumed_config(config.out_dir, {"max_iters": 20, "dropout": 0.1})
    assert (again.weight_decay, again.n_embd, again.max_iters, again.dropout) == (0.3, 16, 20, 0.1)
    assert again.init_from == "resume"
    train(again)
    assert RunFolder(config.out_dir).read_config().dropout == 0.1
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).args.dropout == 0.1


def test_a_folder_of_nanogpts_own_goes_on(toy_config, tmp_path):
    config = toy_config()
    train(config)
    content = torch.load(RunFolder(config.out_dir).checkpoint, weights_only=True)
    del content["understudy"]
    content["config"] |= {"device": "cuda:3", "compile": True, "wandb_log": True, "init_from": "scratch"}
    folder = tmp_path / "nanogpt"
    folder.mkdir()
    torch.save(content, folder / "ckpt.pt")
    again = resumed_config(str(folder), {"max_iters": 14})
    assert (again.device, again.compile, again.n_embd, again.max_iters) == ("auto", False, 16, 14)
    assert [e.iter_num for e in train(again) if isinstance(e, Step)] == [12, 13]


def test_a_model_of_other_tokens_is_no_beginning(toy_run, toy_config, tmp_path):
    (tmp_path / "more.txt").write_text("Überall dieselben Zeichen, nur andere. 12345\n" * 100, "utf-8")
    prepare(str(tmp_path / "more.txt"), name="more", tokenizer="char")
    config = toy_config(init_from=str(toy_run.path), dataset="more", out_dir=str(tmp_path / "tuned"))
    with pytest.raises(CheckpointError, match="not those of the dataset more"):
        Session(config, dataset("more"), Device())
    assert not (tmp_path / "tuned").exists()


def test_a_run_tells_its_limit_in_seconds(toy_config, opened):
    assert opened(toy_config(minutes=2.0)).started(7.0).time_limit == 120.0


@pytest.mark.parametrize(
    ("iter_num", "has_best", "name"),
    [(2, True, "best"), (2, False, "latest"), (3, True, "latest"), (4, True, "latest")],
)
def test_the_checkpoint_before_a_fault_is_the_latest_unless_that_was_taken_too_late(
    toy_config, opened, iter_num, has_best, name
):
    session = opened(toy_config())
    session.iter_num = 3
    session.begin_save(best=has_best)
    session.wait_for_save()
    session.saves_done()
    assert session.checkpoint_before(iter_num) == name


def test_before_anything_is_saved_the_checkpoint_before_is_the_latest(toy_config, opened):
    assert opened(toy_config()).checkpoint_before(0) == "latest"


def test_the_room_that_checkpoints_may_take_is_four_of_them_less_what_is_there(toy_config, opened):
    session = opened(toy_config())
    estimate = session.estimate
    whole = session.disk_needed
    assert whole == 4 * (estimate.weights + estimate.optimizer)
    session.save()
    assert session.disk_needed == max(0, whole - session.run.checkpoint.stat().st_size)


def test_a_chosen_checkpoint_becomes_the_latest_and_what_was_the_latest_the_previous_one(toy_config, opened):
    session = opened(toy_config())
    run = session.run
    for number in (1, 2):
        session.iter_num = number
        session.begin_save(best=number == 1)
        session.wait_for_save()
        session.saves_done()
    make_latest(run.best, run)
    assert (checkpoint.load(run.checkpoint).iter_num, checkpoint.load(run.path / "previous.pt").iter_num) == (1, 2)
    make_latest(run.best, run)  # it is so already
    assert checkpoint.load(run.path / "previous.pt").iter_num == 2
    assert not list(run.path.glob(".*.tmp"))


def test_what_a_killed_process_had_half_written_is_removed(toy_run):
    torn = toy_run.path / ".ckpt.pt.tmp"
    torn.write_bytes(b"half")
    kept = {path.name for path in toy_run.path.iterdir()} - {torn.name}
    toy_run.remove_leftovers()
    assert {path.name for path in toy_run.path.iterdir()} == kept


def test_evaluations_before_an_early_stop_count_no_more(toy_config, opened):
    session = opened(toy_config())
    evals = [evaluation(at, 3.0) for at in (5, 10, 15)]
    for event in (evals[0], finished("stopped"), evals[1], finished("early_stop"), evals[2]):
        session.record(event)
    assert session.earlier_evals() == evals[2:]


def test_a_run_that_goes_on_in_another_text_says_so(toy_run, tmp_path, toy_text, opened):
    session = opened(resumed_config(str(toy_run.path), {}))
    assert session.notices() == []
    session.close()
    path = tmp_path / "toy.txt"
    path.write_text(toy_text[::-1], "utf-8")
    prepare(str(path), name="other", tokenizer="char")
    (notice,) = opened(resumed_config(str(toy_run.path), {"dataset": "other"})).notices()
    assert notice.code == "data_changed"


def test_what_cannot_be_done_here_is_noticed(toy_config, opened):
    session = opened(toy_config(compile=True))
    assert [notice.code for notice in session.notices()] == ["not_compiled"]
    session.device.notice, session.device.reason = "No GPU.", "cpu: alone has room"
    notices = {notice.code: notice for notice in session.notices()}
    assert list(notices) == ["device_replaced", "device_chosen", "not_compiled"]
    assert (notices["device_replaced"].severity, notices["device_chosen"].severity) == ("warning", "info")
