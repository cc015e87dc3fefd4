"""Ask everything, tell it in plain words, and write it to a file that can be sent.

python -m scripts.mac_report [--out=build/mac-report.json] [--iterations=200]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from engine.machine.allocator import trim_gpu_cache

OUT = Path("build", "mac-report.json")


def main(argv: Sequence[str] | None = None) -> int:
    """Make the report; exit code 1 when something was not right."""
    parser = argparse.ArgumentParser(prog="make mac-report", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help=f"the file to write [default {OUT}]")
    parser.add_argument("--iterations", type=int, default=200, help="iterations of each model on each device")
    arguments = parser.parse_args(argv)
    trim_gpu_cache()
    from scripts.mac_report.checks import machine_facts  # torch heeds what was set only from here on
    from scripts.mac_report.report import parts, report

    with tempfile.TemporaryDirectory() as home:  # nothing of a person's is read, and nothing is left behind
        os.environ["UNDERSTUDY_HOME"] = home
        found = report(parts(arguments.iterations), machine_facts(), print)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"\nAll of this is in {arguments.out}, with no name and no folder of yours. Please send it.")
    return 0 if all(part["right"] for part in found["parts"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
