"""One text as it grows, and what may be made of it."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.config import SampleConfig
from engine.core.events import Alternative, Memorised, Scored, ScoredAll, TokenScore
from gui.generate.alternatives import quotation_at
from gui.generate.take import Take, TakePhase, bits, quotation_words, status_of
from tests.gui.fake_writer import alternatives
from tests.gui.generate.hands import CHOICE, CONFIG, grown, reply, token


def test_a_text_grows_with_its_tokens():
    take = Take.first(CHOICE, CONFIG)
    assert status_of([take]) == "Getting ready…"
    take.take(token(" upon"))
    assert take.phase is TakePhase.WRITING
    assert "1 of 2 tokens" in status_of([take])
    take.take(token(" a"))
    take.take(reply("Once upon a"))
    assert (take.text(), take.written()) == ("Once upon a", " upon a")
    assert status_of([take]) == "2 tokens  ·  25 tokens/s"
    assert not take.under_way


def test_bytes_that_become_a_character_only_at_the_end_are_added():
    take = Take.first(CHOICE, CONFIG)
    take.take(token(""))
    take.take(reply("Once\N{REPLACEMENT CHARACTER}"))
    assert take.text() == "Once\N{REPLACEMENT CHARACTER}"


def test_a_stop_and_a_failure_are_told():
    stopped, failed = Take.first(CHOICE, CONFIG), Take.first(CHOICE, CONFIG)
    for take in (stopped, failed):
        take.take(token("a"))
    stopped.take(reply("Oncea", reason="stopped"))
    failed.end(failed=True)
    assert status_of([stopped]).startswith("Stopped after 1 token")
    assert status_of([failed]) == "Failed after 1 token"


def test_going_on_asks_for_what_follows_the_same_tokens():
    take = grown(Take.first(CHOICE, CONFIG), " upon", " a")
    assert take.going_on(CONFIG).request() == ("Once", (0, 1))


def test_after_a_stop_text_the_text_counts():
    take = Take.first(CHOICE, CONFIG)
    take.take(token(" upon"))
    take.take(token(""))
    take.take(reply("Once upon", reason="stop_text"))
    assert take.going_on(CONFIG).request() == ("Once upon", ())


def test_another_try_begins_where_this_one_did():
    further = grown(grown(Take.first(CHOICE, CONFIG), " upon", " a").going_on(CONFIG), " time")
    assert further.text() == "Once upon a time"
    assert further.tried_again(CONFIG).text() == "Once upon a"


def test_a_branch_has_the_other_token_and_goes_on_after_it():
    take = grown(Take.first(CHOICE, CONFIG), " upon", " a")
    branch = take.branched(2, Alternative(token=9, text=" the", probability=0.1, chance=0.2), CONFIG)
    assert branch.text() == "Once upon the"
    assert branch.request() == ("Once", (0, 9))
    assert branch.pieces[-1].picked
    assert branch.pieces[-1].probability == 0.1


def test_an_edit_keeps_the_tokens_before_the_change():
    take = grown(Take.first(CHOICE, CONFIG), " upon", " a")
    edited = take.edited("Once upon two", CONFIG)
    assert [piece.text for piece in edited.pieces] == ["Once", " upon", " two"]
    assert edited.pieces[1].probability == 0.5
    assert edited.request() == ("Once upon two", ())
    assert take.edited("Once upon", CONFIG).request() == ("Once", (0,))


@given(st.lists(st.text(min_size=1, max_size=3), max_size=5), st.text(max_size=12))
def test_an_edited_text_is_what_the_person_wrote(texts, changed):
    assert grown(Take.first(CHOICE, CONFIG), *texts).edited(changed, CONFIG).text() == changed


def test_a_read_text_tells_its_bits():
    take = Take(CHOICE, SampleConfig(), [], reads="your text")
    scores = (TokenScore(1, "To", None, None), TokenScore(2, " be", 0.25, 2.0, alternatives(" be")))
    take.take(Scored(first=0, tokens=scores))
    take.take(ScoredAll(tokens=2, characters=5, bits=2.0, loss=1.386, bits_per_byte=0.667))
    assert take.text() == "To be"
    assert status_of([take]) == "2 tokens  ·  0.67 bits per byte  ·  loss 1.39"
    assert "reads your text" in take.heading()


def test_quotations_are_told_with_share_longest_run_and_what_was_not_searched():
    take = grown(Take.first(CHOICE, CONFIG), "0123456789")
    assert quotation_words([take]) == ""
    take.quoted = Memorised(text=0, quotations=(), share=0.5, longest=5, searched_characters=2_000_000, whole=False)
    words = quotation_words([take])
    assert "50%" in words
    assert "5 characters" in words
    assert "first 2M characters" in words
    take.quoted = replace(take.quoted, share=0.0, longest=0, whole=True)
    assert quotation_words([take]) == "Nothing of 32 characters or more is copied."
    assert quotation_at(take, 1) == ""


def test_a_heading_names_only_what_was_set():
    assert Take.first(CHOICE, SampleConfig(temperature=0.8, top_k=0, top_p=1.0, seed=5)).heading() == (
        f"{CHOICE.label}  ·  temperature 0.8  ·  seed 5"
    )
    every = SampleConfig(temperature=0, top_k=40, top_p=0.9, min_p=0.05, repetition_penalty=1.2, seed=1)
    assert Take.first(CHOICE, every).heading() == (
        f"{CHOICE.label}  ·  temperature 0  ·  top-k 40  ·  top-p 0.9  ·  min-p 0.05  ·  repetition penalty 1.2"
        "  ·  seed 1"
    )
    take = Take.first(CHOICE, CONFIG)
    take.reads = "the validation text"
    assert take.heading() == f"{CHOICE.label}  ·  reads the validation text"


@pytest.mark.parametrize(
    ("phase", "failed", "then"),
    [
        (TakePhase.WAITING, False, TakePhase.DONE),
        (TakePhase.WAITING, True, TakePhase.FAILED),
        (TakePhase.WRITING, True, TakePhase.FAILED),
        (TakePhase.STOPPED, True, TakePhase.STOPPED),
        (TakePhase.DONE, True, TakePhase.DONE),
    ],
)
def test_a_text_that_has_ended_ends_no_other_way(phase, failed, then):
    take = Take.first(CHOICE, CONFIG)
    take.phase = phase
    assert take.under_way is (phase in (TakePhase.WAITING, TakePhase.WRITING))
    take.end(failed=failed)
    assert take.phase is then


def test_texts_that_are_written_together_are_told_together():
    one, other = Take.first(CHOICE, CONFIG), Take.first(CHOICE, CONFIG, sample=1)
    assert status_of([]) == ""
    one.take(token(" upon"))
    assert status_of([one, other]) == "1 of 4 tokens  ·  20 tokens/s"
    other.take(token(" more"))
    assert status_of([one, other]) == "2 of 4 tokens  ·  40 tokens/s"
    one.take(reply("Once upon"))
    other.take(reply("Once more", reason="stopped"))
    assert status_of([one, other]).startswith("Stopped after 2 tokens")
    other.phase = TakePhase.FAILED
    assert status_of([one, other]) == "Failed after 2 tokens"


@pytest.mark.parametrize(("probability", "surprise"), [(1.0, 0.0), (0.5, 1.0), (0.125, 3.0), (0.0, math.inf)])
def test_a_token_is_as_surprising_as_the_bits_it_takes(probability, surprise):
    assert bits(probability) == surprise
