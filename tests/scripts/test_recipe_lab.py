import json
import math
import sys

import pytest

from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.planning.estimate import training_flops_per_iter
from scripts.recipe_lab import __main__ as lab
from scripts.recipe_lab import baselines
from scripts.recipe_lab.baselines import MINUTES, baseline, keep, tflop_for
from scripts.recipe_lab.experiments import Queue
from scripts.recipe_lab.paired import Difference, paired_table
from scripts.recipe_lab.results import Results
from scripts.recipe_lab.table import samples, table
from scripts.recipe_lab.texts import CHECKED_WITH, TEXTS
from scripts.recipe_lab.trial import Trial

QUEUE = """
texts = ["shakespeare", "python"]
tflop = [48, 9.6]
seeds = 2

[experiments."decay 0.3"]
settings = {weight_decay = 0.3}

[experiments."half of AdamW"]
settings = {optimizer = "adamw", batch_size = 64}
"""


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


def test_a_result_names_its_trial_and_older_ones_do_too():
    assert Trial.of(row()) == Trial(text="shakespeare", recipe="quick", minutes=1.0)
    tried = Trial(text="python", recipe="quick@1", tflop=9.6, seed=2, changes={"dropout": 0.1}, commit="abc", name="x")
    again = Trial.of(json.loads(json.dumps({field: getattr(tried, field) for field in Trial.__dataclass_fields__})))
    assert again == tried
    assert again.key == Trial.of(json.loads(tried.key) | {"name": "another"}).key


# what is kept as it was


def test_what_was_kept_is_a_whole_run_for_every_text_and_budget():
    for text in TEXTS:
        for minutes in MINUTES:
            one = baseline("quick@1", text, tflop=tflop_for(minutes))
            assert one == baseline("quick@1", text, minutes=minutes)
            config = TrainConfig.of(one.settings)
            dataset = text if text == "names" else f"{text}_bpe{one.vocab_size}"  # names are learned by letters
            assert (config.dataset, config.optimizer) == (dataset, "muon")
    with pytest.raises(LookupError, match=r"not kept for python and 2 minutes; there are 0\.145 \(1\.392 TFLOP\), 1"):
        baseline("quick@1", "python", minutes=2.0)


def test_what_quick_decides_is_kept_once(monkeypatch, tmp_path):
    monkeypatch.setattr(baselines, "KEPT", tmp_path / "kept.json")
    keep("quick@7", ("shakespeare",))
    before = (tmp_path / "kept.json").read_bytes()
    one = baseline("quick@7", "shakespeare", minutes=1.0)
    assert one == baseline("quick", "shakespeare", minutes=1.0)
    for name in ("quick@7", "quick"):
        with pytest.raises(ValueError, match="kept once"):
            keep(name, ("shakespeare",))
    assert (tmp_path / "kept.json").read_bytes() == before


# equal arithmetic


def settings_of(**tried):
    flags = Trial(text="shakespeare", recipe="quick@1", **tried).flags
    return dict(flag.removeprefix("--").split("=", 1) for flag in flags)


def operations(told, vocab_size=1024):
    """Return the operations of a whole run, by the flags that it is made with."""
    numbers = {name: int(told[name]) for name in ("n_layer", "n_head", "n_embd", "block_size", "batch_size")}
    config = TrainConfig.of(numbers | {"optimizer": told["optimizer"]})
    return int(told["max_iters"]) * training_flops_per_iter(config, vocab_size) / 1e12


def test_a_dearer_iteration_leaves_fewer_of_them():
    plain = settings_of(tflop=48.0)
    wide, cheap = (
        settings_of(tflop=48.0, changes={"n_embd": 256}),
        settings_of(tflop=48.0, changes={"optimizer": "adamw"}),
    )
    vocab = settings_of(tflop=48.0, changes={"vocab_size": 2048})
    for told, size in ((plain, 1024), (wide, 1024), (cheap, 1024), (vocab, 2048)):
        assert 0.999 < operations(told, size) / 48.0 <= 1.0
    counts = [int(told["max_iters"]) for told in (wide, vocab, plain, cheap)]
    assert counts == sorted(set(counts))
    assert (plain["minutes"], plain["recipe"], plain["dataset"]) == ("0.0", "guide", "shakespeare_bpe1024")
    assert vocab["dataset"] == "shakespeare_bpe2048"
    assert "vocab_size" not in vocab


