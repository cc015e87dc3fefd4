import math

import pytest
import torch
from torch.nn import functional as F

from engine.machine.formulation import FORMULATIONS, Formulation
from engine.model import loss as loss_module
from engine.model.loss import IGNORED, Lesson, linear_cross_entropy
from engine.model.matmul import LARGE_PRODUCT

SIZES = [(1, 1, 2), (7, 3, 11), (64, 16, 65), (129, 5, 97), (200, 8, 3)]


def example(rows, width, columns, dtype, ignored=0.0, seed=0):
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, width, generator=draw, dtype=dtype, requires_grad=True)
    weight = torch.randn(columns, width, generator=draw, dtype=dtype, requires_grad=True)
    targets = torch.randint(columns, (rows,), generator=draw)
    targets[torch.rand(rows, generator=draw) < ignored] = IGNORED
    targets[0] = columns - 1
    return x, weight, targets


def values_and_gradients(function, x, weight, targets, scale=1.0):
    value = function(x, weight, targets)
    gradients = torch.autograd.grad(value * scale, (x, weight))
    return [value.detach(), *gradients]


def plain(x, weight, targets):
    return F.cross_entropy(F.linear(x, weight), targets, ignore_index=IGNORED)


def assert_alike(ours, theirs, tolerance):
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.dtype == other.dtype
        assert mine.shape == other.shape
        assert float((mine - other).abs().max()) < tolerance


@pytest.fixture(params=[64, 10_000_000], ids=["several blocks", "one block"])
def _blocks(request, monkeypatch):
    monkeypatch.setitem(FORMULATIONS, "cpu", Formulation(block_bytes=request.param))


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
@pytest.mark.parametrize("ignored", [0.0, 0.4])
@pytest.mark.parametrize("size", SIZES)
def test_it_is_the_cross_entropy_of_a_linear_layer(size, ignored, dtype, tolerance):
    inputs = example(*size, dtype, ignored)
    assert_alike(values_and_gradients(linear_cross_entropy, *inputs), values_and_gradients(plain, *inputs), tolerance)


@pytest.mark.usefixtures("_blocks")
def test_gradients_scale_with_what_comes_in():
    inputs = example(150, 6, 40, torch.float64, 0.2)
    ours = values_and_gradients(linear_cross_entropy, *inputs, scale=0.125)
    assert_alike(ours, values_and_gradients(plain, *inputs, scale=0.125), 1e-10)


@pytest.mark.usefixtures("_blocks")
def test_a_loss_scale_beyond_float16_leaves_its_gradients_finite():
    x, weight, targets = example(64, 8, 16, torch.float16)
    scale = 65536.0
    _, grad_x, grad_weight = values_and_gradients(linear_cross_entropy, x, weight, targets, scale)
    wide = [tensor.detach().float().requires_grad_() for tensor in (x, weight)]
    _, exact_x, exact_weight = values_and_gradients(linear_cross_entropy, *wide, targets, scale)
    assert float((grad_x - exact_x).norm() / exact_x.norm()) < 0.01
    assert float((grad_weight - exact_weight).norm() / exact_weight.norm()) < 0.01


def test_shares_of_several_batches_add_up_in_the_gradient():
    batches = [example(100, 6, 40, torch.float64, seed=seed) for seed in range(3)]

    def accumulated(function):
        weight = batches[0][1].detach().clone().requires_grad_()
        for x, _, targets in batches:
            (function(x.detach(), weight, targets) / len(batches)).backward()
        return weight.grad

    assert_alike([accumulated(linear_cross_entropy)], [accumulated(plain)], 1e-10)


@pytest.mark.usefixtures("_blocks")
def test_a_tied_weight_gets_the_gradient_of_both_its_uses():
    draw = torch.Generator().manual_seed(5)
    table = torch.randn(50, 8, generator=draw, dtype=torch.float64, requires_grad=True)
    ids, targets = torch.randint(50, (2, 130), generator=draw)

    def gradient(function):
        return torch.autograd.grad(function(torch.tanh(table[ids]), table, targets), table)

    assert_alike(gradient(linear_cross_entropy), gradient(plain), 1e-10)


@pytest.mark.usefixtures("_blocks")
def lesson(rows, width, columns, dtype, share):
    draw = torch.Generator().manual_seed(7)
    x = torch.randn(rows, width, generator=draw, dtype=dtype)
    return Lesson(x, torch.randn(columns, width, generator=draw, dtype=dtype), share)


