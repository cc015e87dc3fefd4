"""Passages with all their branches, on screen and in a file."""

from dataclasses import replace

from gui.generate.passage import Passage, Strand, as_markdown, as_text, text_of
from gui.generate.record import Record
from gui.generate.take import Take
from tests.gui.generate.hands import CHOICE, CONFIG, OTHER, grown


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


def strand_of(*names):
    strand = Strand([grown(Take.first(CHOICE, CONFIG), names[0])])
    for name in names[1:]:
        strand.add(grown(Take.first(CHOICE, CONFIG), name))
    return strand


def test_branches_are_stepped_through_in_a_ring():
    strand = strand_of(" one", " two", " three")
    assert (strand.shown.written(), strand.position()) == (" three", "3 of 3")
    strand.step(1)
    assert (strand.shown.written(), strand.position()) == (" one", "1 of 3")
    strand.step(-1)
    assert strand.position() == "3 of 3"


def test_a_new_branch_stands_beside_the_one_that_is_shown():
    strand = strand_of(" one", " two")
    strand.step(1)
    strand.add(grown(Take.first(CHOICE, CONFIG), " between"))
    assert [take.written() for take in strand.branches] == [" one", " between", " two"]
    assert strand.position() == "2 of 3"


def test_what_never_began_gives_its_place_back():
    strand = strand_of(" one", " two", " three")
    before, longer = strand.shown, grown(Take.first(CHOICE, CONFIG), " three", " and")
    strand.go_on(longer)
    strand.take_back(longer, before)
    assert strand.shown is before
    strand.take_back(before)
    assert (strand.shown.written(), strand.position()) == (" two", "2 of 2")
    strand.step(-1)
    strand.take_back(strand.branches[0])
    assert strand.position() == "1 of 1"


def test_a_strand_is_told_from_those_beside_it():
    alone = Passage([strand_of(" one")])
    assert alone.title_of(alone.strands[0]) == ""
    samples = Passage([strand_of(" one"), strand_of(" two")])
    assert [samples.title_of(each) for each in samples.strands] == ["Sample 1 of 2", "Sample 2 of 2"]
    other = Strand([grown(Take.first(OTHER, CONFIG), " three")])
    both = Passage([*samples.strands, other])
    first, second = CHOICE.label, OTHER.label
    assert [both.title_of(each) for each in both.strands] == [
        f"{first}  ·  Sample 1 of 2",
        f"{first}  ·  Sample 2 of 2",
        second,
    ]
    assert text_of(samples.takes()) == "Once one\n\nOnce two"
