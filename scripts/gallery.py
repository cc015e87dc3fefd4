"""What five minutes give on each built-in text: trained by quick, and the first that it writes kept, whatever it is.

Writes data/samples.json, which the window's gallery shows. Texts that are downloaded are taken from a folder that has
their files, where one is given.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.core.files import write_text
from engine.core.paths import shipped
from engine.machine.hardware import machine
from engine.text.catalogue import CatalogueEntry, catalogue
from scripts.recipe_lab.trial import engine, last_event

MINUTES = 5.0
SAMPLE_CHARACTERS = 300
SEED = 1

LEFT_OUT = ("shakespeare_char",)
"""The same text as another, for the guide's own command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the samples that are asked for, one after the other; each is kept as soon as it is there."""
    parser = argparse.ArgumentParser(prog="python -m scripts.gallery", description=__doc__.splitlines()[0])
    parser.add_argument("--texts", metavar="FOLDER", help="a folder with the files that would be downloaded")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--only", nargs="*", metavar="NAME", help="these texts alone")
    chosen = parser.parse_args(arguments)
    file = shipped("data", "samples.json")
    for entry in catalogue().values():
        if entry.name in LEFT_OUT or (chosen.only and entry.name not in chosen.only):
            continue
        made = json.loads(file.read_text("utf-8")) if file.exists() else {}
        made[entry.name] = sample_of(entry, chosen.minutes, chosen.texts)
        write_text(file, json.dumps(made, indent=2, ensure_ascii=False) + "\n")
        print(f"{entry.name}: {made[entry.name]['bits_per_byte']:.2f} bits per byte", flush=True)


def sample_of(entry: CatalogueEntry, minutes: float, texts: str | None) -> dict[str, Any]:
    """Train on a text in a home of its own, and return what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        home, out = Path(folder) / "home", Path(folder) / "out"
        source = [f"--from={place_of(entry, Path(texts))}"] if texts and entry.files else []
        engine(home, "prepare", entry.name, *source)
        flags = (f"--dataset={entry.name}", f"--minutes={minutes}", f"--seed={SEED}", f"--out_dir={out}")
        events = engine(home, "train", "--recipe=quick", *flags)
        writing = (f"--start={entry.beginning}", "--max_new_tokens=300", f"--seed={SEED}")
        replies = engine(home, "sample", f"--out_dir={out}", *writing)
    finished, evaluated = last_event(events, "finished"), last_event(events, "eval")
    return {
        "text": replies[0]["text"][:SAMPLE_CHARACTERS],
        "minutes": minutes,
        "bits_per_byte": evaluated["bits_per_byte"],
        "iterations": finished["iter_num"],
        "machine": machine().chip,
        "cores": int(os.environ.get("OMP_NUM_THREADS") or machine().cores),
    }


def place_of(entry: CatalogueEntry, texts: Path) -> Path:
    """Return which file of a folder an entry is made of, or the folder where it is made of several."""
    if len(entry.files) > 1:
        return texts
    sizes = {file.bytes for file in entry.files}
    return next((path for path in sorted(texts.iterdir()) if path.stat().st_size in sizes), texts)


if __name__ == "__main__":
    main()
