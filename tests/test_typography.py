"""Words on screen: one kind of apostrophe, the curly one, in whatever the window may show."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STRAIGHT = re.compile(r"(?<=[A-Za-z0-9])'(?=[a-z]+\b)")
NOT_OURS = ("DefaultCPUAllocator: can't", "It's we'll they've", "Varro's")
"""PyTorch's words, a text to compare tokenizers with, and Shakespeare's."""


def words_of(source):
    """Yield the texts in a module that are not documentation."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_the_rule_is_one_that_can_be_broken():
    assert [bool(STRAIGHT.search(text)) for text in ("the run's", "the run’s", "['name']")] == [True, False, False]
    assert list(words_of("def f():\n    'its doc'\n    return 'a' + f'b{f()}c'")) == ["a", "b", "c"]


@pytest.mark.parametrize("package", ["gui", "engine"])
def test_what_the_program_says_has_curly_apostrophes(package):
    for file in sorted((ROOT / package).rglob("*.py")):
        for text in words_of(file.read_text("utf-8")):
            ours = not any(other in text for other in NOT_OURS)
            assert not (ours and STRAIGHT.search(text)), f"{file.relative_to(ROOT)}: {text}"


def test_what_is_written_once_for_all_has_curly_apostrophes():
    for file in [
        *(ROOT / "resources").rglob("*.json"),
        *(ROOT / "data").glob("*.json"),
        *ROOT.glob("resources/guide/*"),
    ]:
        assert not STRAIGHT.search(file.read_text("utf-8")), file.name
