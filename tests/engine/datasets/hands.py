"""What tests of preparing do again and again."""

import numpy as np
import pytest

from engine.core.errors import DataError
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare

TEXT = "".join(f"SPEAKER {n % 7}:\nThis is line {n} of a play,\n  and it's näïve — 🎭.\n\n" for n in range(300))


def ids(path):
    return np.fromfile(path, dtype="<u2").tolist()


def refusal(*args, **kwargs):
    """What a person is told; nothing is left behind."""
    before = sorted(path.name for path in datasets_dir().glob("*"))
    with pytest.raises(DataError) as caught:
        prepare(*args, **kwargs)
    assert caught.value.message
    assert caught.value.fix
    assert sorted(path.name for path in datasets_dir().glob("*")) == before
    return caught.value


def folder_of(path, texts):
    path.mkdir()
    for n, text in enumerate(texts):
        (path / f"{n:03}.txt").write_text(text, "utf-8")
    return str(path)


def nanogpt_folder(folder, ids, meta=None):
    """A folder as nanoGPT's prepare.py leaves it."""
    folder.mkdir(parents=True)
    np.array(ids, dtype=np.uint16).tofile(folder / "train.bin")
    np.array(ids[: len(ids) // 2], dtype=np.uint16).tofile(folder / "val.bin")
    if meta is not None:
        (folder / "meta.pkl").write_bytes(meta)
    return folder


def opening_refused(name):
    """What a person is told of a dataset that cannot be opened."""
    with pytest.raises(DataError) as caught:
        dataset(str(name))
    assert caught.value.message
    assert caught.value.fix
    return caught.value
