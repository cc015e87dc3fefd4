"""The command that trains what the window does, on the clipboard."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.core.config import TrainConfig
from gui.kit.clipboard import copy


def copy_command(config: TrainConfig, beside: QWidget, *, for_nanogpt: bool) -> None:
    """Put the command on the clipboard: ours, or nanoGPT’s with remarks; say so under a widget."""
    from engine.runs.command_line import command_line, nanogpt_lines  # long to load, and seldom needed

    words = "The command is copied: paste it into a terminal"
    copy(nanogpt_lines(config) if for_nanogpt else command_line(config), beside, words)