def test_a_run_that_learns_its_text_by_heart_ends_before_its_arithmetic_does():
    whole = baseline("quick@1", "shakespeare", minutes=20.0)
    assert (
        int(settings_of(tflop=192.0, changes={"n_embd": 64, "n_head": 1})["max_iters"]) == whole.settings["max_iters"]
    )


def test_by_the_clock_a_kept_recipe_has_its_minutes_or_iterations():
    told = settings_of(minutes=1.0, changes={"dropout": "0.1"})
    kept = baseline("quick@1", "shakespeare", minutes=1.0).settings
    assert (told["minutes"], told["max_iters"], told["dropout"]) == ("1.0", str(kept["max_iters"]), "0.1")
    told = settings_of(minutes=1.0, iters=70)
    assert (told["minutes"], told["max_iters"]) == ("0", "70")


# a queue


@pytest.fixture
def written(tmp_path):
    def write(text):
        (tmp_path / "queue.toml").write_text(text, "utf-8")
        return tmp_path / "queue.toml"

    return write


def test_each_experiment_is_paired_with_the_baseline_at_every_text_budget_and_seed(written):
    queue = Queue.read(written(QUEUE))
    found = list(queue.trials())
    assert [one.name for one in found[:3]] == ["quick@1", "decay 0.3", "half of AdamW"]
    assert len({one.key for one in found}) == len(found) == 3 * 2 * 2 * 2
    assert [one.tflop for one in found] == [9.6] * 12 + [48.0] * 12
    assert {one.text for one in queue.trials(CHECKED_WITH)} == set(CHECKED_WITH)
    assert found[1].changes == {"weight_decay": 0.3}
    assert all(one.recipe == "quick@1" for one in found)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("settings", "setings"), "decay 0.3: setings is unknown"),
        (("seeds", "seed"), "seed is unknown"),
        (("python", "pythom"), "no text is called pythom"),
        (("weight_decay = 0.3}", 'dropout = 0.1}\nover = "quick"'), "name the commit"),
        (("tflop = [48, 9.6]", ""), "tflop"),
        (("tflop = [48, 9.6]", "tflop = [50]"), "not kept for shakespeare and 5.2"),
        (("decay 0.3", "quick@1"), "no experiment has its name"),
    ],
)
def test_a_slip_of_the_pen_makes_no_other_experiment(written, change, told):
    with pytest.raises((ValueError, LookupError), match=told):
        Queue.read(written(QUEUE.replace(*change)))


def test_a_setting_that_there_is_not_is_refused_before_anything_runs(written):
    with pytest.raises(SettingError, match="weight_dacay"):
        Queue.read(written(QUEUE.replace("weight_decay", "weight_dacay")))


@pytest.fixture
def fake_lab(monkeypatch, tmp_path):
    """Return a lab whose runs take no time: it makes what a queue asks for and returns the trials it has made."""
    made = []

    def run(trial, home):
        made.append(trial)
        if len(made) == limits[0]:
            raise KeyboardInterrupt
        named = {field: getattr(trial, field) for field in Trial.__dataclass_fields__}
        return row(**named, bits_per_byte=2.0 + trial.seed / 100 - 0.01 * len(trial.changes))

    limits = [0]
    monkeypatch.setattr(lab, "run", run)
    monkeypatch.setattr(lab, "prepare_text", lambda *_: None)
    monkeypatch.setattr(lab, "commit_here", lambda: "abc123")
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))

    def start(queue, *more, breaks_at=0):
        limits[0] = breaks_at
        arguments = ["recipe_lab", f"--queue={queue}", f"--results={tmp_path / 'results.jsonl'}", *more]
        monkeypatch.setattr(sys, "argv", arguments)
        made.clear()
        lab.main()
        return list(made)

    return start


