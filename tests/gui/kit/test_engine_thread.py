"""The engine's thread: jobs in turn, nothing dropped, a thread that rests, an orderly end."""

import os
import sys
import threading
from itertools import pairwise

import pytest
from PySide6.QtCore import QTimer

from engine.core.errors import TrainingError
from engine.core.events import Paused, Progress, Resumed, Turn
from gui.kit import engine_thread
from gui.kit.engine_thread import _MOST_WAITING, EngineThread
from tests.patience import PATIENCE_S
from tests.stand_in_clock import Clock


def tell(n):
    return Progress(what="x", done=n, total=0, unit="")


def listen(engine):
    heard, ends = [], {}
    engine.event_arrived.connect(lambda job, event: heard.append((job, event)))
    engine.ended.connect(lambda job, error: ends.__setitem__(job, error))
    return heard, ends


def test_every_event_arrives_in_order_on_the_window_thread_from_one_other(qtbot, engine):
    heard, ends = listen(engine)
    threads = {"made": None, "stepped": set(), "heard": set()}
    engine.event_arrived.connect(lambda *_: threads["heard"].add(threading.get_ident()))

    def job():
        for n in range(5000):
            threads["stepped"].add(threading.get_ident())
            yield tell(n)

    def make(_control):
        threads["made"] = threading.get_ident()
        return job()

    with qtbot.waitSignal(engine.ended):
        one = engine.submit(make)
    assert [event.done for _, event in heard] == list(range(5000))
    assert ends == {one: None}
    assert threads["stepped"] == {threads["made"]}
    assert threads["heard"] == {threading.get_ident()} != threads["stepped"]


class Pools:
    """Apple's runtime, as far as it makes pools: writes down what is done with them, and on which thread."""

    def __init__(self):
        self.done, self.open = [], []

    def objc_autoreleasePoolPush(self):
        self.open.append(len(self.done))
        self.done.append(("push", threading.get_ident()))
        return self.open[-1]

    def objc_autoreleasePoolPop(self, pool):
        assert pool == self.open.pop()
        self.done.append(("pop", threading.get_ident()))


