"""What a run may start from, as far as its name says: new, resumed, a published GPT-2, a path. Reads no disk."""

from __future__ import annotations

import os

from engine.core.errors import nearest

GPT2_SHAPES = {
    "gpt2": {"n_layer": 12, "n_head": 12, "n_embd": 768},
    "gpt2-medium": {"n_layer": 24, "n_head": 16, "n_embd": 1024},
    "gpt2-large": {"n_layer": 36, "n_head": 20, "n_embd": 1280},
    "gpt2-xl": {"n_layer": 48, "n_head": 25, "n_embd": 1600},
}
"""The four published models by the name that nanoGPT and Hugging Face have for them."""


GPT2_BLOCK = 1024
"""Tokens that each of them reads at once."""


NEW_OR_RESUMED = ("scratch", "resume")
"""The values of init_from that name no model."""


def problem_of_init_from(value: str) -> str:
    """Return what is wrong with an init_from by itself, or an empty text; whether a path exists is asked later."""
    names = (*NEW_OR_RESUMED, *GPT2_SHAPES)
    if value in names or os.sep in value or value.startswith("~"):
        return ""
    known = f"init_from must be one of {', '.join(names)}, or the path of a model (./{value})"
    return f"{known}, not {value!r}.{nearest(value, names)}"


def is_model(init_from: str) -> bool:
    """Return whether a run starts from the weights of a model that was trained before."""
    return init_from not in NEW_OR_RESUMED
