import numpy as np
import pytest

from gui.train.curves import Axis, Curves, Scale, Unit
from gui.train.lens import Lens
from gui.train.record import RunTrace

TRACE = RunTrace("run", Curves.of(np.array([[0.0, 4.0, 1e-3, 1, 1, 1, 1]]), np.empty((0, 3))), Scale(10, 100, 0.5))


def test_a_loss_lies_where_its_unit_and_its_scale_have_it():
    assert Lens().y_of(TRACE, 4.0) == 4.0
    assert Lens(unit=Unit.BITS).y_of(TRACE, 4.0) == 2.0
    assert Lens(log=True).y_of(TRACE, 100.0) == pytest.approx(2.0)
    assert np.isnan(Lens(log=True).y_of(TRACE, 0.0))


def test_each_axis_and_unit_has_a_title():
    assert Lens(Axis.EPOCH).x(TRACE, np.array([20.0])).tolist() == [2.0]
    titles = {Lens(axis, unit).titles for axis in Axis for unit in Unit}
    assert len(titles) == len(Axis) * len(Unit)
