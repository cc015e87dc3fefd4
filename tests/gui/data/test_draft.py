import json
from pathlib import Path

import pytest

from engine.core.jobs import Control, events_of
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.planning.presets import presets
from engine.text.catalogue import catalogue
from engine.text.pasted import keep_pasted
from engine.text.wishes import ReadingWishes
from gui.data.draft import (
    COST_COLUMNS,
    Draft,
    DraftMeasured,
    advice,
    cost_cells,
    costs,
    draft_again,
    draft_of,
    free_name,
    measure_draft,
    measured_text,
    more,
    named,
)

TINY = presets()["tiny"].config()


@pytest.fixture
def diary(tmp_path):
    path = tmp_path / "diary.txt"
    path.write_text("Dear diary — café.\n" * 400, encoding="utf-8")
    return path


def measured(draft):
    *_, last = events_of(measure_draft(draft, Control()), Control())
    assert isinstance(last, DraftMeasured)
    return last


def test_a_draft_is_named_after_its_first_file(diary, tmp_path):
    assert draft_of([diary]).name == "diary"
    folder = tmp_path / "letters"
    folder.mkdir()
    assert draft_of([folder, diary]).name == "letters"


def test_a_name_on_disk_is_put_into_words(tmp_path):
    chat = tmp_path / "Our_Chat.txt"
    chat.write_text("ANN: hello\n" * 400, encoding="utf-8")
    draft = draft_of([chat])
    assert (draft.name, draft.own_title) == ("Our Chat", "Our Chat")
    assert draft.order().name == "Our_Chat"
    prepare(str(chat), tokenizer="char")
    assert dataset("Our_Chat").title == "Our Chat"
    assert draft_again("Our_Chat", tokenizer="bpe").name == "Our Chat (bpe)"
    assert draft_again("Our_Chat", tokenizer="bpe").order().name == "Our_Chat_bpe"


def test_a_name_is_free(diary):
    prepare(str(diary), tokenizer="char")
    assert draft_of([diary]).name == "diary 2"
    (datasets_dir() / "diary_2").mkdir()
    assert free_name("diary") == "diary 3"
    assert free_name("shakespeare") == "shakespeare 2"
    assert free_name("Brief an Ärzte") == "Brief an Ärzte"


def test_files_are_told_in_a_few_words():
    assert named(["/a/letters"]) == "letters"
    assert named(["/a/letters", "/b/diary.txt"]) == "letters and diary.txt"
    assert named(["/a/letters", "/b", "/c", "/d"]) == "letters and 3 more"
    assert named(["shakespeare"]) == "Tiny Shakespeare"
    assert named([str(keep_pasted("to be"))]) == "Pasted text"


def test_more_files_are_added_once(diary):
    draft = more(draft_of([diary]), [diary, "/b.txt"])
    assert draft.targets == (str(diary), "/b.txt")
    assert draft.name == "diary"


def test_the_order_says_all_that_was_set_up(diary):
    draft = Draft((str(diary), "/b"), name="My days!", tokenizer="bpe", vocab_size=512, split="document")
    order = draft.order()
    assert (order.target, order.also) == (str(diary), ("/b",))
    assert (order.tokenizer, order.vocab_size, order.split) == ("bpe", 512, "document")
    order.check()
    assert Draft((str(diary),), name="x", tokenizer="char", vocab_size=512).order().vocab_size is None


@pytest.mark.parametrize(
    ("name", "told"),
    [("", "Give it a name"), ("  ", "Give it a name"), ("shakespeare", "built-in"), ("n" * 101, "at most 100")],
)
def test_a_name_that_cannot_be_is_told(diary, name, told):
    assert told in Draft((str(diary),), name=name).problem()


def test_a_taken_name_is_told_before_anything_is_prepared(diary):
    prepare(str(diary), name="days", tokenizer="char")
    assert "days already" in Draft((str(diary),), name="days").problem()
    assert Draft((str(diary),), name="days 2").problem() == ""


def test_what_a_text_costs_is_measured_before_it_is_prepared(diary):
    draft = draft_of([diary])
    told = measured(draft)
    assert told.text.symbols == len(set(diary.read_text("utf-8")))
    assert told.files == 1
    assert "different characters" in measured_text(told)
    table = costs(told, TINY, "cpu", 512)
    assert [cost.tokenizer for cost in table] == ["gpt2", "char", "bpe"]
    assert all(len(cost_cells(cost)) == len(COST_COLUMNS) for cost in table)
    assert table[2].vocab_size == 512
    assert advice(told, TINY, "cpu").reason
    assert list(datasets_dir().glob("*")) == []


def test_what_a_folder_holds_besides_texts_is_told(diary, tmp_path):
    (tmp_path / "cover.jpg").write_bytes(b"\xff\xd8\0")
    found = measured(draft_of([tmp_path]))
    assert any("cover.jpg" in sentence for sentence in found.sentences)
    assert found.beginning == diary.read_text("utf-8")[:2000]


def test_a_text_is_read_in_the_encoding_that_was_chosen(tmp_path):
    file = tmp_path / "old.txt"
    file.write_bytes("Žluťoučký kůň úpěl ďábelské ódy. ".encode("cp1250") * 9)
    draft = draft_of([file], wishes=ReadingWishes(encoding="cp1250"))
    assert measured(draft).beginning.startswith("Žluťoučký kůň")
    assert draft.order().wishes.encoding == "cp1250"


def test_a_text_can_be_set_up_again_while_its_files_are_there(diary):
    prepare(str(diary), tokenizer="char")
    again = draft_again("diary", tokenizer="bpe")
    assert again is not None
    assert (again.targets, again.name, again.tokenizer, again.chosen) == ((str(diary),), "diary (bpe)", "bpe", True)
    diary.unlink()
    assert draft_again("diary") is None


def test_a_built_in_text_can_be_set_up_in_another_way():
    again = draft_again("shakespeare_complete", tokenizer="bpe")
    assert again is not None
    assert again.built_in
    assert again.name not in catalogue()
    assert again.problem() == ""


def test_a_dataset_without_a_source_cannot_be_set_up_again():
    folder = datasets_dir() / "strange"
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({}))
    assert draft_again("strange") is None
    assert Path(folder).exists()
