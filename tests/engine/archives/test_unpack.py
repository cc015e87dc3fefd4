import gzip
import io
import json
import os
import random
import tarfile
import zlib
from pathlib import Path

import pytest

from engine.archives.pack import pack_job
from engine.archives.unpack import unpack_job
from engine.core.errors import CheckpointError, DataError, TrainingError
from engine.core.events import Packed, Step, Unpacked
from engine.core.jobs import Control, events_of
from engine.core.paths import datasets_dir, home, runs_dir
from engine.core.untrusted_archives import MOST_MEMBERS
from engine.core.untrusted_files import LONGEST
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.training.trainer import Trainer
from tests.as_anyone import shut
from tests.engine.archives.hands import members, packed, runs_here, unpacked


def go_on(folder, max_iters):
    return list(Trainer(resumed_config(str(folder), {"max_iters": max_iters})).run())[-1]


def test_a_run_comes_back_as_it_went_and_goes_on_as_it_would_have(toy_run, archive):
    back = unpacked(archive)
    assert back == Unpacked(run_dir=str(runs_dir() / "out"), name="out", dataset="toy", reused=True, iter_num=12)
    other = RunFolder(back.run_dir)
    for name in ("ckpt.pt", "best.pt", "metrics.jsonl", "samples.jsonl"):
        assert (other.path / name).read_bytes() == (toy_run.path / name).read_bytes()
    assert go_on(toy_run.path, 16).best_val_loss == go_on(other.path, 16).best_val_loss
    ours, theirs = (checkpoint.load(run.checkpoint).model for run in (toy_run, other))
    assert all(ours[name].equal(tensor) for name, tensor in theirs.items())
    assert unpacked(archive).run_dir == str(runs_dir() / "out-2")  # nothing is replaced


def test_a_model_takes_its_teacher_along(toy_run, tmp_path):
    train_on = resumed_config(str(toy_run.path), {"generations": 2, "max_iters": 24, "eval_interval": 3})
    control = Control()
    for event in Trainer(train_on, control).run():
        if isinstance(event, Step) and event.iter_num == 16:
            control.stop()
    back = unpacked(packed(toy_run, tmp_path / "away.tar.gz").path)
    assert RunFolder(back.run_dir).teacher.read_bytes() == toy_run.teacher.read_bytes()
    ends = [go_on(folder, 24) for folder in (toy_run.path, back.run_dir)]
    assert ends[0].best_val_loss == ends[1].best_val_loss
    assert ends[0].iter_num == 24


def test_a_machine_that_has_not_the_text_gets_it(archive, monkeypatch, tmp_path, toy_run):
    before = dataset("toy")
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "another"))
    back = unpacked(archive)
    assert (back.dataset, back.reused) == ("toy", False)
    here = dataset("toy")
    assert here.folder.parent == datasets_dir()
    assert here.fingerprint == before.fingerprint
    assert here.train_path.read_bytes() == before.train_path.read_bytes()
    assert (here.folder / "meta.pkl").exists()  # for nanoGPT; made here, not brought
    assert go_on(back.run_dir, 14).reason == "done"
    assert [path.name for path in home().glob(".*")] == []


def test_another_text_of_the_same_name_is_left_alone(archive, monkeypatch, tmp_path):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "another"))
    (tmp_path / "other.txt").write_text("quite another text, of other words.\n" * 60, "utf-8")
    prepare(str(tmp_path / "other.txt"), name="toy", tokenizer="char")
    other = dataset("toy")
    back = unpacked(archive)
    assert (back.dataset, back.reused) == ("toy-2", False)
    assert dataset("toy").fingerprint == other.fingerprint
    assert RunFolder(back.run_dir).read_config().dataset == "toy-2"
    assert go_on(back.run_dir, 13).reason == "done"


def test_no_room_is_told_before_anything_is_written(toy_run, archive, tmp_path, monkeypatch):
    full = type("Usage", (), {"free": 100})
    monkeypatch.setattr("shutil.disk_usage", lambda _path: full)
    with pytest.raises(TrainingError) as told:
        packed(toy_run, tmp_path / "b.tar.gz")
    assert told.value.code == "disk_full"
    assert not (tmp_path / "b.tar.gz").exists()
    with pytest.raises(TrainingError):
        unpacked(archive)
    assert not runs_here()


