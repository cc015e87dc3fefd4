"""The sheet that shares a run: a card or an animated picture of it, saved, copied or dragged out. Nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag

from PySide6.QtCore import QDir, QEvent, Qt
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QDialog, QFileDialog, QFrame, QRadioButton, QWidget

from engine.core.errors import UnderstudyError
from gui.kit import theme
from gui.kit.background import Background
from gui.kit.clipboard import say
from gui.kit.notice import Notice
from gui.kit.parts import Elided, Wrapped, button, column, label, row
from gui.kit.progress_line import ProgressLine
from gui.kit.sheets import fit_height
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.share_files import SharedFile, card_file, file_name, film_file, for_a_drag, put_on_clipboard, save
from gui.train.share_preview import SharePreview
from gui.train.shared_run import SharedRun, read_shared_run

_SAYS = "What it wrote, from its first words to its last. The picture is made on this computer and sent nowhere."
_NOTHING_YET = "This run has not written anything yet. It writes its first words a moment after it begins."
_ONE_YET = "It has written once so far. Once there is more, it can be shown as an animated picture."
_CARD, _FILM = "card", "film"
_LIGHT, _DARK = "light", "dark"


def open_share_sheet(parent: QWidget, run_dir: Path) -> ShareSheet:
    """Open the sheet over a window for the run in a folder: one that has ended, one that is on, or an older one."""
    for earlier in parent.findChildren(ShareSheet):
        earlier.close()
        earlier.setObjectName("")  # it goes with the next turn of the event loop; its name is free now
    sheet = ShareSheet(run_dir, parent)
    sheet.open()
    return sheet


class ShareSheet(QDialog):
    """Shows the picture of a run, in the kind and the look that are chosen, and hands it on."""

    def __init__(self, run_dir: Path, parent: QWidget | None = None) -> None:
        """Begin to read the run, off the window's thread."""
        super().__init__(parent)
        self.setObjectName("share_sheet")
        self.setWindowTitle("Share")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._run: SharedRun | None = None
        self._made: dict[tuple[str, str], SharedFile] = {}
        self._stop = Flag()
        self._background = Background(self)
        self._make_parts()
        self._lay_out()
        self._show_state()
        self._background.do(lambda: read_shared_run(run_dir), self._take_run, self._tell)

    def _make_parts(self) -> None:
        self._title = Elided("Share", "headline")
        self._preview = SharePreview()
        self._preview.drag_asked.connect(self._drag)
        self._kinds = _choices("share_kind", {_CARD: "Card", _FILM: "Animated picture"})
        looks = {_LIGHT: "Light", _DARK: "Dark"}
        self._looks = _choices("share_look", looks, _DARK if theme.current().dark else _LIGHT)
        for group in (self._kinds, self._looks):
            group.buttonToggled.connect(self._choose)
        self._what = Wrapped(kind="caption")
        self._what.setObjectName("share_what")
        self._progress = ProgressLine("share_progress", "Progress of the picture")
        self._notice = Notice("share_notice", stays=True)
        self._close = button("share_close_button", "Close", self.reject, "tall")
        self._copy = button("share_copy_button", "Copy", self._put_on_clipboard, "tall", says="Copy the picture")
        self._save = button("share_save_button", "Save…", self._ask_where, "primary", says="Save the picture…")
        self._save.setDefault(True)

    def _lay_out(self) -> None:
        frame = role(QFrame(), "well")
        column(frame, margin=Space.HAIR).addWidget(self._preview)
        choices = column(spacing=Space.S)
        choices.addWidget(label(_SAYS, "secondary", wrap=True))
        for title, group in (("Picture", self._kinds), ("Look", self._looks)):
            choices.addSpacing(Space.S)
            choices.addWidget(label(title, "caption"))
            for choice in group.buttons():
                choices.addWidget(choice)
        choices.addStretch()
        choices.addWidget(self._progress)
        choices.addWidget(self._what)
        page = column(self, margin=Space.XL, spacing=Space.L)
        page.addWidget(self._title)
        above = row(frame, spacing=Space.XL)
        above.addLayout(choices, 1)
        page.addLayout(above)
        page.addWidget(self._notice)
        page.addLayout(row(None, self._close, self._copy, self._save))
        self.setFixedWidth(Size.MEASURE)

    # the picture

    @property
    def file(self) -> SharedFile | None:
        """The picture that is chosen, once it is made."""
        return self._made.get(self._chosen)

    @property
    def _chosen(self) -> tuple[str, str]:
        return _chosen(self._kinds), _chosen(self._looks)

    def _take_run(self, run: SharedRun) -> None:
        """Show what was read of the run, and make its card."""
        self._run = run
        self._title.tell(f"Share “{run.title}”")
        self._make()

    def _choose(self, _: QAbstractButton, on: bool) -> None:
        if on:
            self._make()

    def _make(self) -> None:
        """Make the picture that is chosen, unless it is there; another one under way is given up."""
        self._stop.set()
        self._stop = Flag()
        self._notice.dismiss()
        run, chosen, stop = self._run, self._chosen, self._stop
        if run is not None and run.moments and chosen not in self._made:

            def work() -> Iterator[float | SharedFile]:
                if chosen[0] == _FILM:
                    yield from film_file(run, chosen[1] == _DARK, stop.is_set)
                elif not stop.is_set():
                    yield card_file(run, chosen[1] == _DARK)

            self._background.do_each(work, lambda made: self._take(chosen, made), self._tell)
        self._show_state()

    def _take(self, chosen: tuple[str, str], made: float | SharedFile) -> None:
        """Show how far it is, or what was made."""
        if isinstance(made, SharedFile):
            self._made[chosen] = made
        if chosen != self._chosen:
            return
        if isinstance(made, SharedFile):
            self._show_state()
        else:
            self._progress.show_share(made)

    def _tell(self, error: Exception) -> None:
        self._notice.tell_error(error)
        self._show_state()

    def _show_state(self) -> None:
        """Show the picture that is chosen, or that it is being made, or why there is none."""
        run, file = self._run, self.file
        several = run is not None and len(run.moments) > 1
        for control in (self._copy, self._save):
            control.setEnabled(file is not None)
        for choice in (*self._kinds.buttons(), *self._looks.buttons()):
            choice.setEnabled(run is not None and bool(run.moments))
        self._kinds.buttons()[1].setEnabled(several)
        fails = self._notice.isVisibleTo(self)
        self._progress.setVisible(file is None and not fails and (run is None or bool(run.moments)))
        if file is not None and run is not None:
            words = file.says if several else f"{file.says}. {_ONE_YET}"
            self._preview.show_file(file, f"{run.title}: {run.moments[-1].words}")
        else:
            words = "" if fails else "Reading the run…" if run is None else "Drawing…" if run.moments else _NOTHING_YET
            self._progress.show_share(None)
        self._what.tell(words)
        fit_height(self)

    # what a person asks for

    def _ask_where(self) -> None:
        if (file := self.file) is None or self._run is None:
            return
        dialog = QFileDialog(self, "Save Picture", QDir.homePath())
        dialog.setObjectName("share_place_sheet")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(file.ending)
        dialog.selectFile(file_name(self._run.title, file.ending))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.save_to(Path(path)))
        dialog.open()

    def save_to(self, place: Path) -> None:
        """Write the picture to a place; what stood there was asked about. What goes wrong is shown."""
        if (file := self.file) is None:
            return
        self._notice.dismiss()
        try:
            written = save(file, place)
        except UnderstudyError as error:
            self._notice.tell_error(error)
        else:
            self._notice.tell(f"Saved as “{written.name}”.", kind="notice")
        fit_height(self)

    def _put_on_clipboard(self) -> None:
        if (file := self.file) is None or self._run is None:
            return
        try:
            put_on_clipboard(file, self._run.title)
        except UnderstudyError as error:
            self._tell(error)
        else:
            say("The picture is copied", self._copy)

    def _drag(self) -> None:
        if (file := self.file) is None or self._run is None:
            return
        try:
            mime = for_a_drag(file, self._run.title)
        except UnderstudyError as error:
            self._tell(error)
            return
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.setPixmap(self._preview.pixmap().scaledToWidth(Size.ICON_HERO))
        drag.exec(Qt.DropAction.CopyAction)

    def event(self, event: QEvent) -> bool:
        """Be as high as what is shown needs, also when the text grows."""
        if event.type() == QEvent.Type.DeferredDelete:
            self._background.finish()  # from here on Python's lock is held, and a thread that wants it waited for
        heeded = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            fit_height(self)
        return heeded

    def done(self, result: int) -> None:
        """Close; a picture under way is given up."""
        self._stop.set()
        super().done(result)


def _choices(name: str, titles: dict[str, str], chosen: str = "") -> QButtonGroup:
    """Return radio buttons, of which one is chosen, the first unless it is said which."""
    group = QButtonGroup()
    for key, title in titles.items():
        choice = QRadioButton(title)
        choice.setObjectName(f"{name}_{key}")
        choice.setAccessibleName(title)
        choice.setProperty("key", key)
        choice.setChecked(key == (chosen or next(iter(titles))))
        group.addButton(choice)
    return group


def _chosen(group: QButtonGroup) -> str:
    return next(str(each.property("key")) for each in group.buttons() if each.isChecked())
