import numpy as np

from gui.train.curves import Curves, Scale, Unit
from gui.train.lens import Lens
from gui.train.pointer import readings
from gui.train.record import RunTrace

STEPS = np.array([[n, 4.0 - n / 100, 1e-3, 1, 1, 1, 1] for n in (0, 10, 20, 30)])


def test_a_curve_is_read_where_it_has_a_value_of_its_own():
    trace = RunTrace("run", Curves.of(STEPS, np.array([[20.0, 3.5, 3.6]])), Scale(bits_per_nat=0.5))
    assert [each.role for each in readings(trace, Lens(), 1)] == ["train"]
    train, validation = readings(trace, Lens(unit=Unit.BITS), 3)
    assert (train.x, validation.x) == (30.0, 20.0), "validation is not judged at each iteration"
    assert (validation.y, validation.value) == (1.8, 1.8)
