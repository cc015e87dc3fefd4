import errno
from collections import namedtuple

import pytest

from engine.core.disk import cannot_write, disk_full, is_no_room, require_room
from engine.core.errors import DataError, TrainingError


@pytest.fixture
def room(monkeypatch):
    """Let each disk have a thousand bytes free."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("engine.core.disk.shutil.disk_usage", lambda folder: usage(10_000, 9_000, 1_000))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_known_also_by_what_it_led_to(number):
    full = OSError(number, "full")
    later = RuntimeError("write failed")
    later.__cause__ = full
    assert is_no_room(full)
    assert is_no_room(later)


@pytest.mark.parametrize("error", [None, OSError(errno.EACCES, "no"), RuntimeError("no")])
def test_other_errors_are_no_full_disk(error):
    assert not is_no_room(error)


@pytest.mark.usefixtures("room")
def test_room_is_asked_for_before_anything_is_written_also_where_the_folder_is_yet_to_be_made(tmp_path):
    dest = tmp_path / "not yet" / "model.gguf"
    require_room(dest, 1_000)
    with pytest.raises(TrainingError) as told:
        require_room(dest, 1_001)
    assert told.value.code == "disk_full"
    assert str(tmp_path) in told.value.cause


@pytest.mark.usefixtures("room")
def test_a_full_disk_is_told_with_what_is_needed_and_what_is_free(tmp_path):
    message = disk_full(tmp_path / "ckpt.pt", 5_000_000).message
    assert "ckpt.pt needs 5.0 MB" in message
    assert "0.0 MB are free" in message


def test_a_place_that_takes_nothing_is_told_apart_from_a_full_disk(tmp_path):
    assert cannot_write(tmp_path / "a", OSError(errno.ENOSPC, "full"), 1).code == "disk_full"
    refused = cannot_write(tmp_path / "a", OSError(errno.EACCES, "Permission denied"), 1)
    assert isinstance(refused, DataError)
    assert (refused.code, "Permission denied" in refused.cause) == ("cannot_write", True)


def test_no_checkpoint_is_promised_where_there_is_none(tmp_path):
    assert "--init_from" not in disk_full(tmp_path / "model.gguf", 1).fix
    assert "do it again" in disk_full(tmp_path / "model.gguf", 1).fix
