"""What every test of the command line gets."""

import os

import pytest

from engine.cli.main import main
from tests.damage import removed
from tests.person import files_of_a_person


@pytest.fixture
def engine(capsys):
    """Run a command in this process; gives its exit code, standard output and standard error."""

    def run(*words):
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture(scope="module")
def whole(tmp_path_factory, toy_text):
    """Return a folder with a home, a run beside it and what was made of it, which is damaged only in copies."""
    root = tmp_path_factory.mktemp("person") / "here"
    root.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNDERSTUDY_HOME", str(root / "home"))
        patch.chdir(root)
        files_of_a_person(root, toy_text)
    return root.rename(root.with_name("whole"))  # so that a copy stands where the paths in it lead


@pytest.fixture
def here(whole, monkeypatch):
    """Return where a copy of the whole stands while it is used."""
    place = whole.with_name("here")
    monkeypatch.setenv("UNDERSTUDY_HOME", str(place / "home"))
    yield place
    os.chdir(whole)
    if place.exists():
        removed(place)
