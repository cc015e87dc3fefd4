"""A GPU that computes wrongly is found by comparison; one that computes right is asked once."""

import json

import pytest
import torch

from engine.core.errors import DeviceError
from engine.core.events import Finished, Started, Turn
from engine.core.paths import home
from engine.datasets.dataset import dataset
from engine.machine.device import Device, choose_device
from engine.model.dropout import Dropout
from engine.runs.folder import RunFolder
from engine.training import learner, selfcheck, trainer
from engine.training.selfcheck import require_sound
from engine.training.trainer import Trainer
from tests.mps.kernels import KERNELS


class Gpu(Device):
    """The CPU under another name, with a fault that a test chooses."""

    def __init__(self, fault=lambda model: None):
        super().__init__()
        self.kind = "gpu"
        self.models = 0
        self._fault = fault

    def receive(self, model):
        self.models += 1
        self._fault(model)


def hooked(change):
    """Change what a module gives, in training and out of it."""
    return lambda model: model.transformer.h[0].mlp.register_forward_hook(lambda _m, _i, out: change(out))


def perturbed_operation(model):
    hooked(lambda out: out * 1.05)(model)


def not_a_number(model):
    hooked(lambda out: out * float("nan"))(model)


def wrong_only_without_gradients(model):
    hooked(lambda out: out if torch.is_grad_enabled() else out * 1.5)(model)


def frozen_layer(model):
    model.transformer.h[0].attn.c_proj.weight.register_hook(torch.zeros_like)


def wrong_gradient(model):
    model.transformer.h[0].attn.c_attn.weight.register_hook(lambda gradient: gradient.abs())


def zeroed_tensor(model):
    with torch.no_grad():
        model.transformer.wpe.weight.zero_()


def sees_the_future(model):
    model.transformer.h[0].attn.register_forward_hook(lambda _m, _i, out: out + out.flip(1))


def dropout_that_drops_nothing(model):
    for module in model.modules():
        if isinstance(module, Dropout):
            module.forward = lambda x: x


def dropout_that_forgets_what_it_dropped(model):
    for module in model.modules():
        if isinstance(module, Dropout):
            drop = module.forward
            module.forward = lambda x, drop=drop: x + (drop(x) - x).detach()


IN_LAYERS = [perturbed_operation, not_a_number, wrong_only_without_gradients, sees_the_future]
IN_TRAINING = [frozen_layer, wrong_gradient, zeroed_tensor]


@pytest.fixture
def use(monkeypatch):
    """Let the engine find this device, whatever is asked for but the CPU."""

    def put(device):
        monkeypatch.setattr(trainer, "choose_device", lambda name: Device() if name == "cpu" else device)
        fit_as_usual = learner.fit

        def fit(model, to, dtype):
            return device.receive(model) if to is device else fit_as_usual(model, to, dtype)

        monkeypatch.setattr(learner, "fit", fit)
        return device

    return put


@pytest.mark.parametrize("fault", IN_LAYERS + IN_TRAINING)
def test_a_device_that_computes_wrongly_is_named_and_leaves_no_run(toy_config, use, fault):
    use(Gpu(fault))
    config = toy_config(device="auto", n_layer=3, batch_size=8, n_embd=32)
    with pytest.raises(DeviceError) as told:
        list(Trainer(config).run())
    assert told.value.code == "device_wrong"
    assert "gpu" in told.value.message
    assert "--device=cpu" in told.value.fix
    assert (told.value.fixes[0].action, told.value.fixes[0].changes) == ("restart", {"device": "cpu"})
    assert RunFolder(config.out_dir).files() == []
    assert not (home() / "selfcheck.json").exists()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (dropout_that_drops_nothing, "dropout moves its features by"),
        (dropout_that_forgets_what_it_dropped, "its gradients drop something else than dropout did"),
    ],
)
def test_a_fault_of_dropout_shows_in_runs_that_drop(toy_config, use, tmp_path, fault, told):
    use(Gpu(fault))
    shape = {"device": "auto", "batch_size": 8, "n_embd": 32, "max_iters": 1}
    list(Trainer(toy_config(**shape, out_dir=str(tmp_path / "without"))).run())
    with pytest.raises(DeviceError) as error:
        list(Trainer(toy_config(**shape, dropout=0.2)).run())
    assert told in error.value.message


