"""Small Mach-O files: a header, and the load commands that a test is about."""

import struct

ARM64, X86_64 = 0x0100000C, 0x01000007
LC_LOAD_DYLIB, LC_RPATH, LC_BUILD_VERSION = 0xC, 0x8000001C, 0x32


def command(kind, body):
    body += b"\0" * (-len(body) % 8)
    return struct.pack("<II", kind, 8 + len(body)) + body


def library(name):
    return command(LC_LOAD_DYLIB, struct.pack("<IIII", 24, 0, 0, 0) + name.encode() + b"\0")


def rpath(place):
    return command(LC_RPATH, struct.pack("<I", 12) + place.encode() + b"\0")


def built_for(major, minor):
    return command(LC_BUILD_VERSION, struct.pack("<IIII", 1, major << 16 | minor << 8, 0, 0))


def mach_o(path, *commands, chip=ARM64):
    path.parent.mkdir(parents=True, exist_ok=True)
    body = b"".join(commands)
    path.write_bytes(struct.pack("<IiiIIIII", 0xFEEDFACF, chip, 0, 6, len(commands), len(body), 0, 0) + body)
    return path
