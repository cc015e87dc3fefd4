import json
from itertools import zip_longest

import pytest

from engine.core.errors import DataError
from engine.core.events import Prepared, Progress
from engine.core.jobs import Control
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset, prepared
from engine.datasets.folder import order_again, read_meta, retitle
from engine.datasets.order import Order
from engine.datasets.prepare import prepare, prepare_job
from engine.text import encodings
from tests.engine.datasets.hands import TEXT, folder_of, ids, refusal

pytestmark = pytest.mark.usefixtures("home")


def test_a_disk_that_cannot_be_written_is_told_of(play, home):
    home.mkdir()
    (home / "datasets").write_text("in the way")
    with pytest.raises(DataError) as caught:
        prepare(str(play))
    assert caught.value.code == "cannot_write"


def test_the_same_text_again_changes_nothing(play):
    first = prepare(str(play))
    written = dataset("my_play").train_path.stat().st_mtime_ns
    assert prepare(str(play)) == first
    assert dataset("my_play").train_path.stat().st_mtime_ns == written


def test_a_new_version_of_a_file_replaces_the_old_one(play):
    before = prepare(str(play))
    play.write_text(TEXT * 2, "utf-8")
    assert prepare(str(play)).characters == 2 * before.characters
    assert prepare(str(play), tokenizer="char").tokenizer == "char"
    assert [one.name for one in prepared()] == ["my_play"]
    assert [path.name for path in datasets_dir().iterdir()] == ["my_play"]


def test_the_dataset_of_another_text_is_never_replaced(play, tmp_path):
    prepare(str(play))
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "my play.txt"
    other.write_text("Something else.\n" * 99)
    error = refusal(str(other))
    assert error.code == "name_taken"
    assert str(play) in error.cause
    assert dataset("my_play").train_bytes == len(TEXT[: int(len(TEXT) * 0.9)].encode())
    foreign = datasets_dir() / "precious"
    foreign.mkdir()
    (foreign / "notes.txt").write_text("mine")
    assert refusal(str(play), name="precious").code == "name_taken"
    assert (foreign / "notes.txt").read_text() == "mine"


def test_what_a_killed_preparation_left_is_removed_by_the_next(play, ended_process):
    (datasets_dir() / f".old.{ended_process}.0123abcd.part").mkdir(parents=True)
    prepare(str(play))
    assert [path.name for path in datasets_dir().iterdir()] == ["my_play"]


def test_a_dataset_whose_replacement_was_killed_comes_back(play, ended_process):
    prepare(str(play), name="first")
    before = dataset("first")
    before.folder.rename(datasets_dir() / f".first.{ended_process}.0123abcd.part")
    prepare(str(play), name="second")
    assert prepared() == [before, dataset("second")]


def test_two_preparations_in_turn_do_not_disturb_each_other(play, monkeypatch):
    monkeypatch.setattr(encodings, "PIECE", 1000)
    jobs = [prepare_job(Order(target=str(play), name=name), Control()) for name in ("one", "two", "two")]
    seen = [item for items in zip_longest(*jobs) for item in items if isinstance(item, Prepared)]
    assert [event.name for event in seen] == ["one", "two", "two"]
    assert sorted(path.name for path in datasets_dir().iterdir()) == ["one", "two"]


def test_a_split_by_document_keeps_whole_files_from_all_over(tmp_path):
    texts = [f"story {n} " * 20 + "." for n in range(40)]
    prepare(folder_of(tmp_path / "stories", texts), tokenizer="char", split="document")
    found = dataset("stories")
    decode = found.load_tokenizer().decode
    judged = decode(ids(found.val_path)).strip().split("\n\n")
    learned = decode(ids(found.train_path)).strip().split("\n\n")
    assert sorted(judged + learned) == sorted(texts)
    assert 3 <= len(judged) <= 5
    assert {int(text.split()[1]) // 20 for text in judged} == {0, 1}


def test_a_tenth_is_held_out_by_either_split(tmp_path):
    texts = [f"{number:03d} of a hundred texts of one length.\n" for number in range(100)]
    folder = folder_of(tmp_path / "hundred", texts)
    for split in ("position", "document"):
        done = prepare(folder, name=split, tokenizer="char", split=split)
        held_out = done.val_tokens / (done.train_tokens + done.val_tokens)
        assert held_out == pytest.approx(0.1, abs=0.011), split


def test_a_split_by_document_needs_two(play, tmp_path):
    assert refusal(str(play), split="document").code == "single_document"
    prepare(folder_of(tmp_path / "both", ["a long one. " * 90, "a short one. " * 3]), split="document")
    found = dataset("both")
    assert found.load_tokenizer().decode(ids(found.val_path)).strip() == ("a short one. " * 3).strip()


def test_of_two_texts_that_are_prepared_at_once_under_one_name_the_second_is_refused(tmp_path):
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text("the first text\n" * 400)
    other.write_text("another text\n" * 400)
    slower = prepare_job(Order(target=str(one), tokenizer="char", name="race"), Control())
    seen = [next(slower) for _ in range(5)]
    assert any(isinstance(event, Progress) and event.what == "Writing tokens" for event in seen)
    done = prepare(str(other), tokenizer="char", name="race")
    with pytest.raises(DataError) as caught:
        list(slower)
    assert caught.value.code == "name_taken"
    assert dataset("race").source == str(other)
    assert [path.name for path in datasets_dir().iterdir()] == [done.name]


NOT_AS_WRITTEN = {"notes": None, "sources": 7, "recipe": [], "sums": "x"}


@pytest.mark.parametrize("name", NOT_AS_WRITTEN)
def test_what_a_dataset_can_do_without_is_passed_over_where_it_is_damaged(play, name):
    ready = prepare(str(play), tokenizer="char")
    path = datasets_dir() / ready.name / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: NOT_AS_WRITTEN[name]}))
    assert name not in read_meta(dataset(ready.name))
    assert prepare(str(play), tokenizer="char").train_tokens == ready.train_tokens


def test_a_title_takes_the_place_of_nothing_that_cannot_be_read(play):
    ready = dataset(prepare(str(play), tokenizer="char").name)
    (ready.folder / "meta.json").write_text("{")
    with pytest.raises(DataError, match="cannot be changed"):
        retitle(ready, "Another")
    assert (ready.folder / "meta.json").read_text() == "{"


@pytest.mark.parametrize(
    ("recipe", "order"),
    [
        ({"tokenizer": "char", "vocab_size": 0, "split": "position"}, {"tokenizer": "char", "split": "position"}),
        (
            {"tokenizer": "bpe", "vocab_size": 512, "split": "document"},
            {"tokenizer": "bpe", "vocab_size": 512, "split": "document"},
        ),
        ({"tokenizer": ["x"], "vocab_size": "many", "split": 3}, {}),
    ],
)
def test_a_built_in_text_is_prepared_again_as_it_was_made(recipe, order):
    folder = datasets_dir() / "shakespeare_complete"
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"recipe": recipe}))
    name = "shakespeare_complete"
    assert order_again(name) == Order(target=name, name=name, **order)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"recipe": 3}'])
def test_a_text_of_which_nothing_is_known_is_prepared_as_usual(content):
    assert order_again("shakespeare_complete") == Order(target="shakespeare_complete")
    (datasets_dir() / "shakespeare_complete").mkdir(parents=True)
    (datasets_dir() / "shakespeare_complete" / "meta.json").write_text(content)
    assert order_again("shakespeare_complete") == Order(target="shakespeare_complete")
