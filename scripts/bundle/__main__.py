"""Build, check and pack Understudy.app.

python -m scripts.bundle app        on a Mac: dist/Understudy.app, signed and verified
python -m scripts.bundle dmg        on a Mac: the same as a disk image
python -m scripts.bundle notarize   on a Mac: the disk image, sent to Apple and stapled
python -m scripts.bundle check      anywhere: build it with Linux's libraries, start it, and read the Mac's wheels
python -m scripts.bundle names      anywhere: look up in the Mac's torch all that engine/ asks torch for
"""

from __future__ import annotations

import argparse
import os
import plistlib
import shutil
import subprocess
import sys

from engine.core.version import __version__
from scripts.bundle.audit import audit
from scripts.bundle.boot import boot
from scripts.bundle.environment import SITE_PYTHON, make_environment
from scripts.bundle.icon import icns
from scripts.bundle.macho import binaries, lowest_macos
from scripts.bundle.pruning import size_of
from scripts.bundle.recipe import BUILD, BUNDLE, DIST, ICON, NAME, ROOT
from scripts.bundle.signing import AD_HOC, identity, sign
from scripts.bundle.torch_names import write

IMAGE = DIST / f"{NAME}-{__version__}.dmg"
_MB = 1e6


def main() -> None:
    """Do what is asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("what", choices=list(STEPS))
    STEPS[asked.parse_args().what]()


def app() -> None:
    """Build, sign and verify the bundle; raises SystemExit with what failed."""
    _only_on_a_mac("make app-check")
    _prepare()
    _build("setup.py", "--quiet", "py2app")
    finish_plist(lowest_macos(list(binaries(BUNDLE))))
    sign(BUNDLE)
    print(
        f"{BUNDLE}  {size_of(BUNDLE) / _MB:.0f} MB, signed {'ad hoc' if identity() == AD_HOC else 'by ' + identity()}"
    )


def dmg() -> None:
    """Pack the bundle as a disk image with a link to Applications beside it."""
    app()
    folder = BUILD / "image"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run(["ditto", str(BUNDLE), str(folder / BUNDLE.name)], check=True)
    (folder / "Applications").symlink_to("/Applications")
    pack = ["hdiutil", "create", "-volname", NAME, "-srcfolder", str(folder), "-format", "UDZO", "-ov", str(IMAGE)]
    subprocess.run(pack, check=True)
    print(IMAGE)


def notarize() -> None:
    """Build the image, have Apple look at it, and staple the answer to it.

    Credentials come from the environment alone: UNDERSTUDY_SIGN_IDENTITY, APPLE_ID, APPLE_TEAM_ID, and
    APPLE_APP_PASSWORD (an app-specific password).
    """
    names = ("UNDERSTUDY_SIGN_IDENTITY", "APPLE_ID", "APPLE_TEAM_ID", "APPLE_APP_PASSWORD")
    if missing := [name for name in names if not os.environ.get(name)]:
        raise SystemExit(f"To notarize, set {', '.join(missing)} in the environment.")
    dmg()
    who = ["--apple-id", os.environ["APPLE_ID"], "--team-id", os.environ["APPLE_TEAM_ID"]]
    who += ["--password", os.environ["APPLE_APP_PASSWORD"]]
    subprocess.run(["codesign", "--force", "--timestamp", "--sign", identity(), str(IMAGE)], check=True)
    subprocess.run(["xcrun", "notarytool", "submit", str(IMAGE), "--wait", *who], check=True)
    subprocess.run(["xcrun", "stapler", "staple", str(IMAGE)], check=True)


def check() -> None:
    """Build with the Mach-O and signing steps replaced, start the result, and audit the macOS wheels."""
    _prepare()
    print("Building with py2app, its Mach-O and signing steps replaced ...", flush=True)
    _build("-m", "scripts.bundle.linux")
    print("Starting the bundle, with an empty home and no network ...", flush=True)
    told = boot(BUNDLE, "--self-test")
    print(f"    window painted, {told['iterations']} iterations trained, {told['characters']} characters generated")
    print("Reading the macOS wheels ...", flush=True)
    found = audit()
    finish_plist(found.minimum)
    print(f"    {found.found} binaries; the lowest macOS they all run on is {found.minimum}")
    print(f"    {found.bytes_before / _MB:.0f} MB of packages, {found.bytes_after / _MB:.0f} MB of them in the bundle:")
    for name, size in found.largest:
        print(f"    {size / _MB:8.0f} MB  {name}")
    if found.problems:
        raise SystemExit("\n".join(["A Mac would stumble over this:", *found.problems]))


def finish_plist(minimum: str) -> None:
    """Write the lowest macOS into the bundle's Info.plist, and take out a window that py2app's template claims."""
    path = BUNDLE / "Contents" / "Info.plist"
    plist = plistlib.loads(path.read_bytes())
    plist["LSMinimumSystemVersion"] = minimum
    plist.pop("NSMainNibFile", None)
    path.write_bytes(plistlib.dumps(plist))


def _prepare() -> None:
    print("Making the environment of the bundle ...", flush=True)
    saved = make_environment()
    print(f"    {saved / _MB:.0f} MB pruned")
    ICON.write_bytes(icns(ROOT / "resources" / "icons" / "app.svg"))
    shutil.rmtree(DIST, ignore_errors=True)
    shutil.rmtree(BUILD / "py2app", ignore_errors=True)


def _build(*arguments: str) -> None:
    """Run py2app in the bundle's environment; its hundreds of lines are shown only when it fails."""
    done = subprocess.run([str(SITE_PYTHON), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"py2app failed:\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")


def _only_on_a_mac(instead: str) -> None:
    if sys.platform != "darwin":
        raise SystemExit(f"Only a Mac can build the application; {instead} checks here what can be checked.")


STEPS = {"app": app, "dmg": dmg, "notarize": notarize, "check": check, "names": write}

if __name__ == "__main__":
    main()
