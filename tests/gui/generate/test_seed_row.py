"""The seed of a press: another each time, what was typed, or the one that is kept."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from gui.generate.dials import FIRST_SETTINGS, SEED
from gui.generate.seed_row import SeedRow
from gui.kit import theme
from gui.kit.theme import DARK, Theme


@pytest.fixture
def row(qtbot, stylist):
    made = SeedRow(SEED)
    qtbot.addWidget(made)
    made.set_value(FIRST_SETTINGS.seed)
    return made


def test_each_press_takes_the_next_seed_and_what_was_typed_as_it_is(row):
    assert [row.for_a_press() for _ in range(3)] == [1337, 1338, 1339]
    row.set_value(5)
    assert [row.for_a_press(), row.for_a_press()] == [5, 6]
    assert row.value() == 6


def test_a_seed_that_was_written_with_before_gives_way(row):
    row.written_with(1337)
    assert row.for_a_press() == 1338


def test_a_lock_keeps_the_seed_and_another_try_still_differs(row):
    row.lock.setChecked(True)
    assert [row.for_a_press(), row.for_a_press()] == [1337, 1337]
    assert [row.for_another_try(), row.for_another_try()] == [1338, 1339]
    assert row.value() == 1337
    assert "same text" in row.words()


def test_another_try_is_shown_and_the_lock_is_remembered(row, qtbot):
    row.for_a_press()
    assert row.for_another_try() == row.value() == 1338
    row.lock.setChecked(True)
    again = SeedRow(SEED)
    qtbot.addWidget(again)
    assert again.is_kept


def test_the_lock_stays_shut_when_the_theme_changes(row):
    shut = lambda: row.lock.property("worn_icon").split()[0] == "lock"  # noqa: E731
    assert not shut()
    row.lock.setChecked(True)
    assert shut()
    QApplication.setPalette(theme.palette_of(Theme(True, DARK)))
    QApplication.sendEvent(row.lock, QEvent(QEvent.Type.PaletteChange))
    assert shut()