@pytest.mark.parametrize("job", [pack_job, unpack_job])
def test_a_stop_leaves_nothing_behind(toy_run, archive, tmp_path, job):
    control = Control()
    control.stop()
    steps = (
        job(toy_run.path, tmp_path / "new" / "c.tar.gz", control=control)
        if job is pack_job
        else job(archive, control=control)
    )
    assert [event for event in events_of(steps, control) if isinstance(event, Packed | Unpacked)] == []
    assert not list((tmp_path / "new").glob("*")) + list(home().glob(".*")) + runs_here()


def plain(name, content=b"{}"):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return info, content


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


UNSAFE = {
    "absolute": [plain("/tmp/understudy.json")],
    "upwards": [plain("out/run/../../../ckpt.pt")],
    "backslash": [plain("out\\..\\ckpt.pt")],
    "symlink": [special("out/run", tarfile.SYMTYPE, "/tmp")],
    "hardlink": [special("out/run/ckpt.pt", tarfile.LNKTYPE, "/etc/passwd")],
    "device": [special("out/run/ckpt.pt", tarfile.CHRTYPE)],
    "fifo": [special("out/run/ckpt.pt", tarfile.FIFOTYPE)],
    "twice": [plain("out/run/config.json"), plain("other/run/config.json")],
    "long text": [plain("out/run/config.json", b" " * (LONGEST + 1))],
    "many": [plain(f"out/{number}") for number in range(MOST_MEMBERS + 1)],
}


@pytest.mark.parametrize("case", UNSAFE)
def test_an_archive_that_is_not_safe_is_refused_as_a_whole(tmp_path, case):
    path = tmp_path / "bad.tar.gz"
    with tarfile.open(path, "w:gz") as made:
        for info, content in [plain("out/understudy.json", b'{"format": 1}'), *UNSAFE[case]]:
            made.addfile(info, io.BytesIO(content))
    with pytest.raises(DataError) as told:
        unpacked(path)
    assert told.value.code == "archive_unsafe"
    assert not home().exists()


@pytest.mark.parametrize("made", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero"), lambda path: None])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path, made):
    made(tmp_path / "a.tar.gz")
    with pytest.raises(DataError) as told:
        unpacked(tmp_path / "a.tar.gz")
    assert told.value.code == "archive_unreadable"
    assert str(tmp_path / "a.tar.gz") in told.value.cause or "/dev/zero" in told.value.cause
    assert not home().exists()


def test_an_archive_that_may_not_be_read_is_told_of_as_such(archive):
    with shut(archive), pytest.raises(DataError) as told:
        unpacked(archive)
    assert f"{archive}: Permission denied" in told.value.cause


def rewritten(archive, changes):
    """Return a copy of an archive with the content of some members changed; None leaves one out."""
    path = archive.with_name("changed.tar.gz")
    with tarfile.open(path, "w:gz") as made:
        for name, content in members(archive).items():
            if (content := changes.get(name, content)) is not None:
                made.addfile(*(lambda pair: (pair[0], io.BytesIO(pair[1])))(plain(name, content)))
    return path


def without_sums(archive):
    """Return the change that makes an archive one of before its manifest held sums."""
    manifest = json.loads(members(archive)["out/understudy.json"])
    del manifest["sums"]
    return {"out/understudy.json": json.dumps(manifest).encode()}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"out/understudy.json": None}, "archive_unreadable"),
        ({"out/understudy.json": b"no json"}, "archive_unreadable"),
        ({"out/understudy.json": b'{"format": 2}'}, "archive_unreadable"),
        ({"out/run/config.json": b"{"}, "bad_config"),
        ({"out/run/ckpt.pt": b"no checkpoint"}, "checkpoint_damaged"),
        ({"out/datasets/toy/train.bin": b"odd"}, "damaged_dataset"),
    ],
)
def test_an_archive_whose_run_cannot_be_opened_leaves_nothing(archive, changes, code):
    before = dataset("toy").fingerprint
    with pytest.raises((DataError, CheckpointError)) as told:
        unpacked(rewritten(archive, without_sums(archive) | changes))
    assert told.value.code == code
    assert "changed.tar.gz" in told.value.message
    assert ".part" not in str(told.value)
    assert ".unpacked" not in str(told.value)
    assert not runs_here() + list(home().glob(".*"))
    assert dataset("toy").fingerprint == before


def stays_out(archive):
    """Refuse an archive as a whole, in words."""
    with pytest.raises((DataError, CheckpointError)) as told:
        unpacked(archive)
    assert told.value.code in ("archive_unreadable", "archive_unsafe")
    assert not runs_here() + list(home().glob(".*"))


