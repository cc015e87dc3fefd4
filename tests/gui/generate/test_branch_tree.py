"""The tree in the margin: a fork is found where it stands, and a click on it shows another branch."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from engine.core.events import Alternative
from gui.generate.branch_tree import BranchTree
from gui.generate.forks import Fork
from gui.generate.passage import Strand
from gui.generate.take import Take
from gui.generate.token_text import TokenText
from gui.kit import theme
from tests.gui.generate.hands import CHOICE, CONFIG, child, grown

LINES = [f" line {n}\n" for n in range(8)]


@pytest.fixture
def view(qtbot, stylist):
    made = TokenText("view", "Texts")
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    made.add(Strand([grown(Take.first(CHOICE, CONFIG), *LINES)]), ["heading"])
    return made


def branch(view, piece, words):
    strand = view.strands()[0]
    other = Alternative(token=90 + piece, text=words, probability=0.1, chance=0.1)
    strand.add(grown(strand.shown.branched(piece, other, CONFIG), *LINES[piece:]))
    view.show_branch(strand, ["heading"])
    return strand


def fork_of(view, words):
    """Return the middle of the fork beside some words, in the tree."""
    place = view.cursorRect(view.document().find(words))
    return QPoint(child(view, BranchTree, "branch_tree").width() - 8, place.center().y())


def has_ink(view, color):
    picture = child(view, BranchTree, "branch_tree").grab().toImage()
    places = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    return any(picture.pixelColor(*place).name() == color for place in places)


def test_a_text_without_branches_has_no_tree(view):
    assert not has_ink(view, theme.current().colors.link)
    branch(view, 3, " else 3\n")
    assert has_ink(view, theme.current().colors.link)


def test_a_click_on_a_fork_shows_the_other_branch(qtbot, view):
    strand, tree = branch(view, 3, " else 3\n"), child(view, BranchTree, "branch_tree")
    with qtbot.assertNotEmitted(view.branch_wanted):
        qtbot.mouseClick(tree, Qt.MouseButton.LeftButton, pos=fork_of(view, "line 7"))
    with qtbot.waitSignal(view.branch_wanted) as wanted:
        qtbot.mouseClick(tree, Qt.MouseButton.LeftButton, pos=fork_of(view, "else 3"))
    assert wanted.args == [strand, 0]


def test_a_fork_of_several_asks_which(qtbot, view):
    branch(view, 3, " else 3\n")
    strand = branch(view, 3, " a third\n")
    tree = child(view, BranchTree, "branch_tree")
    fork = tree.fork_at(fork_of(view, "a third").y())
    assert fork is not None
    menu = tree.menu_of(*fork)
    words = [action.text() for action in menu.actions()]
    assert [each.split("↵")[0] for each in words] == ["1   line 2", "2   else 3", "3   a third"]
    assert [action.isChecked() for action in menu.actions()] == [False, False, True]
    with qtbot.waitSignal(view.branch_wanted) as wanted:
        menu.actions()[1].trigger()
    assert wanted.args == [strand, 1]
    assert isinstance(menu, QMenu)


def test_forks_of_one_line_are_one(view):
    strand = branch(view, 3, " else")
    branch(view, 4, " more\n")
    found = child(view, BranchTree, "branch_tree").fork_at(fork_of(view, "more").y())
    assert found == (strand, Fork(3, (0, 1)))


def test_the_fork_is_marked_in_the_text_also_without_looking_inside(view):
    color = theme.current().colors.link
    ink = lambda: view.viewport().grab().toImage()  # noqa: E731
    count = lambda picture: sum(  # noqa: E731
        picture.pixelColor(x, y).name() == color for x in range(picture.width()) for y in range(picture.height())
    )
    assert count(ink()) == 0
    branch(view, 3, " else 3\n")
    assert count(ink()) > 0
