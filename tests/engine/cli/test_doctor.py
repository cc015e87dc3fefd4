"""`doctor`: each check, and what mends what is missing."""

import pytest

from engine.cli import doctor
from engine.support.diagnosis import CheckResult
from tests.engine.cli.hands import json_lines


def test_each_check_is_a_line(engine):
    code, out, _ = engine("doctor", "--json")
    rows = json_lines(out)
    assert {"versions", "device", "memory", "disk", "tokenizer", "data"} <= {row["check"] for row in rows}
    assert code == (0 if all(row["ok"] for row in rows) else 1)
    assert all(row["fix"] for row in rows if not row["ok"])


@pytest.mark.parametrize(("ok", "code", "mark"), [(True, 0, "ok "), (False, 1, "!! ")])
def test_what_is_missing_comes_with_its_fix_and_an_exit_code(engine, monkeypatch, ok, code, mark):
    found = CheckResult("disk", ok, "2 GB are free", "" if ok else "Make room.")
    monkeypatch.setattr(doctor, "diagnose", lambda: [CheckResult("data", True, "all there", ""), found])
    exit_code, out, _ = engine("doctor")
    assert exit_code == code
    assert f"{mark} disk" in out
    assert ("Make room." in out) is not ok
