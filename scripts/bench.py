"""Prints this engine beside Hugging Face transformers' GPT-2 on the presets: speed and memory, as Markdown tables.

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

from engine.presets import presets

TURNS = 2
GENERATED_WITH = ("small", "medium-m4", "large")


def main() -> None:
    """Measure training and generation, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iters", type=int, default=10, help="updates to time in each turn [default 10]")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--preset", action="append", choices=list(presets()), help="only this one (may be repeated)")
    arguments = parser.parse_args()
    names = arguments.preset or list(presets())
    training(names, arguments.iters, arguments.dtype)
    generation([name for name in names if name in GENERATED_WITH])


def training(names: list[str], iterations: int, dtype: str) -> None:
    """Print a row for each preset: tokens a second and peak resident memory of both, and their ratios."""
    print(
        f"\nTraining on the CPU in {dtype}, vocabulary 50,304, median of {iterations} updates, the faster of two turns"
    )
    print(
        "\n| preset | ms/iter | tokens/s | transformers | faster | MB | transformers | of its memory | others' load |"
    )
    print("| --- " * 9 + "|")
    speeds, shares = [], []
    flags = [f"--dtype={dtype}", f"--iters={iterations}"]
    for name in names:
        ours, theirs = in_turns(
            ["-m", "engine", "bench", f"--preset={name}", "--device=cpu", "--json", *flags],
            ["-m", "scripts.bench_transformers", "train", f"--preset={name}", *flags],
            "ms_per_iter",
        )
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


def generation(names: list[str]) -> None:
    """Print a row for each preset: milliseconds a token of both, with a key/value cache, in float32."""
    if not names:
        return
    print("\nWriting 200 tokens in float32, ms a token, the faster of two turns")
    print("\n| preset | ms/token | transformers | faster |")
    print("| --- " * 4 + "|")
    for name in names:
        ours, theirs = in_turns(
            ["-m", "scripts.bench_generation", f"--preset={name}"],
            ["-m", "scripts.bench_transformers", "generate", f"--preset={name}", "--iters=3"],
            "ms_per_token",
        )
        mine, other = ours["ms_per_token"], theirs["ms_per_token"]
        print(f"| {name} | {mine:.1f} | {other:.1f} | {other / mine:.2f} x |", flush=True)


def in_turns(ours: list[str], theirs: list[str], key: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run two commands in turn, A B A B, each time afresh; of each what the faster turn told."""
    told = [(run(ours), run(theirs)) for _ in range(TURNS)]
    first, second = zip(*told, strict=True)
    return min(first, key=lambda one: float(one[key])), min(second, key=lambda one: float(one[key]))


def run(arguments: list[str]) -> dict[str, Any]:
    """Run Python with these arguments; the JSON object it printed last. What it says otherwise goes to the screen."""
    done = subprocess.run([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def mean(ratios: list[float]) -> float:
    """Give the geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


if __name__ == "__main__":
    main()
