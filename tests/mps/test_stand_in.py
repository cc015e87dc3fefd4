"""The stand-in itself: that it is taken for a Mac's GPU, refuses what one refuses, and counts right."""

import threading

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.machine.device import MpsDevice, choose_device
from engine.model.loss import linear_cross_entropy
from tests.mps.record import RefusedError
from tests.mps.stand_in import mps
from tests.mps.tensor import MpsTensor


@pytest.fixture
def lenient():
    """Yield a stand-in that writes refusals down and goes on."""
    with mps(refusing=False) as there:
        yield there


# -- it is taken for one ---------------------------------------------------------------------------------------------


def test_torch_and_the_engine_find_it_and_only_while_it_is_there():
    with mps():
        assert torch.backends.mps.is_available()
        assert isinstance(choose_device("auto"), MpsDevice)
        x = torch.ones(2, device="mps")
        assert (x.device, x.is_mps, x.is_cpu) == (torch.device("mps", 0), True, False)
    assert not torch.backends.mps.is_available()
    assert choose_device("mps").kind == "cpu"
    with pytest.raises(RuntimeError, match="outside its stand-in"):
        x + 1


def test_no_other_thread_may_use_it(gpu):
    x, told = torch.ones(2, device="mps"), []

    def use():
        try:
            told.append(x + 1)
        except RuntimeError as error:
            told.append(str(error))

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert "in another thread" in told[0]


def test_it_computes_what_the_cpu_computes_and_its_gradients(gpu):
    weight, x = torch.randn(5, 4), torch.randn(3, 4)
    gradients = []
    for device in ("cpu", "mps"):
        w = weight.to(device, copy=True).requires_grad_()
        F.layer_norm(F.gelu(F.linear(x.to(device), w)), (5,)).square().sum().backward()
        assert w.grad.device.type == device
        gradients.append(w.grad.cpu())
    torch.testing.assert_close(*gradients)


def test_a_module_that_is_moved_keeps_its_parameters_and_their_ties(gpu):
    module = torch.nn.Sequential(torch.nn.Embedding(4, 3), torch.nn.Linear(3, 4, bias=False))
    module[1].weight = module[0].weight
    before = module[0].weight
    module.to("mps")
    assert module[0].weight is module[1].weight is before
    assert isinstance(before, MpsTensor)
    assert isinstance(before, torch.nn.Parameter)


def test_what_mps_has_as_one_kernel_stays_one(gpu):
    x, w = torch.ones(2, 3, device="mps"), torch.ones(4, 3, device="mps", requires_grad=True)
    with gpu.counted() as forward:
        y = F.linear(x, w)
    with gpu.counted() as backward:
        y.sum().backward()
    assert forward.ops == {"linear": 1}
    assert backward.ops["linear_backward"] == 1


def test_autocast_decides_by_operator(gpu):
    x, w = torch.ones(2, 3, device="mps"), torch.ones(3, 3, device="mps")
    with torch.autocast("mps", torch.bfloat16):
        assert (x @ w).dtype == F.linear(x, w).dtype == torch.bfloat16
        assert F.layer_norm(x.bfloat16(), (3,)).dtype == torch.float32
        assert (x.bfloat16() + 1).dtype == torch.bfloat16
    assert (x @ w).dtype == torch.float32


def test_attention_with_gradients_or_dropout_goes_by_products_and_else_by_a_kernel(gpu):
    q, k, v = (torch.randn(1, 2, 16, 64).to("mps") for _ in range(3))
    with gpu.counted() as read:
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    with gpu.counted() as learned:
        z = F.scaled_dot_product_attention(q.requires_grad_(), k, v, is_causal=True)
    assert read.ops == {"attention by the kernel prefill": 1}
    assert learned.ops["_safe_softmax"] == 1
    expected = F.scaled_dot_product_attention(q.detach().cpu(), k.cpu(), v.cpu(), is_causal=True)
    torch.testing.assert_close(y.cpu(), expected)
    torch.testing.assert_close(z.detach().cpu(), expected)


def test_its_random_numbers_are_its_own_and_follow_the_seed(gpu):
    torch.manual_seed(5)
    expected = torch.rand(3)
    drawn = []
    for _ in range(2):
        torch.manual_seed(5)
        drawn.append(torch.rand(4, device="mps").cpu())
        assert torch.equal(torch.rand(3), expected)
    assert torch.equal(*drawn)
    torch.manual_seed(6)
    assert not torch.equal(torch.rand(4, device="mps").cpu(), drawn[0])


def test_what_is_saved_is_a_tensor_of_any_machine_and_ties_hold(gpu, tmp_path):
    x = torch.ones(3, device="mps")
    torch.save({"one": x, "other": x.view(3, 1)}, tmp_path / "saved.pt")
    found = torch.load(tmp_path / "saved.pt", weights_only=True)
    assert found["one"].tolist() == [1.0, 1.0, 1.0]
    assert found["one"].data_ptr() == found["other"].data_ptr()


