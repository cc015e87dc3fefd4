import json

import numpy as np
import pytest

from engine.core.errors import DataError
from engine.core.events import Progress
from engine.core.jobs import Control, events_of
from engine.datasets.dataset import dataset
from engine.datasets.folder import require_as_written
from engine.datasets.prepare import prepare

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize("part", ["train.bin", "val.bin"])
def test_tokens_in_another_order_are_told_and_prepared_anew(play, part):
    prepare(str(play), name="mine", tokenizer="char")
    found = dataset("mine")
    before = (found.folder / part).read_bytes()
    control = Control()
    assert not list(events_of(require_as_written(found, control), control))
    shuffled(found.folder / part)
    with pytest.raises(DataError, match=f"{part} is not as it was written") as told:
        list(require_as_written(found, control))
    assert told.value.code == "damaged_dataset"
    prepare(str(play), name="mine", tokenizer="char")
    assert (found.folder / part).read_bytes() == before


def test_a_dataset_of_before_there_were_sums_is_taken_as_it_is(play):
    prepare(str(play), name="mine")
    found = dataset("mine")
    meta = json.loads((found.folder / "meta.json").read_text("utf-8"))
    del meta["sums"]
    (found.folder / "meta.json").write_text(json.dumps(meta), "utf-8")
    shuffled(found.train_path)
    assert not [event for event in require_as_written(found, Control()) if isinstance(event, Progress)]


def shuffled(path):
    """Put the tokens of a file in another order: as many of each, and nothing to be seen by its size."""
    tokens = np.fromfile(path, "<u2")
    tokens[::-1].tofile(path)