def mixed(x, weight, targets, taught):
    """Cross-entropy against the targets and what a teacher expects, as torch has it."""
    counted = targets != IGNORED
    one_hot = F.one_hot(targets[counted], weight.shape[0]).to(x.dtype)
    expected = torch.softmax(taught.x @ taught.weight.t(), 1)[counted]
    return F.cross_entropy(F.linear(x, weight)[counted], one_hot * (1 - taught.share) + expected * taught.share)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("share", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("ignored", [0.0, 0.4])
def test_a_lesson_changes_the_gradient_and_not_the_loss_that_is_told(ignored, share):
    inputs = example(129, 5, 97, torch.float64, ignored)
    taught = lesson(129, 3, 97, torch.float64, share)
    loss, *gradients = values_and_gradients(lambda *given: linear_cross_entropy(*given, taught), *inputs)
    _, *expected = values_and_gradients(lambda *given: mixed(*given, taught), *inputs)
    assert_alike(gradients, expected, 1e-10)
    assert float(loss) == pytest.approx(plain(*inputs).item(), abs=1e-10)


def test_a_lesson_under_autocast_is_taken_in_its_dtype(narrow):
    inputs, taught = example(200, 16, 65, torch.float32), lesson(200, 16, 65, torch.float32, 0.5)
    _, *exact = values_and_gradients(lambda *given: mixed(*given, taught), *inputs)
    with torch.autocast("cpu", narrow):
        _, *gradients = values_and_gradients(lambda *given: linear_cross_entropy(*given, taught), *inputs)
    for ours, theirs in zip(gradients, exact, strict=True):
        assert float((ours - theirs).norm() / theirs.norm()) < 0.02


def test_without_gradients_the_value_is_the_same_and_remembers_nothing():
    x, weight, targets = example(140, 6, 40, torch.float64, 0.3)
    expected = plain(x, weight, targets).detach()
    with torch.no_grad():
        value = linear_cross_entropy(x, weight, targets)
    assert abs(float(value - expected)) < 1e-12
    assert not value.requires_grad
    assert not linear_cross_entropy(x.detach(), weight.detach(), targets).requires_grad


def test_inputs_are_left_as_they_were():
    x, weight, targets = example(90, 6, 40, torch.float32, 0.3)
    before = [t.detach().clone() for t in (x, weight, targets)]
    values_and_gradients(linear_cross_entropy, x, weight, targets)
    for tensor, copy in zip((x, weight, targets), before, strict=True):
        assert torch.equal(tensor.detach(), copy)


def test_only_ignored_targets_give_nan_as_in_torch():
    x, weight, targets = example(9, 4, 12, torch.float32)
    assert math.isnan(float(linear_cross_entropy(x, weight, torch.full_like(targets, IGNORED)).detach()))


def test_a_nan_weight_gives_a_nan_loss():
    x, weight, targets = example(9, 4, 12, torch.float32)
    with torch.no_grad():
        weight[3, 2] = math.nan
    assert math.isnan(float(linear_cross_entropy(x, weight, targets).detach()))


def test_under_autocast_the_products_are_narrow_and_the_loss_is_close(narrow):
    x, weight, targets = example(200, 32, 50, torch.float32)
    exact = values_and_gradients(plain, x, weight, targets)
    with torch.autocast("cpu", narrow):
        value = linear_cross_entropy(x, weight, targets)
    gradients = torch.autograd.grad(value, (x, weight))
    assert value.dtype == torch.float32
    assert gradients[1].dtype == torch.float32
    for mine, other in zip([value.detach(), *gradients], exact, strict=True):
        assert 0 < float((mine - other).norm() / other.norm()) < 2e-2


@pytest.mark.usefixtures("_blocks")
def test_a_narrow_product_is_widened_in_parts_and_loses_none(monkeypatch, narrow):
    inputs = example(150, 16, 23, torch.float32)
    found = []
    for rows in (5, 1000):
        monkeypatch.setattr(loss_module, "WIDENED_ROWS", rows)
        with torch.autocast("cpu", narrow):
            found.append(values_and_gradients(linear_cross_entropy, *inputs))
    assert_alike(*found, 1e-4)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_a_target_that_is_all_but_impossible_has_its_true_loss(dtype, tolerance):
    x, weight, targets = example(80, 16, 40, dtype)
    inputs = (x.detach() * 400).requires_grad_(), weight, targets
    expected = values_and_gradients(plain, *inputs)
    assert float(expected[0]) > 800  # probabilities that are 0 in either dtype
    for ours, theirs in zip(values_and_gradients(linear_cross_entropy, *inputs), expected, strict=True):
        assert float((ours - theirs).norm() / theirs.norm()) < tolerance


def test_large_products_keep_float32s_precision_and_leave_torchs_setting_alone():
    generator = torch.Generator().manual_seed(2)
    x, weight = torch.randn(64, 512, generator=generator), torch.randn(9000, 512, generator=generator) / 20
    assert x.shape[0] * weight.numel() >= LARGE_PRODUCT
    targets = torch.randint(9000, (64,), generator=generator)
    before = torch.get_float32_matmul_precision()
    loss, *gradients = with_gradients(x, weight, targets)
    exact, *exact_gradients = with_gradients(x.double(), weight.double(), targets)
    assert torch.get_float32_matmul_precision() == before
    for mine, other in zip((loss, *gradients), (exact, *exact_gradients), strict=True):
        assert float((mine.double() - other).norm() / other.norm()) < 1e-5


def with_gradients(x, weight, targets):
    x, weight = x.clone().requires_grad_(), weight.clone().requires_grad_()
    loss = linear_cross_entropy(x, weight, targets)
    return loss.detach(), *torch.autograd.grad(loss, (x, weight))
