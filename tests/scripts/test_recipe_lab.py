import json
import sys
from dataclasses import fields

from scripts.recipe_lab import __main__ as lab
from scripts.recipe_lab.table import samples, table
from scripts.recipe_lab.trial import Trial


def row(**changes):
    """Return a result as the lab writes it."""
    found = {
        "text": "shakespeare",
        "recipe": "quick",
        "preset": "",
        "minutes": 1.0,
        "iters": 0,
        "seed": 1,
        "changes": {},
        "bits_per_byte": 2.0,
        "iterations": 1500,
        "seconds": 59.5,
        "process_seconds": 61.5,
        "parameters": 541312,
        "sample": "ROMEO:\nAy.",
    }
    return found | changes


def trials(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["recipe_lab", *arguments])
    return list(lab._trials(lab._arguments()))


def test_seeds_are_one_line_with_mean_and_range():
    rows = [row(seed=1, bits_per_byte=2.0), row(seed=2, bits_per_byte=2.2), row(recipe="guide", bits_per_byte=3.0)]
    _, _, guide, quick = table(rows).splitlines()
    assert "| guide | 3.000 | 1 |" in guide
    assert "| quick | 2.100 (2.000 to 2.200) | 2 | 1,500 | 59.5 | 61.5 | 541,312 |" in quick


def test_samples_are_those_of_the_first_seed():
    told = samples([row(seed=2, sample="second"), row(seed=1, sample="first\nline")])
    assert told == "shakespeare, 60 s, free, quick:\n\n    first\n    line"


def test_what_stands_in_the_results_is_not_made_again(monkeypatch, tmp_path, capsys):
    file = tmp_path / "results.jsonl"
    file.write_text(json.dumps(row()) + "\n", "utf-8")
    made = []
    monkeypatch.setattr(lab, "run", lambda trial, home: made.append(trial) or row(recipe=trial.recipe))
    monkeypatch.setattr(lab, "prepare_text", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["recipe_lab", "--results", str(file)])
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    lab.main()
    lab.main()
    assert [trial.recipe for trial in made] == ["guide"]
    assert len(file.read_text("utf-8").splitlines()) == 2
    assert capsys.readouterr().out.count("| guide |") == 2


def test_variants_and_seeds_are_all_combined(monkeypatch):
    found = trials(monkeypatch, "--presets=tiny,small", "--minutes=1,5", "--seeds=2", "--change=dropout=0.1,seed=4")
    assert len({one.key for one in found}) == len(found) == 2 * 2 * 2 * 2
    assert all(one.changes == {"dropout": "0.1", "seed": "4"} for one in found)
    assert "--dropout=0.1" in found[0].flags


def test_iterations_stand_for_the_time_where_they_are_given():
    flags = Trial(text="python", recipe="quick", preset="tiny", minutes=1.0, iters=70).flags
    assert {"--max_iters=70", "--minutes=0", "--preset=tiny"} <= set(flags)


def test_the_guides_recipe_lasts_as_long_as_quick():
    flags = Trial(text="shakespeare", recipe="guide", preset="", minutes=0.15).flags
    assert {"--minutes=0.15", "--preset=tiny", "--recipe=guide"} <= set(flags)


def test_the_accepted_runs_are_quicks_three_seeds_beside_the_guide(monkeypatch):
    found = trials(monkeypatch, "--acceptance")
    for minutes in (0.145, 1.0, 5.0):
        alike = [one for one in found if one.minutes == minutes]
        assert sorted(one.recipe for one in alike) == ["guide", "quick", "quick", "quick"]


def test_a_result_names_its_trial():
    assert {field.name for field in fields(Trial)} <= row().keys()
