"""The report of a Mac: each part finds what is wrong, and what is sent names nobody."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.core.config import TrainConfig
from engine.machine.formulation import FORMULATIONS
from engine.model.linear import product
from scripts.mac_report import __main__ as command
from scripts.mac_report import privacy, speed
from scripts.mac_report import report as reports
from scripts.mac_report.checks import doctor, machine_facts, self_check
from scripts.mac_report.choice import choices
from scripts.mac_report.models import Model, quick, tiny
from scripts.mac_report.privacy import without_personal
from scripts.mac_report.products import Case, cases, products
from scripts.mac_report.report import parts, report
from scripts.mac_report.verdict import Verdict, asked
from scripts.mac_report.window import judged, surroundings
from tests.mps.kernels import KERNELS

ROOT = Path(__file__).resolve().parents[2]
SHAPE = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 16, "batch_size": 4, "dtype": "float32"}
TOY = Model("toy", TrainConfig.of(SHAPE), 40)


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))


# what is sent


@pytest.fixture
def somebody(monkeypatch):
    monkeypatch.setattr(privacy, "_user", lambda: "jdoe")
    monkeypatch.setattr("platform.node", lambda: "Janes-MacBook.local")
    monkeypatch.setattr(Path, "home", lambda: Path("/Users/jane.doe"))


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize(
    "text",
    [
        "No such file: '/Users/jane.doe/Understudy/out/ckpt.pt'",
        "30 GiB free at /Users/jane.doe/Library, or ~/Library/x",
        "jdoe@Janes-MacBook.local",
        "file:///Users/jane.doe/a.txt",
        'File "/opt/x/y.py", line 3; C:\\Users\\jdoe\\x',
        "JDOE has Janes-MacBook",
    ],
)
def test_no_person_computer_or_folder_is_named(text):
    told = json.dumps(without_personal({"words": text, "more": [{"deep": [text]}]}))
    for name in ("jane", "jdoe", "janes-macbook", "/users", "library", "/opt", "y.py"):
        assert name not in told.lower()


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize(
    "text",
    [
        "8.1 ms/iter and 1/2",
        "cpu: 1.4 times as fast as mps",
        "torch 2.13.0, macOS 26.1",
        "see https://pytorch.org/docs",
        "~5 %",
    ],
)
def test_what_is_measured_stays(text):
    told = {"a": text, "b": 1.5, "c": None, "d": True, "e": [1, 2]}
    assert without_personal(told) == told


def test_a_part_that_fails_is_a_finding():
    outcome = asked(lambda: Verdict(right=1 / 0, words=""))
    assert not outcome.right
    assert outcome.words == "This part ended with ZeroDivisionError: division by zero"


@pytest.mark.usefixtures("somebody")
def test_all_parts_are_told_as_they_answer_and_put_together():
    def broken():
        raise OSError("/Users/jane.doe/x is gone")

    said = []
    found = report(
        {"one": lambda: Verdict(True, "All is well.", {"ms": 3.5}), "two": broken}, {"System": "macOS 26"}, said.append
    )
    assert [text.splitlines()[1:] for text in said] == [
        ["Right: one", "All is well."],
        ["NOT RIGHT: two", "This part ended with OSError: … is gone"],
    ]
    assert found["machine"] == {"System": "macOS 26"}
    assert {name: part["right"] for name, part in found["parts"].items()} == {"one": True, "two": False}
    assert found["parts"]["one"]["figures"] == {"ms": 3.5}


@pytest.mark.parametrize(("right", "code"), [(True, 0), (False, 1)])
def test_the_command_writes_one_file_and_says_where(monkeypatch, tmp_path, capsys, right, code):
    asked_with = []

    def few(iterations):
        asked_with.append(iterations)
        return {"one": lambda: Verdict(right, "Words.")}

    monkeypatch.setattr(reports, "parts", few)
    out = tmp_path / "new folder" / "report.json"
    assert command.main([f"--out={out}", "--iterations=7"]) == code
    told = json.loads(out.read_text("utf-8"))
    assert (told["format"], told["parts"]["one"]["words"], asked_with) == (1, "Words.", [7])
    assert told["machine"]["PyTorch"] == torch.__version__
    assert str(out) in capsys.readouterr().out


def test_every_part_that_is_promised_is_there():
    assert list(parts(200)) == ["doctor", "self-check", "products", "choice", "speed", "window"]
    assert speed.ITERATIONS == 200
    assert set(speed.MODELS) == {tiny().name, quick().name} == {"tiny", "quick"}


# the doctor and the self-check


def test_the_doctor_is_asked():
    outcome = doctor()
    assert [finding["check"] for finding in outcome.figures][:2] == ["versions", "device"]
    assert outcome.right == all(finding["ok"] for finding in outcome.figures)


def test_what_the_doctor_misses_is_told(monkeypatch):
    monkeypatch.setattr("engine.support.diagnosis.MEMORY_NEEDED", 2**60)
    outcome = doctor()
    assert not outcome.right
    assert "memory: " in outcome.words


def test_the_machine_is_named_by_what_it_is():
    assert {"Processor", "GPU", "Memory", "System", "PyTorch"} <= set(machine_facts())


WAYS = ({"dtype": "float32", "bias": True}, {"dtype": "bfloat16"})


@pytest.mark.thorough
def test_a_sound_gpu_passes_the_self_check(gpu):
    outcome = self_check([TOY], ["mps"], WAYS)
    assert outcome.right
    assert outcome.words == "In 2 comparisons mps computed what the processor computes in float32."
    assert [row["problem"] for row in outcome.figures] == ["", ""]


@pytest.mark.thorough
def test_a_gpu_that_loses_a_bias_fails_it(gpu, monkeypatch):
    def add(x, y, *, alpha=1):
        return x.clone() if x.dim() == 2 and y.dim() == 1 and len(x) == 1 else torch.add(x, y, alpha=alpha)

    monkeypatch.setitem(KERNELS, "add", add)
    outcome = self_check([TOY], ["mps"], WAYS[:1])
    assert not outcome.right
    assert "mps, toy, dtype float32, bias True: when writing a text" in outcome.words


def test_the_processor_alone_is_asked_in_float32():
    outcome = self_check([TOY], ["cpu"], WAYS)
    assert outcome.right
    assert [row["settings"] for row in outcome.figures] == [WAYS[0]]


# products


def some(dtypes):
    """Yield a few of the cases, and some as long as the longest with fewer columns."""
    yield from (case for case in cases(dtypes) if "rows" in case.name or "heads of 48" in case.name)
    long = (2, 40_000), (40_000, 3)
    yield Case("product of 40,000", long, product, True)
    yield Case("torch.mm of 40,000", long, torch.mm, False)


def test_all_products_are_right_where_nothing_is_wrong(gpu):
    outcome = products(["mps", "cpu"], some)
    assert outcome.right
    assert outcome.figures["wrong"] == []
    assert {name.split()[0] for name in outcome.figures["worst"]} == {"mps", "cpu"}
    assert outcome.words.endswith("as Understudy asks for them are right.")


def test_a_fault_that_is_avoided_is_told_and_no_failure(gpu, monkeypatch):
    def mm(a, b):
        return torch.mm(a, b) + (1.0 if a.shape[1] >= 32_767 else 0.0)

    monkeypatch.setitem(KERNELS, "mm", mm)
    outcome = products(["mps"], some)
    assert outcome.right
    assert "avoided on a Mac’s GPU: torch.mm of 40,000 (mps, float32)" in outcome.words


def test_a_fault_of_what_is_asked_for_fails_the_report(gpu, monkeypatch):
    monkeypatch.setitem(KERNELS, "mm", lambda a, b: torch.mm(a, b) * (1.01 if len(a) == 3 else 1.0))
    outcome = products(["mps"], some)
    assert not outcome.right
    assert "linear layer with bias, rows 3 (mps, float32)" in outcome.words


def test_a_refusal_is_a_finding_and_the_rest_is_asked(gpu, monkeypatch):
    def refusing(*_, **__):
        raise RuntimeError("MPS: no such kernel\nmore")

    monkeypatch.setitem(KERNELS, "mm", refusing)
    outcome = products(["mps"], some)
    refused = [row for row in outcome.figures["wrong"] if row["ours"]]
    assert {row["problem"] for row in refused} == {"MPS: no such kernel"}
    assert len(refused) < outcome.figures["count"]


def test_the_products_are_those_that_are_dangerous_and_those_that_are_asked_for():
    found = list(cases([torch.float32]))
    names = {case.name for case in found}
    for size in FORMULATIONS["mps"].head_sizes:
        assert f"attention by mask, heads of {size}, 1 x 256" in names
    for inside in ("32,766", "32,767", "50,304"):
        assert {f"product of {inside}", f"torch.mm of {inside}"} <= names
    assert "F.linear with bias, rows 2 x 64" in names
    assert all(not case.is_ours for case in found if case.name.startswith(("torch.mm", "F.linear")))


# speed, choice, window


@pytest.mark.parametrize("kind", ["mps", "cpu"])
def test_speed_and_memory_are_measured(gpu, monkeypatch, kind):
    monkeypatch.setattr(speed, "LAUNCHES", 20)
    told = speed.measure(TOY, kind, 20)
    assert json.loads(json.dumps(told)) == told
    assert (told["model"], told["device"], told["iterations"]) == ("toy", kind, 20)
    assert told["losses"][1] < told["losses"][0]
    assert set(told["ms_per_token"]) == {"1", "3"}
    assert min(told["ms_per_iter"], *told["ms_per_token"].values(), *told["launches_per_s"].values()) > 0


def test_training_ends_where_it_takes_too_long(gpu, monkeypatch):
    monkeypatch.setattr(speed, "MOST_S", 0.0)
    monkeypatch.setattr(speed, "LAUNCHES", 20)
    assert speed.measure(TOY, "cpu", 200)["iterations"] == speed.READ_EVERY


def row(model, kind, **changes):
    told = {
        "model": model,
        "device": kind,
        "ms_per_iter": 12.34,
        "ms_per_token": {"1": 1.5, "3": 2.5},
        "losses": [8.0, 5.0],
        "peak_bytes": 100 * 2**20,
        "estimate_bytes": 110 * 2**20,
    }
    return told | changes


def test_speed_is_told_for_each_model_on_each_device():
    outcome = speed.speed(["mps", "cpu"], 200, lambda model, kind, _count: row(model, kind))
    assert outcome.right
    assert [(each["model"], each["device"]) for each in outcome.figures] == [
        (model, kind) for model in ("tiny", "quick") for kind in ("mps", "cpu")
    ]
    first = "tiny on mps: 12.3 ms an iteration, a token in 1.5 ms (1 at once) and 2.5 ms (3 at once), "
    assert outcome.words.startswith(first + "100 MiB where 110 were estimated.")


@pytest.mark.parametrize("change", [{"losses": [8.0, 8.1]}, {"peak_bytes": 200 * 2**20}])
def test_a_loss_that_rises_and_memory_beyond_its_estimate_are_not_right(change):
    assert not speed.speed(["cpu"], 200, lambda model, kind, _count: row(model, kind, **change)).right


def test_what_auto_takes_is_told(gpu):
    outcome = choices([TOY])
    assert set(outcome.figures) == {"toy trains", "toy writes"}
    assert all(told.endswith("for this model") for told in outcome.figures.values())


def test_where_there_is_one_device_there_is_no_choice():
    assert choices([TOY]).words == "There is one device here, so auto has no choice."


def test_the_windows_test_is_read():
    good = {"iterations": 20, "best_val_loss": 9.9, "device": "cpu", "characters": 60}
    outcome = judged("a line\n" + json.dumps(good) + "\n", "")
    assert outcome.right
    assert outcome.words == "The window trained 20 iterations on cpu and wrote 60 characters."
    failed = judged(json.dumps({"problem": "This did not come about: the run ends."}), "")
    assert not failed.right
    assert "the run ends" in failed.words
    assert not judged("", "qt.qpa: no display\nAborted").right
    assert "Aborted" in judged("", "qt.qpa: no display\nAborted").words


def test_the_window_paints_into_memory_where_there_is_no_screen():
    assert surroundings({"A": "b"}, "Linux") == {"A": "b", "QT_QPA_PLATFORM": "offscreen"}
    for environment, system in (({}, "Darwin"), ({"DISPLAY": ":0"}, "Linux"), ({"QT_QPA_PLATFORM": "vnc"}, "Linux")):
        assert surroundings(environment, system) == environment


@pytest.mark.slow
def test_the_whole_report_is_made_here(tmp_path):
    out = tmp_path / "report.json"
    command = [sys.executable, "-m", "scripts.mac_report", f"--out={out}", "--iterations=10"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    told = out.read_text("utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(part["right"] for part in json.loads(told)["parts"].values())
    for word in (str(Path.home()), str(ROOT), str(tmp_path)):
        assert word not in told
