import shutil

import pytest

from engine.core.errors import DataError
from engine.core.events import Prepared
from engine.core.jobs import Control, events_of
from engine.datasets.dataset import dataset, origin_of, refitted_from, refitted_name
from engine.datasets.folder import claim, is_vocabulary
from engine.datasets.prepare import prepare
from engine.datasets.refit import PreparedText, ensure_ready, retokenise_job
from engine.tokens.tokenizer import CharTokenizer, gpt2_tokenizer, same_tokens
from engine.tokens.vocabulary import train_tokenizer


def made_ready(name):
    control = Control()
    return list(events_of(ensure_ready(name, control), control))


@pytest.mark.parametrize("size", [256, 1024, 4096])
def test_a_name_tells_text_and_size(size):
    assert refitted_from(refitted_name("my text", size)) == ("my text", size)


@pytest.mark.parametrize("name", ["toy", "toy_bpe7", "toy_bpe99999999", "a/toy_bpe512", "_bpe"])
def test_other_names_tell_nothing(name):
    assert refitted_from(name) is None


@pytest.mark.parametrize("tokenizer", ["char", "gpt2", "bpe"])
def test_a_text_is_read_back_from_its_tokens(tmp_path, toy_text, tokenizer):
    text = "Où est-il? \N{SPEECH BALLOON} “Là.”\n" + toy_text
    (tmp_path / "text.txt").write_text(text, "utf-8")
    prepare(str(tmp_path / "text.txt"), name="text", tokenizer=tokenizer)
    assert "".join(PreparedText(dataset("text")).pieces()) == text


def test_a_token_of_no_meaning_is_told_as_damage(toy_dataset):
    data = dataset(toy_dataset.name)
    with data.train_path.open("r+b") as file:
        file.write(b"\xff\xff")
    with pytest.raises(DataError, match="damaged"):
        ["".join(part) for part in PreparedText(data).documents()]


def test_the_same_text_is_judged_in_other_tokens(toy_dataset):
    *_, last = made_ready("toy_bpe300")
    before, after = dataset("toy"), dataset("toy_bpe300")
    assert isinstance(last, Prepared)
    assert (last.name, last.vocab_size) == ("toy_bpe300", after.vocab_size)
    assert 256 < after.vocab_size <= 300
    assert (after.train_bytes, after.val_bytes) == (before.train_bytes, before.val_bytes)
    assert after.fingerprint == before.fingerprint
    assert after.train_tokens < before.train_tokens
    text = PreparedText(after)
    assert ["".join(part) for part in text.documents()] == ["".join(p) for p in PreparedText(before).documents()]


def test_what_is_there_is_left_alone(toy_dataset):
    made_ready("toy_bpe300")
    written = dataset("toy_bpe300").train_path.stat().st_mtime_ns
    assert made_ready("toy_bpe300") == []
    assert dataset("toy_bpe300").train_path.stat().st_mtime_ns == written


def test_a_text_that_changed_is_read_anew(tmp_path, toy_dataset, toy_text):
    made_ready("toy_bpe300")
    (tmp_path / "toy.txt").write_text(toy_text[::-1], "utf-8")
    prepare(str(tmp_path / "toy.txt"), name="toy", tokenizer="char")
    made_ready("toy_bpe300")
    assert dataset("toy_bpe300").fingerprint == dataset("toy").fingerprint


def test_it_stays_when_the_text_it_was_made_of_is_gone(toy_dataset):
    made_ready("toy_bpe300")
    for file in dataset("toy").folder.iterdir():
        file.unlink()
    assert made_ready("toy_bpe300") == []
    assert dataset("toy_bpe300").vocab_size <= 300


def test_without_the_text_there_is_nothing_to_make():
    assert made_ready("nothing_bpe512") == []
    with pytest.raises(DataError):
        dataset("nothing_bpe512")


