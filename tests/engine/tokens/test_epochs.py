import numpy as np
import pytest

from engine.core.config import TrainConfig
from engine.core.errors import DataError
from engine.tokens.batches import TokenFile
from engine.tokens.epochs import Epochs
from engine.tokens.tokenizer import CharTokenizer

TOKENS, BLOCK = 103, 8
CONFIG = TrainConfig(block_size=BLOCK, batch_size=2, gradient_accumulation_steps=2, sampling="epochs", seed=5)
EACH = 11  # windows of 8 in 103 tokens, whatever the phase: the last of the latest phase ends at 7 + 88, one token on


def read(epochs, updates):
    return np.concatenate([epochs.starts(number, 4) for number in updates])


def test_an_epoch_reads_all_of_the_text_but_its_ends_and_nothing_twice():
    starts = read(Epochs(TOKENS, CONFIG), range(3 * EACH)).reshape(-1, EACH)
    assert len(starts) == 12
    for epoch in starts:
        targets = np.sort((epoch[:, None] + np.arange(1, BLOCK + 1)).ravel())
        assert targets.tolist() == list(range(targets[0], targets[0] + EACH * BLOCK))
        assert targets[0] >= 1
        assert targets[-1] <= TOKENS - 1
        assert epoch.tolist() != sorted(epoch)
    assert len({tuple(epoch) for epoch in starts}) == 12
    assert len({epoch.min() for epoch in starts}) > 3  # cut elsewhere every time


def test_an_update_is_a_function_of_its_number():
    whole = read(Epochs(TOKENS, CONFIG), range(40))
    for number in (39, 0, 17, 2):
        assert Epochs(TOKENS, CONFIG).starts(number, 4).tolist() == whole[4 * number : 4 * number + 4].tolist()
    back_and_forth = Epochs(TOKENS, CONFIG)
    assert read(back_and_forth, [30, 3, 30]).tolist() == [*whole[120:124], *whole[12:16], *whole[120:124]]


def test_seeds_read_in_other_orders():
    one, other = (read(Epochs(TOKENS, CONFIG.changed({"seed": seed})), range(5)).tolist() for seed in (1, 2))
    assert one != other


def test_an_update_may_be_longer_than_the_text():
    large = CONFIG.changed({"batch_size": 20})
    starts = Epochs(TOKENS, large).starts(0, 40)
    assert sorted(starts[:EACH] - starts[:EACH].min()) == list(range(0, EACH * BLOCK, BLOCK))
    assert starts[:EACH].tolist() != starts[EACH : 2 * EACH].tolist()


@pytest.mark.parametrize("tokens", [BLOCK + 1, BLOCK + 2, 2 * BLOCK, 2 * BLOCK + 1])
def test_a_text_of_hardly_a_block_is_read_as_far_as_it_goes(tokens):
    starts = read(Epochs(tokens, CONFIG), range(200))
    assert set(starts.tolist()) == set(range(min(BLOCK, tokens - BLOCK)))


@pytest.fixture
def text(tmp_path):
    np.random.default_rng(3).integers(0, 4, TOKENS).astype("<u2").tofile(tmp_path / "train.bin")
    return tmp_path / "train.bin"


def test_a_run_reads_as_its_settings_say(text):
    tokenizer = CharTokenizer("abcd")
    in_epochs = TokenFile.to_learn_from(text, tokenizer, CONFIG)
    at_random = TokenFile.to_learn_from(text, tokenizer, CONFIG.changed({"sampling": "random"}))
    starts = Epochs(TOKENS, CONFIG).starts(3, 4)
    assert in_epochs.random_windows(4, BLOCK, 5, 3)[0].tolist() == in_epochs.windows(starts, BLOCK)[0].tolist()
    assert at_random.random_windows(4, BLOCK, 5, 3)[0].tolist() != in_epochs.windows(starts, BLOCK)[0].tolist()
    halves = [in_epochs.random_windows(2, BLOCK, 5, 3, skip=skip)[0].tolist() for skip in (0, 2)]
    assert halves[0] + halves[1] == in_epochs.random_windows(4, BLOCK, 5, 3)[0].tolist()


def test_less_than_a_block_is_refused(text):
    with pytest.raises(DataError) as told:
        TokenFile.to_learn_from(text, CharTokenizer("abcd"), CONFIG.changed({"block_size": TOKENS}))
    assert told.value.code == "text_too_short"
