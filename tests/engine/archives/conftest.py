"""What every test of archives gets."""

from pathlib import Path

import pytest

from tests.engine.archives.hands import packed


@pytest.fixture
def archive(toy_run, tmp_path):
    return Path(packed(toy_run, tmp_path / "away.tar.gz").path)
