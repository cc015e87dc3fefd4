"""What is said before a run: computed, and recommended for the machine at hand."""

import pytest

from engine.machine import Machine
from engine.presets import presets
from gui.train.plan import Fit, fit, plan, recommend, texts

GB = 1024**3


def machine_with(gigabytes):
    return Machine(system="", chip="", cores=8, memory_bytes=gigabytes * GB)


@pytest.fixture
def text():
    return texts()[0]


def test_the_text_that_ships_comes_first(text):
    assert text.name == "shakespeare_complete"
    assert text.train_tokens is None


def test_a_plan_is_computed_not_claimed(text):
    config = presets()["small"].config()
    made = plan(config, text, machine_with(16), "cpu")
    assert made.parameters.total == 50304 * 256 + 256 * 256 + 4 * (12 * 256**2 + 2 * 256) + 256
    assert sum(size for _, size in made.parts) == made.memory.total
    assert made.tokens_per_iter == 4 * 256
    assert made.epochs is None


def test_epochs_follow_from_the_text(text):
    config = presets()["tiny"].config()
    known = type(text)(text.name, text.title, "", text.vocab_size, 1024 * 1000)
    made = plan(config, known, machine_with(16), "cpu")
    assert made.epochs == pytest.approx(2.0)
    assert made.reading_text.startswith("2.0 epochs")


@pytest.mark.parametrize(
    ("needed", "verdict"), [(0, Fit.FITS), (70, Fit.FITS), (71, Fit.TIGHT), (100, Fit.TIGHT), (101, Fit.WILL_NOT)]
)
def test_fit(needed, verdict):
    assert fit(needed, 100) is verdict


def test_on_a_processor_the_quickest_is_recommended(text):
    assert recommend(text, machine_with(64), "cpu").name == "tiny"


def test_on_an_apple_gpu_the_sweet_spot_is_recommended_where_it_fits(text):
    assert recommend(text, machine_with(16), "mps").name == "medium-m4"
    small = recommend(text, machine_with(2), "mps")
    assert plan(presets()[small.name].config(), text, machine_with(2), "mps").fit is not Fit.WILL_NOT
    assert small.reason
