"""What py2app is told: the files of the bundle, its Info.plist, and what is left out. Nothing here needs a Mac."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.core.carriers import CARRIERS, carried
from engine.core.version import __version__
from engine.text.built_in import library_files
from engine.text.formats import ENDINGS
from gui.kit.mac import PLAIN_TEXT, SERVICE
from scripts.bundle.pruning import NOT_NEEDED

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = "Understudy"
IDENTIFIER = "app.understudy.Understudy"
BUILD = ROOT / "build" / "app"
ICON = BUILD / f"{NAME}.icns"
DIST = ROOT / "dist"
BUNDLE = DIST / f"{NAME}.app"

PACKAGES = [
    "certifi",  # its certificates, as a file and not from inside a zip
    "chardet",
    "chardetng_py",
    "charset_normalizer",
    "cryptography",
    "engine",
    "gguf",
    "gui",
    "lxml",
    "numpy",
    "PIL",
    "psutil",
    "pyqtgraph",
    "PySide6",  # beside shiboken6: each finds the other's libraries by a relative path
    "safetensors",
    "shiboken6",
    "regex",
    "tiktoken",
    "tokenizers",
    "torch",
    "torchgen",
    "yaml",
]
"""Copied whole, outside the zip: they have libraries or data beside them."""

INCLUDES = ["tiktoken_ext.openai_public"]  # a namespace package, found by name only

EXCLUDES = [
    *NOT_NEEDED,
    # what the graph would drag in
    "IPython",
    "PyQt5",
    "PyQt6",
    "PySide2",
    "_pytest",
    "idlelib",
    "lib2to3",
    "matplotlib",
    "mypy",
    "pip",
    "pyqtgraph.examples",
    "pytest",
    "scipy",
    "test",
    "tkinter",  # and what imports it: the report of missing modules would open a display
    "turtle",
    "turtledemo",
]


PLACES = ("DocumentsFolder", "DesktopFolder", "DownloadsFolder", "RemovableVolumes", "NetworkVolumes")
FOLDERS = "Understudy reads the texts that you add from here, and writes what you export to it."
"""What macOS tells a person whom it asks whether Understudy may look into one of PLACES."""


def options() -> dict[str, Any]:
    """Return the options of py2app."""
    return {
        "arch": "arm64",
        "argv_emulation": False,  # Qt receives opened files itself
        "strip": False,
        "iconfile": str(ICON),
        "packages": PACKAGES,
        "includes": INCLUDES,
        "excludes": EXCLUDES,
        "plist": info_plist(),
        "bdist_base": str(BUILD / "py2app"),
        "dist_dir": str(DIST),
    }


def resources() -> list[tuple[str, list[str]]]:
    """Return what is copied to Contents/Resources: (folder there, files), for setup's data_files.

    Our own folders, what two wheels carry (GPT-2's vocabulary and the plays), and the modules of Python that are a text
    to begin with: the bundle's own Python has them compiled. So the first start needs no network.
    """
    folders = {name: ROOT / name for name in ("resources", "data")}
    folders |= {f"resources/{what}": carried(what) for what in CARRIERS}
    library = ("resources/library", [str(path) for path in library_files()])
    return [library] + [
        (str(Path(name) / folder.relative_to(top)), sorted(map(str, files)))
        for name, top in folders.items()
        for folder in [top, *sorted(path for path in top.rglob("*") if path.is_dir())]
        if (files := [path for path in folder.iterdir() if _is_data(path)])
    ]


def _is_data(path: Path) -> bool:
    """Return whether a file is meant: not the code that a wheel has beside its data, not what an editor left."""
    return path.is_file() and path.suffix not in {".py", ".pyc"} and not path.name.startswith(".")


def info_plist() -> dict[str, Any]:
    """Return Info.plist but for the lowest macOS, which is read from the finished bundle's binaries."""
    return {
        "CFBundleName": NAME,
        "CFBundleDisplayName": NAME,
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleShortVersionString": __version__,
        "CFBundleVersion": __version__,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleDocumentTypes": document_types(),
        "CFBundleURLTypes": [{"CFBundleURLName": IDENTIFIER, "CFBundleURLSchemes": [NAME.casefold()]}],
        "NSServices": [
            {
                "NSMenuItem": {"default": "Train a Model on This Text"},
                "NSMessage": SERVICE,
                "NSPortName": NAME,
                "NSSendTypes": [PLAIN_TEXT, "NSStringPboardType"],
                "NSRequiredContext": {},
            }
        ],
        "LSApplicationCategoryType": "public.app-category.developer-tools",
        "LSArchitecturePriority": ["arm64"],
        "LSRequiresNativeExecution": True,
        "LSUIElement": False,  # an application with a Dock icon, and a menu-bar item beside it
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,  # dark where the system is dark
        "NSSupportsAutomaticTermination": False,  # a run must not end because no window is open
        "NSSupportsSuddenTermination": False,
        "NSHumanReadableCopyright": "MIT License",
        **{f"NS{place}UsageDescription": FOLDERS for place in PLACES},
    }


def document_types() -> list[dict[str, Any]]:
    """Return what Finder may open with Understudy, and the Dock takes; no type is taken from another application."""
    return [
        _document("Checkpoint", {"CFBundleTypeExtensions": ["pt"]}),
        _document("Packed Run", {"LSItemContentTypes": ["org.gnu.gnu-zip-archive", "org.gnu.gnu-zip-tar-archive"]}),
        _document("Packed Run", {"CFBundleTypeExtensions": ["gz", "tgz"]}),
        _document("Run or Folder of Texts", {"LSItemContentTypes": ["public.folder"]}),
        _document("Text", {"LSItemContentTypes": ["public.plain-text", "net.daringfireball.markdown"]}),
        _document("Document", {"CFBundleTypeExtensions": sorted(suffix.removeprefix(".") for suffix in ENDINGS)}),
    ]


def _document(name: str, kind: dict[str, list[str]]) -> dict[str, Any]:
    return {"CFBundleTypeName": name, "CFBundleTypeRole": "Viewer", "LSHandlerRank": "Alternate", **kind}
