"""Training on a strict stand-in for a Mac's GPU: it gives there what it gives on the CPU, and nothing is refused."""

import pytest
import torch
from torch.nn import functional as F

from engine.core.errors import DeviceError, OutOfMemoryError, TrainingError
from engine.core.events import Advice, Calibrated, Eval, Finished, Sample, Started, Step
from engine.core.jobs import Control, events_of
from engine.exports.formats import FORMATS
from engine.exports.job import export_job
from engine.machine.abilities import multiplies
from engine.machine.device import choose_device
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.training.bench import breakdown, calibrate_job
from engine.training.learner import Learner
from engine.training.precision import choose_dtype
from engine.training.trainer import Trainer
from tests.mps.budgets import learner_of, tokens_of
from tests.mps.kernels import KERNELS

EVERYTHING = {"bias": True, "dropout": 0.1, "gradient_accumulation_steps": 2}


@pytest.fixture
def gpu(gpu):
    """Return the stand-in; when a test ends, nothing was refused and nothing dangerous asked for."""
    yield gpu
    assert gpu.record.problems == []


@pytest.fixture
def config_of(toy_config, tmp_path):
    """Return a maker of configurations on a device, each with a folder of its own."""
    return lambda device, **changes: toy_config(**{"device": device, "out_dir": str(tmp_path / device), **changes})


def train(config):
    return list(Trainer(config).run())


def losses(events):
    """Return every loss that was told, in order."""
    return [
        loss
        for event in events
        if isinstance(event, Step | Eval)
        for loss in ([event.loss] if isinstance(event, Step) else [event.train_loss, event.val_loss])
    ]


def weights(config):
    """Return the weights, moments and momenta of a run's checkpoint by name."""
    saved = checkpoint.load(RunFolder(config.out_dir).checkpoint)
    moments = {f"{n}.{key}": x for n, state in saved.optimizer["state"].items() for key, x in state.items()}
    return saved.model | moments | {f"{n}": x for n, x in saved.optimizer.get("momentum", {}).items()}


# -- what the CPU gives ----------------------------------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_run_tells_the_losses_of_the_cpu_and_writes_its_samples(config_of, gpu, optimizer):
    runs = [train(config_of(device, optimizer=optimizer, bias=True, max_iters=6)) for device in ("cpu", "mps")]
    assert next(event.device for event in runs[1] if isinstance(event, Started)) == "mps"
    assert losses(runs[1]) == pytest.approx(losses(runs[0]), rel=1e-3)
    texts = [[event.text for event in run if isinstance(event, Sample)] for run in runs]
    assert texts[0] == texts[1] != []
    assert gpu.record.launches > 1000


@pytest.mark.thorough
def test_a_model_is_taught_as_on_the_cpu(config_of, gpu):
    changes = {"generations": 2, "max_iters": 6, "eval_interval": 3, "sample_tokens": 0}
    runs = [train(config_of(device, **changes)) for device in ("cpu", "mps")]
    assert losses(runs[1]) == pytest.approx(losses(runs[0]), rel=1e-3)
    assert checkpoint.load(RunFolder(config_of("mps").out_dir).checkpoint).generation.number == 1


PRECISIONS = [("bfloat16", "adamw"), ("float16", "muon")]
OTHERS = [("bfloat16", "muon"), ("float16", "adamw")]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("dtype", "optimizer"), PRECISIONS + [pytest.param(*pair, marks=pytest.mark.slow) for pair in OTHERS]
)
def test_a_run_in_a_shorter_dtype_learns_as_well(config_of, gpu, dtype, optimizer):
    if not multiplies(torch.device("cpu"), getattr(torch, dtype)):
        pytest.skip("the stand-in multiplies on this processor, which does not take this dtype")
    changes = {"optimizer": optimizer, "max_iters": 6, "sample_tokens": 0}
    exact = train(config_of("cpu", **changes))
    short = train(config_of("mps", dtype=dtype, **changes))
    assert next(event.dtype for event in short if isinstance(event, Started)) == dtype
    assert losses(short) == pytest.approx(losses(exact), rel=0.02)