def test_no_flipped_bit_is_taken_in(archive):
    content, draw = archive.read_bytes(), random.Random(4)
    header = content.index(b"\0", 10) + 1  # the date and the name of the gzip file say nothing of what is in it
    for _ in range(60):
        broken = bytearray(content)
        broken[draw.randrange(header, len(content))] ^= 1 << draw.randrange(8)
        archive.write_bytes(broken)
        if not is_the_same_inside(broken, content):
            stays_out(archive)


def is_the_same_inside(broken, content):
    """Tell whether a bit was flipped that means nothing: deflate fills its stored blocks up to whole bytes."""
    try:
        return gzip.decompress(broken) == gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return False


@pytest.mark.parametrize(
    "place", ["run/ckpt.pt", "run/metrics.jsonl", "datasets/toy/train.bin", "datasets/toy/val.bin"]
)
def test_a_file_that_was_changed_inside_is_known_by_its_sum(archive, place):
    content = members(archive)[f"out/{place}"]
    stays_out(rewritten(archive, {f"out/{place}": content[:-1] + bytes([content[-1] ^ 1])}))
    stays_out(rewritten(archive, {f"out/{place}": None}))


def test_a_file_that_was_added_is_not_taken(archive):
    best = members(archive)["out/run/best.pt"]
    manifest = json.loads(members(archive)["out/understudy.json"])
    del manifest["sums"]["run/best.pt"]
    stays_out(rewritten(archive, {"out/understudy.json": json.dumps(manifest).encode(), "out/run/best.pt": best}))


def test_an_archive_of_before_there_were_sums_is_opened(archive):
    sums = json.loads(members(archive)["out/understudy.json"])["sums"]
    assert set(sums) >= {"run/ckpt.pt", "datasets/toy/train.bin", "run/config.json", "requirements.txt"}
    path = rewritten(archive, without_sums(archive))
    content = bytearray(path.read_bytes())
    assert unpacked(path).name == "out"
    content[-6] ^= 1  # gzip's own checksum
    path.write_bytes(content)
    with pytest.raises(DataError) as told:
        unpacked(path)
    assert told.value.code == "archive_unreadable"


def test_what_goes_on_after_its_end_is_not_read_for_ever(archive):
    path = archive.with_name("long.tar.gz")
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(gzip.decompress(archive.read_bytes()) + bytes(2**20 + 1))
    stays_out(path)


@pytest.mark.parametrize("content", [b"", b"no archive at all", None])
def test_a_file_that_is_no_archive_is_told(archive, content):
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2] if content is None else content)
    with pytest.raises(DataError) as told:
        unpacked(archive)
    assert told.value.code == "archive_unreadable"


def test_programs_in_an_archive_are_not_taken(archive):
    path = rewritten(archive, {"out/engine/__init__.py": b"raise SystemExit"})
    unpacked(path)
    assert not list(home().rglob("*.py"))


def test_the_same_archive_unpacked_again_makes_no_other_dataset(archive, monkeypatch, tmp_path):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "another"))
    (tmp_path / "toy.txt").write_text("Another text, of the same name.\n" * 100)
    prepare(str(tmp_path / "toy.txt"), tokenizer="char", name="toy")
    names = [(back.dataset, back.reused) for back in (unpacked(archive), unpacked(archive), unpacked(archive))]
    assert names == [("toy-2", False), ("toy-2", True), ("toy-2", True)]
    assert sorted(os.listdir(datasets_dir())) == ["toy", "toy-2"]


def test_what_a_killed_unpacking_left_is_removed_by_the_next(archive, ended_process):
    left = home() / f".unpacked.{ended_process}.0123abcd.part"
    (left / "run").mkdir(parents=True)
    unpacked(archive)
    assert not left.exists()


def test_what_is_unpacked_is_safe_on_the_disk_to_its_last_byte(archive, synced):
    before = set(runs_here())
    unpacked(archive)
    (run,) = set(runs_here()) - before
    files = [(run / name).stat() for name in ("ckpt.pt", "samples.jsonl")]
    assert {there.st_ino: there.st_size for there in files}.items() <= synced.items()


def test_what_is_no_archive_at_all_is_not_called_damaged(tmp_path):
    text = tmp_path / "README.md"
    text.write_text("# A text\n" * 50)
    with pytest.raises(DataError) as caught:
        unpacked(text)
    assert "does not begin" in caught.value.cause
