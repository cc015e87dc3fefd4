import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.completion import SHELLS
from engine.cli.main import COMMANDS
from engine.planning.presets import presets

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """\
#!/bin/sh
PYTHONPATH='{root}' exec '{python}' -c 'import sys; from gui.command import main; sys.exit(main())' "$@"
"""
ASK = """\
eval "$(understudy completion bash)"
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
_python_argcomplete understudy
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def tab(tmp_path, monkeypatch):
    """Return what a bash that has evaluated `understudy completion bash` offers after a line and a press of Tab."""
    if not shutil.which("bash"):
        pytest.skip("needs bash")
    program = tmp_path / "bin" / "understudy"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(root=ROOT, python=sys.executable), "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def offered(line):
        done = subprocess.run(["bash", "-c", ASK, "bash", line], capture_output=True, text=True, check=True)
        return [word.strip() for word in done.stdout.splitlines()]

    return offered


@pytest.mark.thorough
def test_the_tab_key_completes_commands_flags_and_values(tab, tmp_path):
    assert set(tab("understudy ")) >= set(COMMANDS)
    assert tab("understudy train --n_la") == ["--n_layer"]
    assert set(tab("understudy train --preset=")) == set(presets())  # after =, as nanoGPT writes it
    assert tab("understudy train --preset ti") == ["tiny"]  # and after a space
    assert tab("understudy train --batch_size=") == [""]  # a number: nothing is offered
    (tmp_path / "home" / "runs" / "first").mkdir(parents=True)
    assert str(tmp_path / "home" / "runs" / "first") in tab("understudy sample --out_dir ")
    (tmp_path / "alices.txt").touch()
    assert set(tab("understudy prepare alice")) == {"alice", "alices.txt"}


@pytest.mark.thorough
def test_the_speakers_of_prepared_texts_are_offered(tab, engine, tmp_path):
    play = "".join(f"ROMEO:\nSpeak {number}.\n\nJULIET:\nI speak {number}.\n\n" for number in range(200))
    (tmp_path / "play.txt").write_text(play, "utf-8")
    assert engine("prepare", "play.txt", "--tokenizer=char")[0] == 0
    assert tab("understudy play --me=J") == ["JULIET"]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_is_given_its_own_code(engine, shell):
    code, out, _ = engine("completion", shell)
    assert code == 0
    assert re.search(r"^complete .*understudy|compdef", out, re.MULTILINE)


def test_another_shell_is_named_with_the_nearest(engine):
    code, out, errors = engine("completion", "zs")
    assert (code, out) == (2, "")
    assert "Did you mean zsh?" in errors
