"""Understudy's headless engine: prepare text, train a small GPT on it, sample from it.

Knows nothing of Qt or of any window. What is offered here is loaded when it is first asked for, so that a quick
command stays quick and torch is loaded only by what needs it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.core.version import __version__

if TYPE_CHECKING:
    from engine.api import Estimate, estimate, load, sample
    from engine.core.config import SampleConfig, TrainConfig
    from engine.datasets.prepare import prepare
    from engine.training.trainer import Trainer

__all__ = ["Estimate", "SampleConfig", "TrainConfig", "Trainer", "__version__", "estimate", "load", "prepare", "sample"]

_HOME = {
    "Estimate": "engine.api",
    "SampleConfig": "engine.core.config",
    "TrainConfig": "engine.core.config",
    "Trainer": "engine.training.trainer",
    "estimate": "engine.api",
    "load": "engine.api",
    "prepare": "engine.datasets.prepare",
    "sample": "engine.api",
}
"""Where each public name is defined."""


def __getattr__(name: str) -> Any:
    """Return a public name from the module that defines it (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
