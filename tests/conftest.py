"""What tests of any part may ask for."""

import pytest


@pytest.fixture
def gpu():
    """Give a stand-in for a Mac's GPU, for as long as the test runs: torch and the engine find it as "mps"."""
    from tests.mps.stand_in import mps

    with mps() as there:
        yield there
