"""The tokens: legible in light and dark, followed at once, and the only place for colors and sizes."""

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from gui import style, theme
from gui.theme import DARK, LIGHT, Theme, contrast, legible

GUI = Path(style.__file__).parent
BOTH = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])


@BOTH
@pytest.mark.parametrize("role", ["text", "secondary", "link", "positive", "caution", "negative"])
@pytest.mark.parametrize("background", ["window", "surface", "well"])
def test_text_holds_four_and_a_half_to_one(qapp, colors, role, background):
    assert contrast(getattr(colors, role), getattr(colors, background)) >= 4.5


@BOTH
@pytest.mark.parametrize(
    ("role", "background"),
    [
        ("on_accent", "accent"),
        ("on_accent", "accent_pressed"),
        ("text", "selection"),
        ("secondary", "selection"),
        ("caution", "caution_wash"),
        ("negative", "negative_wash"),
        ("secondary", "caution_wash"),
        ("secondary", "negative_wash"),
        ("secondary", "accent_wash"),
        ("link", "accent_wash"),
        ("link", "caution_wash"),
        ("link", "negative_wash"),
        ("text", "raised"),
        ("secondary", "raised"),
        ("caution", "raised"),
    ],
)
def test_text_on_washes_and_buttons_can_be_read(qapp, colors, role, background):
    assert contrast(getattr(colors, role), getattr(colors, background)) >= 4.5


@BOTH
def test_curves_and_memory_parts_stand_out(qapp, colors):
    parts = ("train", "validation", "weights", "gradients", "optimizer", "activations", "logits")
    for color in (*(getattr(colors, part) for part in parts), *colors.series):
        assert contrast(color, colors.surface) >= 3


# How the world's two common kinds of color blindness see linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
PROTAN = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))


@BOTH
@pytest.mark.parametrize("kind", [DEUTAN, PROTAN], ids=["deutan", "protan"])
def test_train_and_validation_differ_for_the_color_blind(qapp, colors, kind):
    train, validation = (seen(kind, color) for color in (colors.train, colors.validation))
    assert sum((a - b) ** 2 for a, b in zip(train, validation, strict=True)) ** 0.5 > 0.35


def seen(kind, color):
    linear = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92 for c in theme._rgb(color)]
    mixed = [max(0.0, sum(k * c for k, c in zip(row, linear, strict=True))) for row in kind]
    return [1.055 * c ** (1 / 2.4) - 0.055 if c > 0.0031308 else 12.92 * c for c in mixed]


@BOTH
@pytest.mark.parametrize("accent", ["#ffcc00", "#ff2d55", "#0a84ff", "#8e8e93", "#34c759"])
def test_any_accent_of_the_system_stays_legible(qapp, colors, accent):
    own = theme.with_accent(colors, accent)
    assert contrast(own.accent, own.on_accent) >= 4.5
    assert all(contrast(own.link, b) >= 4.5 for b in (own.window, own.surface, own.well))


def test_legible_leaves_a_good_color_alone(qapp):
    assert legible("#0060c9", "#ffffff") == "#0060c9"


def test_dark_is_told_by_lightness(qapp):
    for dark, colors in ((False, LIGHT), (True, DARK)):
        assert theme.is_dark(theme.palette_of(Theme(dark, colors))) is dark


@pytest.mark.parametrize(("dark", "colors"), [(False, LIGHT), (True, DARK)])
def test_every_token_of_the_sheet_is_filled_in(qapp, dark, colors):
    sheet = style.style_sheet(Theme(dark, colors))
    assert "@" not in sheet
    assert colors.accent in sheet


def test_text_scales(qapp):
    usual, large = (style.style_sheet(Theme(False, LIGHT, scale)) for scale in (1.0, 1.5))
    assert f"font-size: {theme.Type.BODY}px" in usual
    assert f"font-size: {round(theme.Type.BODY * 1.5)}px" in large


def test_the_window_follows_the_system_at_once(qapp, qtbot, stylist):
    label = QLabel("x")
    qtbot.addWidget(label)
    seen_dark = []
    stylist.changed.connect(lambda: seen_dark.append(theme.current().dark))
    qapp.setPalette(theme.palette_of(Theme(True, DARK)))
    label.ensurePolished()
    assert label.palette().color(label.foregroundRole()).name() == DARK.text
    qapp.setPalette(theme.palette_of(Theme(False, LIGHT)))
    label.ensurePolished()
    assert label.palette().color(label.foregroundRole()).name() == LIGHT.text
    assert seen_dark == [True, False]


def test_no_color_or_font_stands_outside_the_tokens():
    hexes = re.compile(r"""["'\s:]#[0-9a-fA-F]{3,8}\b""")
    families = re.compile(r"""["'](Inter|Cantarell|DejaVu.*|Menlo|Helvetica|SF Mono)["']""")
    measures = re.compile(
        r"\.(set\w*(Margins|Spacing|Width|(?<!Line)Height|Size)|resize|addSpacing)\((?!0\b)[\d, ]*[2-9]\d*\b(?! \*)"
    )
    for module in GUI.rglob("*.py"):
        if module.name != "theme.py":
            text = module.read_text("utf-8")
            assert not hexes.search(text), module
            assert not families.search(text), module
            assert not measures.search(text), module
            assert not re.search(r"QColor\(\s*\d", text), module
