"""What a person chose, as it is kept: nonsense is never obeyed."""

import pytest
from PySide6.QtCore import QSettings

from engine.core.config import TrainConfig
from gui.kit import preferences


def test_an_unknown_appearance_is_the_system_s():
    QSettings().setValue("appearance", "sepia")
    assert preferences.appearance() == "system"


@pytest.mark.parametrize("kept", ["soon", "-4", "101"])
def test_nonsense_that_was_kept_is_the_engine_s_own(kept):
    QSettings().setValue("run/low_battery_percent", kept)
    assert preferences.run_setting("low_battery_percent") == TrainConfig().low_battery_percent
