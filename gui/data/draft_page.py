"""The page on which a text is set up before it is prepared: its name, its tokens and what they cost, its split."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QLineEdit, QRadioButton, QScrollArea, QWidget

from engine.core.config import TrainConfig
from engine.core.errors import UnderstudyError
from engine.core.events import Event, Progress
from engine.core.kinds import TokenizerKind
from engine.machine.hardware import machine
from engine.planning.choices import guessed_device
from engine.planning.presets import presets
from engine.planning.recommendation import recommend
from gui.data.draft import (
    Draft,
    DraftMeasured,
    KeysSeen,
    advice,
    costs,
    measure_draft,
    measured_text,
    more,
    with_tokens,
)
from gui.data.preparing import progress_text
from gui.data.reading_view import ReadingView
from gui.data.tokenizer_table import TokenizerTable
from gui.kit.engine_thread import EngineThread, JobHandle
from gui.kit.flow import flow
from gui.kit.notice import Notice
from gui.kit.parts import Elided, ElidedComboBox, beside, button, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.scroll_bars import quiet
from gui.kit.style import role, wide
from gui.kit.theme import Size, Space

_SPLITS = {
    "position": ("The end of the text", "The last tenth judges the model, as in nanoGPT."),
    "document": ("Whole documents", "Documents from all over the text judge the model: a tenth of it."),
}
_SOON_MS = 60


class DraftPage(QWidget):
    """Shows a draft, measures its text, and takes what is changed.

    Signals:
        prepare_asked(order, title): the text should be prepared and called so, or as it is called if empty.
        cancelled(): it should not.
    """

    prepare_asked = Signal(object, str)
    cancelled = Signal()

    def __init__(self, engine: EngineThread, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draft_page")
        role(self, "clear")
        self._engine = engine
        self._draft: Draft | None = None
        self._measured: DraftMeasured | None = None
        self._job: JobHandle | None = None
        self._make_parts()
        self._lay_out()
        self._costs_soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._costs_soon.timeout.connect(self._show_costs)

    @property
    def draft(self) -> Draft | None:
        """What is being set up."""
        return self._draft

    def show_draft(self, draft: Draft) -> None:
        """Set up this draft."""
        self._draft = draft
        self._title.tell(draft.title)
        self._name.setText(draft.name)
        self._name.selectAll()
        self._name.setFocus()
        self._notice.dismiss()
        self._reading.show_another()
        self._measure()
        self._show()
        self._fit_table()

    def add(self, targets: list[str]) -> None:
        """Add files and folders to the draft."""
        if self._draft is not None:
            self._draft = more(self._draft, targets)
            self._title.tell(self._draft.title)
            self._measure()
            self._show()

    def close_draft(self) -> None:
        """Forget the draft."""
        self._stop()
        self._draft = None

    # parts

    def _make_parts(self) -> None:
        self._title = Elided(kind="title")
        self._found = label(kind="secondary", wrap=True)
        self._found.setObjectName("draft_found")
        self._reading = ReadingView()
        self._reading.wished.connect(lambda wish, value: self._read_otherwise(**{wish: value}))
        self._notice = Notice("draft_notice")
        self._notice.dismissed.connect(self._show)
        self._name = QLineEdit()
        self._name.setObjectName("draft_name")
        self._name.setAccessibleName("Name of the text")
        self._name.setMaxLength(200)
        self._name.textEdited.connect(self._rename)
        self._name.returnPressed.connect(self._prepare)
        self._name_problem = label(kind="error", wrap=True)
        self._name_problem.setObjectName("draft_name_problem")
        self._model = ElidedComboBox()
        self._model.setObjectName("draft_model")
        self._model.setAccessibleName("Cost for the preset")
        for name, preset in presets().items():
            self._model.addItem(preset.label, name)
        best = recommend(machine(), guessed_device(), vocab_size=4096, measured=()).preset
        self._model.setCurrentIndex(self._model.findData(best))
        self._model.activated.connect(lambda _: self._show_costs())
        self._table = TokenizerTable()
        self._table.chosen.connect(self._choose)
        self._table.sized.connect(self._size)
        self._splits = {name: self._make_split(name) for name in _SPLITS}
        self._prepare_button = button("draft_prepare_button", "Prepare", self._prepare, "primary")
        self._cancel_button = button("draft_cancel_button", "Cancel", self._cancel, "tall")
        self._split_group = QButtonGroup(self)
        for made in self._splits.values():
            self._split_group.addButton(made)

    def _make_split(self, name: str) -> QRadioButton:
        made = QRadioButton(_SPLITS[name][0])
        made.setObjectName(f"split_{name}")
        made.setAccessibleName(_SPLITS[name][0])
        made.setAccessibleDescription(_SPLITS[name][1])
        made.setToolTip(plain_tip(_SPLITS[name][1]))
        made.clicked.connect(lambda: self._change(split=name))
        return made

    def _lay_out(self) -> None:
        inside = role(QWidget(), "clear")
        inside.setMaximumWidth(Size.PAGE)
        page = column(inside, spacing=Space.S)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self._title)
        page.addWidget(self._found)
        page.addWidget(self._notice)
        page.addWidget(self._reading)
        page.addSpacing(Space.S)
        page.addWidget(label("Name", "strong"))
        page.addWidget(self._name)
        page.addWidget(self._name_problem)
        page.addSpacing(Space.S)
        page.addLayout(flow(label("Tokens", "strong"), None, beside("Cost for the preset", self._model)))
        page.addWidget(self._table)
        page.addSpacing(Space.S)
        page.addWidget(label("Judged By", "strong"))
        page.addLayout(flow(*self._splits.values(), spacing=Space.L))
        self._split_words = label(kind="caption", wrap=True)
        page.addWidget(self._split_words)
        page.addStretch()
        self._scroll = scroll = quiet(QScrollArea())
        scroll.setObjectName("draft_scroll")
        scroll.setAccessibleName("Setting up a text")
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        layout = column(self, spacing=Space.M)
        layout.addWidget(scroll, 1)
        foot = role(QWidget(), "clear")
        foot.setMaximumWidth(Size.PAGE)
        foot.setLayout(row(None, self._cancel_button, self._prepare_button))
        layout.addWidget(foot)
        wide(self._model, "field")

    # what is shown

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the table have the columns that there is room for."""
        super().resizeEvent(event)
        self._fit_table()

    def _fit_table(self) -> None:
        self._table.fit(self._scroll.viewport().width())

    def _show(self) -> None:
        """Show the draft; Prepare can be pressed as soon as its name is right, measured or not."""
        draft = self._draft
        if draft is None:
            return
        self._table.choose(draft.tokenizer, draft.vocab_size)
        self._splits[draft.split].setChecked(True)
        self._split_words.setText(_SPLITS[draft.split][1])
        several = self._measured is not None and self._measured.documents > 1
        self._splits["document"].setVisible(several)
        problem = draft.problem()
        self._name_problem.setText(problem)
        self._name_problem.setVisible(bool(problem))
        self._prepare_button.setEnabled(not problem and not self._notice.isVisibleTo(self))

    def _show_costs(self) -> None:
        """Show what each tokenizer costs a model, once the text is measured."""
        if self._draft is None or self._measured is None:
            self._table.show_costs((), None)
            return
        config, device = self._config(), guessed_device()
        self._table.show_costs(
            costs(self._measured, config, device, self._draft.vocab_size), advice(self._measured, config, device)
        )
        self._fit_table()

    def _config(self) -> TrainConfig:
        return presets()[self._model.currentData()].config()

    # measuring

    def _measure(self) -> None:
        """Read a part of the text, to tell what its tokens will cost."""
        self._stop()
        self._measured = None
        draft = self._draft
        if draft is None:
            return
        self._found.setText("Looking at the text…")
        self._reading.show_waiting(draft.wishes, of_files=not draft.built_in)
        self._table.show_costs((), None)
        self._job = self._engine.submit(partial(measure_draft, draft))
        self._job.told.connect(self._take)
        self._job.ended.connect(self._ended)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.forget()
        self._job = None

    @Slot(object)
    def _take(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._found.setText(progress_text(event))
        elif isinstance(event, KeysSeen) and self._draft is not None:
            self._reading.show_keys(event.keys, self._draft.wishes)
        elif isinstance(event, DraftMeasured):
            self._measured = event
            self._tell_measured(event)

    def _tell_measured(self, measured: DraftMeasured) -> None:
        self._found.setText(measured_text(measured))
        if self._draft is not None and measured.documents < 2:
            self._draft = replace(self._draft, split="position")
        if self._draft is not None:
            self._reading.show_found(measured, self._draft.wishes)
        if self._draft is not None and not self._draft.chosen:
            best = advice(measured, self._config(), guessed_device())
            size = best.vocab_size if best.tokenizer == "bpe" else self._draft.vocab_size
            self._take_tokens(best.tokenizer, size)
        self._show()
        self._show_costs()

    @Slot(object)
    def _ended(self, error: BaseException | None) -> None:
        self._job = None
        if error is not None:
            self._found.setText("")
            self._notice.tell_error(error)
            if isinstance(error, UnderstudyError) and error.code == "loss":
                self._notice.add_button("Go On Without It", "draft_allow_loss_button", self._allow_loss)
            elif isinstance(error, UnderstudyError):
                self._notice.add_button("Try Again", "draft_again_button", self._read_otherwise)
            self._show()

    def _allow_loss(self) -> None:
        self._read_otherwise(allow_loss=True)

    def _read_otherwise(self, **wishes: object) -> None:
        """Look at the text again, read as is wished now."""
        if self._draft is not None:
            self._draft = replace(self._draft, wishes=replace(self._draft.wishes, **wishes))  # type: ignore[arg-type]
        self._notice.dismiss()
        self._measure()
        self._show()

    # what a person does

    def _change(self, **changes: object) -> None:
        if self._draft is not None:
            self._draft = replace(self._draft, **changes)  # type: ignore[arg-type]
            self._show()

    def _rename(self, name: str) -> None:
        self._change(name=name, typed=True)

    def _choose(self, tokenizer: TokenizerKind) -> None:
        if self._draft is not None:
            self._take_tokens(tokenizer, self._draft.vocab_size)
            self._change(chosen=True)

    def _size(self, vocab_size: int) -> None:
        self._change(vocab_size=vocab_size, chosen=True)
        self._costs_soon.start()

    def _take_tokens(self, tokenizer: TokenizerKind, vocab_size: int) -> None:
        if self._draft is not None:
            self._draft = with_tokens(self._draft, tokenizer, vocab_size)
            if self._name.text() != self._draft.name:
                self._name.setText(self._draft.name)

    def _prepare(self) -> None:
        if self._draft is not None and self._prepare_button.isEnabled():
            draft = self._draft
            self.close_draft()
            self.prepare_asked.emit(draft.order(), draft.own_title)

    def _cancel(self) -> None:
        self.close_draft()
        self.cancelled.emit()
