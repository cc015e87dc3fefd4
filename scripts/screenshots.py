"""Pictures of the window in every state, from a real short run: what people look at before a release.

    python -m scripts.screenshots [--only WORD] [--quick] [--docs]

The run is trained once, into build/screenshots/home, and its record is reused. With --docs the best of the
pictures go to docs/, for the README; with --quick only the light ones at the smaller size are made.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gui.train.state import RunState
    from gui.window import MainWindow

PICTURES = Path("build/screenshots")
HOME = (PICTURES / "home").resolve()
DOCS = Path("docs")
SIZES = ((1100, 720), (1680, 1050))
LONG_NAME = "the complete plays with a context of 128 tokens and a learning rate that was chosen late at night"
FOR_THE_README = {"running": "screenshot", "generate": "generate", "runs-compared": "runs", "data": "data"}
FLAGS = ["--max_iters=60", "--log_interval=1", "--eval_interval=20", "--eval_iters=5", "--warmup_iters=10"]


def main() -> None:
    """Train if need be, then draw at one and at two device pixels each, in a process of its own."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--only", default="", help="only the scenes with this in their name")
    asked.add_argument("--quick", action="store_true", help="only light, 1100 x 720, one device pixel each")
    asked.add_argument("--docs", action="store_true", help="make the README's pictures")
    asked.add_argument("--scale", type=int, help=argparse.SUPPRESS)
    args = asked.parse_args()
    environment = os.environ | {"UNDERSTUDY_HOME": str(HOME), "QT_QPA_PLATFORM": "offscreen"}
    if args.scale is None:
        _train(environment)
        for scale in (2,) if args.docs else (1,) if args.quick else (1, 2):
            command = [sys.executable, "-m", "scripts.screenshots", *sys.argv[1:], "--scale", str(scale)]
            subprocess.run(command, env=environment | {"QT_SCALE_FACTOR": str(scale)}, check=True)
    else:
        draw(args.only, args.scale, quick=args.quick, docs=args.docs)


def _train(environment: dict[str, str]) -> None:
    """Train two short runs, unless they are there."""
    for name, rate in (("shakespeare-1e-3", "1e-3"), ("shakespeare-3e-3", "3e-3")):
        if not (HOME / "runs" / name / "best.pt").exists():
            where = [f"--out_dir={HOME / 'runs' / name}", f"--learning_rate={rate}"]
            command = [sys.executable, "-m", "engine", "train", "--preset=tiny", *FLAGS, *where]
            subprocess.run(command, env=environment, check=True)


def draw(only: str, scale: int, *, quick: bool, docs: bool) -> None:
    """Make the pictures at one scale."""
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from engine.calibration import measurements
    from gui import preferences, theme
    from gui.app import build
    from gui.theme import DARK, LIGHT, Theme
    from gui.train.state import RunState

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(HOME / "settings"))
    preferences.set_flag("first_steps/shown", False)
    app, window = build([])
    window.show()
    window.train.setup.use_measurements(measurements())
    folder = DOCS if docs else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    for name, scene in SCENES.items():
        if only not in name or (docs and name not in FOR_THE_README):
            continue
        window.train.setup.choose_preset("tiny")
        window.train.show_run(RunState())
        _close_groups(window)
        scene(window)
        for dark, colors in ((False, LIGHT), (True, DARK)):
            for size in SIZES:
                if (quick or docs) and (dark or size != SIZES[0]):
                    continue
                app.setPalette(theme.palette_of(Theme(dark, colors)))
                window.resize(*size)
                _settle(QApplication)
                look = f"{'dark' if dark else 'light'}-{size[0]}-{scale}x"
                file = folder / (f"{FOR_THE_README[name]}.png" if docs else f"{name}-{look}.png")
                _picture(window).save(str(file))
        _close_sheets(window)
    window.train.stop()
    window.close()
    app.aboutToQuit.emit()


