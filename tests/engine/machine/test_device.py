import mmap

import pytest
import torch

from engine.core.errors import OutOfMemoryError
from engine.core.kinds import DTYPES
from engine.machine import device as device_module
from engine.machine.abilities import multiplies
from engine.machine.device import DEVICES, CudaDevice, Device, MpsDevice, available, choose_device
from engine.model.fitting import fit


@pytest.fixture
def only_a_cpu(monkeypatch):
    monkeypatch.setattr(device_module, "available", lambda kind: kind == "cpu")


def test_auto_takes_the_best_there_is_and_says_nothing():
    device = choose_device("auto")
    assert device.kind == next(kind for kind in DEVICES if available(kind))
    assert device.notice == ""


@pytest.mark.parametrize(("wished", "taken"), [("cpu", "cpu"), ("", "mps"), ("cuda", "mps"), ("nonsense", "mps")])
def test_what_auto_takes_can_be_named_from_outside(monkeypatch, wished, taken):
    """A hosted Mac says that it has MPS, and cannot be trusted with it."""
    monkeypatch.setattr(device_module, "available", lambda kind: kind in ("mps", "cpu"))
    monkeypatch.setattr(MpsDevice, "prepare", lambda self: None)
    monkeypatch.setenv("UNDERSTUDY_DEVICE", wished)
    assert choose_device("auto").kind == taken
    assert choose_device("mps").kind == "mps"


def test_the_best_comes_first():
    assert list(DEVICES) == ["mps", "cuda", "cpu"]
    assert {kind: cls.kind for kind, cls in DEVICES.items()} == {kind: kind for kind in DEVICES}


@pytest.mark.usefixtures("only_a_cpu")
@pytest.mark.parametrize("asked", ["mps", "cuda"])
def test_a_device_that_is_not_there_is_replaced_and_told(asked):
    device = choose_device(asked)
    assert device.kind == "cpu"
    assert device.notice == f"This machine has no {asked} device: running on cpu."


def test_the_cpu_is_there_when_it_is_asked_for():
    device = choose_device("cpu")
    assert (device.kind, device.notice, device.torch) == ("cpu", "", torch.device("cpu"))


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("auto", torch.float32), ("float32", torch.float32), ("bfloat16", torch.bfloat16), ("float16", torch.float16)],
)
def test_dtypes_by_name(name, dtype):
    device = Device()
    assert device.dtype(name) == (dtype if multiplies(device.torch, dtype) else torch.float32)


def test_a_dtype_that_the_processor_does_not_multiply_becomes_float32(monkeypatch):
    monkeypatch.setattr("engine.machine.abilities.multiplies", lambda _device, dtype: dtype == torch.float32)
    assert {Device().dtype(name) for name in DTYPES} == {torch.float32}


def test_autocast_narrows_products_only_when_asked(narrow):
    device, x = Device(), torch.ones(2, 2)
    with device.autocast(torch.float32):
        assert (x @ x).dtype == torch.float32
    with device.autocast(narrow):
        assert (x @ x).dtype == narrow


def test_memory_is_measured_and_its_peak_kept():
    device = Device()
    before = device.memory_bytes()
    mapped = mmap.mmap(-1, 128 * 2**20)  # from the system: torch may give what an earlier test has freed
    block = torch.frombuffer(mapped, dtype=torch.uint8).fill_(1)
    with_block = device.memory_bytes()
    assert with_block - before > 96 * 2**20
    del block
    assert device.peak_memory_bytes() >= with_block
    assert before > 2**20


def test_a_block_there_is_no_room_for_is_told_with_the_guides_cures():
    with pytest.raises(OutOfMemoryError) as told, Device().translating(3 * 2**30):
        torch.empty(2**55, dtype=torch.uint8)
    assert told.value.code == "out_of_memory"
    assert "about 3.0 GiB" in told.value.message
    assert "batch_size" in told.value.fix
    assert "block_size" in told.value.fix


def test_pythons_own_lack_of_memory_is_told_alike():
    with pytest.raises(OutOfMemoryError), Device().translating(1):
        bytearray(2**62)


def test_other_errors_stay_what_they_are():
    with pytest.raises(RuntimeError, match="shapes"), Device().translating(1):
        torch.ones(2, 3) @ torch.ones(2, 3)


@pytest.mark.parametrize(
    "told",
    [
        "MPS backend out of memory (MPS allocated: 5.46 GB, other allocations: 1.04 GB, max allowed: 6.80 GB).",
        "Invalid buffer size: 12.00 GB",
        "Failed to allocate memory on MPS device",
    ],
)
def test_what_mps_says_when_it_is_full_is_understood(told):
    assert MpsDevice().is_out_of_memory(RuntimeError(told))
    assert not MpsDevice().is_out_of_memory(RuntimeError("MPS: unsupported op"))


def test_only_the_cpu_reads_for_free():
    assert Device.reads_are_free
    assert not MpsDevice.reads_are_free
    assert not CudaDevice.reads_are_free


def test_a_model_whose_kernel_leaks_attends_through_a_mask(toy_model, monkeypatch):
    """The kernel of the CPU stands in for one of Metal that forgets its causal rule."""
    model, device = toy_model(n_embd=64, n_head=2), MpsDevice()
    device.torch = torch.device("cpu")
    fit(model, device)
    assert not any(block.attn.explicit_mask for block in model.transformer.h)

    attend = torch.nn.functional.scaled_dot_product_attention

    def forgetful(q, k, v, *, is_causal=False, **rest):
        return attend(q, k, v, is_causal=False, **rest)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", forgetful)
    fit(model, device)
    assert all(block.attn.explicit_mask for block in model.transformer.h)


@pytest.mark.parametrize(("n_embd", "known"), [(64, True), (128, True), (48, False), (8, False)])
def test_on_mps_only_heads_of_known_width_go_by_the_kernels_own_rule(toy_model, n_embd, known):
    model, device = toy_model(n_embd=n_embd, n_head=2), MpsDevice()
    device.torch = torch.device("cpu")
    fit(model, device)
    assert all(block.attn.explicit_mask is not known for block in model.transformer.h)


def test_an_event_sends_work_off_and_waits_for_nothing(gpu):
    device = choose_device("mps")
    with gpu.counted() as record:
        for _ in range(2):
            device.begin()
    assert (record.commits, record.host_waits) == (2, 0)


def test_where_there_are_no_events_work_is_sent_off_by_itself():
    MpsDevice().begin()
    Device().begin()
