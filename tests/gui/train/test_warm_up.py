import threading

import pytest

import gui.train.warm_up as module
from engine.core.config import TrainConfig
from engine.core.errors import DeviceError
from engine.core.events import Prepared, Progress, Turn
from engine.core.jobs import Control
from engine.datasets.beginning import MOST, pieces_of
from engine.datasets.prepare import prepare
from engine.datasets.refit import ensure_ready
from engine.planning.choices import guessed_device
from gui.train.jobs import DeviceFound, Measured, Pieces, in_pieces
from gui.train.setup_pane import SetupPane
from gui.train.warm_up import WarmUp


class Jobs:
    """Stand for the jobs on the engine's thread, and say in which order they ran; a text is ready when it is let."""

    def __init__(self, monkeypatch):
        self.ran = []
        self.may_be_ready = threading.Event()
        for name in ("device_job", "measured_job", "calibration_job", "ready_job"):
            monkeypatch.setattr(module, name, getattr(self, name))

    def device_job(self):
        self.ran.append("device")
        yield DeviceFound(device="cpu", rate=1e9)

    def measured_job(self):
        self.ran.append("measured")
        yield Measured(measured=())

    def calibration_job(self, config, control):
        self.ran.append("calibration")
        yield Progress(what="Measuring", done=1, total=1, unit="")

    def ready_job(self, name, control):
        self.ran.append(name)
        while not self.may_be_ready.is_set() and not control.stopping:
            yield Turn.NEXT

    def train(self, config, control):
        self.ran.append("train, asked to stop" if control.stopping else "train")
        yield Turn.NEXT


@pytest.fixture
def jobs(monkeypatch):
    return Jobs(monkeypatch)


@pytest.fixture
def setup(qtbot):
    pane = SetupPane(guessed_device())
    qtbot.addWidget(pane)
    return pane


def test_the_text_that_is_set_up_is_ready_once_the_machine_is_known(qtbot, engine, setup, jobs):
    jobs.may_be_ready.set()
    warm_up = WarmUp(engine, setup)
    warm_up.begin()
    name = setup.config().dataset
    qtbot.waitUntil(lambda: name in jobs.ran)
    assert jobs.ran == ["device", "calibration", "measured", name]


def test_a_run_begins_once_the_text_is_ready_and_not_before(qtbot, engine, setup, jobs):
    warm_up = WarmUp(engine, setup)
    warm_up.begin()
    qtbot.waitUntil(lambda: setup.config().dataset in jobs.ran)
    engine.submit(lambda control: warm_up.before(jobs.train)(TrainConfig(), control))
    answered = threading.Event()
    engine.submit(lambda _: (answered.set() for _ in range(1)))
    qtbot.waitUntil(answered.is_set)
    assert "train" not in jobs.ran
    jobs.may_be_ready.set()
    qtbot.waitUntil(lambda: jobs.ran[-1] == "train")


def test_a_stop_is_heeded_while_it_waits(qtbot, engine, setup, jobs):
    warm_up = WarmUp(engine, setup)
    warm_up.begin()
    qtbot.waitUntil(lambda: setup.config().dataset in jobs.ran)
    job = engine.submit(lambda control: warm_up.before(jobs.train)(TrainConfig(), control))
    with qtbot.waitSignal(job.ended):
        job.stop()
    assert jobs.ran[-1] == "train, asked to stop"
    jobs.may_be_ready.set()


def test_a_text_that_cannot_be_made_ready_keeps_no_run_waiting(qtbot, engine, setup, jobs, monkeypatch):
    def fails(name, control):
        yield Turn.NEXT
        raise DeviceError("It cannot.", code="no_device")

    monkeypatch.setattr(module, "ready_job", fails)
    warm_up = WarmUp(engine, setup)
    warm_up.begin()
    qtbot.waitUntil(lambda: "measured" in jobs.ran and not engine.busy)
    job = engine.submit(lambda control: warm_up.before(jobs.train)(TrainConfig(), control))
    with qtbot.waitSignal(job.ended):
        pass
    assert jobs.ran[-1] == "train"


def test_who_is_faster_than_the_warm_up_is_not_disturbed(qtbot, engine, setup, jobs):
    warm_up, go_on = WarmUp(engine, setup), threading.Event()

    def busy(control):
        while not go_on.is_set():
            yield Turn.NEXT

    engine.submit(busy)
    warm_up.begin()
    qtbot.waitUntil(lambda: "measured" in jobs.ran)
    go_on.set()
    qtbot.waitUntil(lambda: not engine.busy)
    assert setup.config().dataset not in jobs.ran


def test_a_run_tells_in_which_pieces_its_text_is_before_and_after_it_is_prepared(tmp_path):
    path = tmp_path / "diary.txt"
    path.write_text("to be or not to be\n" * 100, "utf-8")
    prepare(str(path), tokenizer="char")
    name = "diary_bpe270"
    told = list(in_pieces(name, ensure_ready(name, Control())))
    pieces = [event.pieces for event in told if isinstance(event, Pieces)]
    assert isinstance(told[-2], Prepared)
    assert pieces == [tuple(("to be or not to be\n" * 100)[:MOST]), pieces_of(name)]
    assert "".join(pieces[1]).startswith("".join(pieces[0])[:50])
