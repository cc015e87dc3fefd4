"""`bench`: the figures that it promises, and their words."""

import json

import pytest

from engine.training import bench

SHAPE = ("--dataset=toy", "--n_layer=1", "--n_head=2", "--n_embd=16", "--block_size=16", "--device=cpu")


@pytest.mark.usefixtures("toy_dataset")
def test_it_prints_the_promised_keys(engine):
    code, out, _ = engine("bench", *SHAPE, "--iters=2", "--json")
    found = json.loads(out)
    assert code == 0
    assert found.keys() >= {"ms_per_iter", "tokens_per_s", "mfu", "breakdown"}
    assert 0 < found["process_bytes"] <= found["peak_memory_bytes"]
    assert found["estimate_bytes"] > 0
    assert found["iterations"] == 2


@pytest.mark.usefixtures("toy_dataset")
def test_it_says_them_in_words(engine):
    code, out, _ = engine("bench", *SHAPE, "--iters=1")
    assert code == 0
    assert all(part in out for part in (*bench.PARTS, "tokens/s", "MFU", "peak memory"))


@pytest.mark.parametrize("iters", ["0", "-1", "many"])
def test_no_updates_are_no_bench(engine, iters):
    code, _, err = engine("bench", f"--iters={iters}")
    assert code == 2
    assert iters in err
