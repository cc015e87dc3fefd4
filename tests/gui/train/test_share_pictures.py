"""The pictures that are shared: whatever was written stays in its room; the same run gives the same picture."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetricsF

from gui.kit import theme
from gui.kit.theme import Size, Type
from gui.train.share_pictures import draw_card, draw_moment, lines_of
from gui.train.shared_run import Moment, SharedRun
from tests.gui.train.test_typesetting import HOSTILE

FACTS = ("672K parameters", "5 min", "Apple M4")
CURVE = tuple((n / 20, 4.0 - n / 10) for n in range(21))
VERSE = "KING HENRY:\nWhat says the world to this?\n" * 12


def run_of(*words, title="Complete Shakespeare", in_lines=False):
    moments = tuple(Moment(each, 60.0 * at) for at, each in enumerate(words))
    return SharedRun(title, in_lines, moments, FACTS, CURVE)


def is_plain(image, rect):
    """Return whether a part of a picture has one color, that of its corner."""
    part = image.copy(rect)
    color = part.pixel(0, 0)
    return all(part.pixel(x, y) == color for x in range(part.width()) for y in range(part.height()))


def edges(image, wide):
    """Return the four strips along the edges of a picture."""
    width, height = image.width(), image.height()
    return (
        QRect(0, 0, width, wide),
        QRect(0, height - wide, width, wide),
        QRect(0, 0, wide, height),
        QRect(width - wide, 0, wide, height),
    )


@pytest.mark.parametrize("in_lines", [False, True], ids=["book", "code"])
@pytest.mark.parametrize("words", [*HOSTILE.values(), "", VERSE], ids=[*HOSTILE, "nothing", "verse"])
def test_whatever_was_written_leaves_the_margin_free(qapp, words, in_lines):
    run = run_of(words, words, title=words[:300], in_lines=in_lines)
    for image in (draw_card(run, dark=False, ratio=1), draw_moment(run, 0, dark=False, ratio=1)):
        assert all(is_plain(image, each) for each in edges(image, 24))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_card_stands_on_the_ground_of_its_theme(qapp, dark):
    image = draw_card(run_of("noise", VERSE), dark)
    assert image.pixelColor(0, 0).name() == (theme.DARK if dark else theme.LIGHT).surface
    assert (image.width(), image.height()) == (2 * Size.PICTURE[0], 2 * Size.PICTURE[1])


def test_the_same_run_gives_the_same_picture_whatever_the_size_of_text(qapp):
    run = run_of("noise", VERSE)
    before = draw_card(run, dark=True), draw_moment(run, 1, dark=True)
    theme.set_text_scale(1.5)
    try:
        assert (draw_card(run, dark=True), draw_moment(run, 1, dark=True)) == before
    finally:
        theme.set_text_scale(1.0)


@pytest.mark.parametrize("change", ["first", "last", "title", "facts"])
def test_what_is_told_is_seen(qapp, change):
    before = run_of("noise", VERSE)
    after = {
        "first": run_of("other", VERSE),
        "last": run_of("noise", "other"),
        "title": run_of("noise", VERSE, title="Names"),
        "facts": SharedRun("Complete Shakespeare", False, before.moments, FACTS[:2], CURVE),
    }[change]
    assert draw_card(before, dark=False, ratio=1) != draw_card(after, dark=False, ratio=1)


def test_all_facts_of_a_run_with_a_name_of_its_own_are_seen(qapp):
    facts = ("Complete Shakespeare", "672K parameters", "2 h 10 min")
    told = [SharedRun("My play", False, run_of("noise").moments, (*facts, chip), CURVE) for chip in ("Apple M4", "M3")]
    assert draw_card(told[0], dark=False, ratio=1) != draw_card(told[1], dark=False, ratio=1)


def test_no_line_of_facts_ends_in_what_stands_between_two(qapp):
    facts, font = ("Complete Shakespeare", *FACTS), theme.current().font(Type.BODY)
    whole = " · ".join(fact.replace(" ", "\u00a0") for fact in facts)
    assert lines_of(facts, font, QFontMetricsF(font).horizontalAdvance(whole) + 1) == [whole]
    for width in range(1, int(QFontMetricsF(font).horizontalAdvance(whole))):
        lines = lines_of(facts, font, width)
        assert len(lines) > 1
        assert " · ".join(lines) == whole
        assert not any(line.startswith(" ") or line.endswith((" ", "·")) for line in lines)


def test_words_are_plain(qapp):
    marked, plain = (draw_card(run_of(words), dark=False, ratio=1) for words in ("<b>verse</b>", "verse"))
    assert marked != plain


def test_as_time_goes_the_loss_comes_along(qapp):
    run = run_of("same", "same", "same")
    beneath = QRect(0, Size.PICTURE[1] // 2, *Size.PICTURE)
    bands = [draw_moment(run, at, dark=False, ratio=1).copy(beneath) for at in range(3)]
    assert bands[0] != bands[1] != bands[2]


def test_a_run_without_a_curve_and_with_one_text_has_its_pictures(qapp):
    run = SharedRun("Mine", False, (Moment("words", 0.0),), ())
    assert not draw_card(run, dark=False, ratio=1).isNull()
    assert not draw_moment(run, 0, dark=False, ratio=1).isNull()
