import logging

import pytest

from engine.core.errors import UnderstudyError
from gui.kit.background import Background


@pytest.fixture
def answers(qtbot):
    """Return what a piece of work came to: a function that does it and waits."""

    def of(work):
        came = []
        background = Background()
        background.do(work, came.append, came.append)
        qtbot.waitUntil(lambda: bool(came))
        return came

    return of


def test_what_work_gives_is_handed_over(answers):
    assert answers(lambda: 7) == [7]


def test_what_the_system_refuses_is_told_in_words(answers, tmp_path):
    (error,) = answers(lambda: (tmp_path / "gone").read_bytes())
    assert isinstance(error, UnderstudyError)
    assert str(tmp_path / "gone") in error.message


def test_what_nobody_foresaw_is_told_and_written_to_the_log(answers, caplog):
    with caplog.at_level(logging.ERROR):
        (error,) = answers(lambda: 1 / 0)
    assert isinstance(error, ZeroDivisionError)
    assert "ZeroDivisionError" in caplog.text


def test_each_thing_is_handed_over_as_it_comes_and_what_went_wrong_after_it(qtbot):
    def work():
        yield 1
        yield 2
        raise UnderstudyError("no more")

    came, background = [], Background()
    background.do_each(work, came.append, lambda error: came.append(error.message))
    qtbot.waitUntil(lambda: len(came) == 3)
    assert came == [1, 2, "no more"]
