"""Where a model looked: what is asked of it for a token, and what is seen of the answer."""

from dataclasses import replace

import pytest

from engine.core.config import SampleConfig
from engine.core.events import Alternative, Attended, Scored, TokenScore
from gui.generate.attention import Looked, Question, head_names, question_of
from gui.generate.take import Take
from tests.gui.generate.hands import CHOICE, CONFIG, grown

ANSWER = Attended(
    texts=("Once", " upon", "\n", "", "é"),
    forgotten=0,
    weights=(
        ((0.5, 0.25, 0.25, 0.0, 0.0), (0.1, 0.15, 0.25, 0.4, 0.1)),
        ((0.0, 0.0, 0.0, 0.0, 1.0), (1.0, 0.0, 0.0, 0.0, 0.0)),
    ),
    roles=(("none", "same"), ("previous", "first")),
)


def test_of_a_text_that_was_written_the_beginning_and_the_tokens_after_it_are_asked_with():
    take = grown(Take.first(CHOICE, CONFIG), " upon", " a", " time")
    assert question_of(take, 1) == Question((), "Once")
    assert question_of(take, 3) == Question((0, 1), "Once")
    longer = grown(take.going_on(CONFIG), " there")
    assert question_of(longer, 2) == Question((0,), "Once")
    assert question_of(longer, 4) == Question((0, 1, 2), "Once")


def test_a_change_by_hand_is_given_as_text_with_all_that_stands_before_it():
    take = grown(Take.first(CHOICE, CONFIG), " upon", " a", " time")
    edited = grown(take.edited("Once upon the", CONFIG), " sea")
    assert edited.pieces[2].by_hand
    assert question_of(edited, 1) == Question((), "Once")  # as it was written
    assert question_of(edited, 3) == Question((), "Once upon the")
    other = take.branched(2, Alternative(9, " some", 0.1, 0.1), CONFIG)
    assert question_of(grown(other, " day"), 3) == Question((0, 9), "Once")


def test_after_a_stop_text_the_text_alone_was_given():
    take = grown(Take.first(CHOICE, replace(CONFIG, stop="x")), " upon", " a")
    take.reason = "stop_text"
    further = grown(take.going_on(CONFIG), " time")
    assert question_of(further, 3) == Question((), "Once upon a")
    assert question_of(further, 4) == Question((0,), "Once upon a")


def test_of_a_text_that_was_read_the_tokens_are_asked_with_and_the_passage_it_is_of():
    take = Take(CHOICE, SampleConfig(), [])
    take.reads, take.passage = "the validation text", ("val", 0.5, 300)
    take.take(Scored(first=0, tokens=tuple(TokenScore(n, f" w{n}", 0.5, 1.0) for n in range(4))))
    assert question_of(take, 2) == Question((0, 1), None, ("val", 0.5, 300))


def test_a_head_is_seen_as_it_looked_and_the_darkest_is_where_it_looked_most():
    before = "Once upon\né"
    assert Looked(ANSWER, 0, 0).spans(before) == [(0, 4, 1.0), (4, 9, 0.5), (9, 10, 0.5)]
    assert Looked(ANSWER, 1, 0).spans(before) == [(10, 11, 1.0)]


def test_the_mean_of_a_layer_is_that_of_its_heads():
    assert Looked(ANSWER, 0).weights == pytest.approx([0.3, 0.2, 0.25, 0.2, 0.05])
    assert Looked(ANSWER, 1).weights == pytest.approx([0.5, 0, 0, 0, 0.5])


def test_what_was_forgotten_or_read_otherwise_has_no_shade():
    assert Looked(ANSWER, 0, 0).spans("Long ago: Once upon\né")[0] == (10, 14, 1.0)
    assert Looked(ANSWER, 0, 0).spans("ONCE upon\né") == [(4, 9, 0.5), (9, 10, 0.5)]
    assert Looked(ANSWER, 0, 0).spans("upon\né") == [(4, 5, 0.5)]


def test_what_a_head_does_is_said_where_it_was_measured_alone():
    assert Looked(ANSWER, 1, 0).words() == "Head 1 looks at the token before. “é” has 100% of the look, the most."
    assert Looked(ANSWER, 0, 1).does() == "Head 2 looks at the same token earlier."
    assert Looked(ANSWER, 1, 1).does() == "Head 2 looks at the first token it sees."
    assert Looked(ANSWER, 0, 0).does() == Looked(ANSWER, 1).does() == ""
    assert Looked(replace(ANSWER, roles=()), 1, 0).does() == ""
    assert head_names(ANSWER, 0) == ["All heads", "Head 1", "Head 2 looks at the same token earlier"]
    assert head_names(None, 0) == ["All heads"]