def test_a_queue_that_was_broken_off_goes_on_and_makes_nothing_twice(fake_lab, written, tmp_path, capsys):
    queue, file = written(QUEUE), tmp_path / "results.jsonl"
    with pytest.raises(KeyboardInterrupt):
        fake_lab(queue, breaks_at=6)
    kept = file.read_bytes()
    assert kept.count(b"\n") == 5
    file.write_bytes(kept + b'{"text": "shakesp')  # killed while it wrote
    left = fake_lab(queue)
    assert len(left) == 24 - 5
    assert file.read_bytes().startswith(kept)
    assert len([json.loads(line) for line in file.read_bytes().splitlines()]) == 24
    renamed = written(QUEUE.replace("decay 0.3", "more decay"))
    capsys.readouterr()
    assert fake_lab(renamed) == []
    told = capsys.readouterr().out
    assert "| more decay | 2.0050 | 0.0071 | 2 | −0.0100 ± 0.0000 (2) |" in told
    assert "decay 0.3" not in told
    assert {one.text for one in fake_lab(queue, "--check")} == set(CHECKED_WITH)


def test_a_run_that_fails_holds_up_no_other(fake_lab, written, monkeypatch, capsys):
    run = lab.run

    def fails(trial, home):
        if trial.name == "decay 0.3":
            raise RuntimeError("train failed: no such thing")
        return run(trial, home)

    monkeypatch.setattr(lab, "run", fails)
    with pytest.raises(SystemExit):
        fake_lab(written(QUEUE))
    told = capsys.readouterr()
    assert told.err.count("no such thing") == 8
    assert told.out.count("half of AdamW") == 4
    monkeypatch.setattr(lab, "run", run)
    assert {one.name for one in fake_lab(written(QUEUE))} == {"decay 0.3"}


def test_what_is_about_other_code_is_left_for_that_code(fake_lab, written, capsys):
    text = QUEUE.replace(', "python"', "") + '\n[experiments.new]\nover = "quick"\ncommit = "999"\n'
    assert {one.name for one in fake_lab(written(text))} == {"quick@1", "decay 0.3", "half of AdamW"}
    assert "new is about another commit" in capsys.readouterr().err
    assert {one.name for one in fake_lab(written(text.replace("999", "abc")))} == {"new"}


def test_two_labs_never_write_the_same_file(tmp_path):
    with Results(tmp_path / "results.jsonl"), pytest.raises(BlockingIOError), Results(tmp_path / "results.jsonl"):
        pass
    with Results(tmp_path / "results.jsonl") as results:
        assert results.rows == []


# paired differences


def test_a_paired_difference_is_the_mean_with_its_standard_error():
    found = Difference.of([-0.03, -0.01, -0.02])  # mean -0.02; standard deviation 0.01, over the root of 3
    assert found.mean == pytest.approx(-0.02)
    assert found.error == pytest.approx(0.01 / math.sqrt(3))
    assert str(found) == "−0.0200 ± 0.0058 (3)"
    assert str(Difference.of([0.5])) == "+0.5000 (1)"


def test_pairs_are_of_equal_text_budget_and_seed():
    def made(name, seed, bits, **more):
        return row(name=name, recipe="quick@1", tflop=9.6, minutes=0.0, seed=seed, bits_per_byte=bits, **more)

    rows = [
        made("quick@1", 1, 2.20),
        made("quick@1", 2, 2.24),
        made("new", 1, 2.19, full_memory_bits_per_byte=2.11),
        made("new", 2, 2.20, full_memory_bits_per_byte=2.13),
        made("new", 3, 2.27),  # no baseline of its seed yet
        made("new", 1, 1.80, text="python"),
        made("new", 1, 2.00) | {"tflop": 48.0},
    ]
    lines = paired_table(rows, "quick@1").splitlines()[2:]
    assert lines[0] == "| python | 9.6 TFLOP | new | 1.8000 |  | 1 |  |  | 1,500 |"
    assert lines[1] == "| shakespeare | 9.6 TFLOP | quick@1 | 2.2200 | 0.0283 | 2 |  |  | 1,500 |"
    # differences -0.01 and -0.04: mean -0.025, standard deviation 0.0212, over the root of 2
    assert "| new | 2.2200 | 0.0436 | 3 | −0.0250 ± 0.0150 (2) | 2.1200 | 1,500 |" in lines[2]
    assert lines[3] == "| shakespeare | 48 TFLOP | new | 2.0000 |  | 1 |  |  | 1,500 |"
