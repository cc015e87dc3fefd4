"""`export`: what was written and compared, and what it is refused for."""

from tests.engine.cli.hands import json_lines


def test_it_prints_what_was_written_and_how_it_compares(engine, toy_run, tmp_path):
    wanted = ("export", "--out_dir", toy_run.path, "--format", "gguf", tmp_path / "m.gguf")
    code, out, _ = engine(*wanted, "--json")
    last = json_lines(out)[-1]
    assert code == 0
    assert last["event"] == "exported"
    assert last["tokens_equal"] == last["tokens"]
    assert engine(*wanted)[0] == 2  # taken by now
    code, out, _ = engine(*wanted, "--overwrite=True")
    assert code == 0
    assert f"wrote {tmp_path / 'm.gguf'}" in out
    assert f"{last['tokens']} of {last['tokens']} likeliest tokens the same" in out


def test_what_it_cannot_take_is_named(engine, tmp_path):
    assert "Did you mean gguf?" in engine("export", "--format", "ggfu", tmp_path / "x")[2]
    code, _, err = engine("export", "--format=gguf", "--outtype=q9", tmp_path / "x")
    assert code == 2
    assert "q9" in err
    code, _, err = engine("export", "--format=gguf", "--overwrite=maybe", tmp_path / "x")
    assert code == 2
    assert "--overwrite is True or False" in err