def _settle(application: Any) -> None:
    """Let the window draw what it put off."""
    from PySide6.QtCore import QDeadlineTimer, QEventLoop

    until = QDeadlineTimer(500)
    while not until.hasExpired():
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def _picture(window: MainWindow) -> Any:
    """Give the window, and over it the sheet that is open."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QApplication, QWidget

    picture = window.grab()
    for sheet in QApplication.topLevelWidgets():
        if isinstance(sheet, QWidget) and sheet.isVisible() and sheet.parentWidget() is window:
            over, painter = sheet.grab(), QPainter(picture)
            middle = QPoint((window.width() - sheet.width()) // 2, (window.height() - sheet.height()) // 2)
            painter.drawPixmap(middle, over)
            painter.setPen(Qt.GlobalColor.gray)
            painter.drawRect(middle.x(), middle.y(), sheet.width(), sheet.height())
            painter.end()
    return picture


def _close_sheets(window: MainWindow) -> None:
    from PySide6.QtWidgets import QApplication

    for sheet in QApplication.topLevelWidgets():
        if sheet is not window and sheet.parentWidget() is window:
            sheet.close()


def _close_groups(window: MainWindow) -> None:
    from PySide6.QtWidgets import QToolButton

    for heading in window.train.setup.findChildren(QToolButton):
        if isinstance(heading, QToolButton) and heading.objectName().startswith("group_"):
            heading.setChecked(False)


# what is shown


def events(run: str) -> Iterator[tuple[Any, float]]:
    """Give the recorded events of a run, each with the second at which it came."""
    from engine import events as kinds
    from engine.runs import RunFolder

    folder, now = RunFolder(HOME / "runs" / run), 0.0
    samples = {row["iter_num"]: row for row in folder.samples()}
    for row in folder.events():
        kind = str(row.pop("event"))
        row |= {name: f"runs/{run}" for name in ("run_dir", "path") if name in row}  # no one's folders in a picture
        now += row.get("step_ms", 0) / 1000
        cls = getattr(kinds, kind.title().replace("_", ""))
        if kind in ("started", "step", "eval", "finished", "checkpoint"):
            yield cls(**row), now
        if kind == "eval" and row["iter_num"] in samples:
            sample = samples[row["iter_num"]]
            yield kinds.Sample(iter_num=row["iter_num"], prompt=sample["prompt"], text=sample["text"]), now


def told(until: int, name: str = "shakespeare-3e-3") -> RunState:
    """Give a run as it stood at an iteration."""
    from gui.train.state import RunState

    state = RunState()
    state.start()
    for event, now in events("shakespeare-3e-3"):
        if getattr(event, "iter_num", 0) <= until:
            state.take(event, now)
    state.run_dir = str(HOME / "runs" / name)
    return state


def _compared(window: MainWindow) -> None:
    from engine.datasets import dataset
    from engine.quality import ladder_of
    from gui.train.record import read_trace

    state = told(52)
    state.measure_by(ladder_of(dataset("shakespeare_complete")))
    _show(window, state)
    runs = [read_trace(HOME / "runs" / name) for name in ("shakespeare-1e-3", "shakespeare-3e-3")]
    window.train.stage.loss.show_others(tuple(runs))


def _preset_sheet(window: MainWindow) -> None:
    from PySide6.QtWidgets import QLineEdit, QPushButton

    _empty(window)
    save = window.findChild(QPushButton, "preset_save")
    assert isinstance(save, QPushButton)
    save.click()
    name = window.findChild(QLineEdit, "preset_name")
    assert isinstance(name, QLineEdit)
    name.setText("Medium")


def _show(window: MainWindow, state: RunState) -> None:
    window.tabs.setCurrentWidget(window.train)
    window.train.show_run(state)


def _empty(window: MainWindow) -> None:
    from gui.train.state import RunState

    window.train.setup.choose_preset("tiny")
    _show(window, RunState())


def _settings(window: MainWindow) -> None:
    from PySide6.QtWidgets import QLineEdit, QScrollArea, QToolButton

    _empty(window)
    for group in ("group_model", "group_training"):
        heading = window.findChild(QToolButton, group)
        assert isinstance(heading, QToolButton)
        heading.setChecked(True)
    for name, text in (("learning_rate", "3e-3"), ("n_head", "3")):
        field = window.findChild(QLineEdit, f"setting_{name}")
        assert isinstance(field, QLineEdit)
        field.setFocus()
        field.setText(text)
        field.textEdited.emit(text)
    scroll = window.findChild(QScrollArea, "setup_scroll")
    assert isinstance(scroll, QScrollArea)
    assert isinstance(field, QLineEdit)
    _settle_now()
    scroll.ensureWidgetVisible(field, 0, 200)


def _starting(window: MainWindow) -> None:
    from gui.train.state import RunState

    window.train.setup.choose_preset("tiny")
    state = RunState()
    state.start()
    _show(window, state)


def _paused(window: MainWindow) -> None:
    from engine.events import Paused

    state = told(40)
    state.take(Paused(iter_num=40), 0)
    _show(window, state)


def _failed(window: MainWindow) -> None:
    from engine.errors import Fix, OutOfMemoryError

    state = told(50)
    fix = Fix("Halve the Batch", "resume", {"batch_size": 4, "gradient_accumulation_steps": 2})
    why = "The model, its gradients and this batch do not fit into what other programs leave."
    state.end(OutOfMemoryError("There is not enough memory.", cause=why, code="out_of_memory", fixes=(fix,)))
    _show(window, state)


def _finished(window: MainWindow) -> None:
    state = told(60)
    state.checkpoint = str(HOME / "runs/shakespeare-3e-3/best.pt")
    state.end(None)
    _show(window, state)


def _generate(window: MainWindow) -> None:
    from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

    window.generate.open_checkpoint(HOME / "runs/shakespeare-3e-3/best.pt")
    window.tabs.setCurrentWidget(window.generate)
    go, clear = (window.findChild(QAbstractButton, n) for n in ("generate_button", "clear_transcript_button"))
    assert isinstance(go, QAbstractButton)
    assert isinstance(clear, QAbstractButton)
    clear.click()
    go.click()
    meter = window.findChild(QLabel, "quotation_meter")
    assert isinstance(meter, QLabel)
    while not go.isEnabled() or "training text" not in meter.text():
        QApplication.processEvents()


def _written(window: MainWindow, **settings: float) -> None:
    """Write anew with some settings, and see inside."""
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget

    compare = settings.pop("compare", 0)
    reset, inside = (window.findChild(QAbstractButton, n) for n in ("reset_generate_settings", "see_inside_button"))
    other = window.findChild(QComboBox, "compare_picker")
    assert isinstance(reset, QAbstractButton)
    assert isinstance(inside, QAbstractButton)
    assert isinstance(other, QComboBox)
    window.generate.open_checkpoint(HOME / "runs/shakespeare-3e-3/best.pt")
    reset.click()
    for name, value in settings.items():
        field = window.findChild(QWidget, name)
        assert isinstance(field, QWidget)
        field.setProperty("value", value)
    other.setCurrentIndex(int(compare))
    inside.setChecked(True)
    _generate(window)


def _token(window: MainWindow) -> None:
    """Point at a token in the middle of the text."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QTextEdit

    _written(window, max_new_tokens=120, top_k=6, min_p=0.05)
    view = window.findChild(QTextEdit, "transcript")
    assert isinstance(view, QTextEdit)
    view.setFocus()
    for _ in range(30):
        QTest.keyClick(view, Qt.Key.Key_Right)


