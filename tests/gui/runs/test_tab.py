import threading

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QTableWidget,
    QWidget,
)

from engine.core.config import TrainConfig
from engine.core.events import Eval, Exported, Finished, Paused, Started
from engine.runs.folder import RunFolder
from engine.runs.listing import summary
from engine.runs.owner import RunLock
from gui.kit.engine_thread import JobHandle
from gui.kit.plots import Plot
from gui.kit.theme import Space
from gui.runs.detail import RunCurves
from gui.runs.state import COLUMNS, MOST_COMPARED, Curve, insides
from gui.runs.tab import RunsTab
from tests.gui.hands import name_file
from tests.patience import PATIENCE_S


@pytest.fixture(autouse=True)
def _own_trash(tmp_path, monkeypatch):
    (tmp_path / "xdg").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))


@pytest.fixture
def runs(_own_folders):
    made = []
    for number, loss in enumerate((3.0, 2.0, 4.0)):
        run = RunFolder.new(TrainConfig(dropout=number / 10))
        run.rename(("amber", "birch", "cedar")[number])
        run.append(Eval(iter_num=number, train_loss=loss, val_loss=loss, bits_per_byte=loss / 2, is_best=True))
        run.close()
        run.checkpoint.touch()
        made.append(run)
    return made


@pytest.fixture
def tab(qtbot, engine):
    tab = RunsTab(engine)
    qtbot.addWidget(tab)
    tab.show()
    qtbot.waitSignal(tab.listed).wait()
    return tab


def table(tab):
    return tab.findChild(QTableView, "runs_table")


def button(tab, name):
    return tab.findChild(QAction if name.endswith("_action") else QAbstractButton, name)


def column(tab, number=0):
    model = table(tab).model()
    return [model.index(row, number).data() for row in range(model.rowCount())]


def select(tab, *names):
    flags = QItemSelectionModel.SelectionFlag
    selection = table(tab).selectionModel()
    selection.clearSelection()
    for name in names:
        selection.select(table(tab).model().index(column(tab).index(name), 0), flags.Select | flags.Rows)


def press(qtbot, tab, name):
    if name.endswith("_action"):
        button(tab, name).trigger()
    else:
        qtbot.mouseClick(button(tab, name), Qt.MouseButton.LeftButton)


def test_without_runs_it_invites_to_train(qtbot, tab):
    assert tab.findChild(QWidget, "runs_empty").isVisible()
    with qtbot.waitSignal(tab.train_requested):
        press(qtbot, tab, "runs_empty_button")


def test_every_run_is_listed_and_can_be_sorted_and_searched(runs, tab):
    assert sorted(column(tab)) == ["amber", "birch", "cedar"]
    table(tab).sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert column(tab) == ["birch", "amber", "cedar"]
    tab.findChild(QLineEdit, "runs_search").setText("cedar")
    assert column(tab) == ["cedar"]
    assert tab.findChild(QLabel, "runs_total").text().startswith("1 of 3 runs")


def test_a_search_that_finds_nothing_says_so_and_can_be_cleared_there(qtbot, runs, tab):
    nothing, search = tab.findChild(QWidget, "runs_not_found"), tab.findChild(QLineEdit, "runs_search")
    assert not nothing.isVisible()
    search.setText("zebra")
    assert nothing.isVisible()
    assert not table(tab).isVisible()
    assert not button(tab, "run_trash_action").isEnabled()
    press(qtbot, tab, "runs_not_found_button")
    assert search.text() == ""
    assert table(tab).isVisible()
    assert not nothing.isVisible()
    assert len(table(tab).selected()) == 1
    assert tab.findChild(QWidget, "run_detail").isVisible()


def test_the_order_of_the_runs_is_kept_over_a_restart(qtbot, runs, engine, tab):
    titles = [each.title for each in COLUMNS]
    assert table(tab).horizontalHeader().sortIndicatorSection() == titles.index("Last Trained")
    table(tab).sortByColumn(titles.index("Best Loss"), Qt.SortOrder.AscendingOrder)
    again = RunsTab(engine)
    qtbot.addWidget(again)
    qtbot.waitSignal(again.listed).wait()
    assert column(again) == ["birch", "amber", "cedar"]
    assert table(again).horizontalHeader().sortIndicatorSection() == titles.index("Best Loss")
    assert table(again).horizontalHeader().sortIndicatorOrder() is Qt.SortOrder.AscendingOrder


