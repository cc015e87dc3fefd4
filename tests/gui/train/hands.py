"""What tests of the Train tab do again and again."""

from gui.train.state import RunState


def run_of(*events, seconds=1.0):
    """Return what is known of a run that told these events, so many seconds apart."""
    state = RunState()
    state.start()
    for at, event in enumerate(events):
        state.take(event, at * seconds)
    return state
