"""The house: locks that say everything, a set-up that survives a fresh machine, tests that stand as the code does."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from engine.core.carriers import CARRIERS
from scripts.lock import pins

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-data.lock")


def locked(name):
    lines = ROOT.joinpath(name).read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def pinned(package):
    return f"{package}=={locked('requirements.lock')[package]}"


def asked():
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], *(line for lines in project["optional-dependencies"].values() for line in lines)]


def test_the_lock_pins_all_that_is_asked_for_within_its_range():
    lock = locked("requirements.lock") | locked("requirements-data.lock")
    for requirement in map(Requirement, asked()):
        assert requirement.specifier.contains(lock[canonicalize_name(requirement.name)]), requirement


def test_the_lock_holds_what_they_need_and_nothing_else():
    assert {pin.split("==")[0] for pin in pins(asked())} == set(locked("requirements.lock"))


def test_the_data_lock_is_what_the_engine_reads_from():
    carriers = {wheel: version for wheel, version, _ in CARRIERS.values()}
    assert locked("requirements-data.lock") == carriers | {"tokenizers": distribution("tokenizers").version}


def test_learning_a_vocabulary_loads_nothing_that_its_package_asks_for():
    code = (
        "import sys; from engine.tokens.vocabulary import train_tokenizer; train_tokenizer(['a b'], 256); "
        "sys.exit('tokenizers' not in sys.modules or 'huggingface_hub' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_plain_versions_only(name):
    for package, version in locked(name).items():
        assert re.fullmatch(r"[a-z0-9-]+", package)
        assert re.fullmatch(r"[0-9]+(\.[0-9]+)*", version)


# -- set-up, with Pythons that only pretend to install --------------------------------------------------------------

INTERPRETER = f"""#!/bin/sh
case "$1 $2" in
    "-m venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip")
        echo "$@" >>installs
        case "$*" in
            *" index "*) echo "Available versions: ${{PIP_KNOWS:-2.13.0+cpu, 2.13.0}}" ;;
            *pytorch.org*) exit "${{PYTORCH_EXIT:-0}}" ;;
            *) exit "${{PIP_EXIT:-0}}" ;;
        esac ;;
    *) exec "{sys.executable}" "$@" ;;
