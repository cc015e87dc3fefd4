"""What torch's MPS backend has, read from the schema file that every wheel of torch carries, a Mac's too."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import torch
from torch._ops import OpOverload

SCHEMA = Path(torch.__file__).parents[1] / "torchgen" / "packaged" / "ATen" / "native" / "native_functions.yaml"


def has_kernel(op: OpOverload) -> bool:
    """Return whether MPS runs an operator: by a kernel of its own, or one composed of operators it has."""
    overload = op._schema.overload_name
    name = op._schema.name.removeprefix("aten::") + (f".{overload}" if overload else "")
    return name in _runnable()


@cache
def kernels_where_others_compose() -> tuple[str, ...]:
    """Return the operators that are composed of others elsewhere and are one kernel on MPS, `linear` for one.

    There autograd and autocast stop at the operator itself.
    """
    return tuple(name for name, text in _entries() if "CompositeImplicitAutograd" in _keys(text) & _keys_with_mps(text))


def _keys_with_mps(text: str) -> set[str]:
    keys = _keys(text)
    return keys if "MPS" in keys else set()


@cache
def _runnable() -> frozenset[str]:
    texts = dict(_entries())
    runnable = {name for name, text in texts.items() if _runs(text, texts)}
    made = (re.search(r"autogen: (.*)", text) for text in texts.values())
    return frozenset(runnable | {name.strip() for found in made if found for name in found[1].split(",")})


def _runs(text: str, texts: dict[str, str]) -> bool:
    """Return whether an entry, or the structured one that it hands its work to, is there for MPS."""
    if delegate := re.search(r"structured_delegate: ([\w.]+)", text):
        return _runs(texts[delegate[1]], texts)
    keys = _keys(text)
    return not keys or any(key == "MPS" or key.startswith("Composite") for key in keys)


def _entries() -> Iterator[tuple[str, str]]:
    """Yield name with overload, and the text, of each operator of the file."""
    for text in re.split(r"\n(?=- func: )", SCHEMA.read_text("utf-8")):
        if found := re.match(r"- func: ([\w.]+)\(", text):
            yield found[1], text


def _keys(text: str) -> set[str]:
    """Return the dispatch keys that an entry names; none where it is composed for all devices."""
    block = re.search(r"\n  dispatch:\n((?:    .*\n?)+)", text + "\n")
    lines = re.findall(r"^    ([\w, ]+):", block[1], re.M) if block else []
    return {key.strip() for line in lines for key in line.split(",")}
