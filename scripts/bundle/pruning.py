"""What of the installed packages stays out of the bundle: half their size, none of what a run or the window uses.

Pruned in the environment the bundle is built from, before anything is copied or signed. Qt is pruned by a list of
what stays, torch by a list of what goes: a new part of Qt should not slip in, a new part of torch should not be lost.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

NOT_NEEDED = [
    "fsspec",
    "functorch",
    "jinja2",
    "markupsafe",
    "setuptools",
    "torch.onnx",
    "torch.utils.tensorboard",
]
"""Modules that other packages would import if they were there. A test runs the main job with these blocked."""

QT_MODULES = {"QtCore", "QtDBus", "QtGui", "QtNetwork", "QtOpenGL", "QtOpenGLWidgets", "QtSvg", "QtTest", "QtWidgets"}
"""Ours, what pyqtgraph imports when it is loaded, and QtDBus, which QtGui's library is linked to."""

QT_PLUGINS = {
    "iconengines": ["*svgicon*"],
    "imageformats": ["*qgif*", "*qico*", "*qjpeg*", "*qsvg*"],
    "platforms": ["*qcocoa*", "*qoffscreen*", "*qminimal.*", "*qxcb*"],
    "styles": ["*"],
}

_QT_ON_LINUX = ("libicu*", "libQt6XcbQpa*")

TORCH = ["bin/*", "include", "onnx", "share", "utils/tensorboard"]
_TORCH_ON_LINUX = ["lib/*.a", "test"]
_TORCH_KEEPS = {"bin/torch_shm_manager"}  # torch refuses to be imported without it

PILLOW = ["avif", "imagingcms", "imagingft", "imagingmath", "imagingmorph", "imagingtk", "webp"]
"""Modules of Pillow, by their names without "_": Understudy writes GIF alone."""

_OF_PILLOW = ("avif", "brotli", "freetype", "harfbuzz", "lcms2", "png16", "sharpyuv", "webp")  # libraries of those

EVERYWHERE = ["*.pyi", "py.typed"]
TESTS = {
    "numpy": ["**/tests"],
    "sympy": ["**/tests", "**/benchmarks"],
    "networkx": ["**/tests"],
    "pyqtgraph": ["examples"],
}


def prune(site: Path) -> int:
    """Remove from a site-packages folder what the bundle does without; return the bytes that saves."""
    saved = 0
    for path in list(unneeded(site)):
        saved += size_of(path)
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    return saved


def unneeded(site: Path) -> Iterator[Path]:
    """Yield each file and folder of a site-packages folder that the bundle does without."""
    yield from _of_torch(site / "torch")
    yield from _of_qt(site / "PySide6")
    yield from _of_pillow(site)
    for package, patterns in TESTS.items():
        for pattern in patterns:
            yield from (site / package).glob(pattern)
    for package in ("torch", "PySide6", "shiboken6", "numpy"):
        for pattern in EVERYWHERE:
            yield from (site / package).rglob(pattern)


def _of_torch(torch: Path) -> Iterator[Path]:
    for pattern in (*TORCH, *_TORCH_ON_LINUX):
        for path in torch.glob(pattern):
            if str(path.relative_to(torch)) not in _TORCH_KEEPS:
                yield path


def _of_qt(pyside: Path) -> Iterator[Path]:
    """Yield what is not on the list of what stays: bindings, frameworks, plugins, tools."""
    bindings = QT_MODULES | {"Qt", "libpyside6", "support", "__init__", "_config", "_git_pyside_version"}
    yield from (path for path in pyside.iterdir() if path.name.split(".")[0] not in bindings)
    qt = pyside / "Qt"
    yield from (path for path in qt.iterdir() if path.name not in {"lib", "plugins"})
    yield from (path for path in (qt / "lib").iterdir() if not _is_kept_library(path.name))
    for folder in (qt / "plugins").iterdir():
        kept = QT_PLUGINS.get(folder.name)
        if kept is None:
            yield folder
        else:
            yield from (path for path in folder.iterdir() if not any(fnmatch(path.name, each) for each in kept))


def _of_pillow(site: Path) -> Iterator[Path]:
    """Yield the modules that are not needed, and the libraries beside them: in the package on a Mac, else beside it."""
    for name in PILLOW:
        yield from (site / "PIL").glob(f"_{name}.*")
    for name in _OF_PILLOW:
        yield from (site / "PIL" / ".dylibs").glob(f"lib{name}*")
        yield from (site / "pillow.libs").glob(f"lib{name}*")


def _is_kept_library(name: str) -> bool:
    """Return whether a library of Qt stays: QtCore.framework on a Mac, libQt6Core.so.6 on Linux."""
    module = "Qt" + name.removeprefix("libQt6").removeprefix("Qt").split(".")[0]
    return module in QT_MODULES or any(fnmatch(name, each) for each in _QT_ON_LINUX)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder; a link counts nothing."""
    if path.is_symlink():
        return 0
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file() and not each.is_symlink())
