"""How fast a model learns and writes on a device, and what memory it takes: measured in a process of its own.

python -m scripts.mac_report.speed --model=tiny --device=cpu --iterations=200
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

from engine.core.kinds import DeviceKind
from engine.generation.decoder import Decoder, Weights
from engine.machine.device import Device, choose_device
from engine.planning.estimate import memory_estimate
from engine.training.bench import breakdown, peak_resident, process_memory
from engine.training.learner import Learner
from scripts.mac_report.models import Model, SkewedTokens, quick, tiny
from scripts.mac_report.verdict import Verdict

MODELS: dict[str, Callable[[], Model]] = {"tiny": tiny, "quick": quick}

ITERATIONS = 200
MOST_S = 60.0
"""How long a model trains at most, for machines on which so many iterations take longer."""

READ_EVERY = 10
"""Iterations between readings of the loss, as in a run: meanwhile nothing is waited for."""

SPLIT = 5
"""Iterations over which the parts of an update are timed, apart."""

TOKENS, TEXTS = 50, (1, 3)
"""Tokens that are written, and texts side by side."""

LAUNCHES = 2_000
"""Small pieces of work that are sent to see how many a second there can be."""

ROOM = 1.25
"""How many times its estimate a run may take before the estimate counts as wrong."""

_WAIT_S = 900.0


def measure(model: Model, kind: DeviceKind, iterations: int) -> dict[str, Any]:
    """Return what a model's training and writing take on a device, as JSON holds it."""
    device = choose_device(kind)
    process = process_memory(device, model.config.dtype) if device.kind == "cpu" else 0
    config = model.config.changed({"device": device.kind, "warmup_iters": 0, "decay_lr": False})
    learner = Learner.fresh(config, model.vocab_size, device)
    tokens = SkewedTokens(model.vocab_size, config.block_size)
    seconds, losses = _trained(learner, tokens, iterations)
    peak = peak_resident() if device.kind == "cpu" else device.peak_memory_bytes()
    estimate = memory_estimate(config, model.vocab_size, device.kind).total
    return {
        "model": model.name,
        "device": device.kind,
        "iterations": len(seconds) * READ_EVERY,
        "ms_per_iter": statistics.median(seconds) * 1e3,
        "first_s": seconds[0] * READ_EVERY,
        "tokens_per_s": config.tokens_per_iter / statistics.median(seconds),
        "losses": [losses[0], losses[-1]],
        "peak_bytes": peak - process,
        "estimate_bytes": estimate,
        "breakdown_ms": breakdown(learner, tokens, SPLIT),
        "ms_per_token": {str(texts): _ms_per_token(learner, texts) for texts in TEXTS},
        "launches_per_s": launches_per_s(device),
    }


def _trained(learner: Learner, tokens: SkewedTokens, iterations: int) -> tuple[list[float], list[float]]:
    """Return the seconds of an iteration, and the loss, between one reading and the next."""
    seconds, losses = [], []
    ends = time.perf_counter() + MOST_S
    for first in range(0, iterations, READ_EVERY):
        began = time.perf_counter()
        for number in range(first, first + READ_EVERY):
            for _ in learner.update(number, tokens):
                pass
        losses.append(learner.read(first).loss)
        learner.device.memory_bytes()
        seconds.append((time.perf_counter() - began) / READ_EVERY)
        if time.perf_counter() > ends:
            break
    return seconds, losses


def _ms_per_token(learner: Learner, texts: int) -> float:
    """Return the median time of a token that so many texts are written side by side."""
    decoder = Decoder(Weights.frozen(learner.model, learner.dtype), texts)
    token, taken = torch.zeros(texts, 1, dtype=torch.long), []
    for _ in range(TOKENS):
        began = time.perf_counter()
        decoder.feed(token).cpu()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1e3


def launches_per_s(device: Device) -> dict[str, float]:
    """Return how many additions to a few numbers, and how many tiny products, a device takes in a second."""
    x = torch.ones(8, 8, device=device.torch)
    works: dict[str, Callable[[], object]] = {"add": lambda: x.add_(1.0), "mm": lambda: torch.mm(x, x)}
    found = {}
    for name, work in works.items():
        for count in (LAUNCHES // 10, LAUNCHES):  # the first warms up
            began = time.perf_counter()
            for _ in range(count):
                work()
            device.synchronize()
            found[name] = count / (time.perf_counter() - began)
    return found


def measure_apart(model: str, kind: DeviceKind, iterations: int) -> dict[str, Any]:
    """Return `measure` of a process of its own, so that its memory is its own."""
    options = [f"--model={model}", f"--device={kind}", f"--iterations={iterations}"]
    command = [sys.executable, "-m", "scripts.mac_report.speed", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_WAIT_S)
    if done.returncode:
        raise RuntimeError(f"{model} on {kind}: {done.stderr.strip().splitlines()[-1:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def speed(
    kinds: Sequence[DeviceKind],
    iterations: int,
    measured: Callable[[str, DeviceKind, int], dict[str, Any]] = measure_apart,
) -> Verdict:
    """Measure each model on each device; right when every loss fell, and memory kept to its estimate."""
    rows = [measured(model, kind, iterations) for model in MODELS for kind in kinds]
    words, right = [], True
    for row in rows:
        falls = row["losses"][-1] <= row["losses"][0]
        fits = row["peak_bytes"] <= ROOM * row["estimate_bytes"]
        right &= falls and fits
        peak, estimate = (row[name] / 2**20 for name in ("peak_bytes", "estimate_bytes"))
        written = " and ".join(f"{ms:.1f} ms ({texts} at once)" for texts, ms in row["ms_per_token"].items())
        words.append(
            f"{row['model']} on {row['device']}: {row['ms_per_iter']:.1f} ms an iteration, a token in {written}, "
            f"{peak:,.0f} MiB where {estimate:,.0f} were estimated"
            + ("." if falls else f"; but the loss went from {row['losses'][0]:.2f} to {row['losses'][-1]:.2f}.")
        )
    return Verdict(right, " ".join(words), rows)


def main() -> None:
    """Measure what the command line names, and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=list(MODELS), required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    arguments = parser.parse_args()
    print(json.dumps(measure(MODELS[arguments.model](), arguments.device, arguments.iterations)))


if __name__ == "__main__":
    main()
