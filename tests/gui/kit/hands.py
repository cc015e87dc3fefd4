"""What tests of the parts share."""

from PySide6.QtCore import QObject


def moves(line):
    return any("Animation" in child.metaObject().className() for child in line.findChildren(QObject))
