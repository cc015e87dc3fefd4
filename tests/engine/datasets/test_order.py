import json
import unicodedata

import pytest

from engine.core.errors import SettingError
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.text.catalogue import CatalogueFile, catalogue
from tests.engine.datasets.hands import TEXT, refusal

pytestmark = pytest.mark.usefixtures("home")


def test_what_is_not_there_is_refused(tmp_path):
    assert refusal(str(tmp_path / "nothing.txt")).code == "file_not_found"
    assert "shakespeare" in refusal("shakespear").message
    (tmp_path / "folder").mkdir()
    assert refusal(str(tmp_path / "folder")).code == "no_texts"
    assert refusal("/dev/null").code == "not_a_file"
    assert refusal("x" * 5000).fix
    assert refusal("~nobody-of-this-name/text.txt").code == "file_not_found"


def test_an_unknown_tokenizer_is_a_wrong_setting(play):
    with pytest.raises(SettingError) as caught:
        prepare(str(play), tokenizer="chra")
    assert "char" in caught.value.message


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", "", " ", "x" * 200, "con\n"])
def test_a_name_that_is_no_folder_is_refused(play, name):
    if name:
        assert refusal(str(play), name=name).code == "bad_name"
    else:
        assert prepare(str(play), name=name).name == "my_play"


def test_the_name_of_a_built_in_dataset_is_not_given_to_another_text(play, tmp_path):
    assert refusal(str(play), name="shakespeare").code == "name_taken"
    other = tmp_path / "shakespeare_char.txt"
    other.write_text(TEXT)
    assert "--name" in refusal(str(other)).fix


def test_a_built_in_text_from_a_file_must_be_that_text(play):
    error = refusal("shakesphere", source=str(play))
    assert error.code == "wrong_text"
    assert "SHA-256" in error.cause
    assert refusal("shakespeare", source=str(play.parent)).code in ("wrong_text", "no_texts")
    assert refusal("shakespeare", source="missing.txt").code == "file_not_found"
    assert refusal("shakespeare_complete", source=str(play)).code == "needless_source"
    assert refusal("nothing_built_in", source=str(play)).code == "unknown_dataset"


def test_a_built_in_text_takes_its_own_name_with_each_tokenizer(play, monkeypatch):
    import hashlib
    from dataclasses import replace

    sha256 = hashlib.sha256(play.read_bytes()).hexdigest()
    files = (CatalogueFile(url="", sha256=sha256, bytes=play.stat().st_size),)
    entries = {
        name: replace(entry, sha256=sha256, files=files)
        for name, entry in catalogue().items()
        if name in ("shakespeare", "shakespeare_char")
    }
    monkeypatch.setattr("engine.datasets.prepare.catalogue", lambda: entries)
    monkeypatch.setattr("engine.datasets.order.catalogue", lambda: entries)
    assert prepare("shakespeare", source=str(play)).name == "shakespeare"
    assert prepare("shakespeare", source=str(play), tokenizer="char").name == "shakespeare_char"
    assert prepare("shakespeare", source=str(play), name="mine").name == "mine"
    meta = json.loads((datasets_dir() / "mine" / "meta.json").read_text())
    assert meta["title"] == "Tiny Shakespeare"


@pytest.mark.parametrize(
    ("wishes", "problem"),
    [
        ({"vocab_size": 300}, "vocab_size"),
        ({"tokenizer": "bpe", "vocab_size": 255}, "vocab_size"),
        ({"tokenizer": "bpe", "vocab_size": 32769}, "vocab_size"),
        ({"tokenizer": "char", "vocab_size": 300}, "vocab_size"),
        ({"split": "docment"}, "split"),
        ({"split": "words", "tokenizer": "gpt"}, "tokenizer"),
    ],
)
def test_wishes_that_cannot_be_are_wrong_settings(play, wishes, problem):
    with pytest.raises(SettingError) as caught:
        prepare(str(play), **wishes)
    assert problem in caught.value.problems


@pytest.mark.parametrize("name", ["हिन्दी", "U\u0308ber uns", "ชื่อ", "日本"])
def test_a_name_may_have_any_letters_with_their_marks(play, name):
    done = prepare(str(play), name=name)
    assert done.name == unicodedata.normalize("NFC", name)
    assert dataset(name).name == done.name


@pytest.mark.parametrize("name", ["字" * 99, "\u0301a", "a\u200b", " a", "a/b", "a:b"])
def test_a_name_that_no_disk_should_have_is_refused(play, name):
    assert refusal(str(play), name=name).code == "bad_name"


def test_a_text_is_named_for_its_file_with_marks_and_composed(tmp_path):
    path = tmp_path / "U\u0308ber हिन्दी.txt"
    path.write_text("words and more words\n" * 50)
    assert prepare(str(path), tokenizer="char").name == "Über_हिन्दी"
