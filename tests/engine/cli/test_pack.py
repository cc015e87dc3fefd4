"""`pack`: a run in one file, and what to type there and back."""


def test_it_prints_what_to_type(engine, toy_run, tmp_path):
    code, out, _ = engine("pack", "--out_dir", toy_run.path, tmp_path / "x.tar.gz", "--gpus=3")
    assert code == 0
    assert f"wrote {tmp_path / 'x.tar.gz'}" in out
    send, start, back = (out.index(words) for words in ("To send it there:", "To start it there:", "To bring it back"))
    assert send < start < out.index("torchrun") < back < out.index("scp MACHINE:out-back.tar.gz .")
    assert "nproc_per_node=3" in out


def test_a_run_there_is_not_is_told(engine, tmp_path):
    code, _, err = engine("pack", "--out_dir", tmp_path / "nowhere", tmp_path / "x.tar.gz")
    assert code == 3
    assert "no checkpoint" in err
    assert not (tmp_path / "x.tar.gz").exists()
