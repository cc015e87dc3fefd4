"""Fields for numbers: typed with a point or a comma, in any digits, the number is the one that is meant.

Qt's own drop the sign that is not the locale's, key by key: 0.5 became 5.
"""

from __future__ import annotations

import re
import unicodedata

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

from gui.kit.theme import Space

_POINTS = str.maketrans({",": ".", "٫": ".", "·": "."})
_BETWEEN_THOUSANDS = "[., '’٬\u00a0\u202f]"
_GROUPED = re.compile(rf"\d{{1,3}}(?:{_BETWEEN_THOUSANDS}\d{{3}})*")
_BEING_TYPED = re.compile(rf"\d*(?:{_BETWEEN_THOUSANDS}\d*)*")
_State = QValidator.State


def decimal(text: str) -> str | None:
    """Return a decimal number, or the beginning of one, with a point and plain digits; None for anything else."""
    plain = _in_plain_digits(text.strip()).translate(_POINTS)
    return plain if re.fullmatch(r"\d*\.?\d*", plain) else None


def whole(text: str) -> int | None:
    """Return a whole number, its thousands set apart in whatever way, or one with decimals rounded; None for others."""
    plain = _in_plain_digits(text.strip())
    if plain.isdecimal():
        return int(plain)
    if _GROUPED.fullmatch(plain):
        return int(re.sub(r"\D", "", plain))
    number = decimal(plain) or ""
    return round(float(number)) if number.strip(".") else None


def _in_plain_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)


class DecimalField(QDoubleSpinBox):
    """A field for a number with decimals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _set_off(self)

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        """Return whether a text is a number of the range, may become one, or never can."""
        if self._is_special(text):
            return _State.Acceptable, text, pos
        number = decimal(self._bare(text))
        if number is None:
            return _State.Invalid, text, pos
        if not number.strip("."):
            return _State.Intermediate, text, pos
        return _state(float(number), self.minimum(), self.maximum()), text, pos

    def valueFromText(self, text: str) -> float:
        """Return the number that was typed, rounded to what the field holds."""
        number = "" if self._is_special(text) else decimal(self._bare(text)) or ""
        return round(float(number), self.decimals()) if number.strip(".") else self.minimum()

    def fixup(self, text: str) -> str:
        """Leave what is no number as it was typed: Qt would take signs out of it."""
        return text

    def textFromValue(self, value: float) -> str:
        """Return a number as it stands everywhere else in the window: with a point."""
        return f"{value:.{self.decimals()}f}"

    def _is_special(self, text: str) -> bool:
        return bool(self.specialValueText()) and text.strip() == self.specialValueText().strip()

    def _bare(self, text: str) -> str:
        return text.removeprefix(self.prefix()).removesuffix(self.suffix())


class WholeField(QSpinBox):
    """A field for a whole number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _set_off(self)

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        """Return whether a text is a number of the range, may become one, or never can."""
        if self._is_special(text):
            return _State.Acceptable, text, pos
        bare = self._bare(text)
        number = whole(bare)
        if number is not None:
            return _state(number, self.minimum(), self.maximum()), text, pos
        begun = _BEING_TYPED.fullmatch(_in_plain_digits(bare.strip()))
        return _State.Intermediate if begun else _State.Invalid, text, pos

    def valueFromText(self, text: str) -> int:
        """Return the number that was typed."""
        number = None if self._is_special(text) else whole(self._bare(text))
        return self.minimum() if number is None else number

    def fixup(self, text: str) -> str:
        """Leave what is no number as it was typed: Qt would take signs out of it."""
        return text

    def textFromValue(self, value: int) -> str:
        """Return a number as it stands everywhere else in the window: with commas between thousands."""
        return f"{value:,}" if self.isGroupSeparatorShown() else str(value)

    def _is_special(self, text: str) -> bool:
        return bool(self.specialValueText()) and text.strip() == self.specialValueText().strip()

    def _bare(self, text: str) -> str:
        return text.removeprefix(self.prefix()).removesuffix(self.suffix())


def _set_off(field: QAbstractSpinBox) -> None:
    """Set what is typed off from the edge: where steppers are styled, Qt leaves out the padding of the style sheet."""
    field.lineEdit().setTextMargins(Space.S, 0, Space.XS, 0)


def _state(number: float, lowest: float, highest: float) -> QValidator.State:
    """Return the state of a number: one that is too small may grow as it is typed, one that is too large only grows."""
    if number > highest:
        return _State.Invalid
    return _State.Acceptable if number >= lowest else _State.Intermediate
