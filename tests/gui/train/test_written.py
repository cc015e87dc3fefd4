"""What a model wrote, as it is shown."""

import pytest

from gui.train.written import is_read_in_lines, with_dots, without_gaps


def test_what_is_no_character_is_a_dot_each_and_lines_stay():
    assert with_dots("a\ufffd\ufffdb\x00\n\tc") == "a··b·\n\tc"


def test_empty_lines_are_few_and_none_at_the_beginning():
    assert without_gaps("\n\n\na\n\n\n\n\nb") == "a\n\nb"


@pytest.mark.parametrize(
    ("dataset", "in_lines"), [("shakespeare_complete", False), ("shakesphere", False), ("names", True), ("mine", False)]
)
def test_names_are_read_in_lines_and_plays_as_a_book(dataset, in_lines):
    assert is_read_in_lines(dataset) is in_lines
