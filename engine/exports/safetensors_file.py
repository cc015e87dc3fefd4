"""Writing safetensors, a tensor at a time: a header in JSON, then the numbers.

The package safetensors reads what is written here; its own writer wants all tensors in memory twice.
Format: github.com/huggingface/safetensors, README, "Format".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from torch import Tensor

_ALIGNED = 8


def write_safetensors(path: Path, weights: Mapping[str, Tensor]) -> Iterator[int]:
    """Write float32 tensors under their names, yielding the bytes so far after each."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}  # "pt": transformers asks for it
    end = 0
    for name, tensor in weights.items():
        begin, end = end, end + tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % _ALIGNED)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        done = 0
        for tensor in weights.values():
            done += file.write(tensor.contiguous().numpy().astype("<f4", copy=False).data)
            yield done