def test_generate_and_resume_name_the_selected_run(qtbot, runs, tab):
    select(tab, "birch")
    with qtbot.waitSignal(tab.generate_requested) as asked:
        press(qtbot, tab, "run_generate_button")
    assert asked.args == [str(runs[1].checkpoint)]
    runs[1].best.touch()
    with qtbot.waitSignal(tab.generate_requested) as asked:
        table(tab).doubleClicked.emit(table(tab).model().index(column(tab).index("birch"), 0))
    assert asked.args == [str(runs[1].best)]
    with qtbot.waitSignal(tab.resume_requested) as asked:
        press(qtbot, tab, "run_resume_action")
    assert asked.args == [str(runs[1].path)]


def test_a_run_is_renamed_in_place(qtbot, runs, tab):
    select(tab, "amber")
    press(qtbot, tab, "run_rename_action")
    editor = table(tab).findChild(QLineEdit)
    editor.setText("The long night")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "The long night" in column(tab))
    assert summary(runs[0].path).name == "The long night"


def test_a_name_is_typed_on_while_runs_are_read_anew(qtbot, runs, tab):
    select(tab, "amber")
    tab.findChild(QPlainTextEdit, "run_note").setPlainText("dropout helped")
    press(qtbot, tab, "run_rename_action")
    editor = table(tab).findChild(QLineEdit)
    editor.setText("The long")
    tab.refresh()  # the same runs
    qtbot.waitUntil(lambda: not tab._reading)
    assert editor.text() == "The long"
    qtbot.waitUntil(lambda: summary(runs[0].path).note == "dropout helped")  # a moment after it was typed
    assert editor.text() == "The long"
    RunFolder.new(TrainConfig()).rename("newer")
    tab.refresh()
    qtbot.waitUntil(lambda: not tab._reading)
    assert table(tab).findChild(QLineEdit) is editor
    qtbot.keyClicks(editor, " night")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: sorted(column(tab)) == ["The long night", "birch", "cedar", "newer"])
    assert summary(runs[0].path).name == "The long night"


def test_what_was_read_while_a_name_was_typed_is_shown_once_it_is_left(qtbot, runs, tab):
    select(tab, "amber")
    press(qtbot, tab, "run_rename_action")
    RunFolder.new(TrainConfig()).rename("newer")
    tab.refresh()
    qtbot.waitUntil(lambda: not tab._reading)
    assert "newer" not in column(tab)
    qtbot.keyClick(table(tab).findChild(QLineEdit), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: sorted(column(tab)) == ["amber", "birch", "cedar", "newer"])


def test_a_note_is_kept(qtbot, runs, tab):
    select(tab, "cedar")
    note = tab.findChild(QPlainTextEdit, "run_note")
    note.setPlainText("dropout helped")
    select(tab, "birch")
    assert note.toPlainText() == ""
    assert summary(runs[2].path).note == "dropout helped"
    select(tab, "cedar")
    assert note.toPlainText() == "dropout helped"
    assert summary(runs[1].path).note == ""


def test_a_note_is_kept_a_moment_after_it_was_typed(qtbot, runs, tab):
    select(tab, "cedar")
    tab.findChild(QPlainTextEdit, "run_note").setPlainText("dropout helped")
    qtbot.waitUntil(lambda: summary(runs[2].path).note == "dropout helped")


def test_what_goes_to_the_trash_can_be_put_back(qtbot, runs, tab):
    select(tab, "amber", "birch")
    press(qtbot, tab, "run_trash_action")
    assert column(tab) == ["cedar"]
    assert not runs[0].path.exists()
    press(qtbot, tab, "run_undo_button")
    qtbot.waitUntil(lambda: sorted(column(tab)) == ["amber", "birch", "cedar"])
    assert runs[0].checkpoint.exists()


def test_the_delete_key_throws_away_in_the_table_only(qtbot, runs, tab):
    select(tab, "amber")
    table(tab).setFocus()
    qtbot.keyClick(table(tab), Qt.Key.Key_Delete)
    assert sorted(column(tab)) == ["birch", "cedar"]


