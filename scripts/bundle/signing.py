"""Signing: Qt's frameworks put into the shape codesign accepts, then every binary from the inside out, then verified.

Without an identity everything is signed ad hoc, which Apple silicon needs to run it at all. With one
(UNDERSTUDY_SIGN_IDENTITY, a "Developer ID Application: …") it is signed for notarization.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from scripts.bundle.macho import is_binary
from scripts.bundle.recipe import ROOT
from scripts.bundle.tools import run

ENTITLEMENTS = ROOT / "resources" / "entitlements.plist"
AD_HOC = "-"


def identity() -> str:
    """Return who signs: UNDERSTUDY_SIGN_IDENTITY, else nobody ("-")."""
    return os.environ.get("UNDERSTUDY_SIGN_IDENTITY") or AD_HOC


def mend_frameworks(bundle: Path) -> list[Path]:
    """Give each framework the links that a wheel cannot carry; return the frameworks that lacked them.

    A wheel holds `Versions/A` and a second `Resources`; codesign wants `Versions/Current` to point to A, and the
    binary and `Resources` at the top to point through it.
    """
    mended = []
    for framework in sorted(bundle.rglob("*.framework")):
        versions = framework / "Versions"
        if not (versions / "A").is_dir() or (versions / "Current").is_symlink():
            continue
        (versions / "Current").symlink_to("A")
        for inside in sorted((versions / "A").iterdir()):
            if inside.name == "_CodeSignature":
                continue
            outside = framework / inside.name
            if outside.is_dir() and not outside.is_symlink():
                shutil.rmtree(outside)
            outside.unlink(missing_ok=True)
            outside.symlink_to(Path("Versions", "Current", inside.name))
        mended.append(framework)
    return mended


def signing_order(bundle: Path) -> list[Path]:
    """Return what is signed, inner before outer: loose binaries, frameworks by their version, programs, the bundle."""
    programs = sorted(path for path in (bundle / "Contents" / "MacOS").iterdir() if is_binary(path))
    frameworks = sorted(bundle.rglob("*.framework"), key=lambda path: -len(path.parts))
    mains = {path.resolve() for each in frameworks if (path := each / each.stem).exists()}
    loose = [
        path
        for path in sorted(bundle.rglob("*"), key=lambda path: (-len(path.parts), path))
        if path.is_file() and not path.is_symlink() and is_binary(path) and path not in programs
    ]
    return [
        *(path for path in loose if path.resolve() not in mains),
        *((each / "Versions" / "Current").resolve() for each in frameworks),
        *programs,
        bundle,
    ]


def signing_commands(bundle: Path, who: str) -> list[list[str]]:
    """Return the codesign command for each, in order; programs and the bundle get the entitlements."""
    programs = {*(bundle / "Contents" / "MacOS").iterdir(), bundle}
    seal = ["codesign", "--force", "--sign", who, "--options", "runtime"]
    seal += ["--timestamp=none"] if who == AD_HOC else ["--timestamp"]
    return [
        [*seal, *(["--entitlements", str(ENTITLEMENTS)] if path in programs else []), str(path)]
        for path in signing_order(bundle)
    ]


def order_problems(bundle: Path) -> list[str]:
    """Return a line for each framework without its links, and each thing signed too early or never."""
    lines = [
        f"{framework.name} lacks the links that codesign wants"
        for framework in bundle.rglob("*.framework")
        if not (framework / "Versions" / "Current").is_symlink()
    ]
    place = {path: at for at, path in enumerate(signing_order(bundle))}
    for path, at in place.items():
        outer = [place[each] for each in path.parents if each in place]
        if any(at > later for later in outer):
            lines.append(f"something is signed before what is in it: {path.relative_to(bundle)}")
    for path in bundle.rglob("*"):
        if path.is_file() and not path.is_symlink() and is_binary(path) and not {path, path.parent} & place.keys():
            lines.append(f"{path.relative_to(bundle)} is never signed")
    return lines


def sign(bundle: Path) -> None:
    """Sign all of it and verify it; raises SystemExit with codesign's words at the first that fails."""
    mend_frameworks(bundle)
    verify = ["codesign", "--verify", "--deep", "--strict", "--verbose=2", str(bundle)]
    for command in [*signing_commands(bundle, identity()), verify]:
        run(*command)
