"""Text or scene: which of the two pages of the Generate tab is seen, where the model's text has turns."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from engine.generation.model_cache import Shelf
from gui.generate.checkpoints import CheckpointPicker
from gui.generate.choices import CheckpointChoice
from gui.generate.controls import DialPanel
from gui.generate.page import WritingPage
from gui.generate.scene_cast import Troupe, troupe_of
from gui.generate.scene_page import ScenePage
from gui.generate.switch_place import put_switch
from gui.kit.background import Background
from gui.kit.engine_thread import EngineThread
from gui.kit.parts import column
from gui.kit.style import role

_PAGE = "generate/page"
_TEXT, _SCENE = range(2)


class SceneSwitch(QWidget):
    """The page on which a text is written and the page on which a scene is played, and the switch between them.

    Signals:
        changed(): a turn is spoken now, or none any more.

    Attributes:
        scene: the page on which a scene is played.
    """

    changed = Signal()

    def __init__(
        self,
        page: WritingPage,
        engine: EngineThread,
        shelf: Shelf,
        picker: CheckpointPicker,
        dials: DialPanel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._picker, self._writing = picker, page
        self._asked: CheckpointChoice | None = None
        self._background = Background(self)
        self.scene = ScenePage(engine, shelf, dials)
        self._bar = role(QTabBar(), "compact")
        self._bar.setObjectName("scene_switch")
        self._bar.setAccessibleName("Text or scene")
        self._bar.setExpanding(False)
        self._bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._bar.setDrawBase(False)
        for title, tip in (("Text", "It goes on with what you write"), ("Scene", "You play a scene with it")):
            self._bar.setTabToolTip(self._bar.addTab(title), tip)
        self._pages = QStackedWidget()
        self._pages.addWidget(page)
        self._pages.addWidget(self.scene)
        self._places = (page.bar.front, self.scene.front)
        put_switch(self._bar, self._places[_TEXT])
        layout = column(self, spacing=0)
        layout.addWidget(self._pages, 1)
        self._bar.currentChanged.connect(self._turn_to)
        self.scene.play.changed.connect(self.changed)
        self.scene.play.rested.connect(self.changed)
        picker.chosen.connect(self._look)

    @property
    def under_way(self) -> bool:
        """Whether a turn is being spoken."""
        return self.scene.play.speaking is not None

    def press(self) -> None:
        """Do what Cmd-Return does on the page that is seen."""
        seen = self._pages.currentIndex() == _SCENE
        (self.scene.composer.send_button if seen else self._writing.composer.generate_button).click()

    def stop(self) -> None:
        """Let no more be spoken."""
        if self.under_way:
            self.scene.play.stop()

    def _look(self) -> None:
        """Find out who speaks in the text of the model that is chosen."""
        choice = self._asked = self._picker.choice
        if choice is None:
            self._show(None, None)
        else:
            path = choice.path
            self._background.do(
                lambda: troupe_of(path), lambda found: self._show(choice, found), lambda _: self._show(choice, None)
            )

    def _show(self, choice: CheckpointChoice | None, troupe: Troupe | None) -> None:
        if choice is not self._asked:
            return
        self.scene.show_troupe(choice, troupe)
        for place in self._places:
            place.setVisible(troupe is not None)
        wanted = str(QSettings().value(_PAGE, "")) == "scene"
        at = _SCENE if troupe is not None and (wanted or self.under_way) else _TEXT
        self._see(at)
        self._bar.blockSignals(True)
        self._bar.setCurrentIndex(at)
        self._bar.blockSignals(False)

    def _turn_to(self, at: int) -> None:
        QSettings().setValue(_PAGE, "scene" if at == _SCENE else "text")
        self._see(at)

    def _see(self, at: int) -> None:
        """Show a page, with the switch on it, which keeps the focus."""
        focused = self._bar.hasFocus()
        self._pages.setCurrentIndex(at)
        put_switch(self._bar, self._places[at])
        if focused:
            self._bar.setFocus(Qt.FocusReason.OtherFocusReason)
