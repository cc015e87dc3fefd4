"""The libraries of macOS itself that the bundle's binaries load: public ones, in every macOS from 15 on.

A list, and not all below /System: what else a new wheel loads is to be looked up once, not found missing on a Mac.
"""

from __future__ import annotations

# fmt: off
_FRAMEWORKS = (
    "AVFoundation", "Accelerate", "ApplicationServices", "CFNetwork", "Carbon", "ColorSync", "Contacts",
    "CoreBluetooth", "CoreFoundation", "CoreGraphics", "CoreServices", "CoreText", "CoreVideo", "DiskArbitration",
    "EventKit", "GSS", "IOKit", "IOSurface", "ImageIO", "Metal", "Network", "OpenGL", "QuartzCore", "Security",
    "SystemConfiguration", "UniformTypeIdentifiers",
)
# fmt: on
_THIRD = ("AppKit", "Foundation")  # their binaries are of version C, the others' of version A
_LIBRARIES = ["libSystem.B", "libc++.1", "libffi", "libiconv.2", "libobjc.A", "libresolv.9", "libz.1"]


def _framework(name: str, version: str) -> str:
    return f"/System/Library/Frameworks/{name}.framework/Versions/{version}/{name}"


SYSTEM = frozenset(
    [
        *(_framework(name, "A") for name in _FRAMEWORKS),
        *(_framework(name, "C") for name in _THIRD),
        *(f"/usr/lib/{name}.dylib" for name in _LIBRARIES),
    ]
)
"""As load commands name them; the files themselves are in the system's shared cache, and nowhere on its disk."""
