"""What a thread frees is there for it again."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]

_FAULTS = """
import resource, sys, threading
from engine.allocator import keep_freed_memory

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
    """Give the page faults that a thread's second large block costs, in a process of its own."""
    command = [sys.executable, "-c", _FAULTS, how]
    return int(subprocess.run(command, check=True, capture_output=True, text=True, cwd=_ROOT).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have ways of their own")
def test_a_block_that_a_thread_takes_again_costs_no_page_faults():
    assert faults("keep") * 10 < faults("as it is")
