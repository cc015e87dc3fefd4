"""What a run is promised to reach, for the commands that tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.config import TrainConfig

if TYPE_CHECKING:
    from engine.planning.promise import Promise


def promised(config: TrainConfig) -> Promise | None:
    """Return what a run that quick planned should reach; None where that is not known. Up to a second.

    Raises DataError for a text that is not there.
    """
    if config.recipe != "quick" or config.init_from != "scratch" or config.eval_only:
        return None
    from engine.planning.choices import expected_device, training_key
    from engine.planning.pace import pace_here
    from engine.planning.predictability import predictability
    from engine.planning.promise import promise
    from engine.planning.text_facts import text_facts
    from engine.runs.start_model import vocabulary_for

    vocab_size = vocabulary_for(config)
    device = expected_device(config.device, training_key(config, vocab_size))
    facts, counted = text_facts(config.dataset), predictability(config.dataset)
    return promise(config, vocab_size, facts.train_bytes, counted, pace_here(device))
