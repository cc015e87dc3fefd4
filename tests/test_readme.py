"""What the README shows can be copied: its example of Python runs as it stands there."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def example():
    """Return the README's example of Python, on a text and with a model that take a second."""
    code = re.search(r"```python\n(.*?)```", ROOT.joinpath("README.md").read_text("utf-8"), re.DOTALL).group(1)
    small = {
        "n_embd=128": "n_embd=16, block_size=32",
        "max_iters=1000": "max_iters=4, eval_iters=1",
        "eval_interval=250": "eval_interval=2",
        "vocab_size=1024": "vocab_size=300",
        "max_new_tokens=200": "max_new_tokens=5",
    }
    for name, less in small.items():
        assert name in code, name
        code = code.replace(name, less)
    return code


@pytest.mark.thorough
def test_the_example_of_python_trains_and_writes(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path("my-text.txt").write_text("Once upon a time there was a king who had a queen.\n" * 200, "utf-8")
    Path("example.py").write_text(example(), "utf-8")
    runpy.run_path("example.py")
    told = capsys.readouterr().out.splitlines()
    assert "parameters, fits: True" in told[0]
    assert [line.split()[0] for line in told[1:4]] == ["0", "2", "4"]
    assert sum(line.startswith("Once upon a time") for line in told) == 2
