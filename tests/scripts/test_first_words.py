import pytest

from engine.core.events import Sample
from scripts import first_words
from scripts.first_words import MINUTE_S, Pace, Watch, is_of_real_words, words_of
from tests.fake_events import step

TEXT = words_of("The king speaks of the crown, and the queen of her fool.")


@pytest.mark.parametrize(
    ("sample", "real"),
    [
        ("the king of the queen and the fool", True),
        ("The KING, the crown: and the queen xq vv", True),
        ("the king of the queen", False),  # too few to tell
        ("tho kang ef tha quoon und thi fool", False),
        ("", False),
    ],
)
def test_a_sample_is_of_real_words_where_most_stand_in_the_text(sample, real):
    assert is_of_real_words(sample, TEXT) is real


def test_what_a_run_tells_becomes_figures(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(first_words.time, "monotonic", lambda: now[0])
    watch = Watch(TEXT)
    watch.press()
    for at, text in ((1.0, "qzx"), (7.0, "the king of the queen and the fool"), (MINUTE_S + 1, "x")):
        now[0] = 100.0 + at
        watch.take(Sample(iter_num=0, prompt="", text=text))
    watch.take(step(0, 2.0))
    watch.take(step(9, 2.0))
    watch.take_writing(1.5)
    watch.take_writing(0.5)
    report = watch.report()
    assert report["seconds to the first sample"] == 1.0
    assert report["seconds to the first real words"] == 7.0
    assert report["samples in the first minute"] == 2
    assert report["share of the time that writing took"] == pytest.approx(2 / (MINUTE_S + 1))
    learned = 10 * step(0, 2.0).step_ms / 1000
    assert report["share of the time in which nothing was learned"] == pytest.approx(1 - learned / (MINUTE_S + 1))


def test_a_run_that_wrote_nothing_says_so():
    watch = Watch(TEXT)
    watch.press()
    assert watch.report()["seconds to the first sample"] is None


def test_a_pace_is_that_of_the_updates_within_its_seconds():
    pace = Pace(20.0)
    assert pace.rate == 0.0
    late = [pace.take(iter_num, at) for iter_num, at in ((10, 100.0), (30, 105.0), (50, 109.0), (500, 111.0))]
    assert late == [False, False, False, True]
    assert pace.rate == pytest.approx(40 / 9)
