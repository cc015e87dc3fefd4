"""The workflow that builds the application on a hosted Mac: what such a machine trips over is said in it."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
STEPS = yaml.safe_load(ROOT.joinpath(".github", "workflows", "mac.yml").read_text("utf-8"))["jobs"]["app"]["steps"]
RUNS = [step["run"] for step in STEPS if "run" in step]


def the_one_with(words):
    (found,) = [each for each in RUNS if words in each]
    return found


def test_the_python_is_named_before_anything_finds_another():
    python = next(step for step in STEPS if "setup-python" in step.get("uses", ""))
    assert RUNS[0] == f'make setup PYTHON="${{{{ steps.{python["id"]}.outputs.python-path }}}}"'


def test_a_hosted_mac_is_not_trusted_with_mps():
    assert "--device=cpu" in the_one_with("--self-test")


def test_that_qt_answers_a_quit_with_cancel_is_no_failure_and_that_it_does_not_quit_is_one():
    lines = the_one_with("osascript").splitlines()
    asked = next(at for at, line in enumerate(lines) if line.startswith("osascript"))
    assert lines[asked].endswith("|| true")
    assert "pgrep -x Understudy || exit 0" in lines[asked + 1]
    assert lines[-1].endswith("exit 1")
