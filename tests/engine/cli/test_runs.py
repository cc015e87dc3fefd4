"""`runs`: every run there is, in words and as JSON."""

from pathlib import Path

from tests.engine.cli.hands import json_lines


def test_each_run_is_a_line(engine, toy_run):
    code, out, _ = engine("runs", "--json")
    (row,) = json_lines(out)
    assert (code, Path(row["path"]), row["iter_num"]) == (0, toy_run.path, 12)
    head, line = engine("runs")[1].splitlines()
    assert head.split() == ["status", "iterations", "best", "val", "bits/byte", "snapshots", "MiB", "run"]
    status, iterations, best, bits, kept, *_, path = line.split()
    assert row["snapshots"] == [each.as_json() for each in toy_run.snapshots()]
    assert int(kept) == len(toy_run.snapshots()) > 0
    assert (status, iterations, path) == (row["status"], "12/12", str(toy_run.path))
    assert (best, bits) == (f"{row['best_val_loss']:.4f}", f"{row['bits_per_byte']:.4f}")


def test_where_there_is_none_it_says_how_to_start_one(engine):
    code, out, _ = engine("runs")
    assert code == 0
    assert "python -m engine train --preset=tiny" in out
    assert engine("runs", "--json")[1] == ""
