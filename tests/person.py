"""A folder of somebody who has used Understudy: one of each file that it writes, by what writes it."""

import os

from engine.archives.pack import pack_job
from engine.core.config import TrainConfig
from engine.core.jobs import Control
from engine.core.paths import runs_dir
from engine.datasets.prepare import prepare
from engine.exports.job import export_job
from engine.planning.calibration import IterationShape, Measurement, store
from engine.planning.choices import DeviceChoice, remember
from engine.planning.own_presets import save_preset
from engine.runs.folder import RunFolder
from engine.runs.index import FILE
from engine.runs.listing import list_runs
from engine.runs.owner import LOCK, RunLock
from engine.training.trainer import Trainer
from tests.engine.conftest import toy_settings

TINY = {"max_iters": 2, "eval_interval": 1, "eval_iters": 1, "sample_tokens": 1}
"""The shortest run in which everything happens."""


def left_by_a_crash(folder):
    """Leave the lock of a process that is gone."""
    lock = RunLock(folder)
    words = (folder / LOCK).read_bytes()
    lock.release()
    (folder / LOCK).write_bytes(words)


def files_of_a_person(root, text):
    """Make one of each file that Understudy writes, by what writes it."""
    play = "".join(f"{'AB'[number % 2]}:\n{line}\n\n" for number, line in enumerate(text.splitlines()))
    (root / "toy.txt").write_text(play, "utf-8")
    for kind, name in (("char", "toy"), ("bpe", "bytes")):
        prepare(str(root / "toy.txt"), name=name, tokenizer=kind, **({"vocab_size": 256} if kind == "bpe" else {}))
    config = TrainConfig.of(toy_settings(root), TINY, {"n_embd": 8, "block_size": 8})
    for changes in ({"out_dir": ""}, {}):
        list(Trainer(config.changed(changes)).run())
    run = RunFolder(root / "out")
    run.rename("a name")
    run.write_note("a note")
    control = Control()
    list(pack_job(run.path, root / "away.tar.gz", control=control))
    list(export_job(run.checkpoint, "huggingface", root / "exported", control=control))
    left_by_a_crash(run.path)
    save_preset("mine", config)
    shape = IterationShape.of(config, 65)
    times = {"seconds_per_iter": 0.01, "low": 0.009, "high": 0.011}
    machine = {"device": "cpu", "dtype": "float32", "torch": "2.13.0", "threads": 1}
    store(Measurement(source="calibration", shape=shape, flops=10**9, **machine, **times))
    remember("a key", DeviceChoice({"cpu": 0.1}))
    for file in root.rglob("*"):
        os.utime(file, (10**9, 10**9))
    assert list_runs()  # which keeps what it read of runs that are older than a moment
    assert (runs_dir() / FILE).is_file()