# -- it refuses ------------------------------------------------------------------------------------------------------


def no_kernel():
    torch.ones(2, 2, device="mps").geqrf()


def widened():
    torch.ones(2, device="mps").double()


def made_wide():
    torch.zeros(2, dtype=torch.float64, device="mps")


def sent_wide():
    torch.ones(2, dtype=torch.float64).to("mps")


def summed_wide():
    torch.ones(2, device="mps").sum(dtype=torch.float64)


def complex_numbers():
    torch.fft.rfft(torch.ones(4, device="mps"))


def two_devices():
    torch.ones(2, device="mps") + torch.ones(2)


def index_of_the_host():
    torch.ones(4, device="mps")[torch.tensor([1, 2])]


def sent_without_waiting():
    torch.ones(2).to("mps", non_blocking=True)


def brought_without_waiting():
    torch.ones(2, device="mps").to("cpu", non_blocking=True)


def copied_without_waiting():
    torch.ones(2, device="mps").copy_(torch.ones(2), non_blocking=True)


def pinned():
    torch.ones(2).pin_memory()


def made_pinned():
    torch.empty(2, pin_memory=True)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (no_kernel, "geqrf"),
        (widened, "float64"),
        (made_wide, "float64"),
        (sent_wide, "float64"),
        (summed_wide, "float64"),
        (complex_numbers, "complex"),
        (two_devices, r"tensor \(2,\) on the CPU"),
        (index_of_the_host, r"tensor \(2,\) on the CPU"),
        (sent_without_waiting, "non_blocking"),
        (brought_without_waiting, "non_blocking"),
        (copied_without_waiting, "non_blocking"),
        (pinned, "pinned"),
        (made_pinned, "pinned"),
    ],
)
def test_it_refuses(gpu, ask, told):
    with pytest.raises(RefusedError, match=told):
        ask()
    assert gpu.record.refusals.total() == 1


def test_it_refuses_numpy_as_torch_does(gpu):
    x = torch.ones(2, device="mps")
    for ask in (x.numpy, lambda: np.asarray(x)):
        with pytest.raises(TypeError, match=r"Use Tensor\.cpu"):
            ask()


def test_numbers_of_the_host_may_stand_beside_tensors(gpu):
    x = torch.ones(2, device="mps")
    assert (x * torch.tensor(2.0) + 1).tolist() == [3.0, 3.0]


def test_a_refusal_can_be_written_down_only(lenient):
    assert torch.ones(2, device="mps").double().tolist() == [1.0, 1.0]
    assert {what for what, _ in lenient.record.refusals} == {"_to_copy makes torch.float64 on the device"}


# -- what is in its memory -------------------------------------------------------------------------------------------


def test_memory_that_nobody_filled_holds_no_numbers(gpu):
    x = torch.zeros(2, device="mps")
    for made in (torch.empty(2, device="mps"), torch.empty_like(x), x.new_empty(2)):
        assert made.isnan().all()


def test_a_share_of_nothing_of_what_is_no_number_stays_none(gpu):
    a = torch.ones(1, 2, 2, device="mps")
    assert torch.baddbmm(torch.empty_like(a), a, a, beta=0).isnan().all()
    assert torch.addmm(torch.empty_like(a[0]), a[0], a[0], beta=0).tolist() == [[2.0, 2.0], [2.0, 2.0]]


# -- who waits for whom ----------------------------------------------------------------------------------------------


def test_a_copy_is_waited_for_and_what_the_host_does_afterwards_is_its_own_affair(gpu):
    numbers = np.ones(3, np.float32)
    x = torch.from_numpy(numbers).to("mps")
    numbers[:] = 7
    assert (x * 2).tolist() == [2.0, 2.0, 2.0]


def test_a_buffer_that_is_changed_before_the_device_reads_it_gives_wrong_numbers(lenient):
    host = torch.ones(3)
    x = host.to("mps", non_blocking=True)
    y = x * 2
    host.fill_(7)
    assert y.isnan().all()
    assert x.tolist() == [7.0, 7.0, 7.0]


def test_a_buffer_that_is_changed_after_a_wait_does_not(lenient):
    host = torch.ones(3)
    x = host.to("mps", non_blocking=True)
    y = x * 2
    torch.mps.synchronize()
    host.fill_(7)
    assert y.tolist() == [2.0, 2.0, 2.0]


def test_what_the_device_has_still_to_write_cannot_be_read(lenient):
    host = torch.ones(3, device="mps").to("cpu", non_blocking=True)
    assert host.isnan().all()
    torch.mps.synchronize()
    assert host.tolist() == [1.0, 1.0, 1.0]


