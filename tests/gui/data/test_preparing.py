from engine.core.events import Progress
from engine.datasets.order import Order
from gui.data.preparing import progress_text, title_of


def test_progress_is_told_in_words():
    assert progress_text(Progress(what="Reading", done=50, total=10**6, unit="bytes")) == "Reading: <1% of 1.0 MB"
    assert progress_text(Progress(what="Connecting", done=0, total=0, unit="bytes")) == "Connecting"


def test_what_is_prepared_has_a_title():
    assert title_of(Order(target="/a/b.txt")) == "b.txt"
    assert title_of(Order(target="/a/b.txt", name="Days")) == "Days"
    assert title_of(Order(target="shakespeare")) == "Tiny Shakespeare"
