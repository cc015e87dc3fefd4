"""The loss plot taken along: as a picture, as a drawing, as numbers."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView

from engine.core.errors import UnderstudyError
from engine.core.files import write_text
from gui.train.curves import Curves

KINDS = {"png": "Picture (*.png)", "svg": "Drawing (*.svg)", "csv": "Numbers (*.csv)"}
_COLUMNS = ("loss", "lr", "grad_norm", "tokens_per_s", "memory_bytes")


def save_picture(plot: QGraphicsView, file: Path) -> None:
    """Write the plot as svg or png, as the ending says; raises UnderstudyError when it cannot be written."""
    with _words_for(file):
        if file.suffix == ".svg":
            _draw(plot, file)
        elif not plot.grab().save(str(file), "PNG"):
            raise OSError("the system refused")
        if not os.path.exists(file):
            raise OSError("the system refused")


def save_numbers(curves: Curves, file: Path) -> None:
    """Write the numbers as csv; raises UnderstudyError when they cannot be written. Touches no widget."""
    with _words_for(file):
        write_text(file, as_csv(curves))


@contextmanager
def _words_for(file: Path) -> Iterator[None]:
    """Tell a file that cannot be written as a person should hear it."""
    try:
        yield
    except OSError as error:
        why = f"{file}: {error.strerror or error}."
        raise UnderstudyError(
            "The plot was not saved.", cause=why, fix="Save it in another folder.", code="plot"
        ) from error


def as_csv(curves: Curves) -> str:
    """Return every logged iteration and every evaluation, a line each; what a line does not tell stays empty."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("iter_num", *_COLUMNS, "eval_train_loss", "eval_val_loss"))
    steps, evals = curves.steps, curves.evals
    rows: list[tuple[int, int, tuple[object, ...]]] = []
    for at, iter_num in enumerate(steps.column("iter_num")):
        values = tuple(repr(float(steps.column(name)[at])) for name in _COLUMNS)
        rows.append((int(iter_num), 1, (*values, "", "")))
    for at, iter_num in enumerate(evals.column("iter_num")):
        losses = (repr(float(evals.column(name)[at])) for name in ("train_loss", "val_loss"))
        rows.append((int(iter_num), 0, (*("",) * len(_COLUMNS), *losses)))
    table.writerows((iter_num, *values) for iter_num, _, values in sorted(rows, key=lambda row: row[:2]))
    return text.getvalue()


def _draw(plot: QGraphicsView, file: Path) -> None:
    drawing = QSvgGenerator()
    drawing.setFileName(str(file))
    drawing.setSize(plot.size())
    drawing.setViewBox(QRect(0, 0, plot.width(), plot.height()))
    drawing.setTitle("Loss")
    painter = QPainter()
    if not painter.begin(drawing):
        raise OSError("the system refused")
    plot.render(painter)
    painter.end()
