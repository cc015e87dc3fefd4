"""What a run needs is there on processors that can do less than this one; `make processors` tries far more of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

LIFE = Path(__file__).with_name("test_life_of_a_run.py")
ROOT = next(folder for folder in LIFE.parents if (folder / "pyproject.toml").exists())
PROCESSORS = {
    "a Mac's": ({"PYTEST_PLUGINS": "tests.as_mac_cpu"}, ""),
    "a Mac's GPU": ({"PYTEST_PLUGINS": "tests.as_mac_gpu"}, "muon or samples or every_form"),
    "one with AVX2 alone": ({"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}, "adamw or samples"),
}
"""For each what makes torch take this processor for it, and which of the tests are run (by pytest's -k)."""


@pytest.mark.thorough
@pytest.mark.parametrize("processor", PROCESSORS)
def test_the_life_of_a_run_is_the_same_on(processor):
    variables, chosen = PROCESSORS[processor]
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", chosen, str(LIFE)],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "skipped" not in told.stdout
