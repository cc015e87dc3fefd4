import json
from dataclasses import replace

import pytest

from engine.core.errors import DataError
from engine.core.events import Progress
from engine.datasets.dataset import dataset
from engine.datasets.folder import retitle
from engine.datasets.order import Order
from engine.datasets.prepare import prepare
from engine.datasets.report import look_at
from engine.text.catalogue import catalogue
from gui.data.preparing import progress_text, title_of
from gui.data.problems import troubles
from gui.data.state import counts_text, facts, notes_of, size_of, text_rows, total_text


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "diary.txt"
    path.write_text("Dear diary — café.\n" * 100, encoding="utf-8")
    prepare(str(path), tokenizer="char")
    return dataset("diary")


def row(name):
    return next(each for each in text_rows() if each.name == name)


def test_the_built_in_texts_are_there_before_anything_is_prepared():
    assert [each.name for each in text_rows()] == list(catalogue())
    complete, tiny = row("shakespeare_complete"), row("shakespeare")
    assert complete.can_train
    assert not tiny.can_train
    assert tiny.detail == "To be downloaded, 1.1 MB"
    assert ("From", catalogue()["shakespeare"].url.removeprefix("https://")) in facts(tiny)
    assert complete.folder is tiny.folder is None
    assert not complete.can_rename
    assert total_text(text_rows()) == f"{len(catalogue())} texts"


def test_the_tokens_of_a_vocabulary_and_the_rows_of_a_models_table_are_told_apart(own):
    tokens = {"tokenizer": {"kind": "gpt2"}, "vocab_size": 50304}
    padded = replace(row("diary"), dataset=replace(own, **tokens))
    assert dict(facts(padded))["Vocabulary"] == "50,257 tokens; in the model’s table 50,304 rows"
    assert counts_text(padded).endswith("vocabulary 50,257")
    assert dict(facts(row("diary")))["Vocabulary"] == f"{own.vocab_size} tokens"


def test_a_text_of_one_s_own_follows_with_its_facts(own):
    mine = text_rows()[-1]
    told = dict(facts(mine))
    assert (mine.title, mine.can_train, mine.folder, mine.can_rename) == ("diary", True, own.folder, True)
    assert told["Training part"] == f"{own.train_tokens:,} tokens"
    assert told["Bytes per token"] == f"{own.val_bytes / own.val_tokens:.2f}"
    assert told["Tokens"] == "Single characters"
    assert counts_text(mine).startswith(f"{own.train_tokens + own.val_tokens:,} tokens  ·  2 KB of text")


def test_what_texts_take_on_disk_is_told(own):
    size = sum(file.stat().st_size for file in own.folder.iterdir())
    assert size_of(own.folder) == size == row("diary").bytes
    assert total_text(text_rows()) == f"{len(catalogue()) + 1} texts, {size / 1000:.0f} KB on disk"
    assert size_of(own.folder / "nowhere") == 0


def test_a_damaged_dataset_is_listed_with_the_reason_and_can_be_thrown_away(own):
    own.train_path.write_bytes(own.train_path.read_bytes()[:-2])
    mine = row("diary")
    assert mine.detail == "Damaged"
    assert "train.bin" in mine.description
    assert mine.folder == own.folder
    assert not mine.can_train
    assert not mine.can_rename


def test_what_was_changed_in_a_text_is_told(tmp_path):
    path = tmp_path / "old.txt"
    path.write_bytes("Dear café.\r\n".encode("cp1252") * 100)
    prepare(str(path), tokenizer="char")
    told = " ".join(notes_of(row("old")))
    assert "line ends" in told
    assert "UTF-8" in told


def test_another_title_leaves_the_name_that_runs_know(own):
    retitle(own, "My “days” / 2026")
    mine = row("diary")
    assert (mine.name, mine.title) == ("diary", "My “days” / 2026")
    assert mine.dataset == replace(own, title=mine.title)


def test_a_title_that_cannot_be_written_is_told(own, tmp_path):
    with pytest.raises(DataError, match="cannot be renamed"):
        retitle(replace(own, folder=tmp_path / "gone"), "x")


def test_one_s_own_texts_are_sorted_by_title(own, tmp_path):
    other = tmp_path / "x.txt"
    other.write_text("Another life.\n" * 100)
    prepare(str(other), tokenizer="char", name="zz")
    retitle(dataset("zz"), "Another")
    assert [each.title for each in text_rows()[-2:]] == ["Another", "diary"]


# what is wrong


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


# what is being prepared


def test_progress_is_told_in_words():
    assert progress_text(Progress(what="Reading", done=50, total=10**6, unit="bytes")) == "Reading: <1% of 1.0 MB"
    assert progress_text(Progress(what="Connecting", done=0, total=0, unit="bytes")) == "Connecting"


def test_what_is_prepared_has_a_title():
    assert title_of(Order(target="/a/b.txt")) == "b.txt"
    assert title_of(Order(target="/a/b.txt", name="Days")) == "Days"
    assert title_of(Order(target="shakespeare")) == "Tiny Shakespeare"


def test_a_folder_that_is_no_dataset_is_listed_as_damaged(own):
    (own.folder / "meta.json").write_text(json.dumps({"title": 3}))
    assert row("diary").problem
