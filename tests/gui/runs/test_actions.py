"""One thing is a button, all that can be done stands in a menu, and what cannot be done now says why."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QListWidget, QMenu

from gui.runs.actions import RunActions
from gui.runs.state import STOP_FIRST, Offers

NAMES = ("generate", "resume", "again", "rename", "export", "elsewhere", "reveal", "trash")
NOTHING = dict.fromkeys(("generate", "resume", "use_settings", "pack", "reveal", "rename", "trash"), False)


@pytest.fixture
def made(qtbot):
    """Return the actions over a table, and the names of those that were done."""
    table, done = QListWidget(), []
    qtbot.addWidget(table)
    actions = RunActions(table, {name: lambda name=name: done.append(name) for name in NAMES})
    for part in (actions.primary, actions.more):
        qtbot.addWidget(part)
    return table, actions, done


def test_each_is_done_from_the_menu_and_from_the_table(made):
    table, actions, done = made
    menu = actions.more.findChild(QMenu, "run_actions_menu")
    assert [each for each in menu.actions() if each.text()] == [each for each in table.actions() if each.text()]
    for name in NAMES:
        table.findChild(QAction, f"run_{name}_action").trigger()
    actions.primary.click()
    assert done == [*NAMES, "generate"]


def test_what_cannot_be_done_is_grey_and_says_why(made):
    table, actions, _ = made
    find = lambda name: table.findChild(QAction, f"run_{name}_action")  # noqa: E731
    actions.show_offers(Offers(**NOTHING), training=False)
    assert not actions.more.isEnabled()
    assert not actions.primary.isEnabled()
    actions.show_offers(Offers(**NOTHING | {"generate": True, "trash": True}, why_not=STOP_FIRST), training=True)
    assert [name for name in NAMES if find(name).isEnabled()] == ["generate", "export", "trash"]
    assert actions.more.isEnabled()
    assert actions.primary.isEnabled()
    assert find("resume").toolTip() == find("again").toolTip() == STOP_FIRST
