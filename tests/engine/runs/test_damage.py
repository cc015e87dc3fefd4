"""Checkpoints that were cut, changed or made up: told in words, never believed, never run."""

import io
import os
import pickle
import shutil
import struct
import zipfile

import pytest
import torch

from engine.cli.main import main
from engine.core.errors import CheckpointError, UnderstudyError
from engine.core.events import Started, Step
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.training.trainer import Trainer


def truncated(data, tenth):
    return data[: len(data) * tenth // 10]


def flipped(data, tenth):
    at = min(len(data) - 1, len(data) * tenth // 10 + 7)
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


def zeros(data, tenth):
    return bytes(len(data) * tenth // 10)


@pytest.mark.parametrize("damage", [truncated, zeros])
def test_a_damaged_checkpoint_is_named_and_the_previous_one_offered(toy_run, damage, capsys):
    whole = toy_run.checkpoint.read_bytes()
    for tenth in range(10):
        toy_run.checkpoint.write_bytes(damage(whole, tenth))
        with pytest.raises(CheckpointError) as told:
            checkpoint.load(toy_run.checkpoint)
        assert told.value.code == "checkpoint_damaged"
        assert str(toy_run.checkpoint) in told.value.message
        assert told.value.fixes[0].changes == {"resume_from": "previous"}
        assert "--resume_from=previous" in told.value.fix
        assert main(["train", "--init_from=resume", f"--out_dir={toy_run.path}"]) == 3
        assert "damaged" in capsys.readouterr().err


def records(data):
    """Yield where the bytes of each record of a checkpoint are."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for record in archive.infolist():
            name, extra = struct.unpack("<HH", data[record.header_offset + 26 : record.header_offset + 30])
            begin = record.header_offset + 30 + name + extra
            yield range(begin, begin + record.file_size)


def test_a_flipped_bit_is_found_in_every_record(toy_run):
    whole = toy_run.checkpoint.read_bytes()
    for place in filter(len, records(whole)):
        at = place[len(place) // 2]
        toy_run.checkpoint.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(CheckpointError, match="damaged"):
            checkpoint.load(toy_run.checkpoint)


def test_what_can_be_read_after_a_flip_anywhere_is_what_was_written(toy_run):
    whole, expected = toy_run.checkpoint.read_bytes(), checkpoint.load(toy_run.checkpoint)
    for tenth in range(10):
        toy_run.checkpoint.write_bytes(flipped(whole, tenth))
        try:
            saved = checkpoint.load(toy_run.checkpoint)
        except CheckpointError:
            continue
        assert all(torch.equal(tensor, saved.model[name]) for name, tensor in expected.model.items())


def test_the_run_goes_on_from_the_previous_checkpoint(toy_run):
    previous = checkpoint.load(toy_run.path / "previous.pt")
    toy_run.checkpoint.write_bytes(truncated(toy_run.checkpoint.read_bytes(), 5))
    with pytest.raises(CheckpointError) as told:
        list(Trainer(resumed_config(str(toy_run.path), {})).run())
    events = list(Trainer(resumed_config(str(toy_run.path), dict(told.value.fixes[0].changes))).run())
    assert next(event for event in events if isinstance(event, Started)).iter_num == previous.iter_num == 10
    assert checkpoint.load(toy_run.checkpoint).iter_num == 12
    assert checkpoint.load(toy_run.path / "previous.pt").iter_num == 10
    steps = [event.iter_num for event in toy_run.events() if isinstance(event, Step)]
    assert steps == list(range(12))


def test_going_back_to_the_best_keeps_what_was_latest_as_previous(toy_run):
    latest = checkpoint.load(toy_run.checkpoint)
    toy_run.best.unlink()
    shutil.copy(toy_run.path / "previous.pt", toy_run.best)  # an earlier one, for the sake of the test
    best = checkpoint.load(toy_run.best)
    run = Trainer(resumed_config(str(toy_run.path), {"resume_from": "best"})).run()
    assert next(run).iter_num == best.iter_num < latest.iter_num
    run.close()
    assert checkpoint.load(toy_run.checkpoint).iter_num == best.iter_num
    assert checkpoint.load(toy_run.path / "previous.pt").iter_num == latest.iter_num
    assert resumed_config(str(toy_run.path), {}).resume_from == "latest"


def test_only_whole_checkpoints_are_offered(toy_run):
    for path in (toy_run.checkpoint, toy_run.path / "previous.pt", toy_run.best):
        path.write_bytes(b"not a checkpoint")
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(toy_run.checkpoint)
    assert told.value.fixes == ()


class Payload:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_malicious_pickle_runs_nothing(toy_run, tmp_path, zipped):
    ran = tmp_path / "ran"
    content = {"model": Payload(ran), "model_args": {}, "iter_num": 0, "config": {}}
    torch.save(content, toy_run.checkpoint, _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(toy_run.checkpoint)
    assert told.value.code == "checkpoint_damaged"
    assert main(["train", "--init_from=resume", f"--out_dir={toy_run.path}"]) == 3
    assert not ran.exists()
    torch.load(toy_run.checkpoint, weights_only=False)
    assert ran.exists(), "the payload would have run"


def test_a_bare_pickle_runs_nothing(toy_run, tmp_path):
    toy_run.checkpoint.write_bytes(pickle.dumps(Payload(tmp_path / "ran")))
    with pytest.raises(CheckpointError):
        checkpoint.load(toy_run.checkpoint)
    assert not (tmp_path / "ran").exists()


def changed(path, change):
    """Load a checkpoint as torch does, change it, and write it back."""
    content = torch.load(path, weights_only=True)
    change(content)
    torch.save(content, path)


def giant(content):
    content["model_args"] |= {"n_embd": 2**14, "vocab_size": 2**24, "n_layer": 2**20}


def giant_of_one_number(content):
    content["model"]["lm_head.weight"] = torch.zeros(1).expand(2**20, 2**14)


def giant_moments(content):
    content["optimizer"]["state"][0]["exp_avg"] = torch.zeros(1).expand(2**20, 2**14)


def wrong_moments(content):
    content["optimizer"]["state"][0]["exp_avg"] = torch.zeros(3)


def no_optimizer(content):
    content["optimizer"] = [1, 2, 3]


def no_groups(content):
    content["optimizer"]["param_groups"] = [{}]


def whole_numbers(content):
    content["model"] = {name: tensor.long() for name, tensor in content["model"].items()}


def other_names(content):
    content["model"] = {f"x.{name}": tensor for name, tensor in content["model"].items()}


def negative(content):
    content["iter_num"] = -5


def endless(content):
    content["iter_num"] = 10**30


CLAIMS = (giant, giant_of_one_number, giant_moments, wrong_moments, no_optimizer, no_groups)
NONSENSE = (whole_numbers, other_names, negative, endless)


def test_sizes_and_shapes_are_checked_before_they_are_believed(toy_run):
    whole, record = toy_run.checkpoint.read_bytes(), toy_run.metrics_path.read_bytes()
    config = resumed_config(str(toy_run.path), {"max_iters": 20})
    for change in CLAIMS + NONSENSE:
        toy_run.checkpoint.write_bytes(whole)
        changed(toy_run.checkpoint, change)
        with pytest.raises(CheckpointError) as told:
            list(Trainer(config).run())
        assert told.value.exit_code == 3, change
        assert toy_run.metrics_path.read_bytes() == record, change


@pytest.mark.parametrize(
    ("change", "why"), [(giant, "weights in a file of"), (giant_of_one_number, "numbers and does not hold them")]
)
def test_what_a_checkpoint_claims_is_held_against_its_file(toy_run, change, why):
    changed(toy_run.checkpoint, change)
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(toy_run.checkpoint)
    assert why in f"{told.value.message} {told.value.cause}"


def test_a_compressed_checkpoint_is_refused_before_it_unpacks(toy_run):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10**7))
    toy_run.checkpoint.write_bytes(bomb.getvalue())
    with pytest.raises(CheckpointError, match="compressed"):
        checkpoint.load(toy_run.checkpoint)


def test_a_run_without_a_checkpoint_begins_again(toy_run, toy_config):
    reference = checkpoint.load(toy_run.checkpoint)
    for path in (toy_run.checkpoint, toy_run.path / "previous.pt", toy_run.best):
        path.unlink()
    list(Trainer(resumed_config(str(toy_run.path), {})).run())
    again = checkpoint.load(toy_run.checkpoint)
    assert again.iter_num == reference.iter_num
    assert all(torch.equal(tensor, again.model[name]) for name, tensor in reference.model.items())
    assert [event.iter_num for event in toy_run.events() if isinstance(event, Step)] == list(range(12))


def test_an_empty_folder_is_no_run(tmp_path):
    with pytest.raises(UnderstudyError) as told:
        list(Trainer(resumed_config(str(tmp_path), {})).run())
    assert told.value.code == "checkpoint_missing"
    assert RunFolder(tmp_path).files() == []
