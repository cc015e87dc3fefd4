import math

import numpy as np
import pytest
import torch

from engine.core.config import TrainConfig
from engine.core.events import Eval, Turn
from engine.core.jobs import Control
from engine.datasets.dataset import dataset
from engine.machine.device import Device
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.tokens.batches import TokenFile
from engine.training.full_memory import MOST_TOKENS, Overlapping, full_memory_loss, share_of_run, tokens_read
from engine.training.learner import Learner
from tests.engine.training.hands import train

CONFIG = TrainConfig(block_size=16, batch_size=4, eval_iters=5, n_embd=16, n_head=2)


def token_file(path, size):
    np.random.default_rng(2).integers(0, 30, size).astype("<u2").tofile(path)
    return TokenFile(path, 30)


def score(model, tokens, control=None, config=CONFIG):
    job, turns = full_memory_loss(Learner(model, config, Device()), tokens, control or Control()), []
    try:
        while True:
            turns.append(next(job))
    except StopIteration as end:
        return end.value, turns


def scored(config):
    return [event for event in train(config) if isinstance(event, Eval)]


def token_by_token(model, ids, block):
    """Return the mean loss where each token is guessed by itself, from the window that it is to be seen from."""
    nats, half = [], block // 2
    for place in range(1, len(ids)):
        start = 0 if place <= block else -(-(place - block) // half) * half
        start = min(start, len(ids) - 1 - block)  # the last window ends with the text
        with torch.no_grad():
            log_p = torch.log_softmax(model.logits(torch.tensor([ids[start:place]]))[0, -1], 0)
        nats.append(-float(log_p[ids[place]]))
    return math.fsum(nats) / len(nats)


@pytest.mark.parametrize("size", [17, 18, 24, 25, 26, 100, 121])
def test_each_token_is_guessed_once_with_at_least_half_a_block_before_it(toy_model, tmp_path, size):
    model, tokens = toy_model(), token_file(tmp_path / "val.bin", size)
    value, turns = score(model, tokens)
    assert value == pytest.approx(token_by_token(model, tokens.tokens.tolist(), 16), rel=1e-5)
    windows = 1 + math.ceil((size - 17) / 8)
    assert turns == [Turn.NEXT] * math.ceil(windows / 4)


@pytest.mark.parametrize("block", [1, 2, 3, 7, 16])
@pytest.mark.parametrize("size", [40, 41, 42, 45])
def test_windows_score_every_token_once_and_those_after_the_first_see_half_a_block(block, size):
    found = Overlapping.over(size, block)
    windows = zip(found.starts.tolist(), found.firsts.tolist(), strict=True)
    scored = [start + place + 1 for start, first in windows for place in range(first, block)]
    assert sorted(scored) == list(range(1, size))
    assert (found.firsts[1:] >= block - max(1, block // 2)).all()
    assert found.starts[-1] + block == size - 1
    assert tokens_read(size, block) == block * len(found.starts)


def test_of_a_long_text_evenly_spread_windows_are_scored():
    found = Overlapping.over(100_000, 16, most_tokens=1600)
    assert len(found.starts) == 100
    assert (found.starts[0], found.starts[-1]) == (0, 100_000 - 17)
    assert np.ptp(np.diff(found.starts[:-1])) <= 8
    assert set(found.firsts[1:-1].tolist()) == {8}
    assert tokens_read(2**40, 16) == MOST_TOKENS


def test_a_stop_ends_it_after_the_batch_under_way(toy_model, tmp_path):
    control = Control()
    control.pause()
    assert score(toy_model(), token_file(tmp_path / "val.bin", 500), control) == (None, [Turn.NEXT])


def test_it_is_left_out_where_it_takes_more_than_a_fiftieth_of_the_run():
    read = 16 * 124  # by windows of 16 over 1,000 tokens
    assert share_of_run(CONFIG, 1000, 1000) == pytest.approx(read / (3 * 1000 * 64))
    enough = math.ceil(read / (3 * 64 * 0.02))
    assert 0.019 < share_of_run(CONFIG, enough, 1000) <= 0.02
    assert share_of_run(CONFIG, enough - 1, 1000) == share_of_run(CONFIG, 0, 1000) == 0.0


def test_a_run_that_is_evaluated_alone_has_both_figures(toy_run):
    (told,) = scored(resumed_config(str(toy_run.path), {"eval_only": True}))
    data, model = dataset("toy"), checkpoint.load(toy_run.checkpoint).build_model().eval()
    ids = TokenFile(data.val_path, data.vocab_size).tokens.tolist()
    bits = token_by_token(model, ids, 16) / math.log(2) * data.val_tokens / data.val_bytes
    assert told.full_memory_bits_per_byte == pytest.approx(bits, rel=1e-5)
    assert told.full_memory_bits_per_byte != told.bits_per_byte


def test_a_model_of_nanogpts_own_is_scored_alike(toy_run, tmp_path):
    content = torch.load(toy_run.checkpoint, weights_only=True)
    del content["understudy"]
    folder = tmp_path / "nanogpt"
    folder.mkdir()
    torch.save(content, folder / "ckpt.pt")
    (its,), (ours,) = (scored(resumed_config(str(place), {"eval_only": True})) for place in (folder, toy_run.path))
    assert its.full_memory_bits_per_byte == ours.full_memory_bits_per_byte is not None


def test_only_the_last_evaluation_of_a_run_that_is_long_enough_has_it(toy_config):
    batch = {"batch_size": 64, "sample_tokens": 0}
    enough = math.ceil(tokens_read(dataset("toy").val_tokens, 16) / (3 * 64 * 16 * 0.02))
    long = scored(toy_config(max_iters=enough, eval_interval=enough // 2, **batch))
    figures = [event.full_memory_bits_per_byte for event in long]
    assert len(figures) >= 3
    assert set(figures[:-1]) == {None}
    assert figures[-1] is not None
    short = scored(toy_config(out_dir="short", max_iters=enough - 1, **batch))
    assert {event.full_memory_bits_per_byte for event in short} == {None}
