from dataclasses import replace

from gui.generate.passage import as_text, text_of
from gui.generate.record import Record, batches, order_of
from tests.gui.generate.hands import CHOICE, CONFIG, OTHER, grown


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
