import numpy as np
import pytest

from engine.core.errors import DataError
from engine.tokens.batches import TokenFile
from engine.tokens.made_up_words import LONGEST, MOST, MadeUpWords, Shape
from engine.tokens.tokenizer import TrainedTokenizer

PIECES = ["PRO", "GLOU", "S", "PER", "TEUS", "CE", " ca", " do", " ", "t", "ts", "gs", " the", ".", "\n", " Ro", "me"]
VOCABULARY = [bytes([byte]) for byte in range(256)] + [piece.encode() for piece in PIECES if len(piece) > 1]
ID = {token: number for number, token in enumerate(VOCABULARY)}


def ids(*pieces):
    return np.array([ID[piece.encode()] for piece in pieces])


PROSPER, GLOUCES = ("PRO", "S", "PER"), ("GLOU", "CE", "S")
TEXT = ids(*(*PROSPER, ".", "\n", *GLOUCES, ".", " ca", "ts", " the", " do", "gs", " Ro", "me", "\n") * 20)


@pytest.fixture
def words():
    """Return the made-up words of a text, each of whose words is exchanged."""
    made_up = MadeUpWords(TEXT, VOCABULARY)
    made_up.rates[:] = 1.0
    return made_up


def test_a_word_is_exchanged_as_often_as_the_text_has_new_ones():
    old = [*PROSPER, "\n", " ca", "ts", "\n"]
    parts = [[*old * 4, "PRO", piece, "\n", " do", "gs", " the", "\n"] for piece in "ABCDEFGHIJ"]
    made_up = MadeUpWords(ids(*(piece for part in parts for piece in part)), VOCABULARY)
    assert made_up.rates[Shape.UPPER] == pytest.approx(0.2)
    assert (made_up.rates[Shape.LOWER], made_up.rates[Shape.TITLE]) == (0.0, 0.0)


@pytest.mark.parametrize(("old", "rate"), [(0, 0.0), (1, 0.0), (2, MOST), (4, 0.2), (9, 0.1)])
def test_a_quarter_is_exchanged_at_most_and_nothing_of_a_list_of_names(old, rate):
    names = [piece for first in "ABCDEFGHIJ" for piece in ("PRO", first, "\n", *[*PROSPER, "\n"] * old)]
    assert MadeUpWords(ids(*names), VOCABULARY).rates[Shape.UPPER] == pytest.approx(rate)


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_as_many_words_are_exchanged_as_the_rate_says(words, rate):
    words.rates[:] = rate
    rows = np.tile(TEXT[:40], (2000, 1))
    changed = words.exchange(rows, np.arange(2000)) != rows
    drawn_anew = changed[:, 6].mean()  # GLOUCES: its second token is drawn from two, "S" and "CE"
    assert drawn_anew == pytest.approx(rate / 2, abs=5 * 0.5 / 2000**0.5 if 0 < rate < 1 else 0.06)
    assert bool(rate) is bool(changed.any())


def test_a_word_becomes_the_same_word_all_over_its_row_and_another_in_the_next(words):
    rows = np.tile(TEXT[:80], (50, 1))
    exchanged = words.exchange(rows, np.arange(50))
    first, again = exchanged[:, 5:8], exchanged[:, 22:25]
    assert rows[0, 5:8].tolist() == rows[0, 22:25].tolist() == ids(*GLOUCES).tolist()
    assert np.array_equal(first, again)
    assert len(np.unique(first, axis=0)) > 1


def test_only_what_goes_on_a_word_is_exchanged_for_what_goes_on_such_words(words):
    rows = np.tile(TEXT[:80], (200, 1))
    exchanged = words.exchange(rows, np.arange(200))
    changed = np.argwhere(exchanged != rows)
    assert len(changed)
    capitals, others = {*ids("S", "PER", "CE")}, {*ids("ts", "gs", "me")}
    for row, place in changed:
        pieces = capitals if rows[row, place] in capitals else others
        assert rows[row, place] in pieces
        assert exchanged[row, place] in pieces


def test_each_row_is_a_function_of_itself_and_its_salt(words):
    rows, salts = np.stack([TEXT[:60], TEXT[18:78], TEXT[5:65]]), np.array([7, 8, 9])
    whole = words.exchange(rows, salts)
    parts = [words.exchange(rows[[row]], salts[[row]])[0] for row in range(3)]
    assert np.array_equal(whole, parts)
    assert not np.array_equal(whole, words.exchange(rows, salts + 100))