def test_each_turn_has_a_pool_for_what_apples_frameworks_leave(qtbot, engine, monkeypatch):
    pools, inside = Pools(), []
    monkeypatch.setattr("gui.kit.engine_thread.runtime", lambda: pools)

    def job(_control):
        for n in range(3):
            inside.append((len(pools.open), threading.get_ident()))
            yield tell(n)
        raise TrainingError("over")

    with qtbot.waitSignal(engine.ended):
        engine.submit(job)
    assert engine.shutdown(5)
    (thread,) = {thread for _, thread in inside}
    assert inside == [(1, thread)] * 3
    assert pools.open == []
    assert pools.done == [("push", thread), ("pop", thread)] * (len(pools.done) // 2)
    assert len(pools.done) >= 2 * 4  # a pool for each turn, the last one too


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no niceness of its own")
def test_the_engine_stands_back_for_the_window(qtbot, engine, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    told = []

    def job(_control):
        told.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        yield tell(0)

    with qtbot.waitSignal(engine.ended):
        engine.submit(job)
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert told[0] > own or own == 19


def test_a_job_faster_than_the_window_waits_and_loses_nothing(qtbot, engine):
    heard, _ = listen(engine)
    told, waiting = [0], []

    def flood(_control):
        for n in range(20_000):
            told[0] = n
            yield tell(n)

    engine.event_arrived.connect(lambda *_: waiting.append(told[0] - len(heard)))
    with qtbot.waitSignal(engine.ended):
        engine.submit(flood)
    assert [event.done for _, event in heard] == list(range(20_000))
    assert max(waiting) <= _MOST_WAITING + 1


def test_a_window_that_ends_lets_a_waiting_job_go(engine):
    def flood(_control):
        for n in range(3 * _MOST_WAITING):
            yield tell(n)

    heard, _ = listen(engine)
    engine.submit(flood)
    assert engine.shutdown(PATIENCE_S)
    assert len(heard) == 3 * _MOST_WAITING


def test_a_burst_leaves_the_event_loop_turns_in_between(qtbot, engine, monkeypatch):
    clock, told = Clock(), threading.Event()
    monkeypatch.setattr(engine_thread, "time", clock)

    def burst(_control):
        yield from map(tell, range(40))
        told.set()

    heard, _ = listen(engine)
    heard_by_turn = [0]
    beat = QTimer()
    beat.timeout.connect(lambda: heard_by_turn.append(len(heard)))
    engine.event_arrived.connect(lambda *_: clock.sleep(0.001))  # as long as the window takes for each
    engine.submit(burst)
    assert told.wait(PATIENCE_S)  # all wait before the first is handed over
    beat.start(0)
    with qtbot.waitSignal(engine.ended):
        pass
    beat.stop()
    at_once = [after - before for before, after in pairwise([*heard_by_turn, len(heard)])]
    assert sum(at_once) == 40
    assert max(at_once) <= 9  # a slice is 8 ms, and the last event may go over it


def test_two_jobs_take_turns(qtbot, engine):
    heard, ends = listen(engine)
    begin = threading.Event()

    def job(label):
        begin.wait(PATIENCE_S)
        for n in range(50):
            yield Progress(what=label, done=n, total=50, unit="")

    engine.submit(lambda _: job("a"))
    engine.submit(lambda _: job("b"))
    begin.set()
    qtbot.waitUntil(lambda: len(ends) == 2)
    assert set(ends.values()) == {None}
    first_b = next(i for i, (_, e) in enumerate(heard) if e.what == "b")
    last_a = max(i for i, (_, e) in enumerate(heard) if e.what == "a")
    assert first_b < last_a


def test_a_failure_is_told_and_the_thread_lives_on(qtbot, engine):
    _, ends = listen(engine)
    fault = TrainingError("The loss is not a number.")

    def failing(_control):
        yield tell(1)
        raise fault

    def impossible(_control):
        raise fault

    one = engine.submit(failing)
    two = engine.submit(impossible)
    three = engine.submit(lambda _: iter([tell(2)]))
    qtbot.waitUntil(lambda: len(ends) == 3)
    assert ends == {one: fault, two: fault, three: None}
    assert not engine.busy


def test_an_unforeseen_failure_is_logged_with_its_traceback(qtbot, engine, caplog):
    _, ends = listen(engine)
    one = engine.submit(lambda _: 1 / 0)
    qtbot.waitUntil(lambda: bool(ends))
    assert isinstance(ends[one], ZeroDivisionError)
    assert "Traceback" in caplog.text


def test_a_resting_job_costs_no_turns_and_a_change_wakes_it(qtbot, engine):
    heard, ends = listen(engine)
    control = engine.control()
    control.pause()
    turns = []

    def job(_control):
        yield Paused(iter_num=0)
        while control.paused:
            turns.append(1)
            yield Turn.IDLE
        yield Resumed(iter_num=0)
        while not control.stopping:
            yield Turn.NEXT

    engine.submit(job)
    qtbot.waitUntil(lambda: len(heard) == 1 and bool(turns))
    rested = len(turns)
    assert rested <= 2
    control.resume()
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert len(turns) == rested
    control.stop()
    qtbot.waitUntil(lambda: bool(ends))


def test_shutdown_lets_jobs_save(qtbot):
    engine = EngineThread()
    heard, ends = listen(engine)
    control = engine.control()

    def job(_control):
        while not control.stopping:
            yield Turn.NEXT
        yield tell(99)

    engine.submit(job)
    assert engine.shutdown(PATIENCE_S)
    assert [event.done for _, event in heard] == [99]
    assert list(ends.values()) == [None]
    assert not engine.busy


def test_shutdown_closes_a_job_that_never_ends(qtbot):
    engine = EngineThread()
    closed = threading.Event()

    def deaf(_control):
        try:
            while True:
                yield Turn.NEXT
        finally:
            closed.set()

    engine.submit(deaf)
    assert not engine.shutdown(0.05)
    assert closed.is_set()


def test_busy_is_told_once_for_each_spell(qtbot, engine):
    told = []
    engine.busy_changed.connect(told.append)
    engine.submit(lambda _: iter([tell(1)]))
    engine.submit(lambda _: iter([tell(2)]))
    qtbot.waitUntil(lambda: not engine.busy)
    assert told == [True, False]


def test_a_handle_tells_of_its_own_job_alone(qtbot, engine):
    _, ends = listen(engine)
    told = {"one": [], "two": []}
    one, two = engine.submit(lambda _: iter([tell(1), tell(2)])), engine.submit(lambda _: iter([tell(3)]))
    for name, job in (("one", one), ("two", two)):
        job.told.connect(lambda event, name=name: told[name].append(event.done))
        job.ended.connect(lambda error, name=name: told[name].append(error))
    qtbot.waitUntil(lambda: len(ends) == 2)
    assert told == {"one": [1, 2, None], "two": [3, None]}


def test_a_job_that_is_forgotten_ends_and_is_heard_no_more(qtbot, engine):
    heard, ends = listen(engine)
    told = []

    def job(control):
        while not control.stopping:
            yield Turn.NEXT
        yield tell(1)

    handle = engine.submit(job)
    handle.told.connect(told.append)
    handle.ended.connect(told.append)
    handle.forget()
    qtbot.waitUntil(lambda: bool(ends))
    assert (len(heard), told) == (1, [])


def test_a_job_heeds_the_control_that_was_claimed_for_it(qtbot, engine):
    _, ends = listen(engine)
    control = engine.control()
    control.stop()

    def job(given):
        while not given.stopping:
            yield Turn.NEXT

    assert engine.submit(job, control).control is control
    qtbot.waitUntil(lambda: bool(ends))
