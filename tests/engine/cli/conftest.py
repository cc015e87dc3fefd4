"""What every test of the command line gets."""

import pytest

from engine.cli.main import main


@pytest.fixture
def engine(capsys):
    """Run a command in this process; gives its exit code, standard output and standard error."""

    def run(*words):
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run
