"""Which of the first steps are done."""

from engine.core.events import Reply
from engine.core.paths import runs_dir
from gui.first_steps.steps import done_by, done_on_disk
from tests.gui.fake_run import evaluation, finished, recorded, started, step
from tests.gui.first_steps.hands import prepared, sample


def test_events_show_what_was_done(own_text):
    reply = Reply(sample=0, prompt="a", text="ab", tokens=1, tokens_per_s=1.0, reason="done")
    for event, key in (
        (step(0), "train"),
        (sample(50), "sample"),
        (finished("stopped"), "finish"),
        (reply, "generate"),
    ):
        assert done_by(event) == key
    assert done_by(sample(0)) == done_by(started()) == done_by(evaluation(50, 3.0)) == ""
    assert done_by(prepared(own_text)) == "text"
    assert done_by(prepared("shakespeare_complete", "other")) == ""


def test_the_disk_shows_what_was_done_before(own_text):
    assert done_on_disk() == frozenset()
    recorded(runs_dir() / "one", started(), step(0), sample(0), step(10))
    assert done_on_disk() == {"train"}
    recorded(runs_dir() / "two", started(), step(10), sample(50), finished())
    prepared(own_text)
    assert done_on_disk() == {"train", "sample", "finish", "text"}
