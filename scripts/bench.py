"""Prints this engine beside transformers' GPT-2, or nanoGPT, on the presets: speed and memory, as Markdown tables.

Each measurement is a process of its own; the two take turns (A B A B), so that whatever else the machine does meets
both, and of each the faster turn counts. Another program's load still tells: the share it took is printed.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from typing import Any

from engine.planning.estimate import flops_per_iter
from engine.planning.presets import presets

TURNS = 2
DTYPES = ("float32", "bfloat16")
GENERATED_WITH = ("small", "medium-m4", "large")
VOCABULARY = 50304


def main() -> None:
    """Measure training and generation, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iters", type=int, default=10, help="updates to time in each turn, fewer of large presets")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--preset", action="append", choices=list(presets()), help="only this one (may be repeated)")
    parser.add_argument("--nanogpt", metavar="FOLDER", help="compare training with the train.py there, and no more")
    arguments = parser.parse_args()
    names = arguments.preset or list(presets())
    if arguments.nanogpt:
        beside_nanogpt(names, arguments.iters, arguments.nanogpt)
    else:
        training(names, arguments.iters, arguments.dtype)
        generation([name for name in names if name in GENERATED_WITH])


def training(names: list[str], iterations: int, dtype: str) -> None:
    """Print a row for each preset: tokens a second and peak resident memory of both, and their ratios."""
    print(f"\nTraining on the CPU in {dtype}, vocabulary 50,304, median update, the faster of two turns\n")
    print("| preset | ms/iter | tokens/s | transformers | faster | MB | transformers | of its memory | others' load |")
    print("| --- " * 9 + "|")
    speeds, shares = [], []
    for name in names:
        count = f"--iters={updates(name, iterations)}"
        theirs_run = ["-m", "scripts.bench_transformers", "train", f"--preset={name}", f"--dtype={dtype}", count]
        ours, theirs = in_turns("ms_per_iter", ours_run(name, dtype, count), theirs_run)
        tokens = presets()[name].config().tokens_per_iter
        speeds.append(theirs["ms_per_iter"] / ours["ms_per_iter"])
        shares.append(ours["peak_memory_bytes"] / theirs["peak_memory_bytes"])
        print(
            f"| {name} | {ours['ms_per_iter']:,.0f} | {tokens / ours['ms_per_iter'] * 1e3:,.0f} "
            f"| {tokens / theirs['ms_per_iter'] * 1e3:,.0f} | {speeds[-1]:.2f} x "
            f"| {ours['peak_memory_bytes'] / 1e6:,.0f} | {theirs['peak_memory_bytes'] / 1e6:,.0f} "
            f"| {shares[-1]:.0%} | {ours['others']:.0%} |",
            flush=True,
        )
    print(f"\nGeometric mean: {mean(speeds):.2f} times as fast, with {mean(shares):.0%} of the memory.")


def beside_nanogpt(names: list[str], iterations: int, folder: str) -> None:
    """Print a row for each preset and dtype beside nanoGPT's train.py: time, memory, and what would be the limit.

    The limit is how many times faster than nanoGPT an update can be at all that multiplies what the model asks for
    (engine/planning/estimate.py) at the speed of a plain matrix product, as measured in the same run.
    """
    print("\nTraining on the CPU beside nanoGPT's train.py, which takes float32; the faster of two turns\n")
    print("| preset | dtype | ms/iter | nanoGPT | faster | limit | MB | nanoGPT | of its memory | others' load |")
    print("| --- " * 10 + "|")
    speeds: dict[str, list[float]] = {dtype: [] for dtype in DTYPES}
    for name in names:
        count = f"--iters={updates(name, iterations)}"
        theirs_run = ["-m", "scripts.bench_nanogpt", folder, f"--preset={name}", count]
        theirs, *each = in_turns("ms_per_iter", theirs_run, *(ours_run(name, dtype, count) for dtype in DTYPES))
        for dtype, ours in zip(DTYPES, each, strict=True):
            speeds[dtype].append(theirs["ms_per_iter"] / ours["ms_per_iter"])
            print(
                f"| {name} | {dtype} | {ours['ms_per_iter']:,.0f} | {theirs['ms_per_iter']:,.0f} "
                f"| {speeds[dtype][-1]:.2f} x | {speeds[dtype][-1] / ours['mfu']:.2f} x "
                f"| {ours['peak_memory_bytes'] / 2**20:,.0f} | {theirs['peak_memory_bytes'] / 2**20:,.0f} "
                f"| {ours['peak_memory_bytes'] / theirs['peak_memory_bytes']:.0%} | {ours['others']:.0%} |",
                flush=True,
            )
    means = ", ".join(f"{mean(ratios):.2f} in {dtype}" for dtype, ratios in speeds.items())
    print(f"\nGeometric mean, times as fast: {means}.")


def updates(name: str, most: int) -> int:
    """Return how many updates of a preset to time: fewer where one takes seconds."""
    small, this = (flops_per_iter(presets()[each].config(), VOCABULARY) for each in ("small", name))
    return max(3, min(most, round(most * small / this)))


def ours_run(name: str, dtype: str, count: str) -> list[str]:
    """Return the command that measures this engine with GPT-2's vocabulary."""
    flags = ["--dataset=shakespeare_complete", "--device=cpu", "--json"]
    return ["-m", "engine", "bench", f"--preset={name}", f"--dtype={dtype}", count, *flags]


def generation(names: list[str]) -> None:
    """Print a row for each preset: milliseconds a token of both, with a key/value cache, in float32."""
    if not names:
        return
    print("\nWriting 200 tokens in float32, ms a token, the faster of two turns")
    print("\n| preset | ms/token | transformers | faster |")
    print("| --- " * 4 + "|")
    for name in names:
        ours, theirs = in_turns(
            "ms_per_token",
            ["-m", "scripts.bench_generation", f"--preset={name}"],
            ["-m", "scripts.bench_transformers", "generate", f"--preset={name}", "--iters=3"],
        )
        mine, other = ours["ms_per_token"], theirs["ms_per_token"]
        print(f"| {name} | {mine:.1f} | {other:.1f} | {other / mine:.2f} x |", flush=True)


def in_turns(key: str, *commands: list[str]) -> list[dict[str, Any]]:
    """Run commands in turn, A B A B, each time afresh; return of each what the turn with the least `key` printed."""
    turns = [[run(command) for command in commands] for _ in range(TURNS)]
    return [min(turn, key=lambda one: float(one[key])) for turn in zip(*turns, strict=True)]


def run(arguments: list[str]) -> dict[str, Any]:
    """Run Python with these arguments; return the JSON object it printed last. The rest goes to the screen."""
    done = subprocess.run([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def mean(ratios: list[float]) -> float:
    """Return the geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


if __name__ == "__main__":
    main()