def test_a_run_under_way_is_shown_so_and_cannot_be_thrown_away(qtbot, runs, engine, tab):
    ready = Started(
        run_dir=str(runs[0].path),
        parameters=1,
        device="cpu",
        dtype="float32",
        tokens_per_iter=1,
        estimate={},
        iter_num=0,
        max_iters=9,
        train_tokens=1,
        val_tokens=1,
        val_bytes=1,
        vocab_size=1,
    )
    end = Finished(reason="done", iter_num=9, best_val_loss=1.0, seconds=1.0, peak_memory_bytes=1)

    def status():
        return dict(zip(column(tab), column(tab, 1), strict=True))["amber"]

    job = JobHandle(engine.control())
    engine.event_arrived.emit(job, ready)
    qtbot.waitUntil(lambda: status() == "Training")
    select(tab, "amber")
    assert not button(tab, "run_trash_action").isEnabled()
    assert not button(tab, "run_resume_action").isEnabled()
    engine.event_arrived.emit(job, Paused(iter_num=3))
    qtbot.waitUntil(lambda: status() == "Paused")
    runs[0].append(end)
    runs[0].close()
    engine.ended.emit(job, None)
    qtbot.waitUntil(lambda: status() == "Finished")
    assert button(tab, "run_trash_action").isEnabled()


def test_a_run_that_another_process_has_taken_since_is_left_alone(qtbot, runs, tab):
    select(tab, "amber", "birch")
    owner = RunLock(runs[1].path)
    try:
        assert button(tab, "run_trash_action").isEnabled()  # the list does not know yet
        press(qtbot, tab, "run_trash_action")
        assert runs[0].path.exists()
        assert runs[1].path.exists()
        assert "“birch” is being trained" in tab.findChild(QLabel, "runs_notice_what").text()
        qtbot.waitUntil(lambda: not button(tab, "run_trash_action").isEnabled())
        select(tab, "amber")
        owner_too = RunLock(runs[0].path)
        with qtbot.assertNotEmitted(tab.resume_requested):
            press(qtbot, tab, "run_resume_action")
        owner_too.release()
        assert "“amber” is being trained" in tab.findChild(QLabel, "runs_notice_what").text()
    finally:
        owner.release()
    tab.refresh()
    select(tab, "birch")
    qtbot.waitUntil(button(tab, "run_resume_action").isEnabled)
    with qtbot.waitSignal(tab.resume_requested):
        press(qtbot, tab, "run_resume_action")


def test_several_runs_are_compared(qtbot, runs, tab):
    select(tab, "birch", "cedar")
    rows = tab.findChild(QTableWidget, "run_settings")
    qtbot.waitUntil(lambda: [rows.item(row, 0).text() for row in range(rows.rowCount())] == ["dropout"])
    assert not tab.findChild(QPlainTextEdit, "run_note").isVisible()


def test_a_text_is_called_in_the_settings_as_people_know_it(qtbot, runs, tab):
    RunFolder.new(TrainConfig(dataset="shakespeare_complete_bpe2048")).rename("dawn")
    tab.refresh()
    qtbot.waitUntil(lambda: "dawn" in column(tab))
    select(tab, "dawn")
    rows = tab.findChild(QTableWidget, "run_settings")
    tip = lambda: rows.item(0, 1).toolTip() if rows.item(0, 1) is not None else ""  # noqa: E731
    qtbot.waitUntil(lambda: "shakespeare_complete_bpe2048" in tip())
    assert (rows.item(0, 0).text(), rows.item(0, 1).text()) == ("dataset", "Complete Shakespeare")
    assert "in 2,048 tokens of its own" in tip()


def test_a_run_whose_text_is_gone_says_so_and_how_it_can_go_on(qtbot, runs, tab):
    run = RunFolder.new(TrainConfig(dataset="Our_Chat_bpe512"))
    run.checkpoint.touch()
    run.rename("dawn")
    tab.refresh()
    qtbot.waitUntil(lambda: "dawn" in column(tab))
    lost, asked, notice = tab.findChild(QLabel, "run_text_lost"), [], tab.findChild(QLabel, "runs_notice_what")
    tab.resume_requested.connect(asked.append)
    select(tab, "dawn")
    qtbot.waitUntil(lost.isVisible)
    assert "“Our Chat”, is not here any more" in lost.text()
    assert "from a file called “Our_Chat”" in lost.text()
    press(qtbot, tab, "run_resume_action")
    assert "“Our Chat”, is not here any more" in notice.text()
    with qtbot.waitSignal(tab.own_text_asked):
        press(qtbot, tab, "run_add_text_button")
    assert asked == []
    select(tab, "amber")
    assert not lost.isVisible()
    select(tab, "dawn")
    qtbot.waitUntil(lost.isVisible)


