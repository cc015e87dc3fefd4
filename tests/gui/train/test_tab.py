"""The Train tab as a person uses it, over a trainer that trains nothing."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QScrollArea,
    QSlider,
    QTabBar,
    QToolButton,
    QToolTip,
    QWidget,
)

from engine.core.config import TrainConfig
from engine.core.errors import Fix, TrainingError
from engine.core.events import Advice, Checkpoint, Finished, Progress, Sample, Turn
from engine.core.jobs import Control
from engine.core.paths import runs_dir
from engine.datasets.prepare import prepare
from engine.datasets.quality import Ladder, Rung
from engine.planning.calibration import IterationShape, Measurement
from engine.planning.own_presets import AUTOMATIC
from engine.runs.folder import RunFolder
from gui.kit.theme import Size
from gui.train.coach import NoteCard
from gui.train.state import Phase, RunState
from tests.gui.fake_run import endless_run, evaluation, fake_run, recorded, started, step
from tests.gui.hands import choose_preset, show_details
from tests.gui.train.hands import run_that_wrote


def press(qtbot, window, name):
    made = window.findChild(QAbstractButton, name)
    assert made.isVisible(), name
    qtbot.waitUntil(lambda: made.isEnabled() and made.height() > 0)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)


def phase_is(window, phase):
    return lambda: window.train.state.phase is phase


def type_into(qtbot, window, name, text):
    field = window.findChild(QLineEdit, f"setting_{name}")
    field.selectAll()
    qtbot.keyClicks(field, text)


def open_group(qtbot, window, name):
    show_details(window)
    press(qtbot, window, f"group_{name}")


def test_the_first_start_is_ready_to_train(open_window):
    window = open_window()
    assert window.train.setup.preset == AUTOMATIC
    config = window.train.setup.config()
    assert (config.recipe, config.minutes) == ("quick", 5.0)  # on a slow machine it ends, too
    assert window.findChild(QComboBox, "dataset_picker").currentData() == "shakespeare_complete"
    assert window.focusWidget().objectName() == "start_button"
    assert not window.findChild(QAbstractButton, "stop_button").isVisible()


def test_choose_train_watch_and_generate(qtbot, open_window):
    window = open_window()
    choose_preset(qtbot, window, "tiny")
    open_group(qtbot, window, "training")
    type_into(qtbot, window, "max_iters", "100")
    with qtbot.waitSignal(window.train.run_changed):
        press(qtbot, window, "start_button")
    qtbot.waitUntil(window.findChild(QWidget, "curtain").isVisible)
    assert list(window.train.state.curves.steps.column("iter_num")) == list(range(0, 100, 10))
    assert "iteration 100 of 100" in window.findChild(QLabel, "status_label").whole()
    text = window.findChild(QPlainTextEdit, "film_text")
    qtbot.waitUntil(lambda: text.toPlainText() == "sample of 50")
    assert "iter 90: loss" in window.findChild(QPlainTextEdit, "log_pane").toPlainText()
    with qtbot.waitSignal(window.train.generate_requested) as asked:
        press(qtbot, window, "finish_generate")
    assert asked.args == ["/runs/fake/ckpt.pt"]
    assert window.tabs.currentWidget() is window.generate


def test_the_plot_grows_while_training(qtbot, open_window):
    window = open_window(endless_run)
    press(qtbot, window, "start_button")
    curve = window.train.stage.loss.plot.raw
    qtbot.waitUntil(lambda: curve.xData is not None and len(curve.xData) > 20)
    before = len(curve.xData)
    qtbot.waitUntil(lambda: len(curve.xData) > before)
    press(qtbot, window, "stop_button")
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))


def test_go_on_ends_a_rest_and_does_nothing_to_a_run_that_goes_on(qtbot, open_window):
    window = open_window(endless_run)
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    window.train.apply_fix(Fix("Go On", "continue"))
    assert window.train.state.phase is Phase.TRAINING
    press(qtbot, window, "pause_button")
    qtbot.waitUntil(phase_is(window, Phase.PAUSED))
    rested = len(window.train.state.curves.steps)
    window.train.apply_fix(Fix("Go On", "continue"))
    qtbot.waitUntil(lambda: len(window.train.state.curves.steps) > rested)
    press(qtbot, window, "stop_button")
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))


def test_pause_resume_and_stop(qtbot, open_window):
    window = open_window(endless_run)
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    press(qtbot, window, "pause_button")
    qtbot.waitUntil(phase_is(window, Phase.PAUSED))
    rested = len(window.train.state.curves.steps)
    press(qtbot, window, "pause_button")
    qtbot.waitUntil(lambda: len(window.train.state.curves.steps) > rested)
    press(qtbot, window, "pause_button")
    qtbot.waitUntil(phase_is(window, Phase.PAUSED))
    press(qtbot, window, "stop_button")
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    assert window.findChild(QAbstractButton, "start_button").isVisible()


def test_a_stopped_run_is_resumed_where_it_was_stopped(qtbot, open_window):
    run = RunFolder.new(TrainConfig(n_layer=3, n_head=2, n_embd=64, max_iters=50))
    seen = []

    def until_stopped(config, control):
        seen.append(config)
        yield started(run_dir=str(run.path))
        while not control.stopping:
            yield step(0)
        yield Checkpoint(iter_num=1, path=str(run.checkpoint), kind="latest")
        yield Finished(reason="stopped", iter_num=1, best_val_loss=None, seconds=1.0, peak_memory_bytes=0)

    window = open_window(until_stopped)
    resume = window.findChild(QAbstractButton, "stage_resume")
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    assert not resume.isVisible()
    press(qtbot, window, "stop_button")
    qtbot.waitUntil(resume.isVisible)
    press(qtbot, window, "stage_resume")
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert (seen[1].init_from, seen[1].out_dir, seen[1].n_layer) == ("resume", str(run.path), 3)
    assert not resume.isVisible()
    window.train.stop()
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))


def test_the_run_that_was_left_is_offered_at_the_next_start(qtbot, open_window):
    end = Finished(reason="stopped", iter_num=20, best_val_loss=None, seconds=1.0, peak_memory_bytes=0)
    run = recorded(runs_dir() / "night", started(max_iters=50), step(20), end)
    run.write_config(TrainConfig(max_iters=50))
    run.checkpoint.touch()
    seen = []
    window = open_window(lambda config, control: (seen.append(config), fake_run(config, control))[1])
    offer = window.findChild(QAbstractButton, "offer_resume")
    qtbot.waitUntil(offer.isVisible)
    assert "stopped after 20 of 50 updates" in window.findChild(QLabel, "offer_words").text()
    press(qtbot, window, "offer_resume")
    qtbot.waitUntil(lambda: len(seen) == 1)
    assert (seen[0].init_from, seen[0].out_dir) == ("resume", str(run.path))
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    assert not offer.isVisible()


def test_a_run_whose_text_is_gone_is_not_begun_and_says_what_to_do(qtbot, open_window):
    run = RunFolder.new(TrainConfig(dataset="Our_Chat"))
    run.checkpoint.touch()
    seen = []
    window = open_window(lambda config, control: (seen.append(config), fake_run(config, control))[1])
    window.train.resume(run.path)
    note = window.findChild(NoteCard)
    assert note.isVisible()
    assert "“Our Chat”, is not here any more" in note.accessibleName()
    assert "from a file called “Our_Chat”" in note.accessibleDescription()
    assert (window.train.state.phase, seen) == (Phase.EMPTY, [])
    file = run.path / "Our_Chat.txt"
    file.write_text("to be or not to be\n" * 100, "utf-8")
    prepare(str(file), tokenizer="char")  # as Data does with a file of that name
    window.train.resume(run.path)
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)
    assert [each.dataset for each in seen] == ["Our_Chat"]


def test_a_run_that_is_stopped_as_soon_as_it_goes_on_may_still_go_on_and_write(qtbot, open_window):
    run = recorded(runs_dir() / "night", started(max_iters=50), step(20))
    run.write_config(TrainConfig(max_iters=50))
    run.checkpoint.touch()

    def stopped_at_once(config, control):
        yield started(run_dir=str(run.path), iter_num=20)
        yield Finished(reason="stopped", iter_num=20, best_val_loss=None, seconds=1.0, peak_memory_bytes=0)

    window = open_window(stopped_at_once)
    window.train.resume(run.path)
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    assert (window.train.view.can_resume, window.train.view.generate_from) == (True, str(run.checkpoint))


def test_the_command_is_copied_and_said_so(qtbot, open_window):
    window = open_window()
    window.train.copy_command()
    assert QGuiApplication.clipboard().text().startswith("python -m engine train")
    assert QToolTip.text() == "The command is copied: paste it into a terminal"
    type_into(qtbot, window, "n_head", "3")
    window.train.copy_command()
    assert QToolTip.text() == "Correct the settings first"
    QToolTip.hideText()


def test_a_finished_run_is_not_offered_to_go_on(qtbot, open_window):
    window = open_window()
    press(qtbot, window, "start_button")
    qtbot.waitUntil(window.findChild(QAbstractButton, "finish_generate").isVisible)
    assert not window.findChild(QAbstractButton, "stage_resume").isVisible()


def test_starting_twice_starts_once(qtbot, open_window):
    made = []

    def counted(config, control):
        made.append(config)
        return endless_run(config, control)

    window = open_window(counted)
    window.train.start()
    window.train.start()
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    window.train.start()
    window.train.stop()
    window.train.stop()
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    assert len(made) == 1


def test_the_keyboard_alone_trains_pauses_and_stops(qtbot, open_window):
    window = open_window(endless_run)
    qtbot.keyClick(window.findChild(QAbstractButton, "start_button"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    pause = window.findChild(QAbstractButton, "pause_button")
    assert pause.hasFocus()
    qtbot.keyClick(pause, Qt.Key.Key_Space)
    qtbot.waitUntil(phase_is(window, Phase.PAUSED))
    qtbot.keyClick(pause, Qt.Key.Key_Tab)
    assert window.focusWidget().objectName() == "stop_button"
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    assert window.focusWidget().objectName() == "start_button"


def test_presets_are_chosen_with_the_arrow_keys(qtbot, open_window):
    window = open_window()
    picker = window.findChild(QComboBox, "preset_picker")
    picker.showPopup()
    for _ in range(2):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    assert QApplication.focusWidget().objectName() == "preset_small"
    assert window.train.setup.preset == AUTOMATIC
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert window.train.setup.preset == "small"
    assert picker.currentText() == "Small"
    picker.showPopup()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert window.train.setup.preset == "small"
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    assert window.train.setup.preset == "medium-m4"


def test_wrong_settings_are_shown_beside_their_fields_all_at_once(qtbot, open_window):
    window = open_window()
    open_group(qtbot, window, "model")
    type_into(qtbot, window, "n_layer", "none")
    type_into(qtbot, window, "dropout", "2")
    open_group(qtbot, window, "model")
    press(qtbot, window, "start_button")
    assert not window.train.running
    shown = [label.text() for label in window.train.setup.findChildren(QLabel) if label.isVisible()]
    assert any(text.startswith("n_layer must be") for text in shown)
    assert any(text.startswith("dropout must be") for text in shown)
    assert window.focusWidget().objectName() == "setting_n_layer"


def test_a_changed_field_is_marked_and_resets_alone(qtbot, open_window):
    window = open_window()
    open_group(qtbot, window, "model")
    back = window.findChild(QToolButton, "reset_n_layer")
    assert not back.isVisible()
    type_into(qtbot, window, "dropout", "0.1")
    type_into(qtbot, window, "n_layer", "3")
    field = window.findChild(QLineEdit, "setting_n_layer")
    field.setFocus()
    press(qtbot, window, "reset_n_layer")
    assert field.hasFocus()
    assert window.train.setup.state.changed == ("dropout",)
    assert field.text() == "2"
    press(qtbot, window, "reset_all")
    assert window.train.setup.state.changed == ()


def test_memory_follows_the_form(qtbot, open_window):
    window = open_window()
    bar = window.findChild(QWidget, "memory_bar")
    before = bar.accessibleName()
    open_group(qtbot, window, "training")
    type_into(qtbot, window, "batch_size", "512")
    assert bar.accessibleName() != before


def test_a_run_that_fails_says_why_and_its_button_starts_anew(qtbot, open_window):
    seen = []

    def failing_once(config, control):
        seen.append(config)
        if len(seen) == 1:
            yield started()
            fix = Fix("Lower the Rate", "restart", {"learning_rate": 1e-4})
            raise TrainingError("The loss is not a number.", cause="It diverged.", fixes=[fix])
        yield from fake_run(config, control)

    window = open_window(failing_once)
    press(qtbot, window, "start_button")
    qtbot.waitUntil(phase_is(window, Phase.FAILED))
    words = [label.text() for label in window.train.stage.findChildren(QLabel) if label.isVisible()]
    assert "The loss is not a number." in words
    press(qtbot, window, "fix_restart_0")
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[1].learning_rate == 1e-4
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))


def test_a_restart_while_training_stops_and_saves_first(qtbot, open_window):
    seen = []

    def run(config, control):
        seen.append(config)
        return endless_run(config, control)

    window = open_window(run)
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    window.train.apply_fix(Fix("Smaller", "restart", {"batch_size": 1}))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[1].batch_size == 1
    window.train.stop()
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))


def preparing(control, is_over=lambda: False):
    """Make a text ready until a stop, or until it is over."""
    yield Progress(what="Reading", done=1, total=4, unit="bytes")
    while not (control.stopping or is_over()):
        yield Turn.NEXT


def test_a_text_that_is_made_ready_is_trained_on_then(qtbot, open_window, monkeypatch):
    over, made = [], []
    monkeypatch.setattr("gui.train.tab.prepare_job", lambda name, control: preparing(control, lambda: bool(over)))
    window = open_window(lambda config, control: made.append(config) or fake_run(config, control))
    window.train.apply_fix(Fix("Prepare", "prepare", {"dataset": "shakespeare"}))
    qtbot.waitUntil(lambda: window.train.view.status == "Reading · 25%")
    assert not window.train.view.can_pause
    assert not window.findChild(QAbstractButton, "pause_button").isEnabled()
    over.append(True)
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    assert len(made) == 1


def test_a_stop_while_a_text_is_made_ready_starts_no_training(qtbot, open_window, monkeypatch):
    made = []
    monkeypatch.setattr("gui.train.tab.prepare_job", lambda name, control: preparing(control))
    window = open_window(lambda config, control: made.append(config) or endless_run(config, control))
    window.train.apply_fix(Fix("Prepare", "prepare", {"dataset": "shakespeare"}))
    qtbot.waitUntil(lambda: window.train.state.preparing is not None)
    with qtbot.waitSignal(window.train.run_changed):
        press(qtbot, window, "stop_button")
    assert not window.train.running
    assert window.train.state.notes == []
    assert made == []


def test_a_stop_takes_back_the_restart_that_waits_for_the_end(qtbot, open_window):
    seen, saved = [], []

    def slow_to_save(config, control):
        seen.append(config)
        yield from endless_run(config, control)
        while not saved:
            yield Turn.NEXT

    window = open_window(slow_to_save)
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    window.train.apply_fix(Fix("Smaller", "restart", {"batch_size": 1}))
    assert window.train.state.phase is Phase.STOPPING
    with qtbot.waitSignal(window.quit_ready):
        window.ending.leave()
        saved.append(True)
    assert len(seen) == 1


def test_an_advice_to_go_on_otherwise_saves_stops_and_resumes(qtbot, open_window):
    seen, path = [], RunFolder.new(TrainConfig()).path

    def run(config, control):
        seen.append(config)
        return endless_run(config, control)

    window = open_window(run)
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    window.train.apply_fix(Fix("More Dropout", "resume", {"out_dir": str(path), "dropout": 0.2}))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert (seen[1].init_from, seen[1].out_dir, seen[1].dropout) == ("resume", str(path), 0.2)
    window.train.stop()
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert (seen[2].init_from, seen[2].out_dir) == ("scratch", "")
    window.train.stop()
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))


def test_advice_can_be_dismissed(qtbot, open_window):
    def advised(config, control):
        yield started()
        yield Advice(iter_num=0, code="short", severity="warning", what="The text is short.", why="So it is.")
        yield from endless_run(config, control)

    window = open_window(advised)
    press(qtbot, window, "start_button")
    coach = window.train.stage._coach
    qtbot.waitUntil(coach.isVisible)
    press(qtbot, window, "note_dismiss")
    assert not coach.isVisible()
    window.train.stop()
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))


def test_a_problem_that_happens_again_is_told_again(qtbot, open_window):
    window = open_window()
    coach = window.train.stage._coach
    told = lambda: [note for note in coach.findChildren(NoteCard) if note.isVisible()]  # noqa: E731

    def fail():
        window.train.state.end(TrainingError("It failed."))
        window.train.show_run(window.train.state)

    fail()
    qtbot.waitUntil(lambda: len(told()) == 1)
    press(qtbot, told()[0], "note_dismiss")
    assert not coach.isVisible()
    fail()
    qtbot.waitUntil(lambda: len(told()) == 1)
    fail()
    qtbot.waitUntil(lambda: len(told()) == 2)
    press(qtbot, told()[0], "note_dismiss")  # one of two in the same words: the other stays
    assert len(told()) == 1


def test_the_film_strip_scrubs_and_follows(qtbot, open_window):
    window = open_window()
    open_group(qtbot, window, "training")
    type_into(qtbot, window, "max_iters", "200")
    press(qtbot, window, "start_button")
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    text, slider = window.findChild(QPlainTextEdit, "film_text"), window.findChild(QSlider, "film_slider")
    qtbot.waitUntil(lambda: text.toPlainText() == "sample of 150")
    press(qtbot, window, "film_earlier")
    assert text.toPlainText() == "sample of 100"
    assert window.train.stage.loss.plot.moment.value() == 100
    press(qtbot, window, "film_earlier")
    press(qtbot, window, "film_later")
    assert text.toPlainText() == "sample of 100"
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert text.toPlainText() == "sample of 0"
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert window.train.stage.loss.plot.moment.value() == 150  # the playhead is always there
    press(qtbot, window, "stage_choice_button")
    assert not window.train.stage.loss.plot.moment.isVisible()


def test_a_run_is_resumed_with_its_curve(qtbot, open_window, tmp_path):
    seen = []

    def resumed(config, control):
        seen.append(config)
        yield started(iter_num=20, run_dir=config.out_dir)
        yield step(20)
        yield from fake_run(config, Control())

    run = RunFolder.new(TrainConfig(n_layer=3, n_head=2, n_embd=64, max_iters=50, resume_from="best"))
    for event in (evaluation(0, 4.0), step(0), step(10), step(20, loss=9.0)):
        run.append(event)
    run.close()
    window = open_window(resumed)
    window.train.resume(run.path)
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    assert (seen[0].init_from, seen[0].out_dir) == ("resume", str(run.path))
    assert seen[0].resume_from == "latest"  # it went on from its best once; since then it has come further
    assert seen[0].n_layer == 3
    assert window.train.setup.preset == ""
    losses = window.train.state.curves.steps.column("loss")
    assert 9.0 not in losses


def test_a_fine_tuned_run_that_is_resumed_shows_what_it_began_with(qtbot, open_window):
    run = RunFolder.new(TrainConfig(init_from="gpt2", max_iters=50))
    run.close()
    window = open_window()
    window.train.resume(run.path)
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    assert window.findChild(QComboBox, "start_from_picker").currentData() == "gpt2"


def test_a_run_that_cannot_be_read_is_told(qtbot, open_window, tmp_path):
    window = open_window()
    window.train.resume(tmp_path / "nowhere")
    assert not window.train.running
    assert "cannot be read" in window.train.state.notes[0].what


def test_settings_are_read_only_while_training(qtbot, open_window):
    window = open_window(endless_run)
    open_group(qtbot, window, "model")
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    assert not window.findChild(QLineEdit, "setting_n_layer").isEnabled()
    window.train.stop()
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    assert window.findChild(QLineEdit, "setting_n_layer").isEnabled()


def test_a_hidden_tab_draws_nothing(qtbot, open_window):
    window = open_window(endless_run)
    window.train.start()
    curve = window.train.stage.loss.plot.raw
    qtbot.waitUntil(lambda: curve.xData is not None and len(curve.xData) > 1)
    window.tabs.setCurrentWidget(window.runs)
    drawn, known = len(curve.xData), len(window.train.state.curves.steps)
    qtbot.waitUntil(lambda: len(window.train.state.curves.steps) > known + 200)
    assert len(curve.xData) <= drawn + 200
    window.tabs.setCurrentWidget(window.train)
    assert len(curve.xData) > known
    window.train.stop()
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))


def test_fit_sets_the_batch_and_keeps_the_tokens(qtbot, open_window):
    window = open_window()
    show_details(window)
    setup = window.train.setup
    assert not window.findChild(QAbstractButton, "fit_button").isVisible()
    setup.change({"batch_size": 4096, "gradient_accumulation_steps": 2, "block_size": 1024, "n_layer": 24})
    before = setup.config().tokens_per_iter
    press(qtbot, window, "fit_button")
    assert setup.config().tokens_per_iter == before
    assert setup.config().batch_size < 4096
    assert not window.findChild(QAbstractButton, "fit_button").isVisible()


def test_a_measured_speed_is_told_as_a_range(open_window):
    window = open_window()
    setup = window.train.setup
    setup.choose_recipe("guide")
    assert not setup.knows_time
    config = setup.config()
    shape = IterationShape.of(config, 50304)
    numbers = {"seconds_per_iter": 0.1, "low": 0.05, "high": 0.2, "flops": 1}
    told = {"source": "run", "device": setup.pace.device, "dtype": "float32", "torch": "", "threads": 2}
    setup.use_measurements([Measurement(shape=shape, **numbers, **told)])
    assert setup.knows_time
    assert any("–" in each.text() and "min" in each.text() for each in setup.findChildren(QLabel))


def trained(qtbot, window, iterations):
    open_group(qtbot, window, "training")
    type_into(qtbot, window, "max_iters", str(iterations))
    press(qtbot, window, "start_button")
    qtbot.waitUntil(window.findChild(QWidget, "curtain").isVisible)


def test_a_moment_whose_checkpoint_is_kept_opens_in_generate(qtbot, open_window):
    window = open_window()
    trained(qtbot, window, 101)
    window.train.state.take(Checkpoint(iter_num=50, path="/runs/fake/best.pt", kind="best"), 0)
    window.train.show_run(window.train.state)
    go = window.findChild(QAbstractButton, "film_generate")
    assert go.isVisible()
    assert not go.isEnabled()
    assert "gone" in go.toolTip()
    press(qtbot, window, "film_earlier")
    with qtbot.waitSignal(window.train.generate_requested) as asked:
        press(qtbot, window, "film_generate")
    assert asked.args == ["/runs/fake/best.pt"]


def test_an_ended_run_whose_last_model_is_the_only_one_left_is_written_with_by_one_button(qtbot, open_window):
    window = open_window()
    trained(qtbot, window, 101)
    qtbot.waitUntil(window.findChild(QAbstractButton, "finish_generate").isVisible)
    assert not window.findChild(QAbstractButton, "film_generate").isVisible()


def test_the_log_of_another_run_replaces_the_one_before(qtbot, open_window):
    window = open_window()
    first, second = RunState(), RunState()
    for state, iterations in ((first, 3), (second, 6)):
        state.take(started(), 0)
        for n in range(iterations):
            state.take(step(n, loss=float(iterations)), n)
        window.train.show_run(state)
    log = window.findChild(QPlainTextEdit, "log_pane").toPlainText()
    assert "loss 6.0000" in log
    assert "loss 3.0000" not in log


def test_the_words_of_the_plots_tools_are_whole_in_the_smallest_window(qtbot, open_window):
    window = open_window()
    state = RunState()
    for at, event in enumerate((started(), step(0))):
        state.take(event, at)
    window.train.show_run(state)
    press(qtbot, window, "stage_choice_button")
    window.resize(*Size.WINDOW_LEAST)
    qtbot.waitUntil(lambda: window.width() == Size.WINDOW_LEAST[0])
    page = window.findChild(QScrollArea, "stage_scroll")
    qtbot.waitUntil(lambda: page.widget().width() == page.viewport().width())  # nothing of it is cut off
    for name in ("loss_compare", "loss_axis", "loss_unit", "loss_log", "loss_ahead"):
        tool = window.findChild(QWidget, name)
        qtbot.waitUntil(lambda tool=tool: tool.width() >= tool.sizeHint().width())


def test_the_end_of_the_log_stays_in_sight_when_the_window_changes(qtbot, open_window):
    window = open_window()
    state = RunState()
    state.take(started(), 0)
    for n in range(200):
        state.take(step(n), n)
    window.train.show_run(state)
    window.findChild(QTabBar, "output_pages").setCurrentIndex(1)
    bar = window.findChild(QPlainTextEdit, "log_pane").verticalScrollBar()
    at_end = lambda: 0 < bar.value() == bar.maximum()  # noqa: E731
    for size in ((1680, 1050), (1100, 720)):
        window.resize(*size)
        qtbot.waitUntil(at_end)
    bar.setValue(20)
    window.resize(1680, 1050)
    qtbot.wait(0)
    assert not at_end()  # who reads above stays there


def test_a_drag_along_the_curve_moves_the_film(qtbot, open_window):
    window = open_window()
    trained(qtbot, window, 101)
    window.train.stage.loss.moment_chosen.emit(48.0)
    assert window.findChild(QPlainTextEdit, "film_text").toPlainText() == "sample of 50"
    assert window.train.stage.loss.plot.moment.value() == 50


def test_a_minimized_window_draws_nothing_and_catches_up(qtbot, open_window):
    window = open_window(endless_run)
    window.train.start()
    raw = window.train.stage.loss.plot.raw
    qtbot.waitUntil(lambda: raw.xData is not None and len(raw.xData) > 1)
    window.showMinimized()
    qtbot.waitUntil(window.isMinimized)
    known = len(window.train.state.curves.steps)
    drawn = len(raw.xData)
    qtbot.waitUntil(lambda: len(window.train.state.curves.steps) > known + 100)
    assert len(raw.xData) == drawn
    window.train.stop()
    qtbot.waitUntil(phase_is(window, Phase.FINISHED))
    window.showNormal()
    qtbot.waitUntil(lambda: raw.xData[-1] == window.train.state.curves.steps.column("iter_num")[-1])


def test_earlier_runs_are_offered_for_comparison(qtbot, open_window, tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    recorded(tmp_path / "runs" / "early", started(), step(0), evaluation(0, 4.0), name="An Early One")
    window = open_window()
    trained(qtbot, window, 101)
    press(qtbot, window, "stage_choice_button")
    press(qtbot, window, "loss_compare")
    listed = window.findChild(QListWidget, "run_chooser_list")
    qtbot.waitUntil(lambda: listed.count() == 1)
    listed.item(0).setCheckState(Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: len(window.train.comparison.traces) == 1)
    window.findChild(QWidget, "run_chooser").close()
    assert window.findChild(QAbstractButton, "other_run_0").isVisible()


def test_the_list_of_runs_may_be_closed_before_they_are_read(qtbot, open_window):
    window = open_window()
    chooser = window.train.comparison.ask(window, None)
    with qtbot.waitSignal(window.train.comparison.listed):
        chooser.close()
        QApplication.sendPostedEvents(chooser, QEvent.Type.DeferredDelete)


def test_a_run_stopped_while_its_record_is_read_does_not_begin(qtbot, open_window):
    made = []
    run = RunFolder.new(TrainConfig(n_layer=3, n_head=2, n_embd=64))
    run.append(step(0))
    run.close()
    window = open_window(lambda config, control: made.append(config) or endless_run(config, control))
    window.train.resume(run.path)
    assert window.train.view.status == "Reading the run"
    window.train.stop()
    qtbot.waitUntil(lambda: not window.train.running)
    assert made == []
    assert window.train.view.can_start


def test_the_text_is_measured_and_says_where_the_loss_stands(qtbot, open_window):
    window, state = open_window(), run_that_wrote(0)
    rungs = tuple(Rung(name, "", loss, 1.0) for name, loss in (("random", 7.2), ("unigram", 6.3), ("bigram", 4.5)))
    state.measure_by(Ladder("text", rungs, 0.5))
    window.resize(*Size.WINDOW)
    window.train.show_run(state)
    told = window.findChild(QLabel, "loss_standing")
    assert "learned more than which piece follows which" in told.text()
    assert told.isVisible()


def test_the_reason_for_the_recommended_preset_can_be_read(qtbot, open_window):
    window = open_window()
    told = window.findChild(QLabel, "preset_reason")
    assert told.text().startswith("Quick is recommended. The largest model that learns enough in 5 minutes here, by a")
    window.findChild(QComboBox, "preset_picker").showPopup()
    assert told.isVisible()


def test_a_sample_of_a_hundred_thousand_characters_is_shown_whole(qtbot, open_window):
    window = open_window()
    state = RunState()
    for at, event in enumerate((started(), Sample(iter_num=0, prompt="", text="to be " * 17_000), step(0))):
        state.take(event, at)
    window.train.show_run(state)
    assert len(window.findChild(QPlainTextEdit, "film_text").toPlainText()) == 17_000 * 6


def test_earlier_notes_are_folded_away_and_the_log_is_copied(qtbot, open_window):
    window = open_window()
    state = RunState()
    for at, event in enumerate((started(), *(Advice(
        iter_num=at, code="short", severity="info", what=f"Note {at}.", why="So it is."
    ) for at in range(4)), step(0))):  # fmt: skip
        state.take(event, at)
    window.train.show_run(state)
    shown = lambda: [  # noqa: E731
        label.text() for label in window.train.stage._coach.findChildren(QLabel) if label.text().startswith("Note")
    ]
    assert shown() == ["Note 3.", "Note 2."]
    press(qtbot, window, "coach_more")
    assert sorted(shown()) == [f"Note {at}." for at in range(4)]
    window.findChild(QAbstractButton, "log_copy").click()
    assert QGuiApplication.clipboard().text() == "\n".join(state.lines)


def test_each_button_of_a_note_does_what_it_says(qtbot, open_window):
    window = open_window()
    fixes = [Fix("Halve", "restart", {"batch_size": 4}), Fix("Stop Here", "stop")]
    window.train.state.end(TrainingError("It failed.", fixes=fixes))
    chosen = []
    window.train.stage.fix_chosen.disconnect(window.train.apply_fix)
    window.train.stage.fix_chosen.connect(chosen.append)
    window.train.show_run(window.train.state)
    for at, fix in enumerate(fixes):
        press(qtbot, window, f"fix_{fix.action}_{at}")
    assert chosen == fixes


def test_the_samples_and_the_log_take_turns(qtbot, open_window):
    window = open_window()
    state = RunState()
    for at, event in enumerate((started(), step(0))):
        state.take(event, at)
    window.train.show_run(state)
    bar, film, log = (window.findChild(QWidget, name) for name in ("output_pages", "film_text", "log_pane"))
    assert (film.isVisible(), log.isVisible()) == (True, False)
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert (film.isVisible(), log.isVisible()) == (False, True)
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(0).center())
    assert (film.isVisible(), log.isVisible()) == (True, False)


def test_a_text_to_train_on_clears_the_stage_and_says_what_comes(open_window):
    window = open_window()
    ended = run_that_wrote(0)
    ended.end(TrainingError("It failed.", cause="c", fix="f", code="diverging"))
    window.train.show_run(ended)
    window.tabs.train_on("shakespeare_complete", {})
    assert not window.findChild(QPlainTextEdit, "film_text").isVisible()
    told = [each.text() for each in window.train.stage.findChildren(QLabel) if each.isVisible()]
    assert "Ready to learn from Complete Shakespeare" in told
    window.train.show_run(RunState())
    told = [each.text() for each in window.train.stage.findChildren(QLabel) if each.isVisible()]
    assert "Teach a model its lines" in told


def test_while_a_run_is_on_another_text_waits(qtbot, open_window):
    window = open_window(endless_run)
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    window.tabs.train_on("names", {})
    assert QToolTip.text().startswith("A run is on")
    assert window.train.state.step is not None
    QToolTip.hideText()
    window.train.stop()
    qtbot.waitUntil(lambda: not window.train.running)
