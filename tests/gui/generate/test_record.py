from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.config import SampleConfig
from engine.core.events import Alternative, Memorised, Reply, Scored, ScoredAll, Token, TokenScore
from gui.generate.alternatives import quotation_at
from gui.generate.choices import CheckpointChoice
from gui.generate.passage import as_markdown, as_text, text_of
from gui.generate.record import Record, batches, order_of
from gui.generate.spelling import LONGEST_SHOWN, cut_by, named, on_screen, shade_of, units
from gui.generate.take import Take, TakePhase, quotation_words, status_of
from tests.gui.fake_writer import alternatives

CHOICE = CheckpointChoice(Path("/runs/a/best.pt"), "a", "best, loss 1.90")
OTHER = CheckpointChoice(Path("/runs/b/best.pt"), "b", "best, loss 1.50")
CONFIG = SampleConfig(start="Once", max_new_tokens=2)


def token(text, number=7, sample=0):
    return Token(sample=sample, tokens=1, text=text, token=number, probability=0.5, tokens_per_s=20.0)


def reply(text, sample=0, reason="done"):
    return Reply(sample=sample, prompt="Once", text=text, tokens=2, tokens_per_s=25.0, reason=reason)


def grown(take, *texts):
    for number, text in enumerate(texts):
        take.take(token(text, number))
    take.take(reply(take.text()))
    return take


# one text


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
    assert quotation_words([take]) == "Nothing of 32 characters or more is copied from the training text."
    assert quotation_at(take, 1) == ""


# the tree


def test_samples_and_checkpoints_stand_side_by_side():
    made = Record().begin([CHOICE, OTHER], replace(CONFIG, num_samples=2))
    passage = made[0].passage
    titles = [passage.title_of(strand) for strand in passage.strands]
    assert titles[0] == "a – best, loss 1.90  ·  Sample 1 of 2"
    assert titles[3] == "b – best, loss 1.50  ·  Sample 2 of 2"
    orders = [(batch[0].take.choice, order_of(batch)[0].num_samples) for batch in batches(made)]
    assert orders == [(CHOICE, 2), (OTHER, 2)]


def test_trying_again_makes_branches_and_nothing_is_lost():
    record = Record()
    first = grown(record.begin([CHOICE], CONFIG)[0].take, " upon")
    strand = record.hand[0]
    second = grown(record.try_again(replace(CONFIG, seed=8))[0].take, " more")
    assert (strand.shown, strand.position()) == (second, "2 of 2")
    strand.step(1)
    assert strand.shown is first
    strand.step(-1)
    assert strand.shown is second
    text = as_text(record.passages)
    assert "Once upon" in text
    assert "Once more" in text
    assert "branch 2 of 2" in text


def test_going_on_takes_the_place_of_the_shorter_text_and_can_be_taken_back():
    record = Record()
    short = grown(record.begin([CHOICE], CONFIG)[0].take, " upon")
    new = record.go_on(CONFIG)[0]
    assert len(record.hand[0].branches) == 1
    record.take_back(new)
    assert record.takes == [short]


def test_what_never_began_leaves_no_trace():
    record = Record()
    for new in record.begin([CHOICE], replace(CONFIG, num_samples=2)):
        record.take_back(new)
    assert record.passages == []
    assert record.hand == []


def test_columns_that_differ_are_written_in_turn():
    record = Record()
    made = record.begin([CHOICE], replace(CONFIG, num_samples=2))
    for number, new in enumerate(made):
        grown(new.take, f" {number}")
    assert [len(batch) for batch in batches(record.try_again(CONFIG))] == [2]
    assert text_of(record.takes) == "Once\n\nOnce"
    for number, new in enumerate(made):
        new.strand.at = number and 0
    grown(made[1].strand.shown, " other")
    assert [len(batch) for batch in batches(record.go_on(CONFIG))] == [1, 1]


def test_the_saved_text_says_what_made_each():
    record = Record()
    grown(record.begin([CHOICE], replace(CONFIG, seed=5, top_p=0.9, min_p=0.1))[0].take, " more")
    text = as_text(record.passages)
    assert "[a – best, loss 1.90  ·  temperature 0.8  ·  top-k 200  ·  top-p 0.9  ·  min-p 0.1  ·  seed 5]" in text
    assert text.endswith("Once more\n")


def test_markdown_keeps_every_character_plain():
    record = Record()
    grown(record.begin([CHOICE], replace(CONFIG, start="A *star*\nand"))[0].take, " # more_")
    text = as_markdown(record.passages)
    assert text.startswith("## a ")
    assert "**A \\*star\\***  \n**and** \\# more\\_" in text


# spelling


@given(st.text())
def test_a_text_on_screen_is_as_long_as_the_text(text):
    shown = on_screen(text)
    assert units(shown) == units(text)
    assert not set(shown) & set(map(chr, [*range(9), 13, 0x7F, 0x2029, 0xFDD0, 0xFFFC]))


def test_a_very_long_beginning_shows_its_end():
    shown = on_screen("a" * 10_000 + "end")
    assert shown.endswith("aend")
    assert len(shown) < LONGEST_SHOWN + 100
    assert "6,003 characters before" in shown


def test_spaces_and_line_ends_of_tokens_are_visible():
    assert named(" a\n\t\x00") == "·a↵⇥␀"


@pytest.mark.parametrize(
    ("probability", "shade"), [(1.0, 0), (0.5, 0), (0.49, 1), (0.2, 1), (0.05, 2), (0.01, 3), (0, 4)]
)
def test_shades_follow_the_probability(probability, shade):
    assert shade_of(probability) == shade


def test_a_cut_off_is_told_by_the_one_that_made_it():
    ten = [
        Alternative(token=n, text="", probability=p, chance=c)
        for n, (p, c) in enumerate([(0.5, 0.6), (0.3, 0.4), (0.1, 0), (0.01, 0)])
    ]
    assert cut_by(ten, SampleConfig(top_k=2)) == ["", "", "top-k 2", "top-k 2"]
    assert cut_by(ten, SampleConfig(top_k=0, top_p=0.8)) == ["", "", "top-p 0.8", "top-p 0.8"]
    assert cut_by(ten, SampleConfig(top_k=0, top_p=0.8, min_p=0.1, temperature=1)) == ["", "", "top-p 0.8", "min-p 0.1"]
    assert cut_by(ten, SampleConfig(top_k=2, repetition_penalty=1.2))[2] == "the settings"
    greedy = [replace(each, chance=0 if n else 1) for n, each in enumerate(ten)]
    assert cut_by(greedy, SampleConfig(temperature=0))[1] == "temperature 0"
