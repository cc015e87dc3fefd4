import json

import pytest

from tests.engine.text.made_files import account_and_text, refusal, text_of

CELLS = [
    {"cell_type": "markdown", "source": ["# Title\n", "words"]},
    {"cell_type": "code", "source": "print(1)", "outputs": [{"text": "1"}]},
    {"cell_type": "code", "source": []},
]


@pytest.mark.parametrize("name", ["a.ipynb", "a.json", "a.txt"])
def test_prose_and_code_are_read_and_outputs_left_out(tmp_path, name):
    path = tmp_path / name
    path.write_text(json.dumps({"cells": CELLS, "nbformat": 4}))
    account, text = account_and_text(path)
    assert text == "# Title\nwords\n\nprint(1)\n\n"
    assert account.dropped == {"outputs": 1}


def test_an_older_notebook_is_read_too(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}]}))
    assert text_of(path) == "x = 1\n\n"


def test_a_torn_notebook_is_refused(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": CELLS, "nbformat": 4})[:-9])
    assert "JSON" in refusal(path).cause
