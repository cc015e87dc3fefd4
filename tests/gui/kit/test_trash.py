"""What is moved to the Trash can be put back, and never takes the place of anything."""

import pytest

from engine.core.errors import UnderstudyError
from gui.kit.trash import Trashed, move_to_trash


@pytest.fixture(autouse=True)
def _own_trash(tmp_path, monkeypatch):
    """Keep a Trash of the test's own."""
    (tmp_path / "xdg").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))


def test_what_was_moved_comes_back_as_it_was(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name, "utf-8")
    trashed = move_to_trash([tmp_path / "a", tmp_path / "b"])
    assert not (tmp_path / "a").exists()
    assert trashed.can_be_put_back
    trashed.put_back()
    assert [(tmp_path / name).read_text("utf-8") for name in ("a", "b")] == ["a", "b"]


def test_putting_back_never_replaces_anything(tmp_path):
    (tmp_path / "a").mkdir()
    trashed = move_to_trash([tmp_path / "a"])
    (tmp_path / "a").mkdir()
    with pytest.raises(UnderstudyError, match="not moved"):
        trashed.put_back()


def test_where_one_cannot_be_moved_all_stay(tmp_path):
    (tmp_path / "a").write_text("a", "utf-8")
    with pytest.raises(UnderstudyError, match="none was not moved"):
        move_to_trash([tmp_path / "a", tmp_path / "none"])
    assert (tmp_path / "a").read_text("utf-8") == "a"


def test_where_the_system_does_not_say_the_place_it_cannot_be_put_back(tmp_path):
    trashed = Trashed(((tmp_path / "a", None),))
    assert not trashed.can_be_put_back
    with pytest.raises(UnderstudyError):
        trashed.put_back()
