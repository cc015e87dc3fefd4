import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from engine.core.config import TrainConfig
from gui.train.command_copy import copy_command


@pytest.mark.parametrize(("for_nanogpt", "begins"), [(False, "python -m engine train"), (True, "python train.py")])
def test_the_command_is_on_the_clipboard(qtbot, for_nanogpt, begins):
    beside = QLabel()
    qtbot.addWidget(beside)
    copy_command(TrainConfig(n_layer=3), beside, for_nanogpt=for_nanogpt)
    assert QGuiApplication.clipboard().text().startswith(begins)
    assert "n_layer=3" in QGuiApplication.clipboard().text()
