"""What is remembered of each checkpoint from one time to the next: its prompt and its settings; without Qt."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from engine.core.config import SampleConfig
from engine.core.errors import SettingError
from engine.core.untrusted_json import parsed


def memory_key(checkpoint: Path) -> str:
    """Return the name under which a checkpoint's prompt and settings are remembered."""
    return f"generate/{hashlib.sha256(str(checkpoint).encode()).hexdigest()[:16]}"


def to_memory(config: SampleConfig) -> str:
    """Return settings as a text to keep."""
    return json.dumps(config.as_dict())


def from_memory(text: object) -> SampleConfig | None:
    """Return the settings that were kept, or None where nothing usable was."""
    try:
        return SampleConfig.of(parsed(text)) if isinstance(text, str) else None
    except (ValueError, TypeError, SettingError):
        return None
