import math
from dataclasses import replace

import pytest

from engine.core.events import Sample
from engine.datasets.quality import Ladder, Rung
from engine.datasets.wording import Lines, Wording
from engine.runs.verdict import Course, Skill, Verdict, latest, layout, verdict

# A recorded run of the small quick model on the complete plays, judged at several of its iterations
LADDER = Ladder(
    "plays", tuple(Rung(n, "", v, 0.0) for n, v in (("random", 7.62), ("unigram", 6.07), ("bigram", 4.48))), 0.5485
)
PLAYS = Lines(length=38, words=6.2, speakers=0.21, indented=0.0, spelt=0.94)
PROSE = Lines(length=69, words=12.3, speakers=0.01, indented=0.1, spelt=0.95)
EVALS = [(0, 7.61), (160, 4.49), (320, 4.30), (480, 4.15), (640, 4.10), (800, 4.05)]


def wrote(known, follow, written=PLAYS, text=PLAYS, copied=0.0):
    return Wording(100, known, follow, 0.96, 0.50, copied, written, text)


def said(course, wording, ladder=LADDER):
    return verdict(course, ladder, wording).words


@pytest.mark.parametrize(
    ("seconds", "losses", "wording", "words"),
    [
        (
            4, [(0, 7.62), (10, 6.96)], wrote(0.53, 0.14),
            "It has found which letters are common, not yet the words. Five more minutes would bring its first words.",
        ),
        (
            16, [(0, 7.62), (30, 5.70), (60, 4.74)], wrote(0.75, 0.42),
            "It spells its first words. Five more minutes would bring whole words.",
        ),
        (
            60, EVALS[:3], wrote(0.88, 0.53, Lines(17, 5.0, 0.25, 0.0, 0.92)),
            "It spells and speaks in verse. Five more minutes would bring whole phrases.",
        ),
        (
            200, EVALS, wrote(0.90, 0.55, Lines(16, 3.9, 0.32, 0.0, 0.92)),
            "It speaks in whole phrases, and in verse. Five more minutes would bring longer sentences.",
        ),
    ],
)  # fmt: skip
def test_a_run_is_judged_by_what_it_wrote(seconds, losses, wording, words):
    assert said(Course(seconds, losses[-1][0], losses), wording) == words


def test_a_run_without_an_update_had_no_time():
    assert said(Course(60, 0, EVALS[:1]), wrote(0.4, 0.0)).startswith("It had no time to learn.")


def test_a_stopped_run_that_has_time_left_is_not_promised_five_minutes_more():
    course = Course(16, 60, [(0, 7.62), (30, 5.70), (60, 4.74)], stopped=True)
    found = verdict(course, LADDER, wrote(0.75, 0.42))
    assert (found.words, found.goes_on) == ("It spells its first words.", True)
    assert said(replace(course, updates=0), wrote(0.4, 0.0)) == "It had no time to learn."
    flat = replace(course, seconds=36_000, losses=[(10_000 * n, 4.2 - 0.001 * n) for n in range(9)])
    assert "More time would hardly help" in said(flat, wrote(0.75, 0.42))


def test_a_run_that_is_no_better_than_guessing_has_learned_nothing():
    assert said(Course(60, 20, [(0, 7.62), (10, 7.6)]), wrote(0.45, 0.05)).startswith("It has learned nothing yet")


def test_verse_is_spoken_of_only_where_it_was_written():
    one_long_line = Lines(length=340, words=46, speakers=0.0, indented=0.0, spelt=0.96)
    assert said(Course(60, 320, EVALS[:3]), wrote(0.88, 0.53, one_long_line)).startswith("It spells. ")
    assert said(Course(60, 320, EVALS[:3]), wrote(0.88, 0.53, PROSE, PROSE)).startswith("It spells and writes prose.")


def test_more_time_is_not_promised_what_it_would_not_bring():
    """Six minutes of ten hours are nothing."""
    long = Course(36_000, 80_000, [(10_000 * n, 4.2 - 0.001 * n) for n in range(9)])
    assert "More time would hardly help" in said(long, wrote(0.93, 0.6))
    little = Course(1800, 8000, [(1000 * n, 4.5 - 0.3 * math.log1p(n)) for n in range(9)])
    assert "a little better" in said(little, wrote(0.93, 0.6))


