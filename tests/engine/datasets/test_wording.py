import pytest

from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.datasets.wording import Lines, wording_of

LINE = "The king shall have the golden crown of England to-night."
TEXT = "".join(f"KING:\n{LINE}\nMy lord, the fool speaks in number {n}.\n\n" for n in range(200))


@pytest.fixture
def found(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, "utf-8")
    prepare(str(path), name="text", tokenizer="char")
    return dataset("text")


def test_words_and_what_follows_what_are_held_against_the_text(found):
    measured = wording_of(found, ["the golden king speaks glorb"])
    assert measured.words == 5
    assert measured.known == pytest.approx(4 / 5)
    assert measured.follow == pytest.approx(1 / 4), "only “the golden” stands so in the text"
    assert measured.known_elsewhere > 0.95
    assert measured.copied == 0


def test_what_stands_in_the_text_word_for_word_is_copied(found):
    assert wording_of(found, [LINE]).copied == 1
    assert wording_of(found, [LINE.replace("golden", "silver")]).copied == 0


def test_the_layout_of_both_is_measured(found):
    measured = wording_of(found, ["QUEEN:\nI will\n\nFOOL:\nnot"])
    assert measured.written.speakers == pytest.approx(1 / 2)
    assert measured.text.speakers == pytest.approx(1 / 3, abs=0.01)
    assert measured.text.length == len("My lord, the fool speaks in number 10.")


@pytest.mark.parametrize("text", ["", "\n\n \n"])
def test_a_text_without_lines_has_no_layout(text):
    assert Lines.of(text) == Lines()


def test_nothing_written_measures_nothing(found):
    measured = wording_of(found, [])
    assert (measured.words, measured.known, measured.copied) == (0, 0.0, 0.0)
