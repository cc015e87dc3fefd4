"""Every test of the window as on a Mac: the platform says so, and a Messenger stands for AppKit, which records.

PYTEST_PLUGINS=tests.as_mac_window python -m pytest tests/gui
"""

import pytest

OVERLAY = 1
"""NSScrollerStyleOverlay: no mouse is connected."""


@pytest.fixture(autouse=True)
def _on_a_mac_always(on_a_mac):
    """Be on a Mac whose AppKit answers as it mostly does."""
    on_a_mac(SCROLLER_STYLE=OVERLAY)
