import threading

import pytest

from engine.core.events import Paused, Progress, Turn
from engine.core.jobs import Control, JobRing, Outcome, events_of
from tests.patience import PATIENCE_S


def note(number):
    return Progress(what="counting", done=number, total=9, unit="times")


def counting(numbers):
    for number in numbers:
        yield note(number)


def test_a_stop_wins_over_a_pause():
    control = Control()
    control.pause()
    assert control.paused
    assert not control.stopping
    control.stop()
    assert control.stopping
    assert not control.paused
    control.pause()
    assert not control.paused


def test_a_resume_ends_a_pause():
    control = Control()
    control.pause()
    control.resume()
    assert not control.paused


def test_a_save_is_taken_once_and_prompts_in_order():
    control = Control()
    assert not control.take_save()
    control.save_now()
    control.save_now()
    assert [control.take_save(), control.take_save()] == [True, False]
    control.sample_now("one")
    control.sample_now("")
    assert [control.take_prompt() for _ in range(3)] == ["one", "", None]


def test_each_request_tells_whoever_waits():
    told = []
    control = Control(lambda: told.append(None))
    for request in (control.pause, control.resume, control.save_now, lambda: control.sample_now("x"), control.stop):
        before = len(told)
        request()
        assert len(told) == before + 1


@pytest.mark.parametrize("way_out", ["resume", "stop"])
def test_waiting_ends_when_the_job_may_go_on(way_out):
    control = Control()
    control.pause()
    waiting = threading.Thread(target=control.wait_while_paused)
    waiting.start()
    assert waiting.is_alive()
    getattr(control, way_out)()
    waiting.join(timeout=PATIENCE_S)
    assert not waiting.is_alive()


def test_a_job_alone_gives_its_events_and_blocks_while_it_rests():
    control = Control()
    control.pause()
    rested = []

    def job():
        yield Turn.NEXT
        yield Paused(iter_num=3)
        while control.paused:
            rested.append(threading.current_thread())
            yield Turn.IDLE
        yield note(4)

    events = events_of(job(), control)
    assert next(events) == Paused(iter_num=3)
    threading.Thread(target=control.resume).start()
    assert list(events) == [note(4)]
    assert len(rested) <= 1  # it waited, and did not spin


def test_jobs_get_their_turns_in_a_ring():
    ring = JobRing(clock=lambda: 0.0)
    ring.add(1, counting([10, 11, 12]))
    ring.add(2, counting([20]))
    assert len(ring) == 2
    seen = []
    while len(ring):
        outcome = ring.step()
        seen.append((outcome.job_id, outcome.event.done if outcome.event else "end"))
    assert seen == [(2, 20), (1, 10), (2, "end"), (1, 11), (1, 12), (1, "end")]


def test_a_newcomer_gets_the_next_turn():
    ring = JobRing(clock=lambda: 0.0)
    ring.add(1, counting(range(5)))
    ring.step()
    ring.add(2, counting([7]))
    assert ring.step().job_id == 2


def test_a_mere_turn_brings_nothing():
    ring = JobRing(clock=lambda: 0.0)
    ring.add(1, iter([Turn.NEXT, note(1)]))
    assert ring.step() is None
    assert ring.step().event == note(1)


def test_the_failure_of_one_job_is_told_and_leaves_the_others():
    def failing():
        yield note(1)
        raise ZeroDivisionError("of a job")

    ring = JobRing(clock=lambda: 0.0)
    ring.add(1, counting([5, 6]))
    ring.add(2, failing())
    ring.step(), ring.step()
    outcome = ring.step()
    assert (outcome.job_id, outcome.ended, type(outcome.error)) == (2, True, ZeroDivisionError)
    assert len(ring) == 1
    assert ring.step().event == note(6)


def resting(control):
    while control.paused:
        yield Turn.IDLE
    yield note(1)


@pytest.fixture
def paused():
    control = Control()
    control.pause()
    return control


def test_the_ring_is_idle_when_every_job_rests(paused):
    ring = JobRing(clock=lambda: 0.0)
    assert ring.idle
    ring.add(1, resting(paused))
    assert not ring.idle  # it has not been asked yet
    ring.step()
    assert ring.idle


def test_the_ring_is_not_idle_while_one_of_its_jobs_works(paused):
    ring = JobRing(clock=lambda: 0.0)
    ring.add(1, resting(paused))
    ring.step()
    ring.add(2, counting([1, 2]))
    outcomes = []
    for _ in range(5):
        assert not ring.idle
        outcomes.append(ring.step())
    assert outcomes == [Outcome(2, note(1)), None, Outcome(2, note(2)), None, Outcome(2, ended=True)]
    assert ring.idle  # the one that is left rested at its last turn


def test_a_job_that_rested_goes_on_with_its_next_turn(paused):
    ring = JobRing(clock=lambda: 0.0)
    ring.add(1, resting(paused))
    assert ring.step() is None
    paused.resume()
    assert [ring.step(), ring.step()] == [Outcome(1, note(1)), Outcome(1, ended=True)]
    assert len(ring) == 0


def test_closing_ends_every_job_where_it_stands():
    closed = []

    def careful(name):
        try:
            yield Turn.NEXT
            yield Turn.NEXT
        finally:
            closed.append(name)

    ring = JobRing(clock=lambda: 0.0)
    for name in ("a", "b"):
        ring.add(1, careful(name))
        ring.step()
    ring.add(3, iter([Turn.NEXT]))  # an iterator that cannot be closed
    ring.close()
    assert sorted(closed) == ["a", "b"]
    assert not len(ring)


def test_jobs_share_the_device_by_time_not_by_steps():
    now = [0.0]

    def working(seconds, steps):
        for _ in range(steps):
            now[0] += seconds
            yield Turn.NEXT

    ring = JobRing(clock=lambda: now[0])
    ring.add(1, working(0.2, 100))
    ring.step()
    ring.add(2, working(0.03, 1000))
    spent = {1: 0.0, 2: 0.0}
    order = []
    for _ in range(64):
        job, before = ring._seats[0].job_id, now[0]
        ring.step()
        order.append(job)
        spent[job] += now[0] - before
    assert order[0] == 2  # a newcomer gets the next turn
    assert order[:18].count(1) == 2
    assert spent[1] == pytest.approx(spent[2], rel=0.3)


def test_a_job_that_rests_takes_no_turn_from_others():
    now = [0.0]

    def step():
        now[0] += 0.1
        return Turn.NEXT

    ring = JobRing(clock=lambda: now[0])
    ring.add(1, iter(lambda: Turn.IDLE, None))
    ring.add(2, iter(step, None))
    for _ in range(10):
        ring.step()
    assert now[0] == pytest.approx(0.5)
