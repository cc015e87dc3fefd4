import ast
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import engine
from engine.machine import abilities
from engine.machine.abilities import (
    dtype_of_products,
    has_bfloat16_instructions,
    has_mkl,
    medium_precision_is_exact,
    multiplies,
    packed_products,
)

CPU, MPS = torch.device("cpu"), torch.device("mps")
OPTIONAL = ("torch.ops.mkldnn", "torch.ops.mkl", "torch.backends.mkldnn", "torch.backends.mkl", "torch.cpu", "torch._C")
"""What a build of torch may lack, or have for some processors alone."""


def refuse(*_):
    raise RuntimeError("mkldnn_reorder_linear_weight: bf16 path needs the cpu support avx_ne_convert")


@pytest.fixture
def operators(monkeypatch):
    """Give what may be set as oneDNN's operators; each question is asked anew."""
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    monkeypatch.setattr(torch.ops, "mkldnn", SimpleNamespace())
    for question in (packed_products, has_bfloat16_instructions):
        monkeypatch.setattr(abilities, question.__name__, question.__wrapped__)
    return torch.ops.mkldnn


def test_operators_without_a_name_are_not_there(operators):
    assert abilities.packed_products(CPU, torch.float32) is None
    assert not abilities.has_bfloat16_instructions(CPU)
    operators._linear_pointwise = SimpleNamespace(default=None)  # the name alone is not enough
    assert abilities.packed_products(CPU, torch.float32) is None


def test_operators_that_refuse_or_compute_something_else_are_not_there(operators):
    operators._linear_pointwise = SimpleNamespace(default=lambda x, *_: x, binary=lambda x, *_: x)
    operators._reorder_linear_weight = refuse
    assert abilities.packed_products(CPU, torch.bfloat16) is None
    operators._reorder_linear_weight = lambda weight, _rows: weight
    assert abilities.packed_products(CPU, torch.bfloat16) is None


def test_only_the_processor_has_its_libraries():
    assert packed_products(MPS, torch.float32) is None
    assert not has_mkl(MPS)
    assert not has_bfloat16_instructions(MPS)


def test_every_processor_multiplies_float32():
    assert multiplies(CPU, torch.float32)
    assert dtype_of_products(CPU, torch.float32) == torch.float32


def test_a_dtype_that_no_product_takes_becomes_float32():
    assert not multiplies(CPU, torch.bool)
    assert dtype_of_products(CPU, torch.bool) == torch.float32


def test_an_answer_does_not_depend_on_where_it_is_asked(narrow):
    with torch.autocast("cpu", narrow), torch.inference_mode():
        inside = medium_precision_is_exact.__wrapped__(), multiplies.__wrapped__(CPU, torch.float32)
    assert inside == (medium_precision_is_exact(), True)


def test_nothing_that_a_build_may_lack_is_named_anywhere_else():
    root = Path(engine.__file__).parent
    named = {path.relative_to(root).as_posix(): names_in(path) for path in root.rglob("*.py")}
    assert named.pop("machine/abilities.py")
    assert {path: names for path, names in named.items() if names} == {}


def names_in(path):
    """Give the dotted names in a module that begin with something of OPTIONAL."""
    found = {
        ast.unparse(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)
    }
    return {name for name in found if any(f"{name}.".startswith(f"{optional}.") for optional in OPTIONAL)}
