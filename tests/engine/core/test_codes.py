from pathlib import Path
from typing import get_args

from engine.core import codes
from engine.core.codes import AdviceCode, ErrorCode


def test_every_code_is_told_somewhere():
    own = Path(codes.__file__)
    root = own.parents[2]
    files = [file for room in ("engine", "gui") for file in (root / room).rglob("*.py") if file != own]
    source = "".join(file.read_text("utf-8") for file in files)
    assert [code for code in get_args(AdviceCode) if f'"{code}"' not in source] == []


def test_a_mended_fault_can_be_advised_under_its_own_code():
    assert set(get_args(ErrorCode)) < set(get_args(AdviceCode))
