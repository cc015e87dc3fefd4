"""Says in data/catalogue.json how predictable each built-in text is: what a plan's promise needs before it is there.

    python -m scripts.count_texts [--texts FOLDER]

Texts that are downloaded are taken from a folder that has their files, where one is given.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from dataclasses import astuple
from pathlib import Path

from engine.core.files import write_text
from engine.core.paths import shipped
from engine.datasets.prepare import prepare
from engine.planning.predictability import predictability
from engine.text.catalogue import catalogue
from scripts.gallery import place_of

PLACES = 3


def main() -> None:
    """Prepare each text in a home of its own, and count it."""
    parser = argparse.ArgumentParser(prog="python -m scripts.count_texts", description=__doc__.splitlines()[0])
    parser.add_argument("--texts", metavar="FOLDER", help="a folder with the files that would be downloaded")
    texts = parser.parse_args().texts
    file = shipped("data", "catalogue.json")
    rows = json.loads(file.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as home:
        os.environ["UNDERSTUDY_HOME"] = home
        for row in rows:
            entry = catalogue()[row["name"]]
            prepare(entry.name, source=str(place_of(entry, Path(texts))) if texts and entry.files else None)
            counted = predictability(entry.name)
            row["predictability"] = [round(each, PLACES) for each in astuple(counted)] if counted else []
            print(f"{entry.name}: {row['predictability']}", flush=True)
    write_text(file, json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
