import json
import plistlib
from xml.etree import ElementTree

import pytest
from PySide6.QtSvg import QSvgRenderer

from scripts.bundle.layered_icon import COMPILED, LAYERS, add_layers
from tests.scripts.programs import Programs


@pytest.fixture
def built(tmp_path):
    contents = tmp_path / "Understudy.app" / "Contents"
    (contents / "Resources").mkdir(parents=True)
    (contents / "Info.plist").write_bytes(plistlib.dumps({"CFBundleName": "Understudy"}))
    return contents.parent


@pytest.fixture
def actool(tmp_path, monkeypatch):
    made = Programs(tmp_path / "programs", "actool")
    monkeypatch.setenv("PATH", made.path)
    return made


def plist(bundle):
    return plistlib.loads((bundle / "Contents" / "Info.plist").read_bytes())


def test_each_layer_is_a_drawing_that_is_there_and_fills_the_same_square(qapp):
    told = json.loads((LAYERS / "icon.json").read_text("utf-8"))
    names = [layer["image-name"] for group in told["groups"] for layer in group["layers"]]
    assert sorted(names) == sorted(path.name for path in (LAYERS / "Assets").iterdir())
    for name in names:
        drawing = LAYERS / "Assets" / name
        assert QSvgRenderer(str(drawing)).isValid()
        root = ElementTree.fromstring(drawing.read_text("utf-8"))
        assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("1024", "1024", "100 100 824 824")
    assert told["supported-platforms"] == {"squares": ["macOS"]}


def test_layers_are_compiled_into_the_bundle_and_named(built, actool):
    actool.answer("actool", f'touch "{built}/Contents/Resources/{COMPILED}"')
    assert add_layers(built)
    assert plist(built) == {"CFBundleName": "Understudy", "CFBundleIconName": "Understudy"}
    call = actool.of("actool")[-1]
    assert call[1] == str(LAYERS)
    assert call[call.index("--compile") + 1] == str(built / "Contents" / "Resources")
    assert call[call.index("--app-icon") + 1] == "Understudy"


def test_without_xcode_the_icon_stays_flat(built, actool):
    actool.answer("actool", 'echo "xcode-select: error: tool actool requires Xcode" >&2; exit 1')
    assert not add_layers(built)
    assert "CFBundleIconName" not in plist(built)


def test_without_any_actool_too(built, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not add_layers(built)


@pytest.mark.parametrize("answer", ['echo "NSPlaceholderArray" >&2; exit 1', "true"])
def test_a_compiler_that_writes_nothing_stops_the_build(built, actool, answer):
    actool.answer("actool", answer)
    with pytest.raises(SystemExit, match="cannot be compiled"):
        add_layers(built)