def test_a_word_that_may_go_on_beyond_its_row_stays(words):
    rows = np.tile(ids(*PROSPER, "\n", *GLOUCES), (300, 1))
    assert np.array_equal(words.exchange(rows, np.arange(300)), rows)
    inside = np.tile(ids("\n", *PROSPER, "\n"), (300, 1))
    assert not np.array_equal(words.exchange(inside, np.arange(300)), inside)


def test_what_is_longer_than_any_name_stays(words):
    rows = np.tile(ids(".", "PRO", *"S" * LONGEST, "."), (50, 1))
    assert np.array_equal(words.exchange(rows, np.arange(50)), rows)


def test_a_word_of_a_kind_the_text_has_not_stays(words):
    rows = np.tile(ids("\n", "PRO", "S", "PER", "S", "\n"), (50, 1))
    assert np.array_equal(words.exchange(rows, np.arange(50)), rows)


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([], "Grüße, Zoë! Naïve façade, déjà vu. Ω😀 Ærø. "),
        ([], "你好，世界。再见！ あした、また 한국어 가나"),
        (["你", "好", "世", "界", "再", "见", "あ", "し", "た"], "你好，世界。再见 あした "),
        (["ไ", "ท", "ย", "ส", "ว"], "ไทย สวย "),
        (["ق", "ل", "م"], "قلم مقل "),
    ],
)
def test_no_character_is_broken_and_none_exchanged_where_words_may_have_no_spaces(pieces, text):
    parts = [piece.encode()[:length] for piece in pieces for length in (2, 3)]
    vocabulary = [*VOCABULARY, *dict.fromkeys(parts)]
    tokenizer = TrainedTokenizer(vocabulary)
    tokens = np.array(tokenizer.encode("".join(f"{text}\n{word}\n" for word in ("Prosper", "Glouces") * 20)))
    made_up = MadeUpWords(tokens, vocabulary)
    made_up.rates[:] = 1.0
    rows = np.tile(tokens, (20, 1))
    exchanged = made_up.exchange(rows, np.arange(20))
    assert not np.array_equal(exchanged, rows)
    kept = "".join(character for character in text if ord(character) > 127)
    for row in exchanged:
        written = b"".join(vocabulary[token] for token in row).decode("utf-8")  # raises where one is broken
        assert "".join(character for character in written if ord(character) > 127) == kept * 40


def test_a_text_without_words_has_none_to_exchange():
    made_up = MadeUpWords(ids(*"1234. " * 9), VOCABULARY)
    rows = np.tile(ids("\n", *PROSPER, "\n"), (9, 1))
    assert made_up.rates.tolist() == [0.0, 0.0, 0.0]
    assert np.array_equal(made_up.exchange(rows, np.arange(9)), rows)


@pytest.fixture
def token_file(tmp_path):
    """Return a file of the text whose words are new as often as they are not, and the file as it is."""
    path = tmp_path / "train.bin"
    new = [
        piece
        for first in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for piece in ("\n", "PRO", first, "S", "\n", *PROSPER, ".", *PROSPER, ".")
    ]
    ids(*new).astype("<u2").tofile(path)
    return lambda: TokenFile(path, len(VOCABULARY))


def test_random_windows_hold_made_up_words_and_fixed_ones_do_not(token_file):
    plain, made_up = token_file(), token_file()
    made_up.make_up_words(TrainedTokenizer(VOCABULARY))
    (before, _), (inputs, targets) = (file.random_windows(64, 32, 5, 1) for file in (plain, made_up))
    assert 0 < (inputs != before).float().mean() < 0.5
    assert (inputs[:, 1:] == targets[:, :-1]).all()
    starts = np.array([0, 9, 30])
    assert all((a == b).all() for a, b in zip(plain.windows(starts, 32), made_up.windows(starts, 32), strict=True))


def test_words_are_made_up_alike_in_however_many_micro_steps(token_file):
    file = token_file()
    file.make_up_words(TrainedTokenizer(VOCABULARY))
    whole = file.random_windows(8, 32, 3, 7)[0].tolist()
    assert whole == [row for skip in (0, 4) for row in file.random_windows(4, 32, 3, 7, skip=skip)[0].tolist()]
    assert whole == file.random_windows(8, 32, 3, 7)[0].tolist()
    assert whole != file.random_windows(8, 32, 3, 8)[0].tolist()


def test_a_file_with_what_is_no_token_is_refused(tmp_path):
    path = tmp_path / "train.bin"
    np.array([3, 4, 900], dtype="<u2").tofile(path)
    with pytest.raises(DataError) as caught:
        TokenFile(path, len(VOCABULARY)).make_up_words(TrainedTokenizer(VOCABULARY))
    assert caught.value.code == "damaged_dataset"
