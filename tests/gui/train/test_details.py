"""All that makes a run, beside the sentence."""

from PySide6.QtWidgets import QLabel, QWidget

from gui.kit import theme
from tests.gui.fake_run import endless_run
from tests.gui.hands import choose_preset, show_details


def test_it_widens_with_the_text_and_cuts_nothing_off(qtbot, open_window):
    window = open_window()
    show_details(window)
    page = window.findChild(QWidget, "setup_scroll")
    for scale in (1.0, 1.5):
        window.set_text_scale(scale)
        qtbot.waitUntil(lambda: page.width() == theme.current().sidebar_px())
        qtbot.waitUntil(lambda: page.widget().width() == page.viewport().width())
        narrow = [
            each.text()
            for each in page.findChildren(QLabel)
            if each.isVisible()
            and not each.wordWrap()
            and each.width() < each.fontMetrics().horizontalAdvance(each.text())
        ]
        assert not narrow


def test_memory_says_what_it_is_and_names_its_parts_where_they_are_seen(qtbot, open_window):
    window = open_window()
    show_details(window)
    bar = window.findChild(QWidget, "memory_bar")
    seen = lambda: " ".join(each.text() for each in bar.findChildren(QLabel) if each.isVisible())  # noqa: E731
    assert "Foretold from the model’s parts" in seen()
    assert "Activations" not in seen()
    assert "activations" in bar.accessibleDescription()
    choose_preset(qtbot, window, "large")
    window.train.setup.change({"batch_size": 4})
    assert "Activations" in seen()


def test_what_a_run_under_way_is_made_of_is_read_and_not_changed(qtbot, open_window):
    window = open_window(endless_run)
    window.train.start()
    show_details(window)
    for name in ("reset_all", "preset_save", "start_from_picker", "setting_n_layer"):
        assert not window.findChild(QWidget, name).isEnabled()
    window.train.stop()
    qtbot.waitUntil(lambda: not window.train.running)
    assert window.findChild(QWidget, "setting_n_layer").isEnabled()
