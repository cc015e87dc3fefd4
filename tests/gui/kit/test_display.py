import sys

import pytest

from gui.kit.display import display_answers, display_is_named


@pytest.mark.skipif(sys.platform != "linux", reason="a Mac always has a display")
def test_a_display_counts_only_when_it_is_named_and_answers(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert not display_is_named()
    monkeypatch.setenv("DISPLAY", ":98765")
    assert display_is_named()
    assert not display_answers()
