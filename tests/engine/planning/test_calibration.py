import json
from dataclasses import replace

import pytest

from engine.core.config import TrainConfig
from engine.core.events import Finished, Started, Step
from engine.core.paths import home
from engine.machine.hardware import machine
from engine.planning import calibration
from engine.planning.calibration import IterationShape, IterationTime, Measurement, iteration_time, store
from engine.planning.estimate import flops_per_iter, muon_flops
from engine.planning.iteration_cost import SHARE_OF_PRODUCTS
from engine.planning.presets import preset
from engine.runs.folder import RunFolder

SMALL = preset("small").config(dtype="float32")


def measured(config=SMALL, vocab=5000, seconds=0.5, **changes):
    facts = {
        "source": "calibration",
        "shape": IterationShape.of(config, vocab),
        "device": "cpu",
        "dtype": "float32",
        "torch": calibration.torch_version(),
        "threads": calibration.threads(),
        "seconds_per_iter": seconds,
        "low": seconds,
        "high": seconds,
        "flops": flops_per_iter(config, vocab),
    }
    return Measurement(**facts | changes)


def step(iter_num, step_ms):
    return Step(iter_num=iter_num, loss=3.0, lr=1e-3, grad_norm=1.0, step_ms=step_ms, tokens_per_s=1.0, memory_bytes=1)


def test_nothing_measured_foretells_nothing():
    assert iteration_time(SMALL, 5000, "cpu") is None
    assert calibration.process_bytes() is None
    assert calibration.measured_peak(SMALL, 5000, "cpu") is None


def test_what_was_stored_is_foretold_for_the_same_shape():
    store(measured(process_bytes=123, peak_memory_bytes=456))
    told = iteration_time(SMALL, 5000, "cpu")
    assert told.seconds_per_iter == 0.5
    assert told.basis == "calibration"
    assert told.low < 0.5 < told.high
    assert calibration.process_bytes() == 123
    assert calibration.measured_peak(SMALL, 5000, "cpu") == 456


def test_the_range_holds_all_that_was_measured():
    told = iteration_time(SMALL, 5000, "cpu", [measured(low=0.2, high=1.5)])
    assert (told.low, told.high) == (0.2, 1.5)


def test_a_new_calibration_replaces_the_old_one():
    store(measured(seconds=0.5))
    store(measured(seconds=0.25))
    assert iteration_time(SMALL, 5000, "cpu").seconds_per_iter == 0.25
    assert len(calibration.calibrations()) == 1


def test_the_oldest_calibrations_go():
    for number in range(calibration.KEPT + 5):
        store(measured(vocab=100 + number))
    kept = calibration.calibrations()
    assert len(kept) == calibration.KEPT
    assert kept[0].shape.vocab_size == 100 + calibration.KEPT + 4


@pytest.mark.parametrize("other", [{"torch": "1.0"}, {"threads": 99}, {"device": "mps"}, {"dtype": "bfloat16"}])
def test_what_was_measured_otherwise_does_not_count(other):
    store(measured(**other))
    assert iteration_time(SMALL, 5000, "cpu") is None


def test_an_open_dtype_takes_what_was_measured():
    told = iteration_time(replace(SMALL, dtype="auto"), 5000, "cpu", [measured(dtype="bfloat16")])
    assert told.seconds_per_iter == 0.5


def test_another_shape_is_scaled_by_its_operations_and_less_sure():
    twice = replace(SMALL, gradient_accumulation_steps=2)
    told = iteration_time(twice, 5000, "cpu", [measured()])
    assert told.basis == "scaled"
    assert told.seconds_per_iter == pytest.approx(1.0, rel=0.01)
    much_more = iteration_time(replace(SMALL, gradient_accumulation_steps=64), 5000, "cpu", [measured()])
    assert much_more.high / much_more.low > told.high / told.low > calibration.SPREAD**2


def test_muon_is_not_foretold_by_what_adamw_took_but_scaled():
    adamws = iteration_time(SMALL, 5000, "cpu", [measured()])
    muons = iteration_time(replace(SMALL, optimizer="muon"), 5000, "cpu", [measured()])
    assert (adamws.basis, muons.basis) == ("calibration", "scaled")
    more = SHARE_OF_PRODUCTS * muon_flops(SMALL.n_layer, SMALL.n_embd) / flops_per_iter(SMALL, 5000)
    assert muons.seconds_per_iter == pytest.approx((1 + more) * adamws.seconds_per_iter, rel=0.01)


def test_where_asking_for_it_takes_most_of_the_time_more_products_cost_little():
    small, large = (TrainConfig(n_layer=2, n_head=2, n_embd=width, block_size=64, batch_size=8) for width in (128, 256))
    times = flops_per_iter(large, 512) / flops_per_iter(small, 512)
    told = {}
    for device in ("cpu", "mps"):
        known = [measured(small, 512, seconds=0.004, device=device)]
        told[device] = iteration_time(large, 512, device, known).seconds_per_iter / 0.004
    assert 1 < told["mps"] < told["cpu"] < times
    quick = [measured(small, 512, seconds=1e-6, device="mps")]  # far less than the calls are taken to cost
    assert iteration_time(large, 512, "mps", quick).seconds_per_iter == pytest.approx(1e-6 * (1 + times) / 2)
    slow = [measured(small, 512, seconds=2.0, device="mps")]
    assert iteration_time(large, 512, "mps", slow).seconds_per_iter == pytest.approx(2 * times, rel=0.01)


def test_a_calibration_of_no_model_is_passed_over():
    store(measured())
    path = home() / "calibration.json"
    rows = json.loads(path.read_text())
    rows[0]["shape"]["n_head"] = 7
    path.write_text(json.dumps(rows))
    assert calibration.calibrations() == []


