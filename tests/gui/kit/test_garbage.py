"""Garbage goes on the window's thread, whoever makes it."""

import gc
import threading
import weakref

from PySide6.QtCore import QObject

from gui.kit.garbage import Sweeper, loading


class Knot(QObject):
    """Holds itself, so that only a collection lets it go."""

    def __init__(self):
        super().__init__()
        self.self = self


def test_what_another_thread_makes_is_collected_by_the_sweep_alone(qapp, qtbot):
    assert not gc.isenabled()  # the application has a sweeper
    sweeper, gone = Sweeper(qapp), []
    weakref.finalize(Knot(), lambda: gone.append(threading.current_thread()))
    busy = threading.Thread(target=lambda: [[] for _ in range(100_000)])
    busy.start()
    busy.join()
    assert not gone
    kept = [[] for _ in range(2000)]  # more than Python lets stand before it looks
    sweeper.sweep()
    assert gone == [threading.main_thread()]
    assert kept
    sweeper.deleteLater()


def test_what_is_loaded_is_not_swept_meanwhile_nor_looked_at_later(qapp):
    sweeper, gone = Sweeper(qapp), []
    try:
        with loading():
            weakref.finalize(Knot(), lambda: gone.append(True))
            kept = [[] for _ in range(2000)]
            sweeper.sweep()
            assert not gone
        assert gc.get_freeze_count() > len(kept)
        kept.extend([] for _ in range(2000))
        sweeper.sweep()
        gc.collect()
        assert not gone
    finally:
        gc.unfreeze()
    gc.collect()
    assert gone
    sweeper.deleteLater()


def test_nothing_is_swept_while_one_of_two_things_is_still_loaded(qapp):
    sweeper, gone = Sweeper(qapp), []
    try:
        with loading():
            with loading():
                pass
            weakref.finalize(Knot(), lambda: gone.append(True))
            kept = [[] for _ in range(2000)]
            sweeper.sweep()
            assert not gone
            assert kept
    finally:
        gc.unfreeze()
    gc.collect()
    sweeper.deleteLater()