def test_the_curves_of_a_comparison_are_told_apart_without_their_colors(qtbot, runs, tab):
    select(tab, "amber", "birch", "cedar")
    curves = tab.findChild(Plot, "run_curves").getPlotItem().listDataItems
    qtbot.waitUntil(lambda: len({tuple(each.opts["pen"].dashPattern()) for each in curves()}) == 3)
    told = [each.text() for each in tab.findChildren(QLabel) if each.isVisible()]
    assert {"Validation loss, bits per byte", "Iteration", "3 runs compared"} <= set(told)


@pytest.mark.parametrize(
    ("bits", "values", "unit"),
    [
        (([0, 9], [4.0, 2.5]), [4.0, 2.5], "bits per byte"),
        (([], []), [3.0, 2.0], "how surprised it is, less is better"),
    ],
)
def test_runs_are_compared_in_what_compares_them_where_all_have_it(qtbot, stylist, bits, values, unit):
    made = RunCurves()
    qtbot.addWidget(made)
    one = Curve("one", ([], []), ([0, 9], [3.0, 2.0]), bits)
    other = Curve("other", ([], []), ([0, 9], [7.0, 6.0]), ([0, 9], [5.0, 3.5]))
    made.show_curves([one, other])
    first = made.findChild(Plot, "run_curves").getPlotItem().listDataItems()[0]
    assert list(first.getData()[1]) == values
    told = [each.text() for each in made.findChildren(QLabel)]
    assert {f"Validation loss, {unit}", f"Validation loss: {unit}"} & set(told)
    made.show_curves([other])
    [scale] = [each for each in made.findChildren(QLabel) if each.text().startswith("Loss: how surprised")]
    assert scale.toolTip() == "In nats for each token"


@pytest.mark.parametrize(("iterations", "last"), [([0], 100), ([40], 100), ([0, 2000], 2000)])
def test_a_plot_begins_at_zero_and_is_an_evaluation_wide(qtbot, stylist, iterations, last):
    made = RunCurves()
    qtbot.addWidget(made)
    made.show()
    made.show_curves([Curve("one", ([], []), (iterations, [3.0] * len(iterations)))])
    area = made.findChild(Plot, "run_curves").area
    area.updateAutoRange()
    first, end = area.viewRange()[0]
    assert first == pytest.approx(-2)
    assert last < end < 1.2 * last


def test_many_curves_are_drawn_one_in_a_turn_and_each_once(qtbot, stylist):
    made = RunCurves()
    qtbot.addWidget(made)
    made.show()
    plot = made.findChild(Plot, "run_curves").getPlotItem()
    many = [Curve(f"run {n}", ([], []), ([0, 1], [3.0, 2.0 + n])) for n in range(MOST_COMPARED)]
    made.show_curves(many)
    assert len(plot.listDataItems()) == 1
    qtbot.waitUntil(lambda: len(plot.listDataItems()) > 2)
    made.show_curves(many[::-1])  # others, before all of those are there
    assert [each.name() for each in plot.listDataItems()] == [many[-1].name]
    qtbot.waitUntil(lambda: len(plot.listDataItems()) == MOST_COMPARED)
    assert [each.name() for each in plot.listDataItems()] == [each.name for each in many[::-1]]
    assert [label.text for _, label in plot.legend.items] == [each.name for each in many[::-1]]


def test_no_more_runs_are_compared_than_can_be_told_apart(qtbot, runs, tab):
    for number in range(MOST_COMPARED):
        RunFolder.new(TrainConfig(dropout=number / 10)).rename(f"more {number}")
    tab.refresh()
    qtbot.waitUntil(lambda: len(column(tab)) == MOST_COMPARED + 3)
    table(tab).selectAll()
    qtbot.waitUntil(lambda: tab.findChild(QTableWidget, "run_settings").columnCount() == 1 + MOST_COMPARED)
    assert f"8 of {MOST_COMPARED + 3} selected runs compared" in [each.text() for each in tab.findChildren(QLabel)]


def test_the_folders_of_selected_runs_are_read_off_the_windows_thread_and_only_the_last_asked_for(
    qtbot, runs, tab, monkeypatch
):
    read, may_go_on = [], threading.Event()

    def insides_of(wanted):
        read.append(([run.name for run in wanted], threading.current_thread() is threading.main_thread()))
        if read[-1][0] == ["amber"]:
            may_go_on.wait(PATIENCE_S)
        return insides(wanted)

    monkeypatch.setattr("gui.runs.detail.insides", insides_of)
    detail = tab.findChild(QWidget, "run_detail")
    select(tab, "amber")
    qtbot.waitUntil(lambda: (["amber"], False) in read)
    select(tab, "birch")
    select(tab, "cedar")
    with qtbot.waitSignal(detail.read):
        may_go_on.set()
    assert read[-2:] == [(["amber"], False), (["cedar"], False)]
    shown = tab.findChild(QTableWidget, "run_settings")
    values = {shown.item(row, 0).text(): shown.item(row, 1).text() for row in range(shown.rowCount())}
    assert values["dropout"] == "0.2"


