"""Each command that writes, killed at each of its changes to the disk: nothing is lost, and nothing is left over.

In `make proofs` those are two hundred kills.
"""

import os
import signal
import sys

import pytest
import torch

from engine.cli.main import main
from engine.datasets.dataset import open_dataset
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.runs.listing import list_runs
from tests.damage import damaged_copy, removed

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="a process of Apple's libraries cannot be forked")

WRITERS = {
    "resume": ["train", "--init_from=resume", "--out_dir=out", "--max_iters=8", "--device=cpu"],
    "train": ["train", "--init_from=./out", "--dataset=toy", "--out_dir=new", "--max_iters=2", "--device=cpu"],
    "prepare another": ["prepare", "toy.txt", "--name=other", "--tokenizer=char"],
    "prepare again": ["prepare", "toy.txt", "--name=toy", "--tokenizer=bpe", "--vocab_size=256"],
    "export": ["export", "another", "--format=huggingface", "--out_dir=out"],
    "export for nanoGPT": ["export", "another", "--format=nanogpt", "--out_dir=out"],
    "export again": ["export", "exported", "--format=huggingface", "--out_dir=out", "--overwrite=True"],
    "export in one file": ["export", "another.gguf", "--format=gguf", "--out_dir=out"],
    "pack": ["pack", "again.tar.gz", "--out_dir=out"],
    "unpack": ["unpack", "away.tar.gz"],
}
ONCE = {"export", "export for nanoGPT", "export in one file", "pack"}
"""What is refused when it stands there whole already."""

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"}
LEFTOVERS = ("*.part", ".*.part*", ".*.tmp", ".*.before")


def run_apart(words, kill_at=None):
    """Run a command in a process of its own, killed just before a change to the disk; whether it was, and the changes.

    A file that is opened to be written counts as changed then, and as changed again when the next change comes.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        with os.fdopen(reader, "rb") as told:
            changes = len(told.read())
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status), changes
    seen = 0

    def hook(event, arguments):
        nonlocal seen
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in CHANGES or writes:
            seen += 1
            os.write(writer, b".")
            if seen == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(hook)
        os._exit(main(words))
    finally:
        os._exit(99)


def fresh(whole, here):
    os.chdir(whole)
    if here.exists():
        removed(here)
    damaged_copy(whole, here, [])
    os.chdir(here)


def weights(run):
    return checkpoint.load(run.checkpoint).model


def require_nothing_lost(here):
    """See that all that was whole before is whole: the run, its records, the texts, what was made of them."""
    run = RunFolder(here / "out")
    assert checkpoint.load(run.best if run.best.exists() else run.checkpoint).iter_num > 0
    assert len(list(run.samples())) >= 2
    assert open_dataset(here / "home" / "datasets" / "bytes").load_tokenizer()
    assert {each.status for each in list_runs()} <= {"finished", "interrupted", "empty"}
    assert (here / "away.tar.gz").stat().st_size > 1000


@pytest.fixture(scope="module")
def undisturbed(whole, tmp_path_factory):
    """Return the weights of the run that was resumed without a kill."""
    here = whole.with_name("here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNDERSTUDY_HOME", str(here / "home"))
        fresh(whole, here)
        assert main(WRITERS["resume"]) == 0
        found = weights(RunFolder(here / "out"))
        os.chdir(whole)
        removed(here)
    return found


def killed_at(whole, here, writer, at, undisturbed):
    """Kill a command, see that nothing is lost, and let it be done again to its end; whether it was killed."""
    fresh(whole, here)
    was_killed, _ = run_apart(WRITERS[writer], at)
    require_nothing_lost(here)
    again = list(WRITERS[writer])
    if writer == "train" and RunFolder(here / "new").has_checkpoint:
        again = ["train", "--init_from=resume", "--out_dir=new", "--device=cpu"]
    assert main(again) in ((0, 2) if writer in ONCE else (0,))
    if writer == "resume":
        after = weights(RunFolder(here / "out"))
        assert all(torch.equal(after[name], tensor) for name, tensor in undisturbed.items())
    left = [path for pattern in LEFTOVERS for path in here.rglob(pattern)]
    assert not left
    return was_killed


@pytest.mark.parametrize("writer", WRITERS)
def test_a_kill_loses_nothing_and_leaves_nothing(whole, here, writer, undisturbed):
    fresh(whole, here)
    _, changes = run_apart(WRITERS[writer])
    assert changes > 3
    late, soon = 2 * changes // 3, changes // 3  # the clock decides how many snapshots there are: late may be too late
    assert any(killed_at(whole, here, writer, at, undisturbed) for at in (late, soon))


@pytest.mark.slow
@pytest.mark.parametrize("writer", WRITERS)
def test_a_kill_at_any_change_loses_nothing_and_leaves_nothing(whole, here, writer, undisturbed):
    fresh(whole, here)
    _, changes = run_apart(WRITERS[writer])
    killed = [killed_at(whole, here, writer, at, undisturbed) for at in range(1, changes + 1)]
    assert sum(killed) > changes - 3  # some, at the end, are only made where it takes longer
