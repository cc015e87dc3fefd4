"""Checks of everything a run needs: device, versions, memory, disk, tokenizer, data."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.core.errors import UnderstudyError
from engine.core.events import Facts
from engine.core.jobs import Job
from engine.core.paths import home
from engine.core.untrusted_files import reason
from engine.core.version import __version__
from engine.machine.hardware import gpu_cores, machine
from engine.text.catalogue import catalogue

DISK_NEEDED = 2 * 2**30
"""Bytes that should be free: the largest preset's two checkpoints take three quarters of it."""

MEMORY_NEEDED = 2 * 2**30
"""Bytes of memory below which even the small presets will swap."""


MPS_KNOWN_FROM = (
    "what is asked of a Mac’s GPU was read in PyTorch’s wheel for macOS and run on a stand-in, on no Mac so far: "
    "each run compares it with the processor first, and `make mac-report` measures it"
)
"""How far what is said of a Mac's GPU can be relied on."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: what was found, and what to do if it is not well."""

    check: str
    ok: bool
    found: str
    fix: str = ""


def facts_job() -> Job:
    """Tell what this machine and this copy of Understudy are; loads torch. Yields one Facts."""
    import torch

    from engine.machine.device import DEVICES, available, choose_device

    here, cores = machine(), gpu_cores()
    mps = "ready" if available("mps") else "not available"
    best, several = choose_device("auto").kind.upper(), sum(map(available, DEVICES)) > 1
    gpu = f"{cores} cores" if cores else "not reported by the system"
    rows = [
        ("Processor", f"{here.chip or 'not reported by the system'}, {here.cores} cores"),
        ("GPU", gpu),
        ("Memory", f"{here.memory_bytes / 2**30:.0f} GB"),
        ("System", here.system),
        ("PyTorch", torch.__version__),
        ("MPS", mps),
        ("Trains on", f"{best}, a small model on what a trial finds faster" if several else best),
        ("Understudy", f"{__version__}, Python {platform.python_version()}"),
    ]
    yield Facts(rows=tuple(rows))


def diagnose() -> list[CheckResult]:
    """Return what every check finds; none of them raises. Loads torch."""
    checks: tuple[Callable[[], CheckResult], ...] = (
        _versions,
        _device,
        _memory,
        _disk,
        _tokenizer,
        _data,
        _home,
    )
    return [_guarded(check) for check in checks]


def _guarded(check: Callable[[], CheckResult]) -> CheckResult:
    """Return what a check finds; an error in it is its finding."""
    try:
        return check()
    except UnderstudyError as error:
        return CheckResult(check.__name__.strip("_"), False, error.message, error.fix)
    except Exception as error:
        return CheckResult(check.__name__.strip("_"), False, f"{type(error).__name__}: {error}", "Install it again.")


def _versions() -> CheckResult:
    import torch

    found = f"Understudy {__version__}, Python {platform.python_version()}, torch {torch.__version__}"
    return CheckResult("versions", True, found)


def _device() -> CheckResult:
    from engine.machine.device import DEVICES, available, choose_device

    kind = choose_device("auto").kind
    there = ", ".join(name for name in DEVICES if available(name))
    slow = platform.system() == "Darwin" and kind == "cpu"
    fix = _why_no_mps() if slow else ""
    cores = gpu_cores()
    gpu = f", GPU with {cores} cores" if cores else ""
    known = f"; {MPS_KNOWN_FROM}" if kind == "mps" else ""
    return CheckResult("device", not slow, f"{kind} (there are: {there}); {machine().chip}{gpu}{known}", fix)


def _why_no_mps() -> str:
    """Return why a Mac trains on its processor."""
    import torch

    if torch.backends.mps.is_available():
        return "PyTorch tells of a GPU that takes no memory, as on virtual machines: train on the processor here."
    return "MPS is missing: it needs Apple silicon and macOS 14 or later."


def _memory() -> CheckResult:
    memory = psutil.virtual_memory()
    found = f"{memory.total / 2**30:.1f} GiB, {memory.available / 2**30:.1f} GiB available; {machine().system}"
    ok = memory.available >= MEMORY_NEEDED
    return CheckResult("memory", ok, found, "" if ok else "Close other programs before training.")


def _home() -> CheckResult:
    """Try to write where datasets and runs go; nothing is left there."""
    folder = _nearest_folder()
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        fix = "Let yourself write there, make room, or choose another folder: Settings, or UNDERSTUDY_HOME."
        return CheckResult("home", False, f"{home()} cannot be written: {reason(error)}", fix)
    return CheckResult("home", True, f"{home()} can be written")


def _nearest_folder() -> Path:
    """Return the home, or while there is none the folder in which it will be made."""
    return next(folder for folder in (home(), *home().parents) if os.path.lexists(folder))


def _disk() -> CheckResult:
    folder = _nearest_folder()
    free = shutil.disk_usage(folder).free
    ok = free >= DISK_NEEDED
    return CheckResult(
        "disk", ok, f"{free / 2**30:.1f} GiB free at {home()}", "" if ok else "Make room for checkpoints."
    )


def _tokenizer() -> CheckResult:
    from engine.tokens.tokenizer import gpt2_tokenizer

    text = "To be, or not to be: that is the question."
    tokenizer = gpt2_tokenizer()
    ok = tokenizer.decode(tokenizer.encode(text)) == text
    return CheckResult("tokenizer", ok, f"gpt2, {tokenizer.token_count:,} tokens, from disk")


def _data() -> CheckResult:
    from engine.core.carriers import carried

    entry = next(iter(catalogue().values()))
    plays = sum(1 for _ in carried("plays").rglob("*.md"))
    ok = plays > 0
    return CheckResult("data", ok, f"{entry.title}: {plays} plays on disk", "" if ok else "Run `make run` again.")
