"""How a text is set: as on the stage of the Train tab, in a serif or as code is."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QTextCursor, QTextDocument

from gui.generate.passage import Strand
from gui.generate.section import Section
from gui.generate.take import Take
from gui.generate.typesetting import compose
from gui.kit import theme
from tests.gui.generate.hands import CHOICE, CONFIG, grown


@pytest.mark.parametrize(
    ("dataset", "families"), [("mine", theme.serif_families), ("names", theme.mono_families)], ids=["prose", "lines"]
)
def test_a_text_is_set_as_its_kind_is_read_and_its_heading_as_words(qapp, dataset, families):
    take = grown(Take(replace(CHOICE, dataset=dataset), CONFIG, []), " upon")
    document = QTextDocument()
    compose(Section(Strand([take]), take, ("Heading",)), QTextCursor(document), 0)
    looks = {words: document.find(words).charFormat().font() for words in ("Heading", "upon")}
    assert looks["upon"].families() == families()
    assert looks["Heading"].families() == theme.sans_families()
    assert looks["Heading"].pixelSize() < looks["upon"].pixelSize()
