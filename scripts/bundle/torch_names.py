"""What engine/ asks torch for, and whether a Mac's torch has it: a file of what was found, held against both sides.

A Mac's wheel lacks what Linux's has, so a test there proves nothing. `make test` holds engine/ against the file,
`make app-check` the file against the wheel.
"""

from __future__ import annotations

import json
from pathlib import Path

from scripts.bundle.environment import runtime_pins
from scripts.bundle.recipe import ROOT
from scripts.bundle.torch_asked import Places, names_in
from scripts.bundle.torch_wheel import TorchWheel
from scripts.bundle.wheels import download, wheel_of

FILE = ROOT / "scripts" / "bundle" / "mac_torch.json"
WRITE = "make mac-names"
"""What writes the file; it needs a network."""

MAY_LACK = "abilities.py"
"""The module that may ask for what a Mac lacks: it asks whether it is there."""

Found = dict[str, str | None]
"""Where each name was found in the wheel; None where it was not."""


def asked_by(package: Path) -> Places:
    """Return the names that a package asks torch for, with its files."""
    import torch  # seconds that whoever builds the bundle can do without

    return names_in(package, frozenset(dir(torch.Tensor)) - frozenset(dir(object)))


def recorded() -> Found:
    """Return what the file says."""
    names: Found = json.loads(FILE.read_text("utf-8"))["names"]
    return names


def problems_of_code(asked: Places, names: Found) -> list[str]:
    """Return a line for each name that a Mac lacks, or that nobody has looked up, or that is asked for no more."""
    lines = []
    for name, places in sorted(asked.items()):
        taken_for_granted = [place for place in places if Path(place).name != MAY_LACK]
        if name not in names:
            lines.append(f"{name} in {', '.join(places)} was not looked up in the Mac's torch: {WRITE}")
        elif names[name] is None and taken_for_granted:
            lines.append(f"{name} in {', '.join(taken_for_granted)} is not in the Mac's torch: ask {MAY_LACK}")
    return lines + [f"{name} is asked for no more: {WRITE}" for name in sorted(names.keys() - asked.keys())]


def problems_of_file(wheel: TorchWheel, names: Found) -> list[str]:
    """Return a line for each name that the wheel has in another way than the file says."""
    found = {name: wheel.where(name) for name in names}
    return [
        f"{name} in the Mac's torch: {found[name] or 'nowhere'}, in the file: {names[name] or 'nowhere'}: {WRITE}"
        for name in names
        if found[name] != names[name]
    ]


def mac_torch() -> TorchWheel:
    """Return the wheel of the locked version, downloaded for a Mac."""
    pin = torch_pin()
    download([pin])
    return TorchWheel(wheel_of(pin))


def torch_pin() -> str:
    """Return the locked version of torch, as "torch==2.13.0"."""
    return next(pin for pin in runtime_pins() if pin.startswith("torch=="))


def write() -> None:
    """Look every name up in the wheel of the locked version, and write the file; tell what is not there."""
    wheel = mac_torch()
    names = {name: wheel.where(name) for name in sorted(asked_by(ROOT / "engine"))}
    FILE.write_text(json.dumps({"wheel": torch_pin(), "names": names}, indent=1) + "\n", "utf-8")
    for name in names:
        if names[name] is None:
            print(f"not in the Mac's torch: {name}")
    print(f"{FILE.relative_to(ROOT)}: {len(names)} names")
