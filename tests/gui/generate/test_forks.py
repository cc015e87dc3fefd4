"""Forks: where branches part from the one that is shown."""

from engine.core.events import Alternative
from gui.generate.forks import Fork, forks_of, words_from
from gui.generate.passage import Strand
from gui.generate.take import Take
from tests.gui.generate.hands import CHOICE, CONFIG, grown

OTHER = Alternative(token=99, text=" else", probability=0.1, chance=0.1)


def a_strand(*words):
    return Strand([grown(Take.first(CHOICE, CONFIG), *words)])


def test_a_text_without_branches_has_no_fork():
    assert forks_of(a_strand(" upon", " a", " time")) == []


def test_branches_part_where_their_first_token_differs():
    strand = a_strand(" upon", " a", " time")
    strand.add(grown(strand.shown.branched(2, OTHER, CONFIG), " in", " May"))
    assert forks_of(strand) == [Fork(2, (0,))]
    strand.add(grown(strand.shown.branched(4, OTHER, CONFIG), " June"))
    assert forks_of(strand) == [Fork(2, (0,)), Fork(4, (1,))]
    strand.step(1)
    assert strand.at == 0
    assert forks_of(strand) == [Fork(2, (1, 2))]


def test_the_same_tokens_drawn_again_are_no_fork_before_their_end():
    strand = a_strand(" upon", " a")
    strand.add(grown(strand.shown.tried_again(CONFIG), " upon", " a", " time"))
    assert forks_of(strand) == [Fork(3, (0,))]
    strand.step(-1)
    assert forks_of(strand) == [Fork(3, (1,))]  # at the end of the shorter one


def test_a_branch_is_told_by_its_words():
    strand = a_strand(" upon", "\n", " a" * 100)
    assert words_from(strand.shown, 1) == "upon↵" + " a" * 15 + "…"
    assert words_from(strand.shown, 9) == "nothing yet"
