import numpy as np
import pytest
import torch

from engine.core.errors import DataError
from engine.core.seeds import derived_seed
from engine.tokens.batches import TokenFile


@pytest.fixture
def token_file(tmp_path):
    def make(tokens, vocab_size=None):
        path = tmp_path / "train.bin"
        np.array(tokens, dtype="<u2").tofile(path)
        return TokenFile(path, max(tokens, default=0) + 1 if vocab_size is None else vocab_size)

    return make


def test_targets_are_the_tokens_that_follow(token_file):
    tokens = token_file(range(100, 200), 200)
    inputs, targets = tokens.windows(np.array([0, 7, 91]), 8)
    assert inputs.dtype == targets.dtype == torch.int64
    assert inputs.is_contiguous()
    assert targets.is_contiguous()
    for row, start in enumerate([0, 7, 91]):
        assert inputs[row].tolist() == list(range(100 + start, 108 + start))
        assert targets[row].tolist() == list(range(101 + start, 109 + start))


def test_the_same_key_gives_the_same_windows_and_another_key_others(token_file):
    tokens = token_file(range(1000))
    keys = [(1, 2, 3), (1, 2, 4), (1, 3, 3), (2, 2, 3), (1, 2)]
    drawn = [tokens.random_windows(8, 16, *key)[0].tolist() for key in keys]
    assert drawn == [tokens.random_windows(8, 16, *key)[0].tolist() for key in keys]
    assert len({str(rows) for rows in drawn}) == len(keys)


def test_drawing_touches_no_random_state(token_file):
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].tolist()
    token_file(range(100)).random_windows(4, 8, 1, 2)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.random.get_state()[1].tolist() == numpy_state


def test_every_window_that_fits_can_be_drawn_and_no_other(token_file):
    tokens = token_file(range(12))
    inputs, targets = tokens.random_windows(500, 8, 0)
    assert set(inputs[:, 0].tolist()) == {0, 1, 2, 3}
    assert set(targets[:, -1].tolist()) == {8, 9, 10, 11}


def test_one_window_is_enough(token_file):
    tokens = token_file(range(9))
    tokens.require(8, "training")
    inputs, targets = tokens.random_windows(3, 8, 5)
    assert inputs[:, 0].tolist() == [0, 0, 0]
    assert targets[:, -1].tolist() == [8, 8, 8]
    assert [starts.tolist() for starts in tokens.fixed_windows(20, 4, 8)] == [[0, 0, 0, 0]]


@pytest.mark.parametrize("length", [0, 1, 8])
def test_a_text_shorter_than_a_block_is_refused(token_file, tmp_path, length):
    if not length:
        (tmp_path / "train.bin").write_bytes(b"")
        with pytest.raises(DataError):
            TokenFile(tmp_path / "train.bin", 5).require(8, "training")
        return
    with pytest.raises(DataError) as told:
        token_file(range(length)).require(8, "training")
    assert told.value.code == "text_too_short"
    assert f"{length} tokens" in told.value.message
    assert f"block_size to {max(1, length - 1)} or less" in told.value.fix


@pytest.mark.parametrize("length", [129, 130, 300, 1000])
def test_fixed_windows_spread_over_the_text_without_overlap(token_file, length):
    tokens = token_file(range(length))
    batches = tokens.fixed_windows(10, 4, 16)
    starts = np.concatenate(batches)
    assert all(len(batch) == 4 for batch in batches)
    assert len(batches) == min(10, (length - 1) // 64)
    assert starts[0] == 0
    assert starts[-1] == length - 17
    assert (np.diff(starts) >= 16).all()


def test_fixed_windows_are_the_same_each_time(token_file):
    tokens = token_file(range(500))
    first, second = (np.concatenate(tokens.fixed_windows(6, 3, 16)).tolist() for _ in range(2))
    assert first == second


def test_enough_batches_see_nearly_all_of_the_text(token_file):
    tokens = token_file(range(16 * 40 + 1))
    seen = set()
    for starts in tokens.fixed_windows(1000, 4, 16):
        seen |= set(tokens.windows(starts, 16)[1].flatten().tolist())
    assert seen == set(range(1, 16 * 40 + 1))


def test_a_token_outside_the_vocabulary_is_refused(token_file):
    tokens = token_file([*range(20), 500, *range(20)], 30)
    tokens.windows(np.array([0]), 8)
    with pytest.raises(DataError) as told:
        tokens.windows(np.array([0, 15]), 8)
    assert told.value.code == "damaged_dataset"
    assert "500" in told.value.cause
    assert "30" in told.value.cause
    assert told.value.fixes[0].action == "prepare"


@pytest.mark.parametrize("content", [b"", b"\x01\x00\x02", None], ids=["empty", "torn", "missing"])
def test_a_file_that_holds_no_whole_tokens_is_refused(tmp_path, content):
    path = tmp_path / "val.bin"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as told:
        TokenFile(path, 10)
    assert told.value.code == "data_unreadable"
    assert told.value.cause
    assert told.value.fix


def test_a_derived_seed_is_a_function_of_its_key():
    seeds = [derived_seed(1, n, m) for n in range(50) for m in range(4)]
    assert len(set(seeds)) == 200
    assert seeds == [derived_seed(1, n, m) for n in range(50) for m in range(4)]
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_a_batch_cut_in_two_holds_the_same_windows(token_file):
    tokens = token_file(range(1000))
    whole = tokens.random_windows(8, 16, 3, 7)[0].tolist()
    halves = [tokens.random_windows(4, 16, 3, 7, skip=skip)[0].tolist() for skip in (0, 4)]
    assert halves[0] + halves[1] == whole
