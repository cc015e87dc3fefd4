import pytest
import torch

from engine.core.events import Calibrated
from engine.core.jobs import Control, events_of
from engine.machine.device import Device, choose_device
from engine.planning import calibration
from engine.planning.calibration import iteration_time
from engine.training import bench, precision
from engine.training.learner import Learner


@pytest.fixture
def learner(toy_config):
    return Learner.fresh(toy_config(), 40, choose_device("cpu"))


def run_of(job, control):
    return list(events_of(job, control))


def test_random_tokens_are_of_the_vocabulary():
    tokens = bench.RandomTokens(65, 300)
    inputs, targets = tokens.random_windows(4, 300, 1)
    assert inputs.shape == (4, 300)
    assert torch.equal(inputs[:, 1:], targets[:, :-1])
    assert 0 <= int(inputs.min()) < int(inputs.max()) < 65


def test_a_prepared_dataset_is_used_and_an_unprepared_one_is_drawn(toy_config):
    assert bench.tokens_for(toy_config()).path.name == "train.bin"
    drawn = bench.tokens_for(toy_config(dataset="shakespeare_char"))
    assert (drawn.vocab_size, len(drawn)) == (65, 200_000)


def test_a_lap_counts_for_the_part_that_ended():
    laps = bench.Laps(choose_device("cpu"))
    laps.lap("data")
    laps.lap("loss")
    data = laps.seconds["data"]
    laps.lap("loss")
    assert laps.seconds["data"] == data > 0
    assert laps.seconds["forward"] == 0


def test_every_part_of_an_update_takes_time_and_the_model_trains_as_before(toy_config, learner):
    twin = Learner.fresh(toy_config(), 40, choose_device("cpu"))
    tokens = bench.RandomTokens(40, 16)
    parts = bench.breakdown(learner, tokens, 2)
    assert tuple(parts) == bench.PARTS
    assert all(ms > 0 for ms in parts.values())
    for number in range(2):
        for _ in twin.update(number, tokens):
            pass
    assert all(torch.equal(a, b) for a, b in zip(learner.model.parameters(), twin.model.parameters(), strict=True))
    assert not learner.model._forward_hooks
    assert not learner.model.transformer._forward_hooks


def test_the_parts_hold_with_accumulation(toy_config):
    learner = Learner.fresh(toy_config(gradient_accumulation_steps=3), 40, choose_device("cpu"))
    assert all(ms > 0 for ms in bench.breakdown(learner, bench.RandomTokens(40, 16), 1).values())


def test_a_bench_is_consistent_and_teaches_the_forecast(toy_config):
    config = toy_config(dtype="float32")
    result = bench.bench(config, 3)
    assert result.tokens_per_s * result.ms_per_iter == pytest.approx(config.tokens_per_iter * 1e3)
    assert result.mfu > 0
    assert 0 <= result.others <= 1
    assert 0 < result.process_bytes <= result.peak_memory_bytes
    vocab = bench.tokens_for(config).vocab_size
    told = iteration_time(config, vocab, "cpu")
    assert told.seconds_per_iter * 1e3 == pytest.approx(result.ms_per_iter)
    assert calibration.measured_peak(config, vocab, "cpu") == result.peak_memory_bytes
    assert calibration.process_bytes() == result.process_bytes


def test_a_calibration_tells_what_it_measured_and_keeps_it(toy_config, monkeypatch):
    monkeypatch.setattr(bench, "CALIBRATION_S", 0.1)
    config, control = toy_config(dtype="float32"), Control()
    (told,) = run_of(bench.calibrate_job(config, control), control)
    assert isinstance(told, Calibrated)
    assert told.low < told.seconds_per_iter < told.high
    assert told.seconds_total > told.seconds_per_iter * config.max_iters
    kept = iteration_time(config, bench.tokens_for(config).vocab_size, "cpu")
    assert (kept.seconds_per_iter, kept.basis) == (told.seconds_per_iter, "calibration")


def test_a_calibration_that_is_out_of_time_still_makes_one_update(toy_config, monkeypatch):
    monkeypatch.setattr(bench, "CALIBRATION_S", 0.0)
    control = Control()
    (told,) = run_of(bench.calibrate_job(toy_config(dtype="float32"), control), control)
    assert told.seconds_per_iter > 0


def test_a_stopped_calibration_tells_and_keeps_nothing(toy_config):
    control = Control()
    control.stop()
    assert run_of(bench.calibrate_job(toy_config(), control), control) == []
    assert calibration.calibrations() == []


def test_the_same_dtype_is_expected_as_is_asked(toy_config):
    device = choose_device("cpu")
    assert bench.expected_dtype(toy_config(dtype="bfloat16"), 40, device) == "bfloat16"
    assert bench.expected_dtype(toy_config(dtype="auto"), 40, device) == "float32"


@pytest.mark.parametrize(("faster", "dtype"), [(1.2, "float32"), (3.0, "bfloat16")])
def test_an_open_dtype_is_expected_to_be_the_one_that_pays(toy_config, monkeypatch, faster, dtype):
    rates = {torch.float32: 1e11, torch.bfloat16: faster * 1e11}
    monkeypatch.setattr(bench, "matmul_flops", lambda _device, dtype, seconds: rates[dtype])
    monkeypatch.setattr(precision, "has_bfloat16_instructions", lambda _device: True)
    large = toy_config(dtype="auto", n_layer=12, n_head=12, n_embd=768, block_size=64)
    assert bench.expected_dtype(large, 5000, Device()) == dtype


def test_a_bench_takes_the_dtype_of_a_trial_where_that_is_left_open(toy_config, monkeypatch, narrow):
    monkeypatch.setattr("engine.training.learner.choose_dtype", lambda *_: narrow)
    monkeypatch.setattr(bench, "matmul_flops", lambda *_: 1e11)
    assert bench.bench(toy_config(dtype="auto"), 1).dtype == str(narrow).removeprefix("torch.")
    assert bench.bench(toy_config(dtype="float32"), 1).dtype == "float32"


@pytest.mark.parametrize(
    ("busy", "own", "share"),
    [(110.0, 2.0, 0.25), (110.0, 12.0, 0.0), (105.0, 12.0, 0.0), (120.0, 12.0, 0.25), (180.0, 2.0, 1.0)],
)
def test_the_load_of_others_is_what_was_busy_but_for_this_process(monkeypatch, busy, own, share):
    """Of four processors for ten seconds, 100 s were busy before, and 2 s of them with this process."""
    times = iter([(100.0, 2.0, 50.0), (busy, own, 60.0)])
    monkeypatch.setattr(bench._Load, "_now", lambda _: next(times))
    monkeypatch.setattr(bench.psutil, "cpu_count", lambda: 4)
    assert bench._Load().of_others() == pytest.approx(share)
