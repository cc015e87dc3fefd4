"""A model computes in the formulation that its device wants."""

import pytest
import torch

from engine.machine.device import CudaDevice, Device
from engine.machine.formulation import FORMULATIONS, Formulation
from engine.model import fitting
from engine.model.attention import WholeAttention, causal_attention
from engine.model.fitting import compile_layers, fit


def test_all_but_the_output_layer_is_compiled(toy_model, monkeypatch):
    compiled = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda module: compiled.append(module))
    model = toy_model()
    compile_layers(model, Device())
    assert compiled == []
    compile_layers(model, CudaDevice())
    assert compiled == [model.transformer]


@pytest.fixture
def fitted(monkeypatch, toy_model):
    """Return a maker of models fitted to a device of this formulation: how it attends, and by what mask."""

    def make(**wanted):
        monkeypatch.setitem(FORMULATIONS, "cpu", Formulation(**wanted))
        model = toy_model()
        fit(model, Device())
        return model

    return make


def attends_by(model):
    """Return what the layers of a model attend by, each the same."""
    (kind,) = {layer.attn.attend for layer in model.transformer.h}
    return kind


def has_mask(model):
    (explicit,) = {layer.attn.explicit_mask for layer in model.transformer.h}
    return explicit


@pytest.mark.parametrize(("wanted", "kind"), [("torch", None), ("blocks", causal_attention), ("whole", WholeAttention)])
def test_it_attends_as_its_device_wants_it_to(fitted, wanted, kind):
    attend = attends_by(fitted(attention=wanted))
    assert attend is kind or type(attend) is kind


@pytest.mark.parametrize("wanted", [True, False])
def test_the_token_tables_gradient_comes_as_its_device_wants_it(fitted, wanted):
    assert fitted(rows_in_place=wanted).transformer.wte.adds_in_place is wanted


@pytest.mark.parametrize(
    ("sizes", "in_doubt", "holds", "masked"),
    [
        ((), False, False, False),
        ((8, 16), False, False, False),  # the toy's heads are 8 wide
        ((16,), False, True, True),
        ((8,), True, True, False),
        ((8,), True, False, True),
        ((), True, False, True),
    ],
)
def test_where_the_kernels_own_rule_may_be_wrong_there_is_a_mask(monkeypatch, fitted, sizes, in_doubt, holds, masked):
    monkeypatch.setattr(fitting, "causal_rule_holds", lambda *_: holds)
    assert has_mask(fitted(head_sizes=sizes, causal_in_doubt=in_doubt)) is masked