def test_a_text_that_ships_needs_no_other_dataset():
    *_, last = made_ready("shakespeare_tragedies_bpe512")
    assert isinstance(last, Prepared)
    assert (last.tokenizer, last.vocab_size) == ("bpe", 512)
    assert dataset("shakespeare_tragedies_bpe512").vocab_size == 512


def test_a_stop_leaves_nothing_behind(toy_dataset):
    control = Control()
    control.stop()
    assert not any(isinstance(event, Prepared) for event in events_of(ensure_ready("toy_bpe300", control), control))
    with pytest.raises(DataError):
        dataset("toy_bpe300")


# the text in the tokens of a model


def retokenised(name, tokenizer):
    """Return the name that the text is under, and the events of getting it there."""
    control, told = Control(), []
    job = retokenise_job(name, tokenizer, control)
    while True:
        try:
            told.append(next(job))
        except StopIteration as ended:
            return ended.value, told


@pytest.mark.parametrize("kind", ["char", "bpe", "gpt2"])
def test_a_text_is_written_once_in_the_tokens_of_a_model(toy_dataset, toy_text, kind):
    tokenizer = {
        "char": lambda: CharTokenizer(sorted({*toy_text, "§"}, reverse=True)),
        "bpe": lambda: train_tokenizer([toy_text[::-1]], 270),
        "gpt2": gpt2_tokenizer,
    }[kind]()
    name, told = retokenised("toy", tokenizer)
    made = dataset(name)
    assert same_tokens(made.load_tokenizer(), tokenizer)
    assert ["".join(p) for p in PreparedText(made).documents()] == [
        "".join(p) for p in PreparedText(dataset("toy")).documents()
    ]
    assert [event.notes[0] for event in told if isinstance(event, Prepared)] == [
        "The text of toy is written in the tokens that the model knows."
    ]
    for again in ("toy", name):
        assert retokenised(again, tokenizer) == (name, [])
    assert origin_of(name) == "toy"


def test_a_text_in_those_tokens_already_is_left_alone(toy_dataset):
    assert retokenised("toy", dataset("toy").load_tokenizer()) == ("toy", [])


def test_characters_that_a_models_tokenizer_lacks_are_named(toy_dataset, toy_text):
    with pytest.raises(DataError, match=r"The text of toy cannot be written .*'k'") as told:
        retokenised("toy", CharTokenizer(sorted(set(toy_text) - {"k"})))
    assert told.value.code == "unknown_characters"
    assert [folder.name for folder in dataset("toy").folder.parent.iterdir()] == ["toy"]


def test_a_text_that_ships_is_prepared_for_it(toy_text):
    name, told = retokenised("shakespeare_tragedies", train_tokenizer([toy_text], 260))
    assert name.startswith("shakespeare_tragedies_as_")
    assert [event.name for event in told if isinstance(event, Prepared)] == ["shakespeare_tragedies", name]


def test_what_a_run_made_for_itself_belongs_to_its_text_until_a_person_asks_for_it(toy_dataset):
    made_ready("toy_bpe300")
    assert is_vocabulary(dataset("toy_bpe300"))
    assert not is_vocabulary(dataset("toy"))
    claim(dataset("toy_bpe300"))
    assert not is_vocabulary(dataset("toy_bpe300"))
    assert dataset("toy_bpe300").load_tokenizer().vocab_size == dataset("toy_bpe300").vocab_size


def test_what_a_run_made_stands_for_itself_once_its_text_has_gone(toy_dataset):
    made_ready("toy_bpe300")
    shutil.rmtree(dataset("toy").folder)
    assert not is_vocabulary(dataset("toy_bpe300"))


@pytest.mark.thorough
def test_a_shipped_text_that_a_run_prepared_is_a_persons_once_they_prepare_it():
    name = "shakespeare_comedies_bpe256"
    made_ready(name)
    assert is_vocabulary(dataset(name))
    assert prepare("shakespeare_comedies", tokenizer="bpe", vocab_size=256).name == name
    assert not is_vocabulary(dataset(name))