@pytest.mark.parametrize(("dtype", "optimizer"), [("float32", "adamw"), ("bfloat16", "muon"), ("float16", "adamw")])
def test_a_sound_gpu_passes_in_the_runs_own_dtype_with_its_bias_and_dropout(gpu, toy_config, dtype, optimizer):
    config = toy_config(device="mps", dtype=dtype, optimizer=optimizer, bias=True, dropout=0.2, max_iters=1)
    list(require_sound(config, dataset("toy"), choose_device("mps")))
    assert len(json.loads((home() / "selfcheck.json").read_text())) == 1


def without_bias(rows):
    """Leave out what is added to so many rows, as some Macs do."""

    def add(x, y, *, alpha=1):
        return x.clone() if x.dim() == 2 and y.dim() == 1 and len(x) == rows else torch.add(x, y, alpha=alpha)

    return add


@pytest.mark.parametrize(("rows", "what"), [(1, "a text"), (3, "several texts")])
def test_a_fault_at_the_rows_of_writing_is_found(gpu, monkeypatch, toy_config, rows, what):
    monkeypatch.setitem(KERNELS, "add", without_bias(rows))
    with pytest.raises(DeviceError, match=f"when writing {what}, it expects"):
        list(require_sound(toy_config(device="mps", bias=True), dataset("toy"), choose_device("mps")))


def test_what_passed_a_smaller_check_is_checked_again(toy_config, use, tmp_path, monkeypatch):
    gpu = use(Gpu())
    monkeypatch.setattr(selfcheck, "CHECK", selfcheck.CHECK - 1)
    list(Trainer(toy_config(device="auto", max_iters=1, out_dir=str(tmp_path / "1"))).run())
    monkeypatch.setattr(selfcheck, "CHECK", selfcheck.CHECK + 1)
    list(Trainer(toy_config(device="auto", max_iters=1, out_dir=str(tmp_path / "2"))).run())
    assert gpu.models == 4


def test_a_device_that_computes_right_is_checked_once_for_its_shapes(toy_config, use, tmp_path):
    gpu = use(Gpu())

    def models_for(number, **changes):
        before = gpu.models
        list(Trainer(toy_config(**{"device": "auto", "out_dir": str(tmp_path / str(number)), **changes})).run())
        return gpu.models - before

    assert models_for(1) == 2  # the check's and the run's
    assert models_for(2) == 1
    assert models_for(3, batch_size=3) == 2
    assert models_for(4, learning_rate=1e-4, n_layer=2, max_iters=1) == 1
    assert len(json.loads((home() / "selfcheck.json").read_text())) == 2


def test_other_versions_are_checked_again(toy_config, use, tmp_path, monkeypatch):
    gpu = use(Gpu())
    list(Trainer(toy_config(device="auto", max_iters=1, out_dir=str(tmp_path / "1"))).run())
    monkeypatch.setattr(torch, "__version__", "99.0")
    list(Trainer(toy_config(device="auto", max_iters=1, out_dir=str(tmp_path / "2"))).run())
    assert gpu.models == 4


@pytest.mark.parametrize("content", ["", "[", "{}", "[1, null]"])
def test_a_memory_of_checks_that_cannot_be_read_is_none(toy_config, use, content):
    home().mkdir(parents=True, exist_ok=True)
    (home() / "selfcheck.json").write_text(content)
    gpu = use(Gpu())
    list(Trainer(toy_config(device="auto", max_iters=1)).run())
    assert gpu.models == 2


def test_with_on_fault_fix_it_runs_on_the_processor_and_says_so(toy_config, use):
    use(Gpu(perturbed_operation))
    events = list(Trainer(toy_config(device="auto", on_fault="fix", batch_size=8, n_embd=32)).run())
    assert next(event for event in events if isinstance(event, Started)).device == "cpu"
    told = [event.what for event in events if getattr(event, "code", "") == "device_replaced"]
    assert len(told) == 1
    assert "computes wrongly" in told[0]
    assert isinstance(events[-1], Finished)


def test_the_processor_is_not_compared_with_itself(toy_config):
    list(Trainer(toy_config(max_iters=1)).run())
    assert not (home() / "selfcheck.json").exists()


def test_a_check_says_when_it_begins_and_ends(toy_config):
    told = [event for event in require_sound(toy_config(), dataset("toy"), Gpu()) if event is not Turn.NEXT]
    assert [(event.done, event.total) for event in told] == [(0, 1), (1, 1)]
