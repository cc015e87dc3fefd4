import pytest
import torch

from engine.machine.abilities import FLOAT32_ERROR
from engine.model import matmul
from engine.model.matmul import LARGE_PRODUCT, fast_products

CPU = torch.device("cpu")


def test_only_large_products_on_the_cpu_change_torchs_setting(monkeypatch):
    monkeypatch.setattr(matmul, "medium_precision_is_exact", lambda: True)
    before = torch.get_float32_matmul_precision()
    for device, size in [(CPU, LARGE_PRODUCT - 1), (torch.device("mps"), LARGE_PRODUCT)]:
        with fast_products(device, size):
            assert torch.get_float32_matmul_precision() == before
    with fast_products(CPU, LARGE_PRODUCT):
        assert torch.get_float32_matmul_precision() == "medium"
    assert torch.get_float32_matmul_precision() == before


def test_where_it_is_not_exact_it_is_not_used(monkeypatch):
    monkeypatch.setattr(matmul, "medium_precision_is_exact", lambda: False)
    with fast_products(CPU, LARGE_PRODUCT):
        assert torch.get_float32_matmul_precision() == "highest"


def test_an_error_inside_leaves_the_setting_as_it_was():
    before = torch.get_float32_matmul_precision()
    with pytest.raises(ZeroDivisionError), fast_products(CPU, LARGE_PRODUCT):
        raise ZeroDivisionError
    assert torch.get_float32_matmul_precision() == before


def test_products_keep_float32s_precision():
    draw = torch.Generator().manual_seed(1)
    a, b = torch.randn(256, 700, generator=draw), torch.randn(700, 512, generator=draw)
    with fast_products(CPU, a.shape[0] * b.numel()):
        fast = a @ b
    exact = a.double() @ b.double()
    assert float((fast.double() - exact).norm() / exact.norm()) < FLOAT32_ERROR
