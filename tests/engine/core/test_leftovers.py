import os

from engine.core.leftovers import before_of, clear_leftovers, part_of, remove

LONG_AGO = 10**9


def left_by(pid, dest):
    """Return the name of a part that a process left."""
    return dest.with_name(f".{dest.name}.{pid}.0123abcd.part")


def test_a_part_is_hidden_beside_its_destination_and_no_two_are_one(tmp_path):
    one, other = part_of(tmp_path / "out.gguf"), part_of(tmp_path / "out.gguf")
    assert one.parent == tmp_path
    assert one.name.startswith(".out.gguf.")
    assert one != other


def test_what_was_not_put_in_place_is_removed_whatever_it_is(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").touch()
    (tmp_path / "file").touch()
    for name in ("folder", "file", "never made"):
        remove(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_what_a_process_left_that_is_gone_is_removed_file_or_folder(tmp_path, ended_process):
    left_by(ended_process, tmp_path / "a b.gguf").write_text("half")
    left_by(ended_process, tmp_path / "model").mkdir()
    (left_by(ended_process, tmp_path / "model") / "config.json").touch()
    clear_leftovers(tmp_path)
    assert os.listdir(tmp_path) == []


def test_what_a_living_process_writes_and_what_is_nobodys_is_left_alone(tmp_path, ended_process):
    names = f"model.{ended_process}.0123abcd.part", f".model.{ended_process}.0123.part", ".mine.part", "ckpt.pt"
    kept = {part_of(tmp_path / "model"), *(tmp_path / name for name in names)}
    for path in kept:
        path.touch()
    clear_leftovers(tmp_path)
    assert {*tmp_path.iterdir()} == kept
    clear_leftovers(tmp_path / "nowhere")


def test_a_number_that_another_process_has_by_now_is_no_owner(tmp_path):
    part = part_of(tmp_path / "model")
    part.touch()
    os.utime(part, (LONG_AGO, LONG_AGO))
    clear_leftovers(tmp_path)
    assert os.listdir(tmp_path) == []


def test_what_was_about_to_be_replaced_comes_back(tmp_path, ended_process):
    part = left_by(ended_process, tmp_path / "model")
    part.write_text("new, maybe half")
    before_of(part).write_text("old and whole")
    clear_leftovers(tmp_path)
    assert os.listdir(tmp_path) == ["model"]
    assert (tmp_path / "model").read_text() == "old and whole"


def test_what_was_replaced_goes_where_the_new_one_is_there(tmp_path, ended_process):
    before_of(left_by(ended_process, tmp_path / "model")).write_text("old")
    (tmp_path / "model").write_text("new")
    clear_leftovers(tmp_path)
    assert os.listdir(tmp_path) == ["model"]
    assert (tmp_path / "model").read_text() == "new"


def test_a_part_that_is_whole_gets_its_name(tmp_path, ended_process):
    for name in "whole", "half":
        left_by(ended_process, tmp_path / name).mkdir()
    (left_by(ended_process, tmp_path / "whole") / "meta.json").touch()
    clear_leftovers(tmp_path, lambda part: (part / "meta.json").exists())
    assert os.listdir(tmp_path) == ["whole"]


def test_a_link_in_the_place_of_a_part_takes_nothing_along(tmp_path, ended_process):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "file").touch()
    left_by(ended_process, tmp_path / "model").symlink_to(tmp_path / "theirs")
    clear_leftovers(tmp_path)
    assert os.listdir(tmp_path) == ["theirs"]
    assert (tmp_path / "theirs" / "file").exists()
