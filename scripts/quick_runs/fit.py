"""Fits the law of the promise to the recorded runs: `python -m scripts.quick_runs.fit [NEW.jsonl]`.

Runs of a file made by `python -m scripts.quick_runs` are taken into tests/data/quick_runs.json first. The band is what
the law misses texts by that were left out of it, with all of their kind.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.core.config import TrainConfig
from engine.core.files import write_text
from engine.core.paths import shipped
from engine.planning.ngrams import Predictability
from engine.planning.promise import LEAST_BITS, Law, Subject, figures_of
from scripts.quick_runs.runs import RUNS, Row, family_of, recorded_runs

POWERS = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7)
ASKED = 0.85
"""In such a share of the runs that it was fitted to the band holds: some more than the four of five that it is to hold
in, for texts of one kind are missed alike."""

Floats = npt.NDArray[np.float64]


def subject_of(row: Row) -> Subject:
    """Return what the law reads of a recorded run."""
    return Subject(
        arithmetic=row["flops"] / 1e12,
        train_bytes=row["train_bytes"],
        predictability=Predictability(row["counted"], row["recalled"]),
    )


def told(rows: Sequence[Row]) -> list[Row]:
    """Return the runs that the law is about."""
    return [row for row in rows if row["recalled"] >= LEAST_BITS]


def fitted(rows: Sequence[Row]) -> Law:
    """Return the law of these runs: least squares, the power by which families left out are told best.

    Its band is as wide as it takes to hold in so many of these as ASKED, and one run more.
    """
    power = min(POWERS, key=lambda each: float((left_out(rows, each) ** 2).mean()))
    misses = np.sort(np.abs(left_out(rows, power)))
    figures = [figures_of(TrainConfig.of(row["settings"]), subject_of(row)) for row in rows]
    return Law(
        coefficients=tuple(round(float(each), 5) for each in _solved(rows, power)),
        power=power,
        spread=round(float(misses[min(len(misses), math.ceil(ASKED * (len(misses) + 1))) - 1]), 4),
        limits={name: (min(one[name] for one in figures), max(one[name] for one in figures)) for name in figures[0]},
        runs=len(rows),
        texts=len({row["text"] for row in rows}),
        recorded=max(row["recorded"] for row in rows),
    )


def held_unseen(rows: Sequence[Row]) -> list[bool]:
    """Return of each run whether it ended in the band of the law, and band, of all other families."""
    laws = {family: fitted([row for row in rows if family_of(row["text"]) != family]) for family in families(rows)}
    return [holds(laws[family_of(row["text"])], row) for row in rows]


def holds(law: Law, row: Row) -> bool:
    """Return whether a run ended within the band of a law."""
    subject = subject_of(row)
    promised = law.promise(subject, subject.arithmetic, subject.arithmetic)
    return promised.low <= float(row["bits_per_byte"]) <= promised.high


def families(rows: Sequence[Row]) -> set[str]:
    """Return the families of these runs' texts."""
    return {family_of(row["text"]) for row in rows}


def left_out(rows: Sequence[Row], power: float) -> Floats:
    """Return by how much each run's ln(bits per byte) is missed by the law of all other families."""
    misses: Floats = np.zeros(len(rows))
    for family in families(rows):
        own, others = ([row for row in rows if (family_of(row["text"]) == family) is here] for here in (True, False))
        misses[[family_of(row["text"]) == family for row in rows]] = _values(own) - _terms(own, power) @ _solved(
            others, power
        )
    return misses


def _solved(rows: Sequence[Row], power: float) -> Floats:
    return np.linalg.lstsq(_terms(rows, power), _values(rows), rcond=None)[0].astype(np.float64)


def _terms(rows: Sequence[Row], power: float) -> Floats:
    return np.array([subject_of(row).terms(power) for row in rows])


def _values(rows: Sequence[Row]) -> Floats:
    values: Floats = np.log([row["bits_per_byte"] for row in rows])
    return values


def main(new: Path | None = None) -> None:
    """Take new runs in, and write the law of all."""
    rows = recorded_runs() if RUNS.exists() else []
    if new is not None:
        rows += [row for line in new.read_text("utf-8").splitlines() if (row := json.loads(line)) not in rows]
        write_text(RUNS, "[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")
    write_text(shipped("resources", "promise.json"), json.dumps(asdict(fitted(told(rows))), indent=1) + "\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
