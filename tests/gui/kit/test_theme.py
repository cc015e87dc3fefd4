"""The tokens: legible in light and dark, followed at once, and the only place for colors and sizes."""

import ast
import itertools
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from engine.core.paths import shipped
from gui.kit import style, theme
from gui.kit.theme import DARK, DASHES, LIGHT, Theme, contrast, legible, with_contrast
from gui.train.comparison import FIRST_SERIES, MOST

GUI = Path(style.__file__).parents[1]
BOTH = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])


@BOTH
@pytest.mark.parametrize("role", ["text", "secondary", "link", "positive", "caution", "negative"])
@pytest.mark.parametrize("background", ["window", "surface", "well"])
def test_text_holds_four_and_a_half_to_one(qapp, colors, role, background):
    assert contrast(getattr(colors, role), getattr(colors, background)) >= 4.5


@BOTH
def test_more_contrast_is_seven_to_one_for_text_and_three_for_edges(qapp, colors):
    more = with_contrast(colors)
    for ground in (more.window, more.surface, more.well):
        for role in ("text", "secondary", "link", "positive", "caution", "negative"):
            assert contrast(getattr(more, role), ground) >= 7, role
        for role in ("line", "control_line", "disabled"):
            assert contrast(getattr(more, role), ground) >= 3, role
    assert with_contrast(more) == more


def test_the_system_s_wish_for_more_contrast_is_followed_at_once(qapp, stylist):
    usual, hints = theme.current(), qapp.styleHints()
    tell = hints.accessibility().contrastPreferenceChanged.emit
    tell(Qt.ContrastPreference.HighContrast)
    assert theme.current().colors == with_contrast(usual.colors)
    assert theme.current().colors.secondary in qapp.styleSheet()
    tell(Qt.ContrastPreference.NoPreference)
    assert theme.current() == usual


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
@pytest.mark.parametrize("ground", ["window", "surface", "well", "raised"])
def test_outlines_of_controls_are_seen(qapp, colors, ground):
    """WCAG 2.2, 1.4.11: what shows where a control is has 3:1 to what is beside it."""
    assert contrast(colors.control_line, getattr(colors, ground)) >= 3


@BOTH
def test_curves_and_memory_parts_stand_out(qapp, colors):
    parts = ("train", "validation", "weights", "gradients", "optimizer", "activations", "logits")
    for color in (*(getattr(colors, part) for part in parts), *colors.series):
        assert contrast(color, colors.surface) >= 3


# How the three kinds of color blindness see linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model
# for Simulation of Color Vision Deficiency", IEEE TVCG 15 (6), 2009, the matrices of severity 1.
DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
PROTAN = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
TRITAN = ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))
BLIND = pytest.mark.parametrize("kind", [DEUTAN, PROTAN, TRITAN], ids=["deutan", "protan", "tritan"])


@BOTH
@BLIND
def test_train_and_validation_differ_for_the_color_blind(qapp, colors, kind):
    train, validation = (seen(kind, color) for color in (colors.train, colors.validation))
    assert apart(train, validation) > 0.35


LEAST = 0.1
"""The least distance at which two colors are told apart for sure, in sRGB: from black to white it is 1.73."""


@BOTH
@pytest.mark.parametrize("kind", [None, DEUTAN, PROTAN, TRITAN], ids=["usual", "deutan", "protan", "tritan"])
def test_curves_of_a_comparison_differ_by_color_or_by_dash(qapp, colors, kind):
    """Curve number n has color n and dash n of their rings; two that look alike in color must differ in dash."""
    shown = [seen(kind, color) if kind else theme._rgb(color) for color in colors.series]
    first = FIRST_SERIES
    for one in range(first, first + MOST):
        for other in range(one + 1, first + MOST):
            pair = shown[one % len(shown)], shown[other % len(shown)]
            alike = apart(*pair) < LEAST
            assert not alike or DASHES[one % len(DASHES)] != DASHES[other % len(DASHES)], (one, other)


@BOTH
@BLIND
def test_the_scale_behind_tokens_is_told_apart_step_by_step(qapp, colors, kind):
    shades = [seen(kind, color) for color in colors.surprise]
    for one, other in itertools.combinations(shades, 2):
        assert apart(one, other) >= LEAST / 2


@BOTH
def test_the_scale_behind_tokens_goes_one_way_in_lightness(qapp, colors):
    steps = [theme.luminance(color) for color in colors.surprise]
    assert steps in (sorted(steps), sorted(steps, reverse=True))
    assert all(contrast(one, other) >= 1.1 for one, other in itertools.pairwise(colors.surprise))


@BOTH
@BLIND
@pytest.mark.parametrize("parts", [("weights", "gradients", "optimizer", "activations", "logits")])
def test_neighbours_in_the_memory_bar_are_told_apart(qapp, colors, kind, parts):
    shown = [seen(kind, getattr(colors, part)) for part in parts]
    assert all(apart(one, other) >= LEAST for one, other in itertools.pairwise(shown))


@BOTH
@BLIND
def test_what_is_well_and_what_is_not_are_told_apart(qapp, colors, kind):
    """Each state is in words too; the dot alone should not mislead."""
    well, ill = (seen(kind, getattr(colors, role)) for role in ("positive", "negative"))
    assert apart(well, ill) >= LEAST


def test_no_two_curves_of_a_comparison_have_the_same_dash():
    dashes = [DASHES[number % len(DASHES)] for number in range(FIRST_SERIES, FIRST_SERIES + MOST)]
    assert len(set(dashes)) == MOST


