"""The guide's five configurations, by name, from resources/presets.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from engine.core.config import TrainConfig
from engine.core.errors import SettingError, nearest
from engine.core.paths import shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named set of settings.

    Attributes:
        name: what --preset takes.
        label: what the window shows.
        summary: what it is good for, in a few words.
        settings: what it changes from the defaults, by nanoGPT's names.
        guide: what the guide claims of it ("parameters", "memory", "time", "quality"), to be shown as such.
    """

    name: str
    label: str
    summary: str
    settings: dict[str, Any]
    guide: dict[str, str]

    def config(self, **changes: Any) -> TrainConfig:
        """Return the preset's configuration with some settings changed; raises SettingError as TrainConfig does."""
        return TrainConfig.of(self.settings, changes)


@cache
def presets() -> dict[str, Preset]:
    """Return all presets by name, from the smallest to the largest."""
    rows = json.loads(shipped("resources", "presets.json").read_text("utf-8"))
    return {row["name"]: Preset(**row) for row in rows}


def preset(name: str) -> Preset:
    """Return the preset of that name; raises SettingError with the nearest name when there is none."""
    if name not in presets():
        raise SettingError(
            f"There is no preset {name!r}.{nearest(name, presets())}",
            fix=f"Choose one of {', '.join(presets())}.",
            code="unknown_preset",
            problems={"preset": "unknown"},
        )
    return presets()[name]
