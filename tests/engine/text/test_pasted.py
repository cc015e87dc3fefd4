"""A pasted text is kept, under a name that a file can have, and prepared like any other."""

import pytest

from engine.core.errors import DataError
from engine.core.files import plain_name
from engine.core.paths import home
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.text.pasted import keep_pasted


def test_a_pasted_text_is_prepared_like_a_file():
    path = keep_pasted("Who's there?\nNay, answer me.\n" * 50, "Act one: the watch")
    done = prepare(str(path), tokenizer="char")
    assert done.name == "Act_one_the_watch"
    assert dataset(done.name).source == str(path)


def test_another_text_never_takes_the_place_of_the_first():
    first = keep_pasted("one text")
    assert keep_pasted("one text") == first
    second = keep_pasted("another")
    assert second != first
    assert first.read_text("utf-8") == "one text"
    assert second.read_text("utf-8") == "another"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a/b\0c", "n" * 300, "日本", ".hidden", "-x", "CON\n"])
def test_any_name_becomes_one_that_a_file_can_have(name):
    path = keep_pasted("words", name)
    assert path.parent == home() / "texts"
    assert path.read_text("utf-8") == "words"
    assert prepare_name_is_fine(plain_name(name))


def prepare_name_is_fine(name):
    return name and len(name) <= 80 and not name.startswith((".", "-")) and "/" not in name


def test_halves_of_characters_do_no_harm():
    assert keep_pasted("a\ud800b").read_text("utf-8").strip("ab").strip("\ufffd") == ""


@pytest.mark.parametrize("text", ["", " \n\t\u3000"])
def test_nothing_is_refused(text):
    with pytest.raises(DataError) as caught:
        keep_pasted(text)
    assert caught.value.code == "empty_text"
    assert not (home() / "texts").exists()


def test_a_folder_that_cannot_be_written_is_told_of():
    home().mkdir(parents=True)
    (home() / "texts").write_text("in the way")
    with pytest.raises(DataError) as caught:
        keep_pasted("words")
    assert caught.value.code == "cannot_write"


def test_several_files_and_folders_are_one_text_in_their_order(tmp_path):
    for name in ("b.txt", "a.txt", "more/c.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"This is what {name} says, and more.\n" * 20)
    done = prepare(str(tmp_path / "b.txt"), also=(str(tmp_path / "more"), str(tmp_path / "a.txt")), name="all")
    found = dataset("all")
    tokens = found.load_tokenizer()
    text = tokens.decode(memoryview(found.train_path.read_bytes()).cast("H"))
    assert text.index("b.txt") < text.index("c.md")
    assert (
        done.characters
        == 20 * sum(len(f"This is what {n} says, and more.\n") for n in ("a.txt", "b.txt", "more/c.md")) + 2
    )
    other = prepare(str(tmp_path / "b.txt"), also=(str(tmp_path / "more"), str(tmp_path / "a.txt")), name="all")
    assert other == done
    with pytest.raises(DataError):
        prepare(str(tmp_path / "b.txt"), also=(str(tmp_path / "a.txt"),), name="all")
    with pytest.raises(DataError):
        prepare("shakespeare_complete", also=(str(tmp_path / "a.txt"),))
