"""The build on a Mac, with Apple's tools recorded: what is mended, signed, packed, sent and stapled, in which order."""

import hashlib
import json
import plistlib
import runpy
import sys
import types
from pathlib import Path

import pytest

import scripts.bundle.__main__ as steps
from engine import __version__
from engine.support.updates import release_of
from scripts.bundle import qt, release, tools
from scripts.bundle.system import SYSTEM
from tests.scripts.programs import Programs

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "abcd-efgh-ijkl-mnop"


@pytest.fixture
def programs(tmp_path, monkeypatch):
    made = Programs(tmp_path / "programs", "codesign", "hdiutil", "xcrun", "ditto")
    made.answer("ditto", 'for last; do :; done; mkdir -p "$(dirname "$last")"; echo zip >"$last"')
    monkeypatch.setenv("PATH", made.path)
    monkeypatch.setattr(tools, "PAUSE_S", 0.0)
    return made


@pytest.fixture
def on_a_mac(monkeypatch, tmp_path, bundle):
    """Let the steps find a Mac, a bundle that py2app has just built, and somebody to sign it."""
    plist = bundle / "Contents" / "Info.plist"
    plist.write_bytes(plistlib.dumps({"CFBundleName": "Understudy", "NSMainNibFile": "MainMenu"}))
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(steps, "_prepare", lambda: None)
    monkeypatch.setattr(steps, "_build", lambda *_: None)
    monkeypatch.setattr(steps, "BUNDLE", bundle)
    monkeypatch.setattr(steps, "BUILD", tmp_path / "build")
    monkeypatch.setattr(steps, "IMAGE", tmp_path / "Understudy.dmg")
    tmp_path.joinpath("Understudy.dmg").write_bytes(b"an image")
    for name, value in {
        "UNDERSTUDY_SIGN_IDENTITY": "Developer ID Application: A",
        "APPLE_ID": "a@example.com",
        "APPLE_TEAM_ID": "TEAM",
        "APPLE_APP_PASSWORD": PASSWORD,
    }.items():
        monkeypatch.setenv(name, value)
    return bundle


def answers(programs, *statuses):
    for at, status in enumerate(statuses):
        told = json.dumps({"id": f"id-{at}", "status": status})
        programs.answer("xcrun", f"""[ "$2" = submit ] && echo '{told}'; :""", 1 + 3 * at)


def test_the_bundle_is_mended_then_signed_from_the_inside_out_then_verified(on_a_mac, programs):
    framework = next(on_a_mac.rglob("QtCore.framework"))
    programs.answer("codesign", f'[ -L "{framework}/Versions/Current" ] || exit 3')  # signed before it was mended
    steps.app()
    signed = [Path(call[-1]) for call in programs.of("codesign", "--force")]
    assert signed[-1] == on_a_mac
    for at, path in enumerate(signed):
        assert not [later for later in signed[at + 1 :] if path in later.parents], f"{path} before what is in it"
    assert programs.calls[-1][:4] == ["codesign", "--verify", "--deep", "--strict"]
    assert "NSMainNibFile" not in plistlib.loads((on_a_mac / "Contents" / "Info.plist").read_bytes())


def test_a_framework_that_codesign_refuses_stops_the_build_in_its_own_words(on_a_mac, programs):
    refused = "bundle format unrecognized, invalid, or unsuitable"
    programs.answer("codesign", f'case "$*" in *QtCore.framework*) echo "{refused}" >&2; exit 1;; esac')
    with pytest.raises(SystemExit, match=refused):
        steps.dmg()
    assert not programs.of("hdiutil")


def test_a_busy_volume_is_waited_for(on_a_mac, programs):
    for call in (1, 2):
        programs.answer("hdiutil", 'echo "hdiutil: create failed - Resource busy" >&2; exit 1', call)
    steps.dmg()
    assert len(programs.of("hdiutil", "create")) == 3


@pytest.mark.parametrize(("words", "tries"), [("Resource busy", tools.TRIES), ("No space left on device", 1)])
def test_what_does_not_pass_is_told(on_a_mac, programs, words, tries):
    programs.answer("hdiutil", f'echo "hdiutil: create failed - {words}" >&2; exit 1')
    with pytest.raises(SystemExit, match=words):
        steps.dmg()
    assert len(programs.of("hdiutil")) == tries


def test_application_and_image_are_both_looked_at_and_stapled_in_this_order(on_a_mac, programs):
    answers(programs, "Accepted", "Accepted")
    steps.notarize()
    told = [(call[0], *call[1:3]) if call[0] == "xcrun" else call[:2] for call in programs.calls]
    order = [each for each in told if each[0] in ("xcrun", "hdiutil")]
    look = [("xcrun", "notarytool", "submit"), ("xcrun", "stapler", "staple"), ("xcrun", "stapler", "validate")]
    assert order == [*look, ["hdiutil", "create"], *look]
    stapled = [call[-1] for call in programs.of("xcrun", "stapler", "staple")]
    assert stapled == [str(on_a_mac), str(steps.IMAGE)]
    image_signed = programs.calls.index(programs.of("codesign")[-1])
    assert programs.calls[image_signed][-1] == str(steps.IMAGE)
    assert programs.calls[image_signed - 1][0] == "hdiutil"


