"""A run whose text is gone: what is said of it wherever it could be trained on."""

from __future__ import annotations

from engine.core.errors import DataError
from engine.datasets.dataset import is_gone, origin_of
from gui.kit.run_words import text_title


def lost_text(dataset_name: str) -> DataError | None:
    """Return what is to be said of a run whose text is not here any more, and the way out; None of any other."""
    if not dataset_name or not is_gone(dataset_name):
        return None
    called = origin_of(dataset_name) or dataset_name
    return DataError(
        f"The text of this run, “{text_title(dataset_name)}”, is not here any more.",
        cause="The run is kept, and still writes.",
        fix=f"To train it on, add the text again in Data, from a file called “{called}”.",
        code="unknown_dataset",
    )


def require_text(dataset_name: str) -> None:
    """Raise DataError where the text of a run is not here any more."""
    if (lost := lost_text(dataset_name)) is not None:
        raise lost
