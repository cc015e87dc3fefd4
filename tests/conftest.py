"""What every test gets: no display, and one thread of torch a process: tests side by side do not fight for cores."""

import gc
import os
import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell began this in its background, and what a test starts
    signal.signal(signal.SIGINT, signal.default_int_handler)  # would be deaf to Ctrl-C too
os.environ["QT_QPA_PLATFORM"] = "offscreen"
# read when torch is loaded, here and in the processes that a test starts; a test that needs two threads asks for them
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

# HYPOTHESIS_PROFILE=thorough looks further, at other examples each time; without it a test is the same each time.
# No time is measured; and what a fixture makes is for all examples of a test.
unchecked = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("any", deadline=None, suppress_health_check=unchecked)
settings.register_profile("quick", settings.get_profile("any"), max_examples=50, derandomize=True)
settings.register_profile("thorough", settings.get_profile("any"), max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True, scope="session")
def _unhurried_disk():
    """Do not wait until each file is safe from a power failure, which no test brings about."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _file: None)
        yield


@pytest.fixture
def gpu():
    """Yield a stand-in for a Mac's GPU, for as long as the test runs: torch and the engine find it as "mps"."""
    from tests.mps.stand_in import mps

    with mps() as there:
        yield there


@pytest.fixture
def apple():
    """Return a function that makes a Messenger for Apple's frameworks with these answers by message."""
    from engine.machine.apple import Message
    from tests.messenger import RecordingMessenger

    return lambda **answers: RecordingMessenger({Message[name]: answer for name, answer in answers.items()})


def pytest_collection_finish():
    """Leave all that is loaded by now out of the collections of garbage, which a training asks for as it begins."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def qapp_cls():
    """Run all tests that need an application in Understudy's own: there is one a process, whoever comes first."""
    from gui.app import Application

    return Application