def test_each_way_to_wait_is_counted(gpu):
    x = torch.ones(3).to("mps")
    event = torch.mps.Event()
    for wait in (
        x.sum().item,
        x.cpu,
        x.tolist,
        lambda: float(x[0]),
        lambda: bool(x.all()),
        lambda: torch.equal(x, x),
        lambda: torch.allclose(x, x),
        x.nonzero,
        lambda: x[x > 0],
        lambda: x.copy_(torch.zeros(3)),
        torch.mps.synchronize,
        event.synchronize,
    ):
        with gpu.counted() as record:
            wait()
        assert record.host_waits == 1
    assert gpu.record.host_waits == 13


def test_a_recorded_event_sends_work_off_and_waits_for_nothing(gpu):
    with gpu.counted() as record:
        torch.mps.Event().record()
    assert (record.commits, record.host_waits, record.launches) == (1, 0, 0)


# -- counts ----------------------------------------------------------------------------------------------------------


def test_views_and_reserved_memory_launch_nothing(gpu):
    x = torch.ones(4, 4, device="mps")
    with gpu.counted() as record:
        x.view(2, 8).t()[1:].unbind(0)
        torch.empty_like(x).detach()
    assert record.launches == 0


def test_launches_are_counted_by_operator_and_line_of_the_engine(gpu):
    x, w = torch.ones(4, 8, device="mps"), torch.ones(9, 8, device="mps")
    with gpu.counted() as record:
        linear_cross_entropy(x, w, torch.arange(4, device="mps"))
    assert record.launches == record.launches_by_line.total() > 5
    assert {line.split(":")[0].rsplit("/")[-1] for line in record.launches_by_line} == {"loss.py", "outside the engine"}
    assert gpu.record.launches == record.launches + 2


def test_a_fused_step_takes_thirty_two_tensors_a_launch(gpu):
    def launches(*sizes):
        tensors = [torch.zeros(size, device="mps") for size in sizes]
        steps = [torch.ones((), device="mps") for _ in sizes]
        state = [[x.clone() for x in tensors] for _ in range(3)]
        rates = {"lr": 0.1, "beta1": 0.9, "beta2": 0.9, "weight_decay": 0.0, "eps": 1e-8}
        with gpu.counted() as record:
            torch._fused_adamw_(tensors, *state, [], steps, **rates, amsgrad=False, maximize=False)
        return record.launches

    assert launches(*[4] * 32) == 1
    assert launches(*[4] * 33) == 2
    assert launches(33 * 65_536) == 2


# -- shapes that Apple's kernels get wrong ---------------------------------------------------------------------------


def dangers(record):
    return {what for what, _ in record.dangers}


def test_a_long_product_is_noticed_in_each_form(gpu):
    long, short = torch.ones(1, 40_000, device="mps"), torch.ones(1, 32_766, device="mps")
    for product in (
        lambda x: x @ x.t(),
        lambda x: torch.bmm(x[None], x.t()[None]),
        lambda x: torch.addmm(x[:, :1], x, x.t()),
        lambda x: torch.baddbmm(x[None, :, :1], x[None], x.t()[None]),
        lambda x: F.linear(x, x),
        lambda x: x @ x[0],
    ):
        with gpu.counted() as record:
            product(short)
        assert not record.dangers
        with gpu.counted() as record:
            product(long)
        assert dangers(record) == {"a product with an inner dimension of 40,000"}


def test_a_long_product_is_noticed_on_the_way_back(gpu):
    w = torch.ones(2, 2, device="mps", requires_grad=True)
    x = torch.ones(40_000, 2, device="mps")
    with gpu.counted() as record:
        F.linear(x, w).sum().backward()
    assert dangers(record) == {"a product with an inner dimension of 40,000"}


def test_a_bias_inside_a_linear_layer_is_noticed(gpu):
    x, bias = torch.ones(2, 2, device="mps"), torch.ones(2, device="mps")
    with gpu.counted() as record:
        F.linear(x, x)
    assert not record.dangers
    F.linear(x, x, bias)
    assert dangers(gpu.record) == {"a linear layer with its bias as one operator"}


@pytest.mark.parametrize(("size", "is_dangerous"), [(16, True), (48, True), (32, False), (64, False), (128, False)])
def test_heads_without_a_kernel_of_metal_want_a_mask(gpu, size, is_dangerous):
    q = torch.ones(1, 1, 16, size, device="mps")
    F.scaled_dot_product_attention(q, q, q, attn_mask=torch.ones(16, 16, dtype=torch.bool, device="mps").tril())
    assert not gpu.record.dangers
    F.scaled_dot_product_attention(q, q, q, is_causal=True)
    assert bool(gpu.record.dangers) == is_dangerous
