"""A model read from a checkpoint and made ready to write or to score a text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import DataError
from engine.core.kinds import DeviceSetting, DtypeSetting
from engine.datasets.dataset import Dataset, dataset
from engine.generation.decoder import Weights
from engine.generation.device_trial import device_for_writing
from engine.model.fitting import fit
from engine.runs import checkpoint
from engine.tokens.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """Weights laid out to be read fast, the run's tokenizer, and which text the run learned from.

    `notices` say which settings could not be followed, why a trial chose the device, and what had to be assumed.
    """

    weights: Weights
    tokenizer: Tokenizer
    dataset_name: str
    fingerprint: str
    notices: tuple[str, ...] = ()

    def training_text(self) -> Dataset:
        """Return the dataset it was trained on; raises DataError when that is not here any more, or another by now."""
        found = dataset(self.dataset_name)
        if self.fingerprint and found.fingerprint != self.fingerprint:
            raise DataError(
                f"The dataset {self.dataset_name} is not the text this model learned from.",
                cause="It was prepared anew from another text after the model was trained.",
                fix="Prepare it again from the text of that time.",
                code="text_changed",
            )
        return found


def load_model(path: Path, device: DeviceSetting = "auto", dtype: DtypeSetting = "auto") -> LoadedModel:
    """Read a checkpoint onto a device, products in `dtype`; `auto` is the faster device, and float32.

    Raises CheckpointError for a checkpoint that cannot be used.
    """
    saved = checkpoint.load(path)
    known = saved.known_tokenizer()
    model = saved.build_model().eval()
    chosen = device_for_writing(model, device, dtype)
    products = chosen.dtype(dtype)
    fit(model.to(chosen.torch), chosen, products)
    weights = Weights.frozen(model, products)
    notices = tuple(filter(None, (known.assumed, chosen.reason, chosen.notice, chosen.dtype_notice(dtype))))
    return LoadedModel(weights, known.tokenizer, str(saved.config.get("dataset", "")), saved.fingerprint, notices)
