"""What tests of the Data tab share."""

import pytest

from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "diary.txt"
    path.write_text("Dear diary — café.\n" * 100, encoding="utf-8")
    prepare(str(path), tokenizer="char")
    return dataset("diary")
