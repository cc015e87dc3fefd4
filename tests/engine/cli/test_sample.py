import re
import shlex

import torch

from tests.engine.cli.hands import json_lines

GUIDE_SAMPLE = '--out_dir=out-shakespeare-small --start="To be or not to be" --num_samples=3 --max_new_tokens=200'


GUIDE_RESUME = "--init_from=resume --out_dir=out-shakespeare-small"


def test_the_guides_way_to_resume_and_to_sample(engine, toy_run):
    toy_run.path.rename("out-shakespeare-small")
    code, out, _ = engine("train", *GUIDE_RESUME.split(), "--max_iters=14")
    assert code == 0
    assert re.findall(r"^iter (\d+): loss", out, re.MULTILINE) == ["12", "13"]

    code, out, _ = engine("sample", *shlex.split(GUIDE_SAMPLE))
    assert code == 0
    texts = out.split("\n---------------\n")
    assert texts.pop() == ""
    assert len(texts) == len(set(texts)) == 3
    for text in texts:
        assert text.startswith("To be or not to be")
        assert len(text) == len("To be or not to be") + 200
    assert engine("sample", *shlex.split(GUIDE_SAMPLE))[1] == out


def test_sample_in_json_is_one_text_a_line(engine, toy_run):
    code, out, _ = engine(
        "sample", "--out_dir", toy_run.path, "--start", "The", "--num_samples=2", "--max_new_tokens=9", "--json"
    )
    assert code == 0
    rows = json_lines(out)
    assert [row["tokens"] for row in rows] == [9, 9]
    for row in rows:
        assert row["text"].startswith("The")
        assert len(row["text"]) == 12
        assert row["tokens_per_s"] > 0


def test_sample_says_which_settings_cannot_be_followed(engine, toy_run, monkeypatch):
    monkeypatch.setattr("engine.machine.abilities.multiplies", lambda _device, dtype: dtype == torch.float32)
    code, out, err = engine(
        "sample", "--out_dir", toy_run.path, "--dtype=bfloat16", "--device=cpu", "--max_new_tokens=3"
    )
    assert code == 0
    assert err == "The cpu of this machine does not multiply in bfloat16: products are in float32.\n"
    assert "float32" not in out


def test_samples_come_from_the_newest_run_when_none_is_named(engine, toy_run):
    code, out, err = engine("sample", "--start=The", "--max_new_tokens=4", "--temperature=0")
    assert code == 0
    assert out.startswith("The")
    assert str(toy_run.path) in err


def test_there_is_no_run_to_sample_from(engine):
    code, _, err = engine("sample")
    assert code == 3
    assert "no trained run yet" in err


def test_a_snapshot_is_sampled_by_its_time_as_by_its_file(engine, toy_run):
    (taken, *_) = toy_run.snapshots()
    by_time = engine("sample", "--out_dir", toy_run.path, f"--snapshot={taken.seconds}s", "--json")
    by_file = engine("sample", "--out_dir", taken.path, "--json")
    assert by_time[0] == by_file[0] == 0
    assert [row["text"] for row in json_lines(by_time[1])] == [row["text"] for row in json_lines(by_file[1])]
    assert f"at iteration {taken.iter_num}" in by_time[2]