def apart(one, other):
    """Return how far apart two colors are in sRGB."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5


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


MEASURED = re.compile(
    r"set\w*(Margins?|Spacing|Width|WidthF|Height|Size|Indentation|Indent|Offset|Radius)|resize|addSpacing|addItem"
    r"|Q(Size|Point|Rect|Line)F?|QMargins|QPen|mkPen|adjusted|translated?|(draw|add)RoundedRect|pixmap|addLegend"
)
NO_MEASURE = re.compile(r"set(LineHeight|WindowSize\w*|StretchFactor|PointSizeF?)$")
LITERALS = re.compile(r"(^|[\s:;\"'(])#[0-9a-fA-F]{3,8}\b|\b\d+(\.\d+)?p[xt]\b|\brgba?\(")
FAMILIES = re.compile(r"^(Inter|Cantarell|DejaVu.*|Menlo|Monaco|Helvetica.*|Arial|SF .*|JetBrains .*|monospace)$", re.I)


def name_of(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def numbers(call, constants):
    """Return the bare numbers among what a call is given, also by the name of a constant of the module.

    0 and 1 are no measures, and tokens may be reckoned with.
    """
    given = [*call.args, *(each.value for each in call.keywords)]
    given = [part for each in given for part in (each.elts if isinstance(each, ast.Tuple) else [each])]
    signed = [each.operand if isinstance(each, ast.UnaryOp) else each for each in given]
    values = [constants.get(each.id) if isinstance(each, ast.Name) else getattr(each, "value", None) for each in signed]
    return [value for value in values if isinstance(value, int | float)]


def constants_of(tree):
    """Return the values of the module's constants by name."""
    plain = (each for each in tree.body if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant))
    return {each.targets[0].id: each.value.value for each in plain if isinstance(each.targets[0], ast.Name)}


def texts(tree):
    """Return the string constants of a module that are no docstrings."""
    prose = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    found = (each for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return [each.value for each in found if id(each) not in prose]


def outside_the_tokens(code, *, style_sheets=False):
    """Return what in a module is a color, a measure, a type size or a font of its own."""
    tree, found = ast.parse(code), []
    constants = constants_of(tree)
    for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
        name = name_of(call)
        if MEASURED.fullmatch(name) and not NO_MEASURE.match(name) and any(n > 1 for n in numbers(call, constants)):
            found.append(ast.unparse(call))
        if name in ("setPointSize", "setPointSizeF", "setPixelSize", "QFont", "setFamily", "setFamilies"):
            found.append(ast.unparse(call))
        if name == "QColor" and (numbers(call, constants) or any(isinstance(each, ast.Constant) for each in call.args)):
            found.append(ast.unparse(call))
        if name == "setStyleSheet" and not style_sheets:
            found.append(ast.unparse(call))
    return found + [text for text in texts(tree) if LITERALS.search(text) or FAMILIES.match(text)]


@pytest.mark.parametrize("module", [m for m in sorted(GUI.rglob("*.py")) if m.name != "theme.py"], ids=lambda m: m.stem)
def test_no_color_measure_or_font_stands_outside_the_tokens(module):
    assert not outside_the_tokens(module.read_text("utf-8"), style_sheets=module.name == "style.py")


@pytest.mark.parametrize(
    "line",
    [
        'x = "#1d1d1f"',
        'x = "border: 3px solid"',
        'label.setStyleSheet("color: red")',
        "layout.setContentsMargins(8, 0, 8, 0)",
        "box.setFixedWidth(120)",
        "box.resize(640, 480)",
        "split.setHandleWidth(4)",
        "layout.setSpacing(6)",
        "font.setPointSize(11)",
        'font = QFont("Menlo")',
        'families = ["Helvetica Neue"]',
        "pen = QColor(12, 40, 90)",
        'pen = QColor("red")',
        "size = QSize(16, 16)",
        "pen = mkPen(look.color('grid'), width=3)",
        "box = rect.adjusted(-2, 0, 2, 0)",
        "_WIDE = 120\nbox.setFixedWidth(_WIDE)",
        "painter.drawRoundedRect(box, 6, 6)",
        "legend = plot.addLegend(offset=(-4, 4))",
    ],
)
def test_what_stands_outside_the_tokens_is_found(line):
    assert outside_the_tokens(line)


def test_tokens_and_what_follows_from_them_are_let_pass():
    assert not outside_the_tokens("box.setFixedWidth(2 * Size.FIELD); box.setSpacing(0); QColor(theme.LIGHT.text)")
    assert not outside_the_tokens('f"{look.text_px(Type.CAPTION)}px"; page.setContentsMargins(0, Space.S, 0, 1)')


ICONS = sorted(shipped("resources", "icons").glob("*.svg"))
PAINT = re.compile(r'(?:fill|stroke|color)\s*[=:]\s*"?([^";\s]+)|(#[0-9a-fA-F]{3,8}|rgba?\([^)]*\))|(font-\w+)')


def paints(icon):
    """Return what an icon is painted with, and any font it asks for."""
    return {part for found in PAINT.findall(icon.read_text("utf-8")) for part in found if part} - {"none"}


OURS = [icon for icon in ICONS if not icon.stem.startswith("app")]  # which has colors of its own


@pytest.mark.parametrize("icon", OURS, ids=lambda icon: icon.stem)
def test_an_icon_takes_its_color_from_the_tokens(icon):
    """A style sheet cannot color a picture: the few that it shows are in a color that holds where they stand."""
    sheet = Path(style.__file__).read_text("utf-8")
    if icon.name not in sheet:
        assert paints(icon) == {"currentColor"}
        return
    assert len(paints(icon)) == 1
    for color, colors in ((color, colors) for color in paints(icon) for colors in (LIGHT, DARK)):
        on_accent = re.search(rf"background: @accent;[^}}]*{icon.name}", sheet)
        grounds = [colors.accent] if on_accent else [colors.surface, colors.window]
        assert all(contrast(color, ground) >= 3 for ground in grounds)