def test_a_model_that_learns_by_heart_is_not_sent_on():
    turned = Course(600, 2000, [(0, 7.6), (500, 4.3), (1000, 4.1), (2000, 4.4)])
    for found in (
        verdict(turned, LADDER, wrote(0.95, 0.6)),
        verdict(Course(600, 2000, EVALS, overfitted=True), LADDER, wrote(0.95, 0.6)),
        verdict(Course(600, 2000, EVALS), LADDER, wrote(0.95, 0.6, copied=0.8)),
    ):
        assert "A longer text would help" in found.helps
        assert not found.goes_on


def test_a_second_model_is_told_of_where_the_first_learns_by_heart_and_may_teach():
    turned = Course(600, 2000, EVALS, overfitted=True, may_teach=True)
    found = verdict(turned, LADDER, wrote(0.95, 0.6))
    assert found.teaches
    assert not found.goes_on
    assert "A longer text would help; a second model, taught by this one, should do" in found.helps
    for other in (replace(turned, may_teach=False), replace(turned, overfitted=False)):
        alone = verdict(other, LADDER, wrote(0.95, 0.6))
        assert not alone.teaches
        assert "second model" not in alone.helps
    assert not verdict(turned, LADDER, wrote(0.95, 0.6, copied=0.8)).teaches


def test_a_training_loss_that_rises_a_little_is_no_sign_of_that():
    noisy = Course(16, 70, [(0, 7.6), (50, 4.6), (60, 4.7)], judged=False)
    assert "by heart" not in said(noisy, wrote(0.75, 0.42))


def test_a_loss_that_is_no_number_is_called_what_it_is():
    found = verdict(Course(60, 100, [(0, 7.6), (100, math.nan)]), LADDER, wrote(0.5, 0.1))
    assert (found.learned, found.goes_on) == ("Its loss is no number: training has failed.", False)


def test_names_are_not_held_against_the_names_that_are_there():
    names = Lines(length=6, words=1.0, speakers=0.0, indented=0.0, spelt=1.0)
    new = wrote(0.02, 0.0, names, names)
    assert said(Course(300, 3000, [(0, 7.6), (1500, 4.4), (3000, 4.2)]), new).startswith("It makes up names")
    assert said(Course(300, 3000, [(0, 7.6), (1500, 5.4), (3000, 5.2)]), new).startswith("It strings letters")


def test_where_the_text_is_gone_the_loss_alone_has_the_word():
    assert said(Course(60, 320, EVALS[:3]), None).startswith("It has learned more than which piece follows which.")
    assert verdict(Course(60, 320, EVALS[:3]), None, None).learned


def test_it_always_has_two_sentences_to_say():
    for level in Skill:
        for look in (PLAYS, PROSE, replace(PLAYS, length=70), replace(PROSE, indented=0.6), replace(PROSE, length=30),
                     replace(PROSE, spelt=0.3), Lines(6, 1.0, 0.0, 0.0, 1.0)):  # fmt: skip
            measured = wrote((0.3, 0.5, 0.7, 0.88, 0.95)[level], (0.0, 0.05, 0.3, 0.4, 0.6)[level], look, look)
            found = verdict(Course(60, 320, EVALS[:3]), LADDER, measured)
            assert isinstance(found, Verdict), layout(look)
            assert all(sentence.endswith(".") for sentence in (found.learned, found.helps))


def test_the_newest_three_texts_are_judged():
    samples = [Sample(iter_num=at, prompt="", text=str(at)) for at in (0, 1, 2, 60, 80, 90, 100)]
    assert latest(samples) == ["80", "90", "100"]
    assert latest(samples[:4]) == ["60"]
    assert latest([]) == []


def test_how_well_it_does_as_it_is_used_is_said_where_that_is_known():
    course = Course(seconds=60, updates=800, losses=EVALS)
    assert "full memory" not in said(course, wrote(0.88, 0.53))
    words = said(replace(course, full_memory=2.0549), wrote(0.88, 0.53))
    assert words.endswith(" With its full memory it is at 2.05 bits per byte.")
    assert words.startswith(said(course, wrote(0.88, 0.53)))
