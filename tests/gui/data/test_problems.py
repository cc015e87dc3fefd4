"""What is wrong with a text, with a button where it can be mended."""

import json
from dataclasses import replace

import pytest

from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.datasets.report import Problem, look_at
from gui.data.problems import troubles


def codes(one, problems=()):
    return [trouble.code for trouble in troubles(one, problems)]


def test_what_is_wrong_is_told_with_a_button_that_mends_it(own):
    found = {trouble.code: trouble for trouble in troubles(own, look_at(own).problems)}
    assert found["too_short"].action == "more"
    short = found["shorter_than_block"]
    assert "Large" in short.what
    assert short.action == "train"
    assert short.changes["block_size"] < own.val_tokens
    assert all("--" not in trouble.fix for trouble in found.values())


def test_a_dataset_just_a_block_long_is_too_short_for_its_preset(own):
    long = replace(own, train_bytes=10**6, train_tokens=10**6)
    assert "Medium (M4)" in troubles(replace(long, val_tokens=384), ())[0].what
    assert "Medium (M4)" not in troubles(replace(long, val_tokens=385), ())[0].what
    assert codes(replace(long, val_tokens=10**5)) == []


@pytest.mark.parametrize(("tokens", "block"), [(1000, 992), (33, 32), (20, 19), (2, 1)])
def test_the_windows_it_offers_fit(own, tokens, block):
    [trouble] = troubles(replace(own, train_tokens=10**6, val_tokens=tokens), ())
    assert trouble.changes == {"block_size": block}


def test_a_table_that_is_never_trained_offers_a_smaller_one_while_the_text_is_there(tmp_path):
    path = tmp_path / "diary.txt"
    path.write_text("Dear diary.\n" * 100)
    prepare(str(path))
    one = dataset("diary")
    found = {trouble.code: trouble for trouble in troubles(one, look_at(one).problems)}
    assert (found["vocabulary_unused"].action, bool(found["vocabulary_unused"].button)) == ("bpe", True)
    path.unlink()
    found = {trouble.code: trouble for trouble in troubles(one, look_at(one).problems)}
    assert found["vocabulary_unused"].button == ""


def different(one):
    """Return the trouble that the end of a text is unlike its beginning."""
    return next(each for each in troubles(one, [Problem("different_parts", "It is.", "--split document")]))


def unlike_parts(one):
    return replace(one, train_bytes=10**6, train_tokens=10**6, val_tokens=10**5)


def test_whole_documents_are_offered_as_judges_only_where_there_are_two(own, tmp_path):
    alone = different(unlike_parts(own))
    assert (alone.button, alone.action) == ("", None)
    assert "expect a higher loss" in alone.fix
    (tmp_path / "letters").mkdir()
    for number in range(3):
        (tmp_path / "letters" / f"{number}.txt").write_text(f"Letter {number}.\n" * 50)
    prepare(str(tmp_path / "letters"), tokenizer="char")
    assert different(unlike_parts(dataset("letters"))).action == "document"
    prepare(str(tmp_path / "letters"), name="whole", tokenizer="char", split="document")
    assert different(unlike_parts(dataset("whole"))).action is None  # they are already


def test_of_what_was_prepared_before_documents_were_counted_a_folder_has_several(tmp_path):
    (tmp_path / "letters").mkdir()
    for number in range(3):
        (tmp_path / "letters" / f"{number}.txt").write_text(f"Letter {number}.\n" * 50)
    prepare(str(tmp_path / "letters"), tokenizer="char")
    file = dataset("letters").folder / "meta.json"
    meta = json.loads(file.read_text())
    assert meta.pop("documents") == 3
    file.write_text(json.dumps(meta))
    assert different(unlike_parts(dataset("letters"))).action == "document"
