"""About Understudy: this copy and this machine, to copy for whoever helps, and whether there is a newer one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from engine.core.errors import UnderstudyError
from engine.core.events import Facts, Release
from engine.core.jobs import Control, Job
from engine.core.version import __version__
from engine.support.updates import feed, release_job
from gui.kit.clipboard import copy
from gui.kit.engine_thread import EngineThread, JobHandle
from gui.kit.flow import flow
from gui.kit.icons import app_icon
from gui.kit.parts import button, column, label, row
from gui.kit.sheets import sheet_width
from gui.kit.theme import Size, Space

_SAYS = "Train a small GPT of your own, on this computer, from your own text."
_NO_FEED = "This copy does not look for newer versions."


class AboutBox(QDialog):
    """The card about this copy and this machine. What needs torch is asked on the engine's thread."""

    def __init__(self, engine: EngineThread, parent: QWidget | None = None, releases: str | None = None) -> None:
        """Begin to ask; `releases` is the address that knows the newest release, "" for none."""
        super().__init__(parent)
        self.setObjectName("about_box")
        self.setWindowTitle("About Understudy")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._engine = engine
        self._feed = feed() if releases is None else releases
        self._page = ""
        self._rows: tuple[tuple[str, str], ...] = ()
        self._lay_out()
        self._asked_for_release = False
        self._ask(lambda _: _facts(), self._show_facts)

    def _lay_out(self) -> None:
        picture = label()
        picture.setPixmap(app_icon().pixmap(Size.ICON_HERO, Size.ICON_HERO))
        titles = column(spacing=Space.XXS)
        titles.addWidget(label(f"Understudy {__version__}", "title"))
        titles.addWidget(label(_SAYS, "secondary", wrap=True))
        titles.insertStretch(0)
        titles.addStretch()
        head = row(picture, titles, spacing=Space.L)
        head.setStretch(1, 1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.XS)
        self._news = label("Looking at this machine…", "secondary", wrap=True)
        self._news.setObjectName("about_news")
        self._copy = button("about_copy", "Copy", self._copy_facts, says="Copy what is known of this machine")
        self._copy.setEnabled(False)
        self._check = button("about_check", "Check for Updates", self._ask_for_release)
        self._check.setVisible(bool(self._feed))
        self._open = button("about_open_page", "Show the New Version", self._open_page)
        self._open.hide()
        close = button("about_close", "Close", self.close)
        close.setDefault(True)
        layout = column(self, spacing=Space.M, margin=Space.XL)
        for part in (head, self._grid, flow(self._copy, self._check, self._open, None, close)):
            layout.addLayout(part)
        layout.insertWidget(2, self._news)
        self.setFixedWidth(sheet_width(self.parentWidget()))

    def facts(self) -> str:
        """Return what is shown, as lines of plain text."""
        return "\n".join(f"{title}: {found}" for title, found in self._rows)

    def _ask_for_release(self) -> None:
        self._check.setEnabled(False)
        self._news.setText("Asking…")
        self._asked_for_release = True
        job = self._ask(lambda _: release_job(self._feed), self._show_release)
        job.ended.connect(lambda _: self._check.setEnabled(True))

    def _ask(self, make_job: Callable[[Control], Job], show: Callable[[Any], None]) -> JobHandle:
        """Submit a job that tells one event, and show it, or why there is none."""
        job = self._engine.submit(make_job)
        job.told.connect(show)
        job.ended.connect(self._tell_failure)
        return job

    def _tell_failure(self, error: BaseException | None) -> None:
        if error is not None:
            words = f"{error.message} {error.cause}" if isinstance(error, UnderstudyError) else str(error)
            self._news.setText(words)

    def _show_facts(self, facts: Facts) -> None:
        self._rows = facts.rows
        for at, (title, found) in enumerate(facts.rows):
            value = label(found)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAccessibleName(f"{title}: {found}")
            self._grid.addWidget(label(title, "secondary"), at, 0)
            self._grid.addWidget(value, at, 1)
        self._grid.setColumnStretch(1, 1)
        if not self._asked_for_release:  # else its news may be there already
            self._news.setText("" if self._feed else _NO_FEED)
        self._copy.setEnabled(True)

    def _show_release(self, release: Release) -> None:
        self._page = release.page
        self._open.setVisible(release.newer)
        newest = f"This is the newest version; the last one published is {release.version}."
        self._news.setText(f"Understudy {release.version} is there." if release.newer else newest)

    def _open_page(self) -> None:
        QDesktopServices.openUrl(QUrl(self._page))

    def _copy_facts(self) -> None:
        copy(self.facts(), self._copy)


def _facts() -> Job:
    """Return the job that looks at this machine; called on the engine's thread, where torch is imported."""
    from engine.support.diagnosis import facts_job

    return facts_job()
