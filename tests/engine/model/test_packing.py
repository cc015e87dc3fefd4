import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from engine.machine.abilities import has_mkl, multiplies, packed_products
from engine.machine.formulation import FORMULATIONS, Formulation
from engine.model.packing import FEW_ROWS, FrozenLinear, PackedLinear, PartedLinear, SplitLinear, packed, unpacked

CPU = torch.device("cpu")
DTYPES = [torch.float32, torch.bfloat16]
PACKED_DTYPES = [dtype for dtype in DTYPES if packed_products(CPU, dtype)]
needs_mkl = pytest.mark.skipif(not has_mkl(CPU), reason="this torch has no MKL")
SHAPES = [(16, 48), (512, 128), (1536, 384), (3072, 768), (128, 5000)]


def layer(inside, outside, bias):
    torch.manual_seed(inside)
    return nn.Linear(inside, outside, bias=bias).requires_grad_(False)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", PACKED_DTYPES)
def test_a_row_comes_out_the_same_whatever_rows_are_beside_it(shape, dtype):
    laid_out = PackedLinear(layer(*shape, bias=True), packed_products(CPU, dtype), dtype)
    x, to = torch.randn(16, shape[0]), torch.randn(16, shape[1])
    for rows in (2, 3, 8, 16):
        for product in (laid_out, laid_out.gelu, lambda x: laid_out.added(x, to=to[: len(x)])):
            assert torch.equal(product(x[:rows])[:1], product(x[:1]))


@needs_mkl
@pytest.mark.parametrize("shape", [*SHAPES, (40, 61), (24, 1)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_row_in_parts_comes_out_the_same_whatever_rows_are_beside_it(shape, bias):
    parted = PartedLinear(layer(*shape, bias=bias))
    x, to = torch.randn(FEW_ROWS, shape[0]), torch.randn(FEW_ROWS, shape[1])
    products = [parted, lambda x: parted.added(x, to=to[: len(x)])]
    if shape[1] > 1:  # torch may take the GELU of a single number by another kernel; no layer with one is that narrow
        products.append(parted.gelu)
    for product in products:
        alone = product(x[:1])
        for rows in range(2, FEW_ROWS + 1):
            assert torch.equal(product(x[:rows])[:1], alone)


@needs_mkl
@pytest.mark.parametrize("shape", [*SHAPES, (40, 61), (24, 1)])
@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, FEW_ROWS, FEW_ROWS + 1, 70])
def test_products_in_parts_are_the_layers(shape, rows):
    plain = layer(*shape, bias=True)
    x = torch.randn(rows, shape[0])
    assert torch.allclose(PartedLinear(plain)(x), plain(x), atol=2e-6 * shape[0] ** 0.5)


def ways(plain):
    """Return a layer in each way that can be had here."""
    products = packed_products(CPU, torch.float32)
    return [FrozenLinear(plain), SplitLinear(plain), packed(plain)] + (
        [PackedLinear(plain, products)] if products else []
    )


@pytest.mark.parametrize("bias", [True, False])
def test_each_way_of_laying_out_gives_the_layers_numbers(bias):
    plain = layer(40, 24, bias)
    x, to = torch.randn(5, 40), torch.randn(5, 24)
    for laid_out in ways(plain):
        assert laid_out(x[:0]).shape == (0, 24)
        assert torch.allclose(laid_out(x), plain(x), atol=1e-6)
        assert torch.allclose(laid_out.gelu(x), F.gelu(plain(x)), atol=1e-6)
        assert torch.allclose(laid_out.added(x, to=to), to + plain(x), atol=1e-6)


def test_products_in_bfloat16_are_added_in_float32():
    laid_out, x, to = packed(layer(40, 24, True), torch.bfloat16), torch.randn(5, 40), torch.randn(5, 24)
    assert laid_out.added(x, to=to).dtype == torch.float32
    assert torch.allclose(laid_out.added(x, to=to) - to, layer(40, 24, True)(x), atol=0.05)


class Products(TorchFunctionMode):
    """Writes down the operands' shapes of each product, and how it was asked for."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in (torch.mm, F.linear, torch.addmm, torch.bmm, torch.matmul):
            self.seen.append((func, args[-2].shape, args[-1].shape))
        return func(*args, **kwargs or {})


@pytest.mark.parametrize("lay_out", [packed, unpacked])
@pytest.mark.parametrize("inside", [31, 32, 33, 100])
def test_where_a_long_product_is_wrong_it_is_made_of_short_ones(monkeypatch, lay_out, inside):
    monkeypatch.setitem(FORMULATIONS, "cpu", Formulation(bias_apart=True, most_inside=32))
    monkeypatch.setattr("engine.model.packing.has_mkl", lambda _: False)
    monkeypatch.setattr("engine.model.packing.packed_products", lambda *_: None)
    plain, x = layer(inside, 24, bias=True), torch.randn(5, inside)
    with Products() as products:
        y = lay_out(plain)(x)
    assert torch.allclose(y, plain(x), atol=1e-5)
    assert {func for func, *_ in products.seen} <= {torch.mm, torch.addmm}
    assert all(left[1] == right[0] <= 32 for _, left, right in products.seen)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_fastest_way_that_this_machine_has_is_taken(dtype):
    laid_out = packed(layer(40, 24, True), dtype)
    assert laid_out.dtype == (dtype if multiplies(CPU, dtype) else torch.float32)
    parted = laid_out.dtype == torch.float32 and has_mkl(CPU)
    expected = PartedLinear if parted else PackedLinear if packed_products(CPU, laid_out.dtype) else FrozenLinear
    assert type(laid_out) is expected
