import io
import json
import logging
import sys

import pytest

from engine.cli.main import COMMANDS, main
from engine.cli.sample import _stream
from engine.cli.terminal import PlainFormatter, as_typed_here, plain, plain_json
from engine.core.events import Reply, Token
from engine.core.paths import runs_dir
from engine.runs.folder import RunFolder

EVIL = "a\x1b[2J\nb\x9b31m\u202ec\x07"
SPELLED = r"a\x1b[2J\nb\x9b31m\u202ec\x07"


def test_what_a_terminal_would_obey_is_spelled_out():
    assert plain(EVIL) == SPELLED
    assert plain("a\nb\tc\r\x1b", keep="\n\t") == "a\nb\tc\\r\\x1b"
    assert plain("Ünï 漢字 שלום \u200f👩‍🚀") == "Ünï 漢字 שלום \u200f👩‍🚀"


def test_json_means_the_same_and_holds_nothing_to_obey():
    line = plain_json(json.dumps({"name": EVIL}, ensure_ascii=False))
    assert json.loads(line) == {"name": EVIL}
    assert line.isprintable()


def test_a_log_line_obeys_no_name():
    record = logging.makeLogRecord({"msg": "%s is odd", "args": (EVIL.replace("\n", ""),)})
    assert PlainFormatter().format(record).isprintable()


def test_a_run_is_listed_on_one_line_whatever_its_name(engine):
    folder = runs_dir() / EVIL
    folder.mkdir(parents=True)
    RunFolder(folder).checkpoint.touch()
    lines = engine("runs")[1].splitlines()
    assert len(lines) == 2
    assert lines[1].endswith(SPELLED)
    assert json.loads(engine("runs", "--json")[1])["name"] == EVIL


def test_an_error_is_one_line_for_what_why_and_how_whatever_was_typed(engine):
    errors = engine("prepare", "no\x1b]0;such\x07\nfile")[2]
    assert len(errors.splitlines()) <= 3
    assert all(line.isprintable() for line in errors.splitlines())


def test_a_sample_keeps_its_lines_and_obeys_nothing(capsys):
    text = "one\n\ttwo\x1b[2J"
    token = Token(sample=0, token=0, text=text, probability=1.0, tokens=1, tokens_per_s=1.0)
    reply = Reply(sample=0, prompt="To", reason="length", text="To" + text, tokens=1, tokens_per_s=1.0)
    _stream([token, reply], "To")
    assert capsys.readouterr().out == "Toone\n\ttwo\\x1b[2J\n---------------\n"


def in_ascii(monkeypatch, *words):
    """Run a command whose output can be ASCII only; return its exit code and standard output."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True) for _ in range(2))
    with monkeypatch.context() as now:
        now.setattr(sys, "stdout", output)
        now.setattr(sys, "stderr", errors)
        try:
            code = main(words)
        except SystemExit as end:  # --help
            code = end.code
    return code, output.buffer.getvalue()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_shown_on_a_terminal_that_is_not_utf_8(monkeypatch, command):
    code, output = in_ascii(monkeypatch, command, "--help")
    assert not code
    assert b"usage:" in output


def test_a_text_is_prepared_on_a_terminal_that_is_not_utf_8(monkeypatch, tmp_path):
    (tmp_path / "tëxt’.txt").write_text("Übung macht den Meister, sagt man – ’s ist wahr.\n" * 50, "utf-8")
    words = ["prepare", str(tmp_path / "tëxt’.txt"), "--tokenizer", "char", "--name", "übung"]
    code, output = in_ascii(monkeypatch, *words)
    assert code == 0
    assert rb"\xfcbung: tokenizer char" in output
    code, output = in_ascii(monkeypatch, *words, "--json")
    assert code == 0
    assert json.loads(output.splitlines()[-1])["name"] == "übung"


@pytest.fixture
def called(monkeypatch, tmp_path):
    """Return a function: what a command becomes where this program was called so."""
    for path in ("venv/bin/python", "venv/bin/understudy", "other/python"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "bin" / "python"))

    def call(program, search):
        monkeypatch.setattr(sys, "argv", [program, "train"])
        monkeypatch.setenv("PATH", str(tmp_path / search))
        return as_typed_here("Let it write: python -m engine sample --out_dir=out")

    return call


def test_a_command_is_told_as_it_works_where_one_stands(called, tmp_path, monkeypatch):
    engine = "/somewhere/engine/__main__.py"
    assert called(engine, "venv/bin") == "Let it write: python -m engine sample --out_dir=out"
    assert called(engine, "other") == "Let it write: venv/bin/python -m engine sample --out_dir=out"
    script = str(tmp_path / "venv" / "bin" / "understudy")
    assert called(script, "venv/bin") == "Let it write: understudy sample --out_dir=out"
    assert called(script, "other") == f"Let it write: {script} sample --out_dir=out"
    assert called("/usr/bin/pytest", "other") == "Let it write: python -m engine sample --out_dir=out"
    monkeypatch.chdir(tmp_path / "other")
    assert called(engine, "other").startswith(f"Let it write: {tmp_path}/venv/bin/python -m engine sample")


def test_a_path_to_a_python_that_is_named_already_is_left_alone():
    assert as_typed_here("Call `.venv/bin/python -m engine`.") == "Call `.venv/bin/python -m engine`."
