"""Whatever the locale and the sign between, the number is the one that was meant, or stays what it was."""

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt

from gui.kit.number_fields import DecimalField, WholeField

LOCALES = ["en_US", "de_DE", "fr_CH", "ar_EG", "hi_IN"]


@pytest.fixture(params=LOCALES)
def locale(request):
    """Be in a country."""
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(before)


def typed(qtbot, field, text):
    """Type a text key by key in place of what stands there, press Return, and return what it came to."""
    qtbot.addWidget(field)
    field.show()
    field.selectAll()
    for key in text:
        qtbot.keyClicks(field, key) if key.isascii() else field.lineEdit().insert(key)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    return field.value()


def decimals(**how):
    field = DecimalField()
    field.setRange(0, 5)
    field.setDecimals(2)
    field.setValue(2)
    field.setSuffix(how.get("suffix", ""))
    return field


def wholes():
    field = WholeField()
    field.setRange(1, 50_000)
    field.setGroupSeparatorShown(True)
    field.setValue(7)
    return field


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        (".5", 0.5),
        (",75", 0.75),
        ("1.25", 1.25),
        ("1,25", 1.25),
        ("3", 3.0),
        ("٠٫٥", 0.5),
        ("0.755", 0.76),
        ("12", 1.0),  # the second key is refused
        ("1..5", 1.5),
        ("-1", 1.0),
        ("x", 2.0),
        (".", 2.0),
    ],
)
def test_a_decimal_number_is_the_one_that_is_meant(qtbot, locale, text, value):
    field = decimals()
    assert typed(qtbot, field, text) == value
    assert field.text() == f"{value:.2f}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1000", 1000),
        ("1.000", 1000),
        ("1,000", 1000),
        ("1 000", 1000),
        ("1'000", 1000),
        ("١٠", 10),
        ("1.6", 2),  # never 16
        ("1,6", 2),
        ("12.70", 13),
        ("1.0000", 1),
        (".", 7),
        ("60000", 6000),  # the last key is refused
        ("0", 7),
        ("abc", 7),
    ],
)
def test_a_whole_number_is_the_one_that_is_meant(qtbot, locale, text, value):
    field = wholes()
    assert typed(qtbot, field, text) == value
    assert field.text() == f"{value:,}"


def test_units_and_words_for_the_least_stay(qtbot, locale):
    field = decimals(suffix=" min")
    field.setSpecialValueText("Never")
    assert typed(qtbot, field, "1,5") == 1.5
    assert field.text() == "1.50 min"
    field.setValue(0)
    assert field.text() == "Never"
    field.interpretText()
    assert field.value() == 0
    field.stepUp()
    assert field.text() == "1.00 min"


def test_no_field_for_numbers_is_made_of_qts_own():
    strays = []
    for file in Path(__file__).parents[3].joinpath("gui").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("QSpinBox", "QDoubleSpinBox"):
                strays.append(file.name)
    assert not strays


def test_what_is_too_small_is_not_made_larger_by_dropping_a_sign(qtbot, locale):
    field = decimals()
    field.setMinimum(1)
    for text in ("0,5", "0.5"):
        field.setValue(2)
        assert typed(qtbot, field, text) == 2
