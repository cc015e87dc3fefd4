"""Open the window; where there is no display, do the same job in the terminal.  `make run` calls this."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

from engine.core.paths import runs_dir
from gui.kit.display import display_answers, display_is_named
from gui.kit.system_libraries import missing_libraries, packages_of


def main() -> int:
    """Return the exit code of the window, or of the run in the terminal."""
    if not display_is_named():
        print("There is no display here, so Understudy trains in the terminal: tiny, on the complete Shakespeare.\n")
        return train_and_sample()
    if libraries := missing_libraries():
        print(f"The window cannot open: this system lacks {', '.join(libraries)}.", file=sys.stderr)
        print(f"On Debian and Ubuntu: sudo apt install {' '.join(packages_of(libraries))}", file=sys.stderr)
        return 1
    if not display_answers():
        print("The display does not answer, so Understudy trains in the terminal: tiny, on the complete Shakespeare.\n")
        return train_and_sample()
    return subprocess.call([sys.executable, "-m", "gui"])


def train_and_sample() -> int:
    """Train the smallest preset for 200 iterations in a new folder, and let it speak; return the exit code."""
    out_dir = runs_dir() / f"first-look-{datetime.now():%Y%m%d-%H%M%S}"
    trained = engine(
        "train", "--preset=tiny", "--dataset=shakespeare_complete", "--max_iters=200", f"--out_dir={out_dir}"
    )
    if trained:
        return trained
    print("\nWhat it writes after 200 iterations (a real run takes 2,000 and more):\n", flush=True)
    sampled = engine("sample", f"--out_dir={out_dir}")
    if not sampled:
        print(
            f"\nThe run is in {out_dir}\nTo train it on:  .venv/bin/python -m engine train --init_from=resume "
            f"--out_dir='{out_dir}' --max_iters=2000 --lr_decay_iters=2000"
        )
    return sampled


def engine(*arguments: str) -> int:
    """Run one command of the engine; return its exit code."""
    return subprocess.call([sys.executable, "-m", "engine", *arguments])


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # our lines before the engine's
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # the engine has saved, and said so
        sys.exit(130)
