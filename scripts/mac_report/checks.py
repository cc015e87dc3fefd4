"""The doctor, and what a GPU computes beside the processor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any

from engine.core.events import Facts
from engine.core.kinds import DeviceKind
from engine.machine.device import Device, choose_device
from engine.support.diagnosis import diagnose, facts_job
from engine.training.bench import RandomTokens
from engine.training.trace import TOLERANCE, difference, trace
from scripts.mac_report.models import Model
from scripts.mac_report.verdict import Verdict, result_of

WAYS: tuple[dict[str, Any], ...] = (
    {"dtype": "float32"},
    {"dtype": "float32", "bias": True, "dropout": 0.1},
    {"dtype": "bfloat16"},
    {"dtype": "float16", "bias": True},
)
"""The settings in which a model is compared, over its own."""


def doctor() -> Verdict:
    """Ask the doctor."""
    findings = diagnose()
    ill = [finding for finding in findings if not finding.ok]
    words = "The doctor found everything that is needed."
    if ill:
        words = "The doctor found: " + " ".join(f"{each.check}: {each.found} {each.fix}" for each in ill)
    return Verdict(not ill, words, [asdict(finding) for finding in findings])


def machine_facts() -> dict[str, str]:
    """Return what this machine is: processor, GPU, memory, system, versions."""
    rows = chain.from_iterable(event.rows for event in facts_job() if isinstance(event, Facts))
    return dict(rows)


def self_check(models: Sequence[Model], kinds: Sequence[DeviceKind], ways: Sequence[dict[str, Any]] = WAYS) -> Verdict:
    """Compare each device with the processor in float32: features, training, writing, of each model in each way.

    The processor is only asked in float32: elsewhere than on a GPU the other dtypes are emulated.
    """
    found = [row for kind in kinds for model in models for row in _compared(model, choose_device(kind), ways)]
    wrong = [row for row in found if row["problem"]]
    words = f"In {len(found)} comparisons {_named(kinds)} computed what the processor computes in float32."
    if wrong:
        problems = "; ".join(f"{row['device']}, {row['model']}, {_way(row)}: {row['problem']}" for row in wrong)
        words = f"{len(wrong)} of {len(found)} comparisons with the processor came out wrong. {problems}."
    return Verdict(not wrong, words, found)


def _compared(model: Model, device: Device, ways: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each way in which a model is compared."""
    tokens = RandomTokens(model.vocab_size, model.config.block_size)
    for way in ways:
        if device.kind == "cpu" and way["dtype"] != "float32":
            continue
        config = model.config.changed({**way, "n_layer": 2, "decay_lr": False, "device": device.kind})
        expected = result_of(trace(config.changed({"dtype": "float32"}), tokens, Device()))
        found = result_of(trace(config, tokens, device))
        tolerance = TOLERANCE[str(device.dtype(config.dtype)).removeprefix("torch.")]
        problem = difference(expected, found, tolerance)
        yield {"device": device.kind, "model": model.name, "settings": way, "problem": problem}


def _named(kinds: Sequence[DeviceKind]) -> str:
    return " and ".join(kinds)


def _way(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row["settings"].items())
