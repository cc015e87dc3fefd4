"""A long run in the window's own thread: its memory stays level and its events never pile up."""

import random

import psutil
import pytest

from engine.core.config import TrainConfig
from engine.core.events import Checkpoint, Finished, Step
from engine.datasets.prepare import prepare
from gui.kit.engine_thread import EngineThread

ITERATIONS = 20_000


@pytest.fixture
def verse(tmp_path):
    """Prepare a small text as "verse"."""
    words = random.Random(7).choices(["enter", "exit", "king", "queen", "fool", "crown", "speaks", "alone"], k=4000)
    (tmp_path / "verse.txt").write_text("\n".join(words), "utf-8")
    prepare(str(tmp_path / "verse.txt"), name="verse", tokenizer="char")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_thousand_iterations(qtbot, verse, tmp_path, capsys):
    shape = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 16, "batch_size": 2, "sample_tokens": 5}
    often = {"log_interval": 1, "eval_interval": 500, "eval_iters": 2, "checkpoint_minutes": 0.02, "early_stop": False}
    config = TrainConfig(dataset="verse", out_dir=str(tmp_path / "run"), max_iters=ITERATIONS, **shape, **often)
    memory, waiting, saves, ends = {}, [], [], []
    engine = EngineThread()
    process = psutil.Process()

    def see(_job, event):
        waiting.append(len(engine._outcomes))
        if isinstance(event, Step) and event.iter_num % 1000 == 999:
            memory[event.iter_num + 1] = process.memory_info().rss
        elif isinstance(event, Checkpoint):
            saves.append(event.iter_num)
        elif isinstance(event, Finished):
            ends.append(event)

    def job(control):
        from engine.training.trainer import Trainer

        return Trainer(config, control).steps()

    engine.event_arrived.connect(see)
    with qtbot.waitSignal(engine.ended, timeout=1_700_000) as ended:
        engine.submit(job)
    assert engine.shutdown(10)
    assert ended.args[1] is None
    assert ends[0].iter_num == ITERATIONS
    grown = memory[ITERATIONS] - memory[4000]
    with capsys.disabled():
        levels = ", ".join(f"{n}: {rss / 2**20:.1f}" for n, rss in memory.items() if n % 4000 == 0)
        print(f"\nresident memory in MiB by iteration: {levels}; grown since 4000: {grown / 2**20:.2f}")
        print(f"events: {len(waiting)}, at most {max(waiting)} waiting; checkpoints: {len(saves)}")
        print(f"{ends[0].seconds / ITERATIONS * 1e3:.2f} ms an iteration")
    assert grown < 16 * 2**20
    assert max(waiting) < 1000
