import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.datasets import catalogue, dataset
from engine.jobs import Control, events_of
from engine.paths import datasets_dir
from engine.prepare import prepare
from gui.data.state import (
    Order,
    facts,
    first_ids,
    free_name,
    orders,
    preview_job,
    progress_text,
    text_rows,
    visible,
    warnings,
)


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
    assert ("Comes from", catalogue()["shakespeare"].url) in facts(tiny)
    assert complete.folder is tiny.folder is None


def test_a_text_of_one_s_own_follows_with_its_facts(own):
    mine = text_rows()[-1]
    told = dict(facts(mine))
    assert (mine.title, mine.can_train, mine.folder) == ("diary", True, own.folder)
    assert told["To learn from"] == f"{own.train_tokens:,} tokens"
    assert told["Bytes per token"] == f"{own.val_bytes / own.val_tokens:.2f}"
    assert told["Tokens are"] == "Single characters"


def test_a_damaged_dataset_is_listed_with_the_reason_and_can_be_thrown_away(own):
    own.train_path.write_bytes(own.train_path.read_bytes()[:-2])
    mine = row("diary")
    assert mine.detail == "Damaged"
    assert "train.bin" in mine.description
    assert mine.folder == own.folder
    assert not mine.can_train


def test_what_is_wrong_with_a_text_is_told(own):
    told = " ".join(warnings(own))
    assert "only 2 KB" in told
    assert "Large" in told
    assert warnings(replace(own, train_bytes=10**6, train_tokens=10**6, val_tokens=10**5)) == []


def test_a_dataset_just_a_block_long_is_too_short_for_its_preset(own):
    long = replace(own, train_bytes=10**6, train_tokens=10**6)
    assert "Medium (M4)" in warnings(replace(long, val_tokens=384))[0]
    assert "Medium (M4)" not in warnings(replace(long, val_tokens=385))[0]


def test_the_preview_is_the_text_token_by_token(own):
    [preview] = events_of(preview_job(own, 19), Control())
    assert "".join(preview.tokens) == "Dear diary — café.↵\n"
    assert preview.ids == tuple(first_ids(own.train_path, 19))
    assert len(preview.tokens) == 19


def test_a_short_text_is_shown_whole(own):
    [preview] = events_of(preview_job(own, 10**6), Control())
    assert len(preview.ids) == own.train_tokens


def test_line_ends_are_made_visible():
    assert visible("a\n\nb") == "a↵\n↵\nb"


def test_a_free_name_is_free(own):
    assert free_name("diary") == "diary_2"
    (datasets_dir() / "diary_2").mkdir()
    (datasets_dir() / "diary_2" / "meta.json").write_text(json.dumps({}))
    assert free_name("diary") == "diary_3"


def test_each_added_path_is_an_order_of_its_own():
    assert orders([Path("/a/b.txt"), Path("/c")], "char") == [
        Order("/a/b.txt", tokenizer="char"),
        Order("/c", tokenizer="char"),
    ]


def test_progress_is_told_in_words():
    order = Order("/a/b.txt")
    assert progress_text(order, "Reading", 50, 100) == "b.txt: reading, 50%"
    assert progress_text(Order("shakespeare"), "Connecting", 0, 0) == "Tiny Shakespeare: Connecting"
