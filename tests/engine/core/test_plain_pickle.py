import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from engine.core.plain_pickle import read_pickle


class Evil:
    def __reduce__(self):
        return (Path.touch, (Path("touched"),))


def read(tmp_path, value, protocol=4):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(value, protocol))
    return read_pickle(tmp_path / "a.pkl")


@pytest.mark.parametrize("protocol", range(6))
def test_numbers_and_texts_of_numpy_are_plain_ones(tmp_path, protocol):
    kinds = [np.int64(-7), np.uint16(9), np.float64(0.5), np.float32(0.25), np.str_("é"), np.bool_(True)]
    value = read(
        tmp_path, {"size": 12, "kinds": kinds, "big": np.dtype(">i4").type(5), "more": OrderedDict(a=1)}, protocol
    )
    assert value == {"size": 12, "kinds": [-7, 9, 0.5, 0.25, "é", True], "big": 5, "more": {"a": 1}}
    assert {type(one) for one in value["kinds"]} == {int, float, str, bool}


@pytest.mark.parametrize("value", [{"a": Evil()}, Evil(), {"a": np.arange(3)}, {"a": np.datetime64("2024")}, [1], "x"])
def test_anything_else_is_refused_and_nothing_is_run(tmp_path, monkeypatch, value):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError):
        read(tmp_path, value)
    assert not Path("touched").exists()


def test_what_is_no_pickle_is_refused(tmp_path):
    (tmp_path / "a.pkl").write_bytes(b"no pickle")
    with pytest.raises(ValueError):
        read_pickle(tmp_path / "a.pkl")
    with pytest.raises(OSError, match="No such file"):
        read_pickle(tmp_path / "gone.pkl")
