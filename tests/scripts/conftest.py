"""What tests of the scripts share."""

import pytest

from tests.scripts.mach_o import mach_o


@pytest.fixture
def bundle(tmp_path):
    """Return a bundle with a framework as a wheel brings it, a loose library, and two programs."""
    made = tmp_path / "Understudy.app"
    contents = made / "Contents"
    for name in ("Understudy", "python"):
        mach_o(contents / "MacOS" / name)
    site = contents / "Resources" / "lib" / "python3.12"
    mach_o(site / "torch" / "lib" / "libtorch.dylib")
    framework = site / "PySide6" / "Qt" / "lib" / "QtCore.framework"
    mach_o(framework / "Versions" / "A" / "QtCore")
    for place in (framework / "Versions" / "A", framework):
        place.joinpath("Resources").mkdir()
        place.joinpath("Resources", "Info.plist").write_text("x", "utf-8")
    return made
