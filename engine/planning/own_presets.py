"""A person's own presets: settings kept under a name, each a small file in the user's folder. Knows no torch."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.core.config import OF_THE_CALL, TrainConfig
from engine.core.errors import SettingError
from engine.core.files import write_text
from engine.core.paths import home
from engine.core.settings import setting_types
from engine.core.untrusted_json import read_object
from engine.planning.presets import Preset, preset, presets
from engine.planning.recipes import SHAPE

AUTOMATIC = "automatic"
"""What the window calls the choice that leaves the model to the recipe."""

LONGEST_NAME = 60
"""Characters that the name of a preset may have."""

_NOT_KEPT = OF_THE_CALL | {"recipe", "minutes", "dataset"}
_log = logging.getLogger(__name__)


def own_presets() -> dict[str, Preset]:
    """Return the presets that were saved, by name, in the order of their names; what cannot be used is logged."""
    found = {one.name: one for one in map(_read, _files()) if one is not None}
    return dict(sorted(found.items(), key=lambda item: item[0].casefold()))


def any_preset(name: str) -> Preset:
    """Return a built-in or an own preset; raises SettingError with the nearest name when there is none."""
    return presets().get(name) or own_presets().get(name) or preset(name)


def fixed_by(preset: Preset) -> dict[str, Any]:
    """Return what of a preset a recipe leaves alone: the shape of a built-in one, all of a person's own."""
    if preset.name == AUTOMATIC:
        return {}
    if preset.name in presets():
        return {name: value for name, value in preset.settings.items() if name in SHAPE}
    config = preset.config()
    values = {name: value for name, value in config.as_dict().items() if name not in _NOT_KEPT}
    return values | config.following()


def save_preset(name: str, config: TrainConfig) -> Preset:
    """Keep the settings of a configuration, but not its text and folder, under a name; one of that name is replaced.

    Raises SettingError for a name that cannot be used or a file that cannot be written.
    """
    made = _preset(checked_name(name), _kept(config))
    _write(_file_of(made.name) or _new_file(made.name), made)
    return made


def rename_preset(name: str, new: str) -> Preset:
    """Return an own preset another name; raises SettingError when that cannot be used or is taken."""
    new = checked_name(new)
    if new != name and _file_of(new) is not None:
        raise _bad_name(f"There is a preset {new!r} already.", "Choose another name.")
    file, kept = _file_of(name), own_presets()[name]
    if file is None:
        raise KeyError(name)
    made = _preset(new, kept.settings)
    _write(file, made)
    return made


def delete_preset(name: str) -> None:
    """Forget an own preset; one that is not there already is no fault."""
    if (file := _file_of(name)) is not None:
        try:
            file.unlink()
        except OSError as error:
            raise _not_written(file, error) from error


def checked_name(name: str) -> str:
    """Return a name as it is kept; raises SettingError when it is empty, too long, or a built-in preset's."""
    name = " ".join(name.split())
    if not name:
        raise _bad_name("A preset needs a name.", "Type one.")
    if len(name) > LONGEST_NAME:
        raise _bad_name(f"That name has {len(name)} characters.", f"Use {LONGEST_NAME} at most.")
    taken = {each.casefold() for one in presets().values() for each in (one.name, one.label)} | {AUTOMATIC}
    if name.casefold() in taken:
        raise _bad_name(
            f"“{name}” is a built-in preset: choose another name.",
            "Choose another name: the built-in ones stay as they are.",
        )
    return name


def _kept(config: TrainConfig) -> dict[str, Any]:
    """Return the settings that differ from the defaults; what follows another goes on following it.

    The iterations of a run that a clock was to end are more than it could make: they are not kept.
    """
    values, usual = config.as_dict(), TrainConfig().as_dict()
    left = _NOT_KEPT | config.following().keys() | ({"max_iters", "lr_decay_iters"} if config.minutes else set())
    return {name: value for name, value in values.items() if name not in left and value != usual[name]}


def _preset(name: str, settings: Mapping[str, Any]) -> Preset:
    config = TrainConfig.of(settings)
    summary = f"{config.n_layer} layers, {config.n_embd} wide, context {config.block_size:,}"
    return Preset(name=name, label=name, summary=summary, settings=dict(settings), guide={})


def _folder() -> Path:
    return home() / "presets"


def _files() -> list[Path]:
    try:
        return sorted(_folder().glob("*.json"))
    except OSError:
        return []


def _read(file: Path) -> Preset | None:
    """Return the preset in a file, or None when it is none."""
    try:
        row = read_object(file)
        usable = setting_types(TrainConfig).keys() - _NOT_KEPT
        settings = {name: value for name, value in row["settings"].items() if name in usable}
        return _preset(checked_name(row["name"]), settings)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SettingError) as error:
        _log.warning("the preset %s cannot be used: %s", file, error)
        return None


def _file_of(name: str) -> Path | None:
    return next((file for file in _files() if (one := _read(file)) is not None and one.name == name), None)


def _new_file(name: str) -> Path:
    """Return a file that is not there yet, named so that a person knows it."""
    stem = re.sub(r"[^\w-]+", "-", name).strip("-") or "preset"
    taken, number = {file.stem.casefold() for file in _files()}, 1
    while (unique := stem if number == 1 else f"{stem}-{number}").casefold() in taken:
        number += 1
    return _folder() / f"{unique}.json"


def _write(file: Path, made: Preset) -> None:
    row = {"name": made.name, "settings": made.settings}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, json.dumps(row, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise _not_written(file, error) from error


def _bad_name(message: str, fix: str) -> SettingError:
    return SettingError(message, fix=fix, code="bad_preset_name", problems={"preset": message})


def _not_written(file: Path, error: OSError) -> SettingError:
    message = "The preset was not changed on disk."
    cause = f"{file}: {error.strerror or error}."
    return SettingError(message, cause=cause, fix="Make room on the disk, then try again.", problems={"preset": cause})
