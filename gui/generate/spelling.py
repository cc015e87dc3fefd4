"""How tokens are spelled on the screen, and which of them the settings cut off; without Qt."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.config import SampleConfig
from engine.core.events import Alternative

LONGEST_SHOWN = 4000
"""Characters of one piece that are shown; of a longer beginning the end is, which is what the model reads."""

_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
# what a document of Qt keeps for its own ends, and what would break a line without counting as a break
_PICTURES |= dict.fromkeys((0xFDD0, 0xFDD1, 0xFFFC), 0xFFFD) | dict.fromkeys((0x85, 0x2028, 0x2029), 0x2424)
_ON_SCREEN = {**_PICTURES, 0xFFFD: 0xB7}  # what is no character yet is a quiet dot, as on the stage
_BITS_TO_NAME = str.maketrans({"\n": "↵", "\t": "⇥", " ": "·", **{chr(k): chr(v) for k, v in _PICTURES.items()}})


def on_screen(text: str) -> str:
    """Return a text as the transcript shows it: control characters as their pictures, a very long one shortened."""
    shown = text.translate(_ON_SCREEN)
    if len(shown) <= LONGEST_SHOWN:
        return shown
    return f"… {len(shown) - LONGEST_SHOWN:,} characters before …\n{shown[-LONGEST_SHOWN:]}"


def named(text: str) -> str:
    """Return a token's text in one line, with its spaces and line ends visible."""
    return text.translate(_BITS_TO_NAME)


def units(text: str) -> int:
    """Return the length of a text in a document of Qt, which counts in UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut_by(alternatives: Sequence[Alternative], config: SampleConfig) -> list[str]:
    """Return which cut-off took each alternative out, or an empty text for one that could be drawn.

    With a repetition penalty the order differs from that of the model's own probabilities, so that the engine's
    word is taken for what is out, but not which cut-off it was.
    """
    likeliest = alternatives[0].probability if alternatives else 0.0
    causes = []
    for rank, each in enumerate(alternatives):
        if each.chance > 0:
            causes.append("")
        elif config.repetition_penalty != 1:
            causes.append("the settings")
        elif config.temperature == 0:
            causes.append("temperature 0")
        elif config.top_k and rank >= config.top_k:
            causes.append(f"top-k {config.top_k}")
        elif config.min_p and each.probability < likeliest * config.min_p**config.temperature:
            causes.append(f"min-p {config.min_p:g}")
        else:
            causes.append(f"top-p {config.top_p:g}")
    return causes
