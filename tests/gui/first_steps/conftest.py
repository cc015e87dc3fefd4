"""What tests of the first steps share."""

import pytest


@pytest.fixture
def own_text(tmp_path):
    file = tmp_path / "letters.txt"
    file.write_text("Dear friend, it rains again. " * 400, "utf-8")
    return file
