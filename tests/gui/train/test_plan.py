"""What is said before a run: computed, and recommended for the machine at hand."""

from dataclasses import replace

import pytest

from engine.machine.hardware import Machine
from engine.planning.calibration import IterationShape, Measurement
from engine.planning.presets import presets
from gui.kit import formats
from gui.train.plan import MemoryFit, fit, fitting_batch, plan, texts

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
    ("needed", "verdict"),
    [
        (0, MemoryFit.FITS),
        (70, MemoryFit.FITS),
        (71, MemoryFit.TIGHT),
        (100, MemoryFit.TIGHT),
        (101, MemoryFit.WILL_NOT),
    ],
)
def test_fit(needed, verdict):
    assert fit(needed, 100) is verdict


def test_what_checkpoints_take_is_computed(text):
    made = plan(presets()["tiny"].config(), text, machine_with(16), "cpu")
    assert made.disk == 3 * 3 * 4 * made.parameters.total
    assert made.reading_text.endswith("on disk")


def test_time_is_told_only_when_it_was_measured(text):
    config = presets()["tiny"].config()
    assert plan(config, text, machine_with(16), "cpu").seconds is None
    shape = IterationShape.of(config, text.vocab_size)
    known = {"shape": shape, "device": "cpu", "dtype": "float32", "torch": "", "threads": 2, "source": "calibration"}
    one = Measurement(**known, seconds_per_iter=0.1, low=0.08, high=0.2, flops=1)
    made = plan(replace(config, dtype="float32"), text, machine_with(16), "cpu", [one])
    assert made.seconds >= 0.1 * config.max_iters
    assert "(3–7 min)" in made.time_text


def test_a_run_takes_and_reads_no_more_than_its_minutes_allow(text):
    config = replace(presets()["tiny"].config(), dtype="float32")
    known = {"device": "cpu", "dtype": "float32", "torch": "", "threads": 2, "source": "calibration", "flops": 1}
    one = Measurement(shape=IterationShape.of(config, 50304), seconds_per_iter=0.1, low=0.08, high=0.2, **known)
    choice = type(text)(text.name, text.title, "", 50304, 1024 * 1000)
    free, bound = (plan(replace(config, minutes=m), choice, machine_with(16), "cpu", [one]) for m in (0.0, 1.0))
    assert bound.seconds == 60
    assert bound.span == (60, 60)
    assert bound.epochs == pytest.approx(free.epochs * 60 / free.seconds)


def test_fit_keeps_the_tokens_of_an_update(text):
    config = replace(presets()["medium-m4"].config(), batch_size=512)
    changes = fitting_batch(config, text, machine_with(4), "cpu")
    made = replace(config, **changes)
    assert made.tokens_per_iter == config.tokens_per_iter
    assert plan(made, text, machine_with(4), "cpu").fit is MemoryFit.FITS
    larger = replace(made, batch_size=2 * made.batch_size)
    assert plan(larger, text, machine_with(4), "cpu").fit is not MemoryFit.FITS
    assert fitting_batch(made, text, machine_with(4), "cpu") == {}


def test_nothing_is_offered_where_nothing_fits(text):
    assert fitting_batch(presets()["large"].config(), text, machine_with(1), "cpu") == {}


@pytest.mark.parametrize("name", presets())
def test_the_parts_of_the_parameters_add_up(text, name):
    made = plan(presets()[name].config(), text, machine_with(64), "cpu")
    of = made.parameters
    for number in (of.total, of.embedding, of.position, of.blocks):
        assert formats.count(number) in made.parameters_text
        assert f"{number:,}" in made.parameters_sum
    parts, total = made.parameters_sum.replace(",", "").split(" = ")
    assert sum(map(int, parts.split(" + "))) == int(total) == of.total


def test_a_time_is_guessed_from_a_product_until_it_is_measured(text):
    config = presets()["tiny"].config()
    guessed = plan(config, text, machine_with(16), "cpu", rate=1e11)
    assert guessed.span[0] < guessed.seconds < guessed.span[1]
    assert plan(config, text, machine_with(16), "cpu", rate=2e11).seconds < guessed.seconds
    known = {"device": "cpu", "dtype": "float32", "torch": "", "threads": 2, "source": "calibration", "flops": 1}
    one = Measurement(shape=IterationShape.of(config, 50304), seconds_per_iter=0.1, low=0.08, high=0.2, **known)
    measured = plan(config, text, machine_with(16), "cpu", [one])
    assert plan(config, text, machine_with(16), "cpu", [one], rate=1e11) == measured
