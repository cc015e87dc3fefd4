"""What a person should hear of a run: each remark with its kind, its cause and its ways out."""

from engine.core.errors import Fix, TrainingError
from engine.core.events import Advice
from gui.train.notes import note_from, note_of


def test_an_internal_error_shows_no_traceback():
    note = note_of(KeyError("self._secret"))
    assert "secret" not in note.what + note.why
    assert "log" in note.why


def test_an_advice_is_told_as_it_came():
    fix = Fix("Stop Here", "stop")
    advice = Advice(iter_num=7, code="gap", severity="info", what="What.", why="Why.", fixes=(fix,))
    note = note_from(advice)
    assert (note.severity, note.what, note.why, note.fixes, note.iter_num, note.code) == (
        "info",
        "What.",
        "Why.",
        (fix,),
        7,
        "gap",
    )
    assert note_from(advice) != note_from(advice)  # what happens again is told again


def test_a_failure_is_a_problem_with_its_page_in_the_book():
    note = note_of(TrainingError("What.", cause="Cause.", fix="Do this.", code="nan_loss"))
    assert (note.severity, note.what, note.code) == ("problem", "What.", "nan_loss")
    assert note.why.startswith("Cause. ")
