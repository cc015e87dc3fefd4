import pytest
import torch

from engine.core.errors import DataError
from engine.support import diagnosis
from engine.support.diagnosis import MPS_KNOWN_FROM, diagnose, facts_job
from tests.as_anyone import as_anyone


def found(check):
    return next(finding for finding in diagnose() if finding.check == check)


def test_everything_a_run_needs_is_looked_at():
    findings = diagnose()
    assert [f.check for f in findings][:6] == ["versions", "device", "memory", "disk", "tokenizer", "data"]
    for finding in findings:
        assert finding.found
        assert finding.ok or finding.fix


def test_the_tokenizer_and_the_text_are_really_read():
    assert "50,257 tokens" in found("tokenizer").found
    data = found("data")
    assert data.ok
    assert "plays" in data.found


def test_a_missing_package_of_data_is_a_finding_with_its_fix(monkeypatch):
    def missing(what):
        raise DataError("Files that belong to Understudy are missing.", fix="Run `make run` again.")

    monkeypatch.setattr("engine.core.carriers.carried", missing)
    monkeypatch.setattr("engine.tokens.tokenizer.carried", missing)
    from engine.tokens.tokenizer import gpt2_tokenizer

    gpt2_tokenizer.cache_clear()
    try:
        for check in ("tokenizer", "data"):
            told = found(check)
            assert not told.ok
            assert told.found == "Files that belong to Understudy are missing."
            assert told.fix == "Run `make run` again."
    finally:
        gpt2_tokenizer.cache_clear()


def test_an_error_in_one_check_leaves_the_others(monkeypatch):
    def broken():
        raise ZeroDivisionError("of a check")

    monkeypatch.setattr(diagnosis.psutil, "virtual_memory", broken)
    memory = found("memory")
    assert not memory.ok
    assert "ZeroDivisionError: of a check" in memory.found
    assert memory.fix
    assert found("disk").found


def test_little_memory_and_little_disk_are_told(monkeypatch):
    monkeypatch.setattr(diagnosis, "MEMORY_NEEDED", 2**60)
    monkeypatch.setattr(diagnosis, "DISK_NEEDED", 2**60)
    for check in ("memory", "disk"):
        assert not found(check).ok
        assert found(check).fix


def test_how_far_a_macs_gpu_is_known_is_told_where_there_is_one(gpu):
    device = found("device")
    assert device.ok
    assert device.found.startswith("mps (there are: mps, cpu)")
    assert device.found.endswith(MPS_KNOWN_FROM)
    (facts,) = facts_job()
    assert dict(facts.rows)["Trains on"] == "MPS, a small model on what a trial finds faster"


def test_it_is_not_told_where_there_is_none():
    assert MPS_KNOWN_FROM not in found("device").found
    (facts,) = facts_job()
    assert dict(facts.rows)["Trains on"] in ("CPU", "CUDA, a small model on what a trial finds faster")


@pytest.mark.parametrize(("told", "fix"), [(True, "as on virtual machines"), (False, "it needs Apple silicon")])
def test_a_mac_without_a_gpu_learns_why(monkeypatch, told, fix):
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: told)
    monkeypatch.setattr("engine.machine.device.available", lambda kind: kind == "cpu")
    device = found("device")
    assert not device.ok
    assert fix in device.fix


def test_a_home_that_cannot_be_written_is_told_and_one_that_can_is_left_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "a" / "home"))
    assert found("home").ok
    assert list(tmp_path.iterdir()) == []
    tmp_path.chmod(0o500)
    with as_anyone():
        problem = found("home")
    tmp_path.chmod(0o700)
    assert not problem.ok
    assert str(tmp_path / "a" / "home") in problem.found
    assert "UNDERSTUDY_HOME" in problem.fix
    (tmp_path / "a").write_text("a file")
    assert not found("home").ok