@pytest.mark.parametrize(("asked", "cores", "allowed", "threads"), [("3", 8, 1, 3), ("", 8, 2, 2), ("", 2, 4, 2)])
def test_threads_are_those_that_torch_will_take(monkeypatch, asked, cores, allowed, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    monkeypatch.setattr(calibration, "machine", lambda: replace(machine(), cores=cores))
    monkeypatch.setattr(calibration, "cores_allowed", lambda: allowed)
    assert calibration.threads() == threads


def test_the_nearest_shape_is_scaled():
    near, far = measured(seconds=0.5), measured(preset("tiny").config(), seconds=99.0)
    told = iteration_time(replace(SMALL, batch_size=5), 5000, "cpu", [far, near])
    assert told.seconds_per_iter == pytest.approx(0.5 * 5 / 4, rel=0.01)


def test_no_run_is_foretold_to_beat_plain_products():
    fast = measured(matmul_flops=1.01 * measured().rate)
    twice = replace(SMALL, gradient_accumulation_steps=2)
    assert iteration_time(twice, 5000, "cpu", [fast]).low >= flops_per_iter(twice, 5000) / fast.matmul_flops


def test_the_whole_run_is_its_updates_and_evaluations():
    told = IterationTime(seconds_per_iter=0.5, low=0.4, high=0.6, basis="run")
    config = TrainConfig(max_iters=1000, eval_interval=500, eval_iters=30)
    assert told.seconds_total(config) == pytest.approx(0.5 * (1000 + 3 * 60 / 3))


def test_of_several_models_the_first_is_faster_than_those_that_are_taught():
    time = IterationTime(seconds_per_iter=2.0, low=2.0, high=2.0, basis="run")
    config = TrainConfig(max_iters=600, eval_interval=1000, eval_iters=1)
    alone, two, three = (time.seconds_total(config.changed({"generations": n})) for n in (1, 2, 3))
    assert alone - two == pytest.approx(2.0 * 300 / 4)
    assert alone - three == pytest.approx(2.0 * 200 / 4)


def test_an_iteration_that_is_taught_is_not_foretold_by_one_that_is_not_but_scaled():
    store(measured())
    found, plain = (iteration_time(replace(SMALL, generations=n), 5000, "cpu") for n in (2, 1))
    assert (plain.basis, found.basis) == ("calibration", "scaled")
    assert plain.seconds_per_iter < found.seconds_per_iter < 4 / 3 * plain.seconds_per_iter


def test_a_calibration_from_before_there_were_several_models_still_counts():
    store(measured())
    rows = json.loads((home() / "calibration.json").read_text())
    for row in rows:
        del row["shape"]["taught"]
    (home() / "calibration.json").write_text(json.dumps(rows))
    assert iteration_time(SMALL, 5000, "cpu").basis == "calibration"


@pytest.mark.parametrize("text", ["", "{", "[1, {}, null]", '{"a": 1}', "[" * 100_000])
def test_a_damaged_file_is_as_none_and_is_written_anew(text):
    home().mkdir(parents=True)
    (home() / "calibration.json").write_text(text)
    assert calibration.calibrations() == []
    store(measured())
    assert len(calibration.calibrations()) == 1


@pytest.mark.parametrize("field", ["seconds_per_iter", "low", "flops"])
@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan"), "1", None])
def test_impossible_numbers_are_passed_over(field, value):
    store(measured())
    path = home() / "calibration.json"
    rows = json.loads(path.read_text())
    rows[0][field] = value
    path.write_text(json.dumps(rows))
    assert calibration.calibrations() == []


def test_a_home_that_cannot_be_written_is_no_failure(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "file" / "home"))
    store(measured())
    assert calibration.calibrations() == []


def test_a_finished_run_teaches_its_speed_and_its_memory(toy_run):
    config = toy_run.read_config()
    vocab = next(event.vocab_size for event in toy_run.events() if isinstance(event, Started))
    steps = sorted(e.step_ms / 1e3 for e in toy_run.events() if isinstance(e, Step) and e.iter_num)
    peak = next(event.peak_memory_bytes for event in toy_run.events() if isinstance(event, Finished))
    told = iteration_time(config, vocab, "cpu")
    assert told.basis == "run"
    assert steps[0] <= told.seconds_per_iter <= steps[-1]
    assert calibration.measured_peak(config, vocab, "cpu") == peak


def test_a_runs_own_time_counts_before_a_calibrations(toy_run):
    config = toy_run.read_config()
    vocab = next(event.vocab_size for event in toy_run.events() if isinstance(event, Started))
    store(measured(config, vocab, seconds=1e3))
    assert iteration_time(config, vocab, "cpu").basis == "run"


def test_of_a_long_record_the_end_counts(toy_run):
    for number in range(2000):
        toy_run.append(step(100 + number, 700.0))
    for number in range(2000):
        toy_run.append(step(3000 + number, 50.0))
    toy_run.append(
        Finished(reason="done", iter_num=9, best_val_loss=None, seconds=1.0, peak_memory_bytes=77),
    )
    toy_run.close()
    told = calibration.of_run(toy_run)
    assert (told.low, told.peak_memory_bytes) == (0.05, 77)
    assert told.seconds_per_iter < 0.7


@pytest.mark.parametrize("record", ["", "no json\n", '{"event": "step", "step_ms": "soon"}\n'])
def test_a_run_that_tells_nothing_teaches_nothing(toy_run, record):
    toy_run.metrics_path.write_text(record)
    assert calibration.of_run(toy_run) is None
    assert calibration.of_run(RunFolder(toy_run.path / "nowhere")) is None