def test_sorting_and_searching_keep_the_selection(runs, tab):
    select(tab, "birch")
    table(tab).sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert column(tab) == ["cedar", "birch", "amber"]
    tab.findChild(QLineEdit, "runs_search").setText("b")
    assert [run.name for run in table(tab).selected()] == ["birch"]


def test_a_refresh_keeps_the_selection(qtbot, runs, tab):
    select(tab, "birch")
    newer = RunFolder.new(TrainConfig())
    newer.rename("newer")
    tab.refresh()
    qtbot.waitUntil(lambda: len(column(tab)) == 4)
    assert [run.name for run in table(tab).selected()] == ["birch"]


def test_every_control_has_a_name_for_people_and_for_tests(runs, tab):
    for kind in (QAbstractButton, QLineEdit, QPlainTextEdit, QTableView):
        for widget in tab.findChildren(kind):
            if not widget.objectName().startswith("qt_") and widget.isVisible() and widget.focusPolicy():
                assert widget.objectName(), widget
                assert widget.accessibleName(), widget.objectName()


def test_the_loss_of_a_run_that_knows_nothing_yet_is_shown_whole(qtbot, runs, tab):
    tab.resize(1680, 720)  # as wide as all columns need
    view = table(tab)
    needed = view.fontMetrics().horizontalAdvance("10.8383") + Space.M
    losses = [at for at, told in enumerate(COLUMNS) if told.title in ("Best Loss", "Bits/Byte")]
    qtbot.waitUntil(lambda: min(view.columnWidth(at) for at in losses) > needed)


def test_a_runs_settings_set_up_another(qtbot, runs, tab):
    select(tab, "cedar")
    with qtbot.waitSignal(tab.settings_requested) as asked:
        press(qtbot, tab, "run_again_action")
    assert asked.args[0].dropout == 0.2


def test_the_menu_of_the_table_and_the_button_do_the_same(qtbot, runs, tab, monkeypatch):
    shown = []
    monkeypatch.setattr("gui.runs.tab.reveal", shown.append)
    actions = {action.objectName(): action for action in table(tab).actions() if action.text()}
    in_menu = button(tab, "run_actions_button").menu().actions()
    assert list(actions.values()) == [each for each in in_menu if each.text()]
    select(tab, "birch")
    for name, told in (
        ("run_generate_action", tab.generate_requested),
        ("run_resume_action", tab.resume_requested),
        ("run_again_action", tab.settings_requested),
    ):
        with qtbot.waitSignal(told):
            actions[name].trigger()
    actions["run_rename_action"].trigger()
    assert table(tab).findChild(QLineEdit).text() == "birch"
    qtbot.keyClick(table(tab).findChild(QLineEdit), Qt.Key.Key_Escape)
    actions["run_reveal_action"].trigger()
    assert shown == [runs[1].path]
    actions["run_elsewhere_action"].trigger()
    press(qtbot, tab.findChild(QWidget, "pack_sheet"), "pack_sheet_close_button")
    actions["run_export_action"].trigger()
    press(qtbot, tab.findChild(QWidget, "export_sheet"), "export_close_button")
    actions["run_trash_action"].trigger()
    assert sorted(column(tab)) == ["amber", "cedar"]
    select(tab, "amber", "cedar")
    assert [name for name, action in actions.items() if action.isEnabled()] == ["run_trash_action"]


def test_a_model_is_exported_from_the_list_to_a_place_that_is_asked_for(qtbot, runs, tab, monkeypatch, tmp_path):
    import engine.exports.job

    asked, place = [], tmp_path / "mine.gguf"

    def export_job(source, form, dest, **how):
        asked.append((source, form, dest, how["outtype"]))
        yield Exported(
            format=form, path=str(dest), bytes=1, dtype="f16", logits_difference=0.0, tolerance=0.1,
            tokens=5, tokens_equal=5, texts=1, notes=(),
        )  # fmt: skip

    monkeypatch.setattr(engine.exports.job, "export_job", export_job)
    runs[1].best.touch()
    select(tab, "birch")
    press(qtbot, tab, "run_export_action")
    sheet = tab.findChild(QWidget, "export_sheet")
    of_run, numbers = (sheet.findChild(QComboBox, f"export_{name}") for name in ("checkpoint", "outtype"))
    assert [of_run.itemText(at) for at in range(of_run.count())] == ["Best validation loss", "Latest"]
    of_run.setCurrentIndex(1)
    button(sheet, "export_gguf").click()
    numbers.setCurrentIndex(numbers.findData("q8_0"))
    press(qtbot, sheet, "export_button")
    name_file(sheet, "export_place_sheet", place)
    qtbot.waitUntil(lambda: button(sheet, "export_close_button").text() != "Stop" and bool(asked))
    assert asked == [(runs[1].checkpoint, "gguf", place, "q8_0")]
    press(qtbot, sheet, "export_close_button")
    assert not sheet.isVisible()


