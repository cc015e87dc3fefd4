"""The forms a model can leave in, as a person chooses them. Knows nothing of torch."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.core.errors import SettingError, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """One form: what --format takes, and what the window says of it.

    Attributes:
        title: its name on screen.
        opens_in: the programs that open it.
        is_file: whether it is one file; else it is a folder.
        suffix: what a file's name ends with.
    """

    name: str
    title: str
    opens_in: str
    is_file: bool = False
    suffix: str = ""


FORMATS = (
    ExportFormat(name="huggingface", title="Hugging Face", opens_in="Transformers and MLX"),
    ExportFormat(name="gguf", title="GGUF", opens_in="llama.cpp, LM Studio and Ollama", is_file=True, suffix=".gguf"),
    ExportFormat(name="nanogpt", title="nanoGPT", opens_in="nanoGPT’s train.py and sample.py"),
)

OUTTYPES = ("f16", "f32", "q8_0")
"""How a GGUF file holds its matrices, by llama.cpp's names: 16 or 32 bits a number, or 8 and a scale for every 32."""


def export_format(name: str) -> ExportFormat:
    """Return a format by its name; raises SettingError for another name."""
    known = {each.name: each for each in FORMATS}
    if name not in known:
        raise _unknown("format", name, tuple(known))
    return known[name]


def checked_outtype(name: str) -> str:
    """Return the name back; raises SettingError when it is none of OUTTYPES."""
    if name not in OUTTYPES:
        raise _unknown("outtype", name, OUTTYPES)
    return name


def suggested_name(run_name: str, form: str, outtype: str = OUTTYPES[0]) -> str:
    """Return the name of the file or folder that a run's export is offered under."""
    plain = re.sub(r"[^\w.-]+", "-", run_name).strip("-.") or "model"
    chosen = export_format(form)
    return f"{plain}-{outtype}{chosen.suffix}" if chosen.is_file else f"{plain}-{chosen.name}"


def _unknown(option: str, name: str, known: tuple[str, ...]) -> SettingError:
    return SettingError(
        f"There is no {option} {name!r}.{nearest(name, known)}",
        fix=f"Use --{option} with one of {', '.join(known)}.",
        problems={option: "unknown"},
    )
