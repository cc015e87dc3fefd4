"""`make bench-prepare`: how fast a long text becomes tokens, beside nanoGPT's way, and in how much memory.

nanoGPT reads the whole text and encodes each part in one call (its data/shakespeare/prepare.py). Both ways are run
in turn, each in a process of its own, on the same text and with the same vocabulary; the tokens must be the same.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

MEGABYTE = 1_000_000

FRESH = 0.01
"""Share of the words that stand nowhere else: names and numbers keep a long text from repeating itself."""

_WORDS_AT_ONCE = 200_000


def main() -> None:
    """Make a text, prepare it both ways, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100, help="megabytes of text [100]")
    parser.add_argument("--rounds", type=int, default=2, help="times that both ways are run, in turn [2]")
    parser.add_argument("--alone", action="store_true", help="leave nanoGPT's way out, which holds the whole text")
    parser.add_argument("--text", type=Path, help="a text of yours in place of one that is made")
    parser.add_argument("--tokenizer", default="gpt2", help="gpt2, char or bpe [gpt2]; nanoGPT's way is always gpt2")
    parser.add_argument("--way", choices=sorted(_WAYS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        _WAYS[arguments.way](arguments)
        return
    with tempfile.TemporaryDirectory(dir=arguments.text and arguments.text.parent) as folder:
        os.environ["UNDERSTUDY_HOME"] = folder
        text = arguments.text or write_text(Path(folder) / "text.txt", arguments.size * MEGABYTE)
        _compare(text, arguments)


def write_text(path: Path, size: int) -> Path:
    """Write at least `size` bytes: words of Shakespeare by how common they are, and some that were never seen."""
    from engine.text.plays import Plays
    from engine.tokens.bpe_cache import text_words

    words, counts = np.unique(np.array(text_words("".join(Plays().pieces())), dtype=object), return_counts=True)
    draw = np.random.default_rng(1)
    written = 0
    with path.open("w", encoding="utf-8") as file:
        while written < size:
            drawn = words[draw.choice(len(words), _WORDS_AT_ONCE, p=counts / counts.sum())]
            fresh = draw.random(_WORDS_AT_ONCE) < FRESH
            drawn[fresh] = [f" {number:x}" for number in draw.integers(2**20, 2**32, fresh.sum())]
            written += file.write("".join(drawn.tolist()))
    return path


def _compare(text: Path, arguments: argparse.Namespace) -> None:
    """Run the ways in turn, and print the time, the rate and the memory of each."""
    ways = ["ours"] if arguments.alone else ["nanogpt", "ours"]
    size = text.stat().st_size
    print(f"{size / MEGABYTE:,.0f} MB of text, {arguments.tokenizer}, {os.cpu_count()} cores")
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(arguments.rounds):
        for way in ways:
            command = [sys.executable, "-m", "scripts.bench_prepare", f"--way={way}", f"--text={text}"]
            command.append(f"--tokenizer={arguments.tokenizer}")
            result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            seconds[way].append(result["seconds"])
            rate = size / MEGABYTE / result["seconds"]
            print(
                f"{way:<8}{result['seconds']:8.2f} s{rate:8.1f} MB/s   peak {result['peak'] / MEGABYTE:,.0f} MB",
                flush=True,
            )
    if not arguments.alone:
        print(f"{min(seconds['nanogpt']) / min(seconds['ours']):.1f} times as fast, the better of each")
        if arguments.tokenizer == "gpt2":
            same = all(filecmp.cmp(_nanogpt_folder() / part, _our_folder(text) / part, False) for part in _PARTS)
            print("the same tokens" if same else "NOT the same tokens")


_PARTS = ("train.bin", "val.bin")


def _nanogpt_folder() -> Path:
    return Path(os.environ["UNDERSTUDY_HOME"]) / "nanogpt"


def _our_folder(text: Path) -> Path:
    return Path(os.environ["UNDERSTUDY_HOME"]) / "datasets" / text.stem


def _nanogpt(arguments: argparse.Namespace) -> None:
    """Do what nanoGPT's script does."""
    from engine.tokens.tokenizer import gpt2_tokenizer

    begin = time.perf_counter()
    encode = gpt2_tokenizer().encode
    data = arguments.text.read_text("utf-8")
    cut = int(len(data) * 0.9)
    _nanogpt_folder().mkdir(exist_ok=True)
    for name, part in zip(_PARTS, (data[:cut], data[cut:]), strict=True):
        np.array(encode(part), dtype=np.uint16).tofile(_nanogpt_folder() / name)
    _tell(begin)


def _ours(arguments: argparse.Namespace) -> None:
    """Do what `prepare` does, anew."""
    import shutil

    from engine.datasets.prepare import prepare

    shutil.rmtree(_our_folder(arguments.text), ignore_errors=True)
    begin = time.perf_counter()
    prepare(str(arguments.text), tokenizer=arguments.tokenizer)
    _tell(begin)


_WAYS = {"nanogpt": _nanogpt, "ours": _ours}


def _tell(begin: float) -> None:
    """Print the seconds since `begin` and the most memory that this process held, in bytes."""
    seconds = time.perf_counter() - begin
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "peak": held if sys.platform == "darwin" else held * 1024}))


if __name__ == "__main__":
    main()
