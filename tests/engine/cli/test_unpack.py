"""`unpack`: where a run is that came back, and how it goes on."""

import pytest

from tests.engine.archives.hands import packed
from tests.engine.cli.hands import json_lines


@pytest.fixture
def archive(toy_run, tmp_path):
    return packed(toy_run, tmp_path / "x.tar.gz").path


def test_it_prints_where_the_run_is_and_how_it_goes_on(engine, archive):
    code, out, _ = engine("unpack", archive)
    folder, dataset, command = out.splitlines()
    assert code == 0
    assert folder.endswith(", at iteration 12")
    assert dataset == "dataset: toy (was here already)"
    assert command.startswith("It goes on with: python -m engine train --init_from=resume --out_dir=")
    assert command.partition("--out_dir=")[2] in folder


def test_as_lines_it_ends_with_what_was_unpacked(engine, archive):
    code, out, _ = engine("unpack", archive, "--json")
    last = json_lines(out)[-1]
    assert (code, last["event"], last["reused"]) == (0, "unpacked", True)
