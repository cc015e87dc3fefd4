"""The engine from Python, as `from engine import …` offers it: prepare a text, estimate, train, load, sample.

    from engine import TrainConfig, Trainer, estimate, load, prepare, sample

Importing it loads no torch; `load` and `Trainer` do.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.core.config import SampleConfig, TrainConfig
from engine.core.errors import CheckpointError
from engine.core.events import Reply
from engine.core.jobs import Control, events_of
from engine.core.kinds import DeviceSetting, DtypeSetting
from engine.core.paths import expanded
from engine.machine.hardware import machine
from engine.model.shape import ParameterCount, parameter_count
from engine.planning import calibration
from engine.planning.calibration import IterationTime
from engine.planning.choices import expected_device, training_key
from engine.planning.estimate import MemoryEstimate, memory_estimate
from engine.runs.folder import checkpoint_at
from engine.runs.start_model import vocabulary_for

if TYPE_CHECKING:
    from engine.generation.loaded_model import LoadedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run will need.

    Attributes:
        parameters: the model's, by place.
        memory: bytes at the peak, by part; Python and torch come beside it.
        limit: bytes that this machine can give.
        time: seconds for an iteration, with its range; None while this machine was never measured.
    """

    parameters: ParameterCount
    memory: MemoryEstimate
    limit: int
    time: IterationTime | None

    @property
    def fits(self) -> bool:
        """Whether the parts together are within the limit."""
        return self.memory.total <= self.limit


def estimate(config: TrainConfig) -> Estimate:
    """Return what a run with these settings will need; raises DataError for a dataset that is not there."""
    vocab_size = vocabulary_for(config)
    device = expected_device(config.device, training_key(config, vocab_size))
    return Estimate(
        parameters=parameter_count(config, vocab_size),
        memory=memory_estimate(config, vocab_size, device),
        limit=machine().memory_limit_bytes,
        time=calibration.iteration_time(config, vocab_size, device),
    )


def load(path: str | Path, device: DeviceSetting = "auto", dtype: DtypeSetting = "auto") -> LoadedModel:
    """Return the model of a run's folder (its latest checkpoint) or of a checkpoint file, ready to write.

    Raises CheckpointError when there is none, or it cannot be used.
    """
    from engine.generation.loaded_model import load_model

    place = expanded(path).absolute()
    found = checkpoint_at(place)
    if found is None or not os.path.isfile(found):
        raise CheckpointError(
            f"There is no checkpoint at {place}.",
            cause="It is neither a checkpoint file nor the folder of a run that has saved one.",
            fix="Name the folder that the run was trained in, or its ckpt.pt.",
            code="no_checkpoint",
        )
    return load_model(found, device, dtype)


def sample(model: LoadedModel, start: str = "\n", **settings: Any) -> list[str]:
    """Return `num_samples` texts that continue `start`, each with `start` before it.

    `settings` are those of `SampleConfig`: max_new_tokens, temperature, top_k, top_p, seed and so on.
    Raises SettingError for a setting out of its range, DataError for a start that the tokenizer cannot write.
    """
    from engine.generation.sampler import replies

    config = replace(SampleConfig.of(settings), start=start)
    control = Control()
    job = replies(model.weights, model.tokenizer, config, control, range(config.num_samples))
    done = [event for event in events_of(job, control) if isinstance(event, Reply)]
    return [reply.text for reply in sorted(done, key=lambda reply: reply.sample)]
