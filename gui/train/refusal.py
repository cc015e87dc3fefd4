"""A run that will not fit is not begun: what is said of it in the window, and the ways on."""

from __future__ import annotations

from engine.core.config import TrainConfig
from engine.core.errors import Fix, SettingError
from engine.planning.room import require_room

ANYWAY = Fix("Start Anyway", "continue")


def refusal(config: TrainConfig) -> SettingError | None:
    """Return why a run should not begin, with what would fit and with a way to begin all the same; None if it may."""
    try:
        require_room(config)
    except SettingError as error:
        fitting = error.fixes[0].changes if error.fixes else {}
        words = ", ".join(f"{name} {value}" for name, value in fitting.items())
        advice = f"It fits with {words}." if words else "Train a smaller model."
        return SettingError(error.message, cause=error.cause, fix=advice, code=error.code, fixes=(*error.fixes, ANYWAY))
    return None