def test_a_run_that_came_from_elsewhere_is_chosen_once_it_is_listed(qtbot, runs, tab):
    tab.findChild(QLineEdit, "runs_search").setText("birch")
    older = RunFolder.new(TrainConfig())
    older.rename("dogwood")
    tab.show_run(older.path)
    qtbot.waitUntil(lambda: [run.name for run in table(tab).selected()] == ["dogwood"])
    assert len(column(tab)) == 4
    select(tab, "amber")
    tab.refresh()  # and from then on a person's choice stays
    qtbot.waitSignal(tab.listed).wait()
    assert [run.name for run in table(tab).selected()] == ["amber"]


def test_a_model_can_be_exported_where_one_run_has_one(runs, tab):
    export = button(tab, "run_export_action")
    select(tab)
    assert not export.isEnabled()
    select(tab, "amber")
    assert export.isEnabled()
    select(tab, "amber", "birch")
    assert not export.isEnabled()


def test_a_run_that_saved_nothing_has_no_model_to_export(qtbot, runs, tab):
    runs[2].checkpoint.unlink()
    tab.refresh()
    select(tab, "cedar")
    qtbot.waitUntil(lambda: not button(tab, "run_export_action").isEnabled())
    assert button(tab, "run_rename_action").isEnabled()


def test_a_run_that_cannot_be_read_stands_among_the_others_with_why(tab, runs, qtbot):
    runs[1].config_path.write_text('{"max_iters": ' + "9" * 401 + "}")
    tab.refresh()
    qtbot.waitUntil(lambda: any(run.problem for run in tab.all))
    problems = {run.name: run.problem for run in tab.all}
    assert problems.keys() == {"amber", "birch", "cedar"}
    assert "401 digits" in problems.pop("birch")
    assert not any(problems.values())


def test_that_no_run_can_be_read_is_told_and_what_is_shown_stays(tab, runs, qtbot):
    with qtbot.waitSignal(tab.listed):
        tab.refresh()
    folder = runs[0].path.parent
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("no folder")
    with qtbot.waitSignal(tab.listed):
        tab.refresh()
    assert len(tab.all) == 3
    assert str(folder) in tab.findChild(QLabel, "runs_notice_what").text()


def test_of_many_runs_the_last_are_shown_while_the_others_are_read(qtbot, engine, runs, monkeypatch):
    monkeypatch.setattr("gui.runs.reader.FIRST", 1)
    tab, shown = RunsTab(engine), []
    qtbot.addWidget(tab)
    total = tab.findChild(QLabel, "runs_total")
    table(tab).model().modelReset.connect(lambda: shown.append(table(tab).model().rowCount()))
    qtbot.waitUntil(lambda: 3 in shown)
    assert shown == [1, 3]
    assert total.text().startswith("3 runs")


def test_where_the_window_is_narrow_columns_give_way_to_names(qtbot, runs, tab):
    view, titles = table(tab), [each.title for each in COLUMNS]

    def hidden():
        return [title for at, title in enumerate(titles) if view.isColumnHidden(at)]

    tab.resize(1680, 720)
    qtbot.waitUntil(lambda: hidden() == [])
    widest = view._widths[0]
    tab.resize(900, 720)
    qtbot.waitUntil(lambda: "Text" in hidden())
    assert view.columnWidth(0) >= widest
    assert not {"Name", "Status", "Best Loss", "Last Trained"} & set(hidden())


def test_the_rows_of_settings_grow_with_the_text_and_shrink_again(tab, stylist):
    rows = tab.findChild(QTableWidget, "run_settings").verticalHeader()
    heights = []
    for scale in (1.0, 1.5, 1.0):
        stylist.set_text_scale(scale)
        heights.append(rows.defaultSectionSize())
    assert heights[0] == heights[2] < heights[1]