def test_products_are_taken_in_float32_where_nobody_chose(gpu):
    learner = learner_of({"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 16}, 30, dtype="auto")
    tokens = tokens_of(learner)
    learner.choose_dtype(tokens)
    assert learner.dtype == torch.float32
    batch = (part.to("mps") for part in tokens.random_windows(2, 16, 1, 0))
    assert choose_dtype(learner.model, *batch, learner.device) == torch.float32


# -- exact resume ----------------------------------------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize("optimizer", ["adamw", pytest.param("muon", marks=pytest.mark.slow)])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not(config_of, gpu, tmp_path, optimizer):
    changes = {"optimizer": optimizer, "sample_tokens": 0, "max_iters": 8, **EVERYTHING}
    whole, parted = config_of("mps", **changes), config_of("mps", out_dir=str(tmp_path / "parted"), **changes)
    train(whole)
    control = Control()
    for event in Trainer(parted, control).run():
        if isinstance(event, Step) and event.iter_num == 3:
            control.stop()
    train(resumed_config(parted.out_dir, {}))
    expected, found = weights(whole), weights(parted)
    assert expected.keys() == found.keys()
    assert [name for name, tensor in expected.items() if not torch.equal(tensor, found[name])] == []


@pytest.mark.thorough
def test_a_checkpoint_of_the_gpu_is_one_of_the_cpu(config_of, gpu):
    config = config_of("mps", max_iters=4, sample_tokens=0)
    train(config)
    saved = checkpoint.load(RunFolder(config.out_dir).checkpoint)
    assert all(type(tensor) is torch.Tensor for tensor in saved.model.values())
    assert saved.model["lm_head.weight"].data_ptr() == saved.model["transformer.wte.weight"].data_ptr()
    told = train(resumed_config(config.out_dir, {"device": "cpu", "max_iters": 6}))
    assert isinstance(told[-1], Finished)


@pytest.mark.thorough
@pytest.mark.parametrize("form", [form.name for form in FORMATS])
def test_what_it_learned_is_exported(config_of, gpu, tmp_path, form):
    config = config_of("mps", max_iters=2, eval_iters=1, sample_tokens=0, n_embd=32)
    train(config)
    job = export_job(RunFolder(config.out_dir).checkpoint, form, tmp_path / "exported", control=Control())
    *_, done = events_of(job, Control())
    assert done.tokens_equal == done.tokens > 0
    assert done.logits_difference <= done.tolerance


# -- faults ----------------------------------------------------------------------------------------------------------


def full(*_, **__):
    raise RuntimeError("MPS backend out of memory (MPS allocated: 8.21 GiB, max allowed: 9.07 GiB).")


@pytest.mark.thorough
def test_a_gpu_that_is_full_is_told_and_the_run_goes_on_with_less(config_of, gpu, monkeypatch):
    def small(x, **more):
        return torch.ops.aten.gelu(x, **more) if x.shape[0] <= 2 else full()

    monkeypatch.setitem(KERNELS, "gelu", small)
    changes = {"max_iters": 4, "batch_size": 4, "sample_tokens": 0}
    with pytest.raises(OutOfMemoryError):
        train(config_of("mps", **changes))
    events = train(config_of("mps", on_fault="fix", overwrite=True, **changes))
    assert events[-1].reason == "done"
    last = [event for event in events if isinstance(event, Started)][-1]
    assert last.tokens_per_iter == 4 * 16


@pytest.mark.thorough
def test_a_loss_that_is_no_number_is_seen_when_it_is_read(config_of, gpu):
    config = config_of("mps", max_iters=4, sample_tokens=0)
    train(config)
    path = RunFolder(config.out_dir).checkpoint
    saved = checkpoint.load(path)
    saved.model["transformer.ln_f.weight"][0] = 3e38
    checkpoint.save(saved, path)
    with pytest.raises(TrainingError) as told:
        train(resumed_config(config.out_dir, {"max_iters": 20}))
    assert told.value.code == "nan_loss"


@pytest.mark.thorough
def test_a_kernel_that_computes_wrongly_is_found_before_the_run(config_of, gpu, monkeypatch):
    monkeypatch.setitem(KERNELS, "gelu", lambda x, approximate="none": F.gelu(x) * 1.05)
    with pytest.raises(DeviceError) as told:
        train(config_of("mps"))
    assert told.value.code == "device_wrong"
    events = train(config_of("mps", on_fault="fix", max_iters=2))
    assert next(event.device for event in events if isinstance(event, Started)) == "cpu"


LOSING = {"max_iters": 10, "eval_interval": 4, "log_interval": 3, "sample_tokens": 0}


def train_and_lose(config, number, monkeypatch):
    """Train while the device loses the run's update of that number, counted from 1, once; nobody is told."""
    asked = []

    def step(*lists, **settings):
        asked.append(lists)  # one for each of two groups of parameters
        return None if len(asked) in (2 * number - 1, 2 * number) else torch.ops.aten._fused_adamw_(*lists, **settings)

    def count(steps, by):
        lost = len(asked) in (2 * number - 2, 2 * number - 1)
        return None if lost else torch.ops.aten._foreach_add_.Scalar(steps, by)

    events = []
    for event in Trainer(config).run():
        events.append(event)
        if isinstance(event, Started) and not asked:
            monkeypatch.setitem(KERNELS, "_fused_adamw_", step)
            monkeypatch.setitem(KERNELS, "_foreach_add_", count)
    return events


def test_work_that_the_gpu_lost_is_seen_at_the_next_reading(config_of, gpu, monkeypatch):
    config = config_of("mps", **LOSING)
    with pytest.raises(TrainingError) as told:
        train_and_lose(config, 6, monkeypatch)
    assert told.value.code == "work_lost"
    assert "iteration 6: of 7 updates it made 6" in told.value.message
    assert told.value.fixes[0].changes == {"resume_from": "latest"}
    assert f"--out_dir={config.out_dir}" in told.value.fix
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).iter_num == 4


def test_a_run_that_lost_work_goes_back_and_ends_as_if_it_had_not(config_of, gpu, monkeypatch, tmp_path):
    whole = config_of("mps", out_dir=str(tmp_path / "whole"), **LOSING)
    train(whole)
    mended = config_of("mps", on_fault="fix", **LOSING)
    events = train_and_lose(mended, 6, monkeypatch)
    assert [event.why for event in events if isinstance(event, Advice) and event.code == "work_lost"] == [
        "It goes on from iteration 4."
    ]
    expected, found = weights(whole), weights(mended)
    assert [name for name, tensor in expected.items() if not torch.equal(tensor, found[name])] == []


def test_no_checkpoint_holds_what_lost_work_left(config_of, gpu, monkeypatch):
    config = config_of("mps", **LOSING | {"log_interval": 100})
    with pytest.raises(TrainingError) as told:
        train_and_lose(config, 4, monkeypatch)
    assert told.value.code == "work_lost"
    assert not RunFolder(config.out_dir).checkpoint.exists()


# -- measuring -------------------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_its_speed_and_its_parts_are_measured(config_of, gpu, monkeypatch):
    monkeypatch.setattr("engine.training.bench.CALIBRATION_S", 0.05)
    told = list(events_of(calibrate_job(config_of("mps"), Control()), Control()))
    assert isinstance(told[-1], Calibrated)
    learner = Learner.fresh(config_of("mps"), 30, choose_device("mps"))
    parts = breakdown(learner, tokens_of(learner), 2)
    assert all(milliseconds > 0 for milliseconds in parts.values())


# -- shapes that some Macs compute wrongly ---------------------------------------------------------------------------


def learn_and_score(shape, vocabulary=30, **settings):
    """Make an update and score a batch; what is dangerous about it is seen as a test ends."""
    learner = learner_of(shape, vocabulary, **settings)
    tokens = tokens_of(learner)
    for _ in learner.update(0, tokens):
        pass
    learner.score(tokens.random_windows(learner.config.batch_size, learner.config.block_size, 1, 0))


LITTLE = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 16, "batch_size": 2}
MANY_ROWS = {"n_layer": 1, "n_head": 1, "n_embd": 8, "block_size": 256, "batch_size": 128}


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_no_product_over_a_vocabulary_is_long_enough_to_read_past_its_end(gpu, optimizer):
    learn_and_score(LITTLE, 50_304, optimizer=optimizer)


def test_no_product_over_the_rows_of_a_batch_is_long_enough_to_read_past_its_end(gpu):
    learn_and_score(MANY_ROWS)


def test_no_layer_leaves_its_bias_to_a_kernel(gpu):
    learn_and_score(LITTLE, bias=True)


@pytest.mark.parametrize("size", [8, 48, 64])
def test_no_head_without_a_kernel_goes_without_a_mask(gpu, size):
    learn_and_score({**LITTLE, "n_embd": 2 * size})


def test_a_snapshot_of_the_gpu_is_one_of_the_cpu(config_of, gpu):
    config = config_of("mps")
    train(config)
    taken = RunFolder(config.out_dir).snapshots()
    assert taken
    for each in taken:
        saved = checkpoint.load(each.path)
        assert saved.iter_num == each.iter_num
        assert saved.build_model().lm_head.weight.device.type == "cpu"