def _reading(window: MainWindow) -> None:
    from PySide6.QtWidgets import QApplication, QMenu, QPushButton

    _written(window, max_new_tokens=20)
    menu, go = window.findChild(QMenu, "read_menu"), window.findChild(QPushButton, "generate_button")
    assert isinstance(menu, QMenu)
    assert isinstance(go, QPushButton)
    menu.actions()[0].trigger()
    while not go.isEnabled():
        QApplication.processEvents()


def _more_settings(window: MainWindow) -> None:
    from PySide6.QtWidgets import QScrollArea, QToolButton

    _written(window, top_p=0.9, repetition_penalty=1.2)
    more, side = (
        window.findChild(QToolButton, "more_generate_settings"),
        window.findChild(QScrollArea, "generate_sidebar"),
    )
    assert isinstance(more, QToolButton)
    assert isinstance(side, QScrollArea)
    more.setChecked(True)
    _settle_now()
    side.verticalScrollBar().setValue(side.verticalScrollBar().maximum())


def _long_text(window: MainWindow) -> None:
    from PySide6.QtWidgets import QPlainTextEdit

    _generate(window)
    prompt = window.findChild(QPlainTextEdit, "prompt_edit")
    assert isinstance(prompt, QPlainTextEdit)
    line = "Tomorrow, and tomorrow, and tomorrow, creeps in this petty pace from day to day.\n"
    prompt.setPlainText(line * (100_000 // len(line) + 1))


def _data(page: str) -> Callable[[MainWindow], None]:
    def scene(window: MainWindow) -> None:
        from PySide6.QtWidgets import QPushButton, QTabBar

        window.tabs.setCurrentWidget(window.data)
        cancel, pages = window.findChild(QPushButton, "draft_cancel_button"), window.findChild(QTabBar, "data_pages")
        assert isinstance(cancel, QPushButton)
        assert isinstance(pages, QTabBar)
        if cancel.isVisible():
            cancel.click()
        pages.setCurrentIndex([pages.tabText(at) for at in range(pages.count())].index(page))
        _settle_now()

    return scene


def _draft(window: MainWindow) -> None:
    """Set up a folder of letters, with a picture among them and a very long name."""
    from engine.prepare import RECOMMENDED_BYTES

    folder = HOME / "letters" / LONG_NAME
    folder.mkdir(parents=True, exist_ok=True)
    line = "Tomorrow, and tomorrow, and tomorrow, creeps in this petty pace from day to day.\n"
    for number in range(12):
        (folder / f"letter {number}.txt").write_text(f"Letter {number}\n" + line * (RECOMMENDED_BYTES // 900))
    (folder / "cover.jpg").write_bytes(b"\xff\xd8")
    from PySide6.QtWidgets import QLabel

    window.tabs.setCurrentWidget(window.data)
    window.data.add([folder])
    found = window.data.findChild(QLabel, "draft_found")
    assert isinstance(found, QLabel)
    while "different" not in found.text():
        _settle_now()


def _runs(select: int) -> Callable[[MainWindow], None]:
    def scene(window: MainWindow) -> None:
        from PySide6.QtWidgets import QTableView

        window.tabs.setCurrentWidget(window.runs)
        table = window.findChild(QTableView, "runs_table")
        assert isinstance(table, QTableView)
        table.selectAll() if select > 1 else table.selectRow(0)

    return scene


def _no_runs(window: MainWindow) -> None:
    (HOME / "runs").rename(HOME / "runs-away")
    try:
        window.tabs.setCurrentWidget(window.train)
        window.tabs.setCurrentWidget(window.runs)
        _settle_now()
    finally:
        (HOME / "runs-away").rename(HOME / "runs")


def _export(window: MainWindow) -> None:
    from PySide6.QtWidgets import QPushButton

    _runs(1)(window)
    export = window.findChild(QPushButton, "run_export_button")
    assert isinstance(export, QPushButton)
    export.click()


def _help(window: MainWindow) -> None:
    window.show_help("overfitting")


def _settle_now() -> None:
    from PySide6.QtWidgets import QApplication

    _settle(QApplication)


SCENES: dict[str, Callable[[MainWindow], None]] = {
    "empty": _empty,
    "settings": _settings,
    "starting": _starting,
    "running": lambda window: _show(window, told(52)),
    "running-compared": _compared,
    "preset-sheet": _preset_sheet,
    "paused": _paused,
    "long-name": lambda window: _show(window, told(52, LONG_NAME)),
    "finished": _finished,
    "failed": _failed,
    "generate": _generate,
    "generate-inside": _token,
    "generate-read": _reading,
    "generate-samples": lambda window: _written(window, num_samples=3, max_new_tokens=80),
    "generate-compare": lambda window: _written(window, compare=2, max_new_tokens=120),
    "generate-more": _more_settings,
    "generate-long": _long_text,
    "data": _data("Text"),
    "data-overview": _data("Overview"),
    "data-vocabulary": _data("Vocabulary"),
    "data-quality": _data("Quality"),
    "data-draft": _draft,
    "runs": _runs(1),
    "runs-compared": _runs(2),
    "runs-empty": _no_runs,
    "about": lambda window: window.about(),
    "help": _help,
    "app-settings": lambda window: window.show_settings(),
    "runs-export": _export,
    "first-steps": lambda window: window.show_first_steps(),
}

if __name__ == "__main__":
    main()
