"""Build, check and pack Understudy.app.

python -m scripts.bundle app        on a Mac: dist/Understudy.app, signed and verified
python -m scripts.bundle dmg        on a Mac: the same as a disk image
python -m scripts.bundle notarize   on a Mac: application and image, each sent to Apple and stapled
python -m scripts.bundle check      anywhere: build it with Linux's libraries, start it, and read the Mac's wheels
python -m scripts.bundle names      anywhere: look up in the Mac's torch all that engine/ asks torch for
"""

from __future__ import annotations

import argparse
import plistlib
import shutil
import subprocess
import sys

from engine.core.version import __version__
from scripts.bundle import apple, notarization, release
from scripts.bundle.audit import audit
from scripts.bundle.boot import boot
from scripts.bundle.environment import SITE_PYTHON, make_environment
from scripts.bundle.icon import icns
from scripts.bundle.layered_icon import add_layers
from scripts.bundle.macho import binaries, lowest_macos
from scripts.bundle.notarization import credentials
from scripts.bundle.pruning import size_of
from scripts.bundle.recipe import BUILD, BUNDLE, DIST, ICON, NAME, ROOT
from scripts.bundle.signing import AD_HOC, identity, sign
from scripts.bundle.tools import run, run_until_free
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
    if not add_layers(BUNDLE):
        print("No Xcode here: macOS 26 will show the flat icon.")
    sign(BUNDLE)
    print(
        f"{BUNDLE}  {size_of(BUNDLE) / _MB:.0f} MB, signed {'ad hoc' if identity() == AD_HOC else 'by ' + identity()}"
    )


def dmg() -> None:
    """Build the bundle and pack it as a disk image."""
    app()
    pack()
    publish()


def pack() -> None:
    """Pack the bundle as a disk image with a link to Applications beside it."""
    folder = BUILD / "image"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run("ditto", str(BUNDLE), str(folder / BUNDLE.name))
    (folder / "Applications").symlink_to("/Applications")
    where = ("-srcfolder", str(folder), "-format", "UDZO", "-ov", str(IMAGE))
    run_until_free("hdiutil", "create", "-volname", NAME, *where)
    print(IMAGE)


def publish() -> None:
    """Describe the finished image for Homebrew and for older copies; where nothing is published, say so."""
    written = release.describe(IMAGE, lowest_macos(list(binaries(BUNDLE))), release.releases())
    lines = [str(path) for path in written]
    print(*lines or ["No cask and no feed: resources/updates.json names no address of releases."], sep="\n")


def notarize() -> None:
    """Build the application and have Apple look at it; then pack it with its ticket, and have the image looked at.

    Both are stapled: the application starts without a network also when it was copied out of the image.
    """
    credentials()
    app()
    archive = BUILD / f"{NAME}.zip"
    run("ditto", "-c", "-k", "--keepParent", str(BUNDLE), str(archive))
    notarization.notarize(archive, BUNDLE)
    pack()
    run("codesign", "--force", "--timestamp", "--sign", identity(), str(IMAGE))
    notarization.notarize(IMAGE, IMAGE)
    publish()


def check() -> None:
    """Build with the Mach-O and signing steps replaced, start the result, and audit the macOS wheels."""
    _prepare()
    print("Building with py2app, its Mach-O and signing steps replaced ...", flush=True)
    _build("-m", "scripts.bundle.linux")
    print("Starting the bundle, with an empty home and no network ...", flush=True)
    result = boot(BUNDLE, "--self-test")
    print(f"    window painted, {result['iterations']} iterations trained, {result['characters']} characters generated")
    print("Reading the macOS wheels ...", flush=True)
    found = audit()
    finish_plist(found.minimum)
    print(f"    {found.found} binaries; the lowest macOS they all run on is {found.minimum}")
    print(f"    {found.bytes_before / _MB:.0f} MB of packages, {found.bytes_after / _MB:.0f} MB of them in the bundle:")
    for name, size in found.largest:
        print(f"    {size / _MB:8.0f} MB  {name}")
    print("Holding our messages against the headers of the macOS SDK ...", flush=True)
    facts = apple.fetch_facts()
    stale = [] if facts == apple.kept_facts() else ["scripts/bundle/apple.json is not what Apple's headers say now"]
    print(f"    {len(facts['methods'])} methods and {len(facts['constants'])} constants, as {facts['source']} has them")
    if problems := [*found.problems, *apple.problems(facts), *stale]:
        raise SystemExit("\n".join(["A Mac would stumble over this:", *problems]))


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
    drawings = ROOT / "resources" / "icons"
    ICON.write_bytes(icns(drawings / "app.svg", drawings / "app-small.svg"))
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
