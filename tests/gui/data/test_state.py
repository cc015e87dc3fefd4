import json
import shutil
from dataclasses import replace

import pytest

from engine.core.errors import DataError
from engine.core.jobs import Control, events_of
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset
from engine.datasets.folder import retitle
from engine.datasets.prepare import prepare
from engine.datasets.refit import ensure_ready
from engine.datasets.turns import turns_of
from engine.text.catalogue import catalogue
from gui.data.problems import troubles
from gui.data.state import counts_text, facts, notes_of, size_of, text_rows, total_text
from gui.data.tokens import Opened, open_job


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
    assert "Turns" not in told
    assert (mine.title, mine.can_train, mine.folder, mine.can_rename) == ("diary", True, own.folder, True)
    assert told["Training part"] == f"{own.train_tokens:,} tokens"
    assert told["Bytes per token"] == f"{own.val_bytes / own.val_tokens:.2f}"
    assert told["Tokens"] == "Single characters"
    assert counts_text(mine).startswith(f"{own.train_tokens + own.val_tokens:,} tokens  ·  2 KB of text")


@pytest.fixture
def play(tmp_path):
    path = tmp_path / "play.txt"
    path.write_text("ANN:\nyes, I do\n\nBO:\nno\n\n" * 40, "utf-8")
    prepare(str(path), name="play", tokenizer="char")
    return dataset("play")


def test_who_speaks_in_a_text_is_told_in_figures(play):
    assert dict(facts(row("play")))["Turns"] == "2 speakers, 80 turns"


def test_who_speaks_in_a_text_of_before_is_told_once_it_was_opened(play):
    known = turns_of(play)
    meta = json.loads((play.folder / "meta.json").read_text("utf-8"))
    del meta["turns"]
    (play.folder / "meta.json").write_text(json.dumps(meta), "utf-8")
    assert "Turns" not in dict(facts(row("play")))
    opened = next(event for event in open_job(play) if isinstance(event, Opened))
    assert opened.turns == known
    assert dict(facts(row("play"), opened.turns))["Turns"] == "2 speakers, 80 turns"


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
    with pytest.raises(DataError, match="cannot be changed"):
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


# what is being prepared


def test_a_folder_that_is_no_dataset_is_listed_as_damaged(own):
    (own.folder / "meta.json").write_text(json.dumps({"title": 3}))
    assert row("diary").problem


def test_what_a_run_made_of_a_text_belongs_to_its_row(own):
    alone = row("diary")
    control = Control()
    assert list(events_of(ensure_ready("diary_bpe300", control), control))
    assert "diary_bpe300" not in {each.name for each in text_rows()}
    both = row("diary")
    assert both.vocabularies == (datasets_dir() / "diary_bpe300",)
    assert both.bytes == alone.bytes + size_of(datasets_dir() / "diary_bpe300")


def test_a_text_that_runs_made_ready_for_themselves_is_no_longer_just_built_in(own):
    assert row("python_library").detail == "Built in, ready when you are"
    control = Control()
    assert list(events_of(ensure_ready("diary_bpe300", control), control))
    made = {datasets_dir() / f"python_library_bpe{size}" for size in (280, 300)}
    for folder in made:
        shutil.copytree(datasets_dir() / "diary_bpe300", folder)
    used = row("python_library")
    assert {used.folder, *used.vocabularies} == made
    assert used.dataset.folder == used.folder
    assert used.detail.endswith("tokens  ·  its own")
    assert counts_text(used)
    assert dict(facts(used))["License"]
    assert used.is_at_hand
    assert used.can_train
    assert not used.can_rename
    assert row("diary").detail.endswith("tokens  ·  single characters")