esac
"""
BROKEN_SHIM = "#!/bin/sh\necho 'pyenv: python3.11: command not found' >&2\nexit 127\n"


class Clone:
    """A folder with the set-up script, and a PATH with the given programs first."""

    def __init__(self, path, system="Linux", **programs):
        programs = {"uname": f"#!/bin/sh\necho {system}\n", "nvidia_smi": "#!/bin/sh\nexit 9\n"} | programs
        self.path = path / "a clone"
        self.commands = path / "commands"
        self.commands.mkdir()
        self.path.joinpath("scripts").mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "setup.sh", self.path / "scripts")
        for lock in LOCKS:
            shutil.copy(ROOT / lock, self.path)
        for name, script in programs.items():
            command = self.commands / name.replace("_", "-" if name == "nvidia_smi" else ".")
            command.write_text(script, "utf-8")
            command.chmod(0o755)

    def set_up(self, **environment):
        environment = {"PATH": f"{self.commands}:/usr/bin:/bin", **environment}
        script = self.path / "scripts" / "setup.sh"
        return subprocess.run(["sh", script], env=environment, capture_output=True, text=True, check=False)

    def installs(self):
        log = self.path / "installs"
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line for line in lines if line.startswith("-m pip install")]


def test_set_up_passes_over_a_python_that_fails_and_installs_both_locks(tmp_path):
    clone = Clone(tmp_path, python3_11=BROKEN_SHIM, python3_12=INTERPRETER)
    assert clone.set_up().returncode == 0
    runtime, data = clone.installs()
    assert runtime.endswith("-r requirements.lock")
    assert data.endswith("--no-deps -r requirements-data.lock")


def test_the_second_set_up_does_nothing_even_in_another_place(tmp_path):
    clone = Clone(tmp_path, python3_11=INTERPRETER)
    clone.set_up()
    clone.installs()
    moved = tmp_path / "elsewhere"
    os.rename(clone.path, moved)
    clone.path = moved
    again = clone.set_up()
    assert (again.returncode, again.stdout, clone.installs()) == (0, "", [])


CUDA = {"PIP_KNOWS": "2.13.0, 2.12.1"}  # what pip finds where nothing was set up for it


def test_on_linux_the_build_for_the_cpu_is_taken_before_pip_brings_cuda(tmp_path):
    clone = Clone(tmp_path, python3_11=INTERPRETER)
    done = clone.set_up(**CUDA)
    assert done.returncode == 0
    assert done.stdout.index("download.pytorch.org") < done.stdout.index("is set up")
    torch, runtime, _ = clone.installs()
    assert torch.endswith("--no-deps --index-url https://download.pytorch.org/whl/cpu " + pinned("torch"))
    assert runtime.endswith("-r requirements.lock")


def test_where_that_build_cannot_be_had_nothing_is_installed_and_the_ways_are_named(tmp_path):
    clone = Clone(tmp_path, python3_11=INTERPRETER)
    done = clone.set_up(PYTORCH_EXIT="1", **CUDA)
    assert done.returncode == 1
    assert "make TORCH=cuda" in done.stderr
    assert "PIP_FIND_LINKS" in done.stderr
    assert len(clone.installs()) == 1
    assert clone.set_up(**CUDA).returncode == 0  # and the next one begins again
    assert "pytorch.org" in clone.installs()[0]


@pytest.mark.parametrize(
    ("system", "card", "more"),
    [
        ("Darwin", "exit 9", CUDA),
        ("Linux", "exit 0", CUDA),
        ("Linux", "exit 9", {"TORCH": "cuda"} | CUDA),
        ("Linux", "exit 9", {}),
    ],
    ids=["a Mac", "a card of NVIDIA's", "asked for", "pip is set up to find it"],
)
def test_elsewhere_pip_takes_what_it_finds(tmp_path, system, card, more):
    clone = Clone(tmp_path, system, python3_11=INTERPRETER, nvidia_smi=f"#!/bin/sh\n{card}\n")
    assert clone.set_up(**more).returncode == 0
    assert [line for line in clone.installs() if "pytorch.org" in line] == []


def test_a_card_of_nvidias_can_be_left_alone(tmp_path):
    clone = Clone(tmp_path, python3_11=INTERPRETER, nvidia_smi="#!/bin/sh\n")
    assert clone.set_up(TORCH="cpu", **CUDA).returncode == 0
    assert "pytorch.org" in clone.installs()[0]


def test_an_interrupted_set_up_is_done_again_from_the_start(tmp_path):
    clone = Clone(tmp_path, python3_11=INTERPRETER)
    failed = clone.set_up(PIP_EXIT="1")
    assert failed.returncode == 1
    assert "run make again" in failed.stderr
    clone.path.joinpath(".venv", "left over").touch()
    clone.installs()
    assert clone.set_up().returncode == 0
    assert len(clone.installs()) == 2
    assert not clone.path.joinpath(".venv", "left over").exists()


def test_a_new_lock_is_installed(tmp_path):
    clone = Clone(tmp_path, python3_11=INTERPRETER)
    clone.set_up()
    clone.installs()
    with clone.path.joinpath("requirements.lock").open("a") as lock:
        lock.write("six==1.17.0\n")
    assert clone.set_up().returncode == 0
    assert len(clone.installs()) == 2


def test_a_venv_whose_python_is_gone_is_made_again(tmp_path):
    clone = Clone(tmp_path, python3_11=INTERPRETER)
    clone.set_up()
    clone.path.joinpath(".venv", "bin", "python").unlink()
    clone.installs()
    assert clone.set_up().returncode == 0
    assert len(clone.installs()) == 2


def test_without_a_python_it_says_how_to_get_one(tmp_path):
    clone = Clone(tmp_path, old="#!/bin/sh\necho 'is Python 3.10' >&2\nexit 1\n")
    told = clone.set_up(PYTHON=str(clone.commands / "old"))
    assert told.returncode == 1
    assert "3.11, 3.12 or 3.13" in told.stderr
    assert "is Python 3.10" in told.stderr
    assert "python.org" in told.stderr
    assert not clone.path.joinpath(".venv").exists()


# -- tests stand as the code stands: engine/runs/folder.py is tested by tests/engine/runs/test_folder.py ------------

ROOMS = ("engine", "gui")

OF_SEVERAL = {
    "engine": """
        cli/damaged_homes cli/kills core/any_input generation/on_mps generation/writing_on_mps life_of_a_run
        machine/cuda processors runs/damage text/chats/any_export text/hostile_texts tokens_meet training/disk_full
        training/exact_resume training/generations training/on_mps
    """,
    "gui": """
        generate/inside generate/with_engine kit/accessible kit/bindings shell/keyboard shell/leaks
        shell/damaged_homes shell/large_text shell/on_a_mac shell/one_run_at_a_time shell/reading_order shell/refusals
        shell/soak
    """,
}
"""Tests of several modules at once, or of all: a fault, a platform or a way of use that concerns many."""

WITHOUT = {
    "engine": """
        core/kinds core/version text/refusals text/wishes
    """,
    "gui": """
        app data/adding data/bars data/detail data/draft_page data/overview data/reading data/sidebar
        data/text_list data/text_page data/title data/tokenizer_table data/tokens data/vocabulary first_steps/progress
        generate/alternatives generate/bar generate/checkpoints generate/columns generate/dial_rows
        generate/errand generate/invitation generate/reading generate/saving generate/section
        generate/sidebar generate/token_text generate/transcript generate/writing kit/clipboard
        kit/drops kit/mac kit/notice kit/sheets kit/style runs/detail
        runs/table runs/work_sheet shell/ending shell/frame shell/full_screen shell/header shell/run_items
        shell/sections train/ahead train/canvas train/coach train/comparison train/decisions train/film_strip train/form
        train/jobs train/log_pane train/loss_tools train/memory_bar train/output train/planner
        train/plot_export train/preflight train/presets_pane train/reading train/rungs
        train/start_buttons
    """,
}
"""Modules that are tested through others alone. It only ever gets shorter: what is new has a test of its own."""


def modules(room):
    """Return the modules of the engine or the window by their path in it, without the ending."""
    paths = (path for path in (ROOT / room).rglob("*.py") if not path.name.startswith("__"))
    return {path.relative_to(ROOT / room).with_suffix("").as_posix() for path in paths}


def names_of_tests(room):
    """Return what their tests are named for, likewise."""
    tests = ROOT / "tests" / room
    paths = (path.relative_to(tests) for path in tests.rglob("test_*.py"))
    return {path.with_name(path.stem.removeprefix("test_")).as_posix() for path in paths}


@pytest.mark.parametrize("room", ROOMS)
def test_each_test_is_named_for_a_module_or_for_what_concerns_several(room):
    assert names_of_tests(room) - modules(room) == set(OF_SEVERAL[room].split())


@pytest.mark.parametrize("room", ROOMS)
def test_each_module_has_a_test_of_its_own(room):
    assert modules(room) - names_of_tests(room) == set(WITHOUT[room].split())
