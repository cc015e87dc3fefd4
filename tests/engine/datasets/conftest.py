"""What tests of datasets get."""

import pytest

from tests.engine.datasets.hands import TEXT


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of its own, and a working directory with none of the repository's folders."""
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


@pytest.fixture
def play(tmp_path):
    path = tmp_path / "my play.txt"
    path.write_text(TEXT, "utf-8")
    return path
