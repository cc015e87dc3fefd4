"""All that was written since the window opened, what is in hand of it, and how more comes about; without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.core.config import SampleConfig
from engine.core.events import Alternative
from gui.generate.choices import CheckpointChoice
from gui.generate.passage import Passage, Strand
from gui.generate.take import Take


@dataclass(frozen=True, slots=True)
class New:
    """A take that is about to be written: its place, and the shorter text whose place it took, if any."""

    passage: Passage
    strand: Strand
    take: Take
    before: Take | None = None


@dataclass(slots=True)
class Record:
    """The passages in the order they came; `hand` are the strands that the buttons act on, all of one passage."""

    passages: list[Passage] = field(default_factory=list)
    hand: list[Strand] = field(default_factory=list)

    @property
    def takes(self) -> list[Take]:
        """The texts in hand."""
        return [strand.shown for strand in self.hand]

    @property
    def passage(self) -> Passage | None:
        """The passage that is in hand."""
        return self.passage_of(self.hand[0]) if self.hand else None

    def passage_of(self, strand: Strand) -> Passage | None:
        """Return the passage of a strand, None once it is cleared away."""
        return next((each for each in self.passages if strand in each.strands), None)

    def take_in_hand(self, strand: Strand) -> None:
        """Let the buttons act on one strand."""
        self.hand = [strand]

    # what a person may ask for

    def begin(self, choices: Sequence[CheckpointChoice], config: SampleConfig) -> list[New]:
        """Begin a passage: `config.num_samples` texts of each checkpoint."""
        takes = [Take.first(choice, config, sample) for choice in choices for sample in range(config.num_samples)]
        return self._new_passage(takes)

    def read(self, choice: CheckpointChoice, what: str) -> list[New]:
        """Begin a passage in which a checkpoint reads a text."""
        take = Take(choice, SampleConfig(), [])
        take.reads = what
        return self._new_passage([take])

    def go_on(self, config: SampleConfig) -> list[New]:
        """Go on where the texts in hand end."""
        made = []
        for strand in self.hand:
            before = strand.shown
            strand.go_on(before.going_on(config))
            made.append(self._new(strand, before))
        return made

    def try_again(self, config: SampleConfig) -> list[New]:
        """Write what is in hand once more, as further branches."""
        return self._branch_all([(strand, strand.shown.tried_again(config)) for strand in self.hand])

    def branch(self, strand: Strand, at: int, other: Alternative, config: SampleConfig) -> list[New]:
        """Go on from another token in the place of piece `at`."""
        return self._branch_all([(strand, strand.shown.branched(at, other, config))])

    def edit(self, strand: Strand, text: str, config: SampleConfig) -> list[New]:
        """Go on from a text that the person changed."""
        return self._branch_all([(strand, strand.shown.edited(text, config))])

    def take_back(self, new: New) -> None:
        """Undo one of these: it never began."""
        new.strand.take_back(new.take, new.before)
        if not new.strand.branches:
            new.passage.strands.remove(new.strand)
            self.hand = [strand for strand in self.hand if strand is not new.strand]
        if not new.passage.strands:
            self.passages.remove(new.passage)
        if not self.hand and self.passages:
            self.hand = list(self.passages[-1].strands)

    def clear(self) -> None:
        """Forget everything."""
        self.passages.clear()
        self.hand = []

    def _new_passage(self, takes: list[Take]) -> list[New]:
        passage = Passage([Strand([take]) for take in takes])
        self.passages.append(passage)
        self.hand = list(passage.strands)
        return [self._new(strand) for strand in self.hand]

    def _branch_all(self, made: list[tuple[Strand, Take]]) -> list[New]:
        self.hand = [strand for strand, _ in made]
        for strand, take in made:
            strand.add(take)
        return [self._new(strand) for strand in self.hand]

    def _new(self, strand: Strand, before: Take | None = None) -> New:
        passage = self.passage_of(strand)
        assert passage is not None, "a strand in hand belongs to a passage"
        return New(passage, strand, strand.shown, before)


def batches(made: Sequence[New]) -> list[list[New]]:
    """Return takes in the groups that one job writes side by side: one checkpoint's samples of one beginning."""
    grouped: list[list[New]] = []
    for new in made:
        last = grouped[-1] if grouped else []
        follows = bool(last) and new.take.sample == len(last) and _same(last[0].take, new.take)
        if follows:
            last.append(new)
        else:
            grouped.append([new])
    return grouped


def order_of(batch: Sequence[New]) -> tuple[SampleConfig, tuple[int, ...]]:
    """Return what the engine is asked for a batch: its settings, and the tokens that follow the beginning already."""
    first = batch[0].take
    start, written = first.request()
    return replace(first.config, start=start, num_samples=len(batch)), written


def _same(one: Take, other: Take) -> bool:
    return one.choice.path == other.choice.path and one.request() == other.request()
