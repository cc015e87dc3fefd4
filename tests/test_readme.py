"""What README and docs show can be copied: the Python runs, commands are understood, links lead somewhere."""

import re
import runpy
import shlex
from pathlib import Path

import pytest
from PIL import Image

from engine.cli.main import COMMANDS, main, parser_of

ROOT = Path(__file__).resolve().parent.parent
DOCS = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md"))]
DOCS += sorted((ROOT / "docs").rglob("*.md"))
SMALL = "--max_iters=2 --minutes=0 --n_layer=1 --n_head=1 --n_embd=16 --block_size=32 --batch_size=2 --eval_iters=1"
OF_ENGINE = ("understudy ", "python -m engine ", ".venv/bin/python -m engine ")


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


def commands(path):
    """Return the commands that a page shows, in its blocks of code and between backquotes, without remarks."""
    text = re.sub(r"```python.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    lines = re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE) + re.findall(r"`([^`\n]+)`", text)
    return [re.split(r"\s+#|\s+\|", line)[0].strip() for line in lines]


def of_engine(path):
    """Return the words of each command of the engine that a page shows; of those left open (…) or only named, none."""
    for line in commands(path):
        start = next((start for start in OF_ENGINE if line.startswith(start)), None)
        if start and "…" not in line:
            words = shlex.split(line.removeprefix(start))
            if len(words) > 1 or words[0].startswith("-"):
                yield words


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_command_shown_is_understood(path):
    parser, made = parser_of(COMMANDS)
    for words in of_engine(path):
        if not words[0].startswith("-"):
            made[words[0]].refuse_unknown(parser.parse_known_args(words)[1])


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_make_target_and_link_is_there(path):
    makefile = ROOT.joinpath("Makefile").read_text("utf-8")
    for line in commands(path):
        for target in re.findall(r"^make ([a-z][a-z-]*)", line):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), line
    for link in re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8")):
        assert link.startswith("https://") or path.parent.joinpath(link).exists(), link


def test_the_readme_is_one_screen_and_a_little():
    assert len(ROOT.joinpath("README.md").read_bytes()) < 9 * 1024


@pytest.mark.thorough
def test_the_commands_of_the_readme_run_one_after_the_other(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path("my-text.txt").write_text("ROMEO:\nOnce upon a time there was a king who had a queen.\n\n" * 400, "utf-8")
    done = []
    readme = list(of_engine(ROOT / "README.md"))
    for name in ("prepare", "train", "sample"):
        words = next(words for words in readme if words[0] == name)
        small = {"train": f"--dataset=my-text {SMALL}", "sample": "--max_new_tokens=3"}.get(name, "")
        assert main([*words, *small.split()]) == 0, capsys.readouterr().err
        done.append(capsys.readouterr().out)
    assert "my-text" in done[0]
    assert "ROMEO:" in done[2]


def test_every_command_has_its_line():
    page = ROOT.joinpath("docs", "commands.md").read_text("utf-8")
    assert [name for name in COMMANDS if not re.search(rf"^\| `{name}\b", page, re.MULTILINE)] == []


def test_the_picture_that_moves_is_a_long_one_in_a_small_file():
    (place,) = re.findall(r"!\[[^\]]+\]\((docs/[^)]+\.gif)\)", ROOT.joinpath("README.md").read_text("utf-8"))
    assert (ROOT / place).stat().st_size < 3_000_000
    with Image.open(ROOT / place) as picture:
        assert picture.n_frames > 20
        assert picture.info["loop"] == 0
