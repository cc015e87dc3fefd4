import pytest
import torch

from engine.generation.decoder import MASKS, NAMED, Decoder, Weights, window_start
from engine.machine.formulation import FORMULATIONS


def uncached(model, tokens):
    """Return the logits of what may follow tokens (B, T), computed from nothing."""
    seen = tokens[:, window_start(tokens.shape[1], model.args.block_size) :]
    with torch.no_grad():
        return model.logits(seen)[:, -1]


def prompt(length, sequences=1, seed=0, vocab_size=30):
    return torch.randint(vocab_size, (sequences, length), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("block_size", [1, 2, 3, 7, 16])
def test_the_window_never_exceeds_a_block_and_slides_by_half_of_it(block_size):
    starts = [window_start(length, block_size) for length in range(6 * block_size + 8)]
    assert starts == sorted(starts)
    assert starts[block_size + 1] == (block_size + 1) // 2
    for length, start in enumerate(starts):
        assert 0 <= length - start <= block_size
        if length > block_size:
            assert length - start > block_size - (block_size + 1) // 2
        else:
            assert start == 0


@pytest.mark.parametrize("block_size", [1, 2, 3, 7, 16])
@pytest.mark.parametrize("length", [1, 2, 7, 16, 17, 45])
def test_kept_keys_and_values_give_what_a_recomputation_gives(toy_model, block_size, length):
    model = toy_model(block_size=block_size)
    decoder, tokens = Decoder(Weights.live(model)), prompt(length, seed=length)
    logits = decoder.feed(tokens)
    for _ in range(3 * block_size + 5):
        expected = uncached(model, tokens)
        assert logits.shape == expected.shape == (1, 30)
        assert torch.allclose(logits, expected, atol=1e-4)
        assert int(logits.argmax()) == int(expected.argmax())
        token = logits.argmax(1, keepdim=True)
        tokens = torch.cat((tokens, token), dim=1)
        logits = decoder.feed(token)


@pytest.mark.parametrize("pieces", [[1, 1, 1, 13], [5, 6, 5], [3, 10, 9, 2], [16, 16, 1], [40, 3, 20]])
def test_text_may_come_in_pieces(toy_model, pieces):
    model = toy_model()
    decoder, tokens = Decoder(Weights.live(model)), prompt(sum(pieces))
    end = 0
    for size in pieces:
        start, end = end, end + size
        logits = decoder.feed(tokens[:, start:end])
        assert torch.allclose(logits, uncached(model, tokens[:, :end]), atol=1e-4)


def test_sequences_side_by_side_are_those_alone(toy_model):
    model, tokens = toy_model(), prompt(6, sequences=3)
    together, alone = Decoder(Weights.live(model), 3), [Decoder(Weights.live(model)) for _ in range(3)]
    for step in range(20):
        new = tokens if not step else prompt(1, sequences=3, seed=step)
        logits = together.feed(new)
        for row, decoder in enumerate(alone):
            assert torch.allclose(logits[row], decoder.feed(new[row : row + 1])[0], atol=1e-5)


@pytest.fixture
def as_on_mps(monkeypatch):
    """Let the CPU be asked as Apple's GPU is."""
    monkeypatch.setitem(FORMULATIONS, "cpu", FORMULATIONS["mps"])


@pytest.mark.usefixtures("as_on_mps")
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("sequences", [1, 3, NAMED + 1])
def test_what_mps_is_asked_for_gives_the_same(toy_model, bias, sequences):
    model, tokens = toy_model(bias=bias, block_size=2 * MASKS), prompt(5 * MASKS, sequences)
    decoder = Decoder(Weights.live(model), sequences)
    for start, end in [(0, 5), (5, 9), *((n, n + 1) for n in range(9, 5 * MASKS))]:
        logits = decoder.feed(tokens[:, start:end])
        if end % 8 == 1:
            assert torch.allclose(logits, uncached(model, tokens[:, :end]), atol=1e-4)


@pytest.mark.usefixtures("as_on_mps")
def test_mps_reads_all_sequences_in_one_pass(toy_model):
    decoder, passes = Decoder(Weights.live(toy_model()), 3), []
    features = decoder._features

    def counting(pieces, rows):
        passes.append(rows)
        return features(pieces, rows)

    decoder._features = counting
    decoder.feed(prompt(6, sequences=3))
    decoder.feed(prompt(1, sequences=3))
    assert passes == [slice(None)] * 2


def test_a_model_with_and_without_biases(toy_model):
    for bias in (True, False):
        model, tokens = toy_model(bias=bias), prompt(9)
        assert torch.allclose(Decoder(Weights.live(model)).feed(tokens), uncached(model, tokens), atol=1e-4)


def test_decoding_leaves_the_model_and_the_random_state_alone(toy_model):
    model = toy_model(dropout=0.5).train()
    before, state = {n: t.clone() for n, t in model.state_dict().items()}, torch.get_rng_state()
    first, second = Decoder(Weights.live(model)).feed(prompt(20)), Decoder(Weights.live(model)).feed(prompt(20))
    assert torch.equal(first, second)  # no dropout, also in the middle of training
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert model.training


def test_frozen_weights_give_the_same_logits(toy_model):
    model = toy_model()
    frozen, plain = Decoder(Weights.frozen(model)), Decoder(Weights.live(model))
    for piece in (prompt(5), prompt(1), prompt(1)):
        assert torch.allclose(frozen.feed(piece), plain.feed(piece), atol=1e-5)


def test_two_hundred_prompts_agree_with_a_recomputation_through_the_slide(toy_model):
    model = toy_model()
    weights, draw = Weights.frozen(model), torch.Generator().manual_seed(9)
    for seed in range(200):
        tokens = prompt(1 + seed % 40, seed=seed)
        decoder = Decoder(weights)
        logits = decoder.feed(tokens)
        for _ in range(12):
            expected = uncached(model, tokens)
            assert torch.allclose(logits, expected, atol=1e-4)
            assert int(logits.argmax()) == int(expected.argmax())
            token = torch.randint(30, (1, 1), generator=draw)
            tokens = torch.cat((tokens, token), dim=1)
            logits = decoder.feed(token)


def rows_read(decoder, tokens):
    """Return how many rows go through the layers for each of so many tokens."""
    counts, features = [], decoder._features

    def counting(pieces, rows):
        counts[-1] += sum(piece.tokens[rows].numel() for piece in pieces)
        return features(pieces, rows)

    decoder._features = counting
    for n in range(tokens):
        counts.append(0)
        decoder.feed(prompt(1, seed=n))
    return counts


@pytest.mark.parametrize("block_size", [2, 3, 7, 16])
def test_no_token_costs_more_than_two_rows_however_long_the_text(toy_model, block_size):
    counts = rows_read(Decoder(Weights.live(toy_model(block_size=block_size))), 6 * block_size)
    assert counts[: (block_size + 1) // 2] == [1] * ((block_size + 1) // 2)
    assert set(counts) <= {1, 2}


def test_a_window_that_is_never_reached_is_not_read(toy_model):
    weights = Weights.live(toy_model())
    assert rows_read(Decoder(weights, until=16), 16) == [1] * 16
    assert max(rows_read(Decoder(weights, until=17), 17)) == 2


def test_a_text_may_be_read_a_little_at_a_time(toy_model):
    model, tokens = toy_model(), prompt(31)
    decoder = Decoder(Weights.live(model))
    decoder.add(tokens)
    passes = 0
    while (logits := decoder.read(4)) is None:
        passes += 1
    assert passes == 3  # 15 tokens stand in the window: 4 + 4 + 4 + 3
    assert torch.allclose(logits, uncached(model, tokens), atol=1e-4)
    assert decoder.is_behind
    decoder.catch_up(2)
    assert torch.allclose(decoder.feed(prompt(1)), uncached(model, torch.cat((tokens, prompt(1)), dim=1)), atol=1e-4)


def test_one_text_read_goes_on_as_several(toy_model):
    model, tokens = toy_model(), prompt(14)
    decoder = Decoder(Weights.frozen(model))
    decoder.feed(tokens)
    decoder.expand(3)
    tokens = tokens.repeat(3, 1)
    for step in range(20):
        new = prompt(1, sequences=3, seed=step)
        tokens = torch.cat((tokens, new), dim=1)
        assert torch.allclose(decoder.feed(new), uncached(model, tokens), atol=1e-4)
