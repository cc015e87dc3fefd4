"""What tests of the Train tab do again and again."""

from engine.core.events import Sample
from gui.train.state import RunState
from tests.fake_events import evaluation, started, step


def run_of(*events, seconds=1.0):
    """Return what is known of a run that told these events, so many seconds apart."""
    state = RunState()
    state.start()
    for at, event in enumerate(events):
        state.take(event, at * seconds)
    return state


def run_that_wrote(*iterations, words=""):
    """Return a run on the plays that is under way, and wrote at these iterations."""
    state = RunState(dataset="shakespeare_complete")
    state.start()
    state.take(started(), 0)
    for n in range(0, 101, 10):
        state.take(step(n, 4 - n / 50), n)
    state.take(evaluation(0, 4.0), 101)
    for at in iterations:
        state.take(Sample(iter_num=at, prompt="", text=words or f"sample of {at}"), 102)
    return state