@pytest.mark.parametrize("statuses", [("Invalid",), ("Accepted", "Rejected")])
def test_what_apple_does_not_accept_is_not_stapled_although_notarytool_ends_with_0(on_a_mac, programs, statuses):
    answers(programs, *statuses)
    programs.answer("xcrun", """[ "$2" = log ] && echo "The binary is not signed."; :""")
    with pytest.raises(SystemExit) as told:
        steps.notarize()
    assert statuses[-1] in str(told.value)
    assert "The binary is not signed." in str(told.value)
    assert programs.of("xcrun", "notarytool", "log")[0][3] == f"id-{len(statuses) - 1}"
    assert len(programs.of("xcrun", "stapler", "staple")) == len(statuses) - 1


def test_a_failure_tells_no_password(on_a_mac, programs):
    programs.answer("xcrun", "echo 'no such account' >&2; exit 1")
    with pytest.raises(SystemExit) as told:
        steps.notarize()
    assert "no such account" in str(told.value)
    assert PASSWORD not in str(told.value)


def test_nothing_is_built_when_nobody_could_send_it(on_a_mac, programs, monkeypatch):
    monkeypatch.delenv("APPLE_TEAM_ID")
    with pytest.raises(SystemExit, match="APPLE_TEAM_ID"):
        steps.notarize()
    assert programs.calls == []


def test_py2app_signs_nothing_itself(monkeypatch):
    """It would sign the frameworks before they are mended, which fails at random."""

    def refuse(_bundle):
        raise AssertionError("signed too early")

    command = type("py2app", (), {"finalize_options": lambda self: None})
    build_app = types.SimpleNamespace(codesign_adhoc=refuse, py2app=command)
    monkeypatch.setitem(sys.modules, "py2app", types.SimpleNamespace(build_app=build_app))
    monkeypatch.setitem(sys.modules, "setuptools", types.SimpleNamespace(setup=lambda **_: None))
    limit = sys.getrecursionlimit()
    runpy.run_path(str(ROOT / "setup.py"))
    sys.setrecursionlimit(limit)
    build_app.codesign_adhoc("Understudy.app")


# -- what is believed of Qt and of the system ------------------------------------------------------------------------


@pytest.fixture
def pyside(tmp_path):
    """Return a PySide6 that has all that the window rests on."""
    made = tmp_path / "PySide6"
    for path in (made / qt._CORE, made / qt._COCOA):
        path.parent.mkdir(parents=True)
    (made / qt._CORE).write_bytes(plistlib.dumps({"CFBundleVersion": "6.11.3"}))
    words = [words for rest in qt.RESTS for words in rest.words]
    (made / qt._COCOA).write_bytes(b"".join(b"\0" + each.encode() + b"\0" for each in words))
    return made


def test_the_qt_that_is_locked_has_what_the_window_rests_on(pyside):
    assert list(qt.problems(pyside)) == []


@pytest.mark.parametrize("version", ["6.9.3", "6.11.2", "6.12.0"])
def test_a_qt_that_aborts_on_macos_27_is_found_out(pyside, version):
    (pyside / qt._CORE).write_bytes(plistlib.dumps({"CFBundleVersion": version}))
    (line,) = qt.problems(pyside)
    assert version in line
    assert "QTBUG-147449" in line


def test_a_qt_in_which_something_has_another_name_is_found_out(pyside):
    library = pyside / qt._COCOA
    library.write_bytes(library.read_bytes().replace(b"Preferences...", b"Settings..."))
    (line,) = qt.problems(pyside)
    assert "gui/shell/menus.py" in line


def test_the_modules_that_qt_s_facts_are_about_are_there():
    for rest in qt.RESTS:
        assert (ROOT / rest.why.split()[0].rstrip(":")).is_file(), rest.why


def test_libraries_of_the_system_are_known_one_by_one():
    assert "/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit" in SYSTEM
    assert not [name for name in SYSTEM if "PrivateFrameworks" in name]


# -- a release -------------------------------------------------------------------------------------------------------


def test_cask_and_feed_name_a_release_once_there_is_one(tmp_path):
    image = tmp_path / f"Understudy-{__version__}.dmg"
    image.write_bytes(b"an image")
    assert release.describe(image, "15.0", "") == []
    cask, feed = release.describe(image, "15.0", "https://example.com/releases")
    told = cask.read_text("utf-8")
    assert f'version "{__version__}"' in told
    assert hashlib.sha256(b"an image").hexdigest() in told
    assert 'url "https://example.com/releases/download/v#{version}/Understudy-#{version}.dmg"' in told
    assert 'depends_on macos: ">= :sequoia"' in told
    newest = release_of(feed.read_text("utf-8"))  # as an older copy reads it
    assert (newest.version, newest.page) == (__version__, f"https://example.com/releases/tag/v{__version__}")
    assert not newest.newer


def test_nothing_is_claimed_to_be_published():
    assert release.releases() == ""


def test_the_change_log_tells_of_this_version():
    assert f"## [{__version__}]" in ROOT.joinpath("CHANGELOG.md").read_text("utf-8")
