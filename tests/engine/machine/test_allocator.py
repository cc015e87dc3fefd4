"""What a thread frees is there for it again; what the GPU keeps for reuse is given back in time."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.machine.allocator import GPU_CACHE_FROM, trim_gpu_cache
from engine.machine.device import MPS_MEMORY_FRACTION

LOW, HIGH = "PYTORCH_MPS_LOW_WATERMARK_RATIO", "PYTORCH_MPS_HIGH_WATERMARK_RATIO"

_ROOT = Path(__file__).parents[3]

_FAULTS = """
import resource, sys, threading
from engine.machine.allocator import keep_freed_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def work():
    bytearray(SIZE)
    before = faults()
    bytearray(SIZE)
    print(faults() - before)

SIZE = 30 * 2**20
if sys.argv[1] == "keep":
    keep_freed_memory()
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def faults(how):
    """Return the page faults that a thread's second large block costs, in a process of its own."""
    command = [sys.executable, "-c", _FAULTS, how]
    return int(subprocess.run(command, check=True, capture_output=True, text=True, cwd=_ROOT).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have ways of their own")
def test_a_block_that_a_thread_takes_again_costs_no_page_faults():
    assert faults("keep") * 10 < faults("as it is")


def test_the_gpus_cache_is_trimmed_below_the_limit_of_its_memory(monkeypatch):
    for name in (LOW, HIGH):
        monkeypatch.delenv(name, raising=False)
    assert main(["runs"]) == 0
    assert float(os.environ[LOW]) == GPU_CACHE_FROM < MPS_MEMORY_FRACTION


@pytest.mark.parametrize("name", [LOW, HIGH])
def test_a_watermark_that_a_person_has_set_stays(monkeypatch, name):
    for each in (LOW, HIGH):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, "0.5")  # torch refuses a low one above the high one
    trim_gpu_cache()
    assert {each: os.environ[each] for each in (LOW, HIGH) if each in os.environ} == {name: "0.5"}
