"""What a tokenizer costs is said before it is chosen: from a sample of the text, near what preparing it gives."""

import random
import subprocess
import sys

import pytest

from engine.core.errors import DataError
from engine.core.events import TextMeasured
from engine.core.jobs import Control
from engine.datasets.order import Order
from engine.datasets.prepare import prepare
from engine.model.shape import parameter_count
from engine.planning import costs
from engine.planning.calibration import IterationShape, Measurement
from engine.planning.costs import measure_job, recommend_tokenizer, tokenizer_costs
from engine.planning.estimate import flops_per_iter
from engine.planning.presets import preset
from engine.tokens.tokenizer import TrainedTokenizer
from engine.tokens.vocabulary import train_tokenizer

TINY = preset("tiny").config()


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """Half a megabyte whose words follow Zipf's law, with a few letters beyond ASCII."""
    draw = random.Random(3)
    words = ["".join(draw.choices("etaoinshrdluécmwf", k=draw.randint(2, 9))) for _ in range(3000)]
    chosen = draw.choices(words, weights=[1 / (n + 3) for n in range(3000)], k=90_000)
    path = tmp_path_factory.mktemp("texts") / "words.txt"
    path.write_text("".join(word + draw.choice((" ", " ", " ", ", ", ".\n")) for word in chosen), "utf-8")
    return path


def measured(path, **wishes):
    *_, last = measure_job(Order(target=str(path), **wishes), Control())
    assert isinstance(last, TextMeasured)
    return last


def test_a_sample_tells_what_preparing_gives(text, monkeypatch):
    monkeypatch.setattr(costs, "SAMPLE_BYTES", 2**18)
    for cost in tokenizer_costs(measured(text), TINY, "cpu", 1024, measured=()):
        done = prepare(
            str(text),
            name=cost.tokenizer,
            tokenizer=cost.tokenizer,
            vocab_size=1024 if cost.tokenizer == "bpe" else None,
        )
        assert cost.vocab_size == done.vocab_size
        assert cost.train_tokens == pytest.approx(done.train_tokens, rel=0.03)
        assert cost.bytes_per_token == pytest.approx(done.val_bytes / done.val_tokens, rel=0.03)
        assert cost.epochs == pytest.approx(TINY.max_iters * TINY.tokens_per_iter / done.train_tokens, rel=0.03)
        assert cost.parameters == parameter_count(TINY, done.vocab_size).total


def test_smaller_vocabularies_are_the_beginning_of_larger_ones():
    text = ["the cat sat on the mat and the rat sat on the cat, that sat\n" * 50]
    whole = train_tokenizer(text, 320)
    assert isinstance(whole, TrainedTokenizer)
    assert whole.first(280).as_dict() == train_tokenizer(text, 280).as_dict()


def test_time_is_foretold_from_what_was_measured(text):
    shape = IterationShape.of(TINY, 50304)
    flops = flops_per_iter(TINY, 50304)
    one = Measurement(
        source="calibration", shape=shape, device="cpu", dtype="float32", torch="2", threads=1, seconds_per_iter=0.5,
        low=0.4, high=0.6, flops=flops,
    )  # fmt: skip
    gpt2, char, _ = tokenizer_costs(measured(text), TINY, "cpu", measured=[one])
    assert gpt2.iteration_time.seconds_per_iter == 0.5
    fewer = flops_per_iter(TINY, char.vocab_size) / flops
    assert char.iteration_time.seconds_per_iter == pytest.approx(0.5 * fewer, rel=0.05)  # as many calls all the same
    assert tokenizer_costs(measured(text), TINY, "cpu", measured=())[0].iteration_time is None


def of_length(size, symbols=65):
    return TextMeasured(
        bytes=size,
        exact=True,
        symbols=symbols,
        gpt2=3.3,
        char=1.0,
        bpe=((256, 1.0), (1024, 2.3), (4096, 3.0), (32768, 3.4)),
    )


def test_the_recommendation_grows_with_the_text_and_the_model():
    large = preset("large").config()
    assert recommend_tokenizer(of_length(30_000), TINY, "cpu").tokenizer == "char"
    assert recommend_tokenizer(of_length(10**6), TINY, "cpu").vocab_size == 4096
    assert recommend_tokenizer(of_length(7 * 10**6), large, "cpu").vocab_size == 32768
    advice = recommend_tokenizer(of_length(10**9), large, "cpu")
    assert advice.tokenizer == "gpt2"
    assert "times on average" in advice.reason
    assert recommend_tokenizer(of_length(10**9, symbols=10**5), TINY, "cpu").tokenizer == "bpe"
    assert recommend_tokenizer(of_length(1000, symbols=10**5), TINY, "cpu").tokenizer == "bpe"


def test_the_reason_gives_figures_that_follow_from_the_costs():
    text = of_length(10**6)
    gpt2, _, bpe = tokenizer_costs(text, TINY, "cpu", 4096, measured=())
    reason = recommend_tokenizer(text, TINY, "cpu").reason
    assert f"{bpe.text_per_flop / gpt2.text_per_flop:.1f} times" in reason
    assert f"{bpe.embedding_share:.0%}" in reason
    assert f"{gpt2.embedding_share:.0%}" in reason


def test_of_a_long_text_only_the_beginning_is_read(text, monkeypatch):
    monkeypatch.setattr(costs, "READ_BYTES", 1000)
    found = measured(text)
    assert not found.exact
    assert found.bytes == text.stat().st_size


def test_what_cannot_be_used_is_refused_and_a_stop_ends_it(tmp_path, text):
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n")
    with pytest.raises(DataError) as caught:
        measured(empty)
    assert caught.value.code == "empty_text"
    for steps in (0, 1, 3):
        control = Control()
        job = measure_job(Order(target=str(text)), control)
        for _ in range(steps):
            next(job)
        control.stop()
        assert not [event for event in job if isinstance(event, TextMeasured)]


@pytest.mark.parametrize("content", ["x", "ab", "日本", "word " * 5])
def test_the_shortest_text_breaks_nothing(tmp_path, content):
    path = tmp_path / "short.txt"
    path.write_text(content, "utf-8")
    found = measured(path)
    assert tokenizer_costs(found, TINY, "cpu", measured=())
    assert recommend_tokenizer(found, TINY, "cpu").reason


def test_no_torch_is_loaded():
    program = (
        "import sys, engine.planning.costs, engine.text.pasted, engine.cli.prepare; sys.exit('torch' in sys.modules)"
    )
    root = costs.__file__.rsplit("/engine/", 1)[0]
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=root).returncode == 0


def test_a_text_that_teaches_few_tokens_is_measured_with_all_of_them(tmp_path):
    file = tmp_path / "mantra.txt"
    file.write_text("om mani padme hum " * 8000, "utf-8")
    told = measured(file)
    assert told.bpe[0][0] == 256
    assert 256 < told.bpe[-1][0] < 512
    assert told.bpe[-1][1] > 4
    own = next(cost for cost in tokenizer_costs(told, TINY, "cpu", 4096, measured=()) if cost.tokenizer == "bpe")
    assert own.bytes_per_token == told.bpe[-1][1]
