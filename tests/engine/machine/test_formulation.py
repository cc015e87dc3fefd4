"""What each kind of device wants put otherwise."""

import pytest
import torch

from engine.machine.formulation import FORMULATIONS, Formulation, formulation_of, formulation_on


def test_products_on_mps_stay_below_the_length_that_is_wrong_there():
    assert 0 < FORMULATIONS["mps"].most_inside < 32_767
    assert FORMULATIONS["mps"].bias_apart


@pytest.mark.parametrize("kind", FORMULATIONS)
def test_a_tensor_finds_what_its_device_wants(kind):
    assert formulation_on(torch.device(kind)) is formulation_of(kind) is FORMULATIONS[kind]


def test_of_a_device_that_nobody_knows_nothing_is_believed():
    assert formulation_of("xpu") == Formulation()
