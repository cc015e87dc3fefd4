"""What PyObjC took from the headers of the macOS SDK, against which engine/machine/apple.py is held.

    python -m scripts.bundle.apple     fetch it anew and write apple.json: the few facts of it that tests need

PyObjC's source distribution holds, for each framework, every class, method, type and value of the headers as JSON.
It cannot be built but on a Mac; pip unpacks it all the same, and that is enough.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.machine.apple import Constant, Message
from scripts.bundle.recipe import BUILD

SOURCE = "pyobjc-framework-Cocoa==13.0"
FACTS = Path(__file__).with_name("apple.json")
_FRAMEWORKS = ("Foundation", "AppKit")
_FETCHED = BUILD / "pyobjc"
_RUNTIME = {"-[NSObject retain]": "@", "-[NSObject release]": "v", "-[NSObject respondsToSelector:]": "Z:"}
"""Of the Objective-C runtime, whose headers PyObjC does not read; libqcocoa sends these too."""

_LETTERS = {"^c": "*", "?": "@"}  # a C string; an object of a type that the collection leaves open


def problems(facts: dict[str, Any]) -> list[str]:
    """Return a line for each message and constant of ours that is not so in Apple's headers."""
    lines = []
    for message in Message:
        method, types = message.value
        known = facts["methods"].get(method)
        if known is None:
            lines.append(f"{message.name}: there is no {method}")
        elif known != types:
            lines.append(f"{message.name}: {method} has the types {known}, not {types}")
    for name, constant in Constant.__members__.items():  # more than one has the same value
        if facts["constants"].get(name) != constant:
            lines.append(f"{name} is {facts['constants'].get(name)}, not {constant.value}")
    return lines


def kept_facts() -> dict[str, Any]:
    """Return the facts that are kept beside this module."""
    facts: dict[str, Any] = json.loads(FACTS.read_text("utf-8"))
    return facts


def fetch_facts() -> dict[str, Any]:
    """Return the facts about our messages and constants, from PyObjC's source; raises SystemExit without a network."""
    headers = [_headers(path) for path in sorted(_fetch()) if path.parent.name.removeprefix("raw.") in _FRAMEWORKS]
    ours = {message.value[0] for message in Message}
    methods = dict(_RUNTIME)
    constants: dict[str, int] = {}
    for header in headers:
        methods |= {method: types for method, types in _methods(header) if method in ours}
        constants |= {name: header["enum"][name]["value"] for name in Constant.__members__ if name in header["enum"]}
    return {"source": SOURCE, "methods": dict(sorted(methods.items())), "constants": dict(sorted(constants.items()))}


def _fetch() -> list[Path]:
    """Return the files of the newest SDK in PyObjC's source, one a framework."""
    shutil.rmtree(_FETCHED, ignore_errors=True)
    _FETCHED.mkdir(parents=True)
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps"]
    command += ["--no-binary=:all:", "--no-clean", "--dest", str(_FETCHED), SOURCE]
    # pip fails where there is no Mac, after it has unpacked what is wanted
    subprocess.run(command, env={**os.environ, "TMPDIR": str(_FETCHED)}, capture_output=True, check=False)
    found = list(_FETCHED.rglob("metadata/raw.*/arm64-*.fwinfo"))
    if not found:
        raise SystemExit(f"The source of {SOURCE} could not be fetched. It needs a network.")
    return found


def _headers(path: Path) -> dict[str, Any]:
    lines = path.read_text("utf-8").splitlines()
    read: dict[str, Any] = json.loads("\n".join(line for line in lines if not line.startswith("//")))
    definitions: dict[str, Any] = read["definitions"]
    return definitions


def _methods(header: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each method of each class as Objective-C writes it, and its types."""
    for name, entry in header["classes"].items():
        for method in entry["methods"]:
            sign = "+" if method["class_method"] else "-"
            types = [method["retval"]["typestr"], *(each["typestr"] for each in method["args"])]
            yield f"{sign}[{name} {method['selector']}]", "".join(_LETTERS.get(each, each) for each in types)


if __name__ == "__main__":
    FACTS.write_text(json.dumps(fetch_facts(), indent=2) + "\n", "utf-8")
    print("\n".join(problems(kept_facts())) or "Each message and constant is as Apple has it.")
