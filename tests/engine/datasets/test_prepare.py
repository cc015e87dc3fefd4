import codecs
import json
import pickle
import tracemalloc

import pytest

from engine.core.errors import DataError
from engine.core.events import Prepared, Progress
from engine.core.jobs import Control, events_of
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset, prepared
from engine.datasets.order import Order
from engine.datasets.prepare import prepare, prepare_job
from engine.datasets.refit import ensure_ready
from engine.text import encodings
from engine.text.catalogue import catalogue
from engine.tokens.tokenizer import gpt2_tokenizer
from tests.engine.datasets.hands import TEXT, ids, refusal

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize("piece", [1, 7, 2**16])
def test_gpt2_tokens_are_those_of_the_two_parts_encoded_whole(play, monkeypatch, piece):
    monkeypatch.setattr(encodings, "PIECE", piece)
    result = prepare(str(play))
    found = dataset("my_play")
    cut = int(len(TEXT) * 0.9)
    encode = gpt2_tokenizer().encode
    assert ids(found.train_path) == encode(TEXT[:cut])
    assert ids(found.val_path) == encode(TEXT[cut:])
    assert result == Prepared(
        name="my_play",
        folder=str(found.folder),
        tokenizer="gpt2",
        vocab_size=50304,
        train_tokens=len(encode(TEXT[:cut])),
        val_tokens=len(encode(TEXT[cut:])),
        characters=len(TEXT),
        train_bytes=len(TEXT[:cut].encode()),
        val_bytes=len(TEXT[cut:].encode()),
        notes=result.notes,
        account=result.account,
    )
    assert found.bytes_per_token == result.val_bytes / result.val_tokens


def test_characters_are_numbered_as_nanogpt_numbers_them(play):
    prepare(str(play), tokenizer="char", name="chars")
    found = dataset("chars")
    stoi = {char: n for n, char in enumerate(sorted(set(TEXT)))}
    cut = int(len(TEXT) * 0.9)
    assert ids(found.train_path) == [stoi[char] for char in TEXT[:cut]]
    assert ids(found.val_path) == [stoi[char] for char in TEXT[cut:]]
    meta = pickle.loads((found.folder / "meta.pkl").read_bytes())  # noqa: S301 (ours, read as nanoGPT reads it)
    assert meta == {"vocab_size": len(stoi), "stoi": stoi, "itos": {n: char for char, n in stoi.items()}}
    assert found.load_tokenizer().decode(ids(found.val_path)) == TEXT[cut:]


def test_the_shipped_plays_need_no_network_and_are_prepared_once_or_when_damaged():
    folder = datasets_dir() / "shakespeare_complete"
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text('{"title": ')
    control = Control()
    *_, event = events_of(ensure_ready("shakespeare_complete", control), control)
    assert isinstance(event, Prepared)
    found = dataset("shakespeare_complete")
    assert found.folder == folder
    assert found.train_bytes + found.val_bytes == catalogue()["shakespeare_complete"].bytes
    assert list(ensure_ready("shakespeare_complete", control)) == []
    assert prepare("shakespeare_complete", tokenizer="char").name == "shakespeare_complete_char"


def test_only_shipped_datasets_are_prepared_by_themselves(play):
    assert list(ensure_ready("shakespeare", Control())) == []
    assert list(ensure_ready(str(play), Control())) == []


def test_a_folder_gives_its_texts_in_order_with_blank_lines_between(tmp_path):
    folder = tmp_path / "texts"
    (folder / "b").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name, content in {
        "a.txt": "first",
        "b/c.MD": "second\n",
        "z.txt": "third\n" * 9,
        "empty.txt": "",
        "photo.jpg": "\0",
        ".hidden/x.txt": "no",
    }.items():
        (folder / name).write_text(content)
    prepare(str(folder), tokenizer="char")
    found = dataset("texts")
    text = found.load_tokenizer().decode(ids(found.train_path) + ids(found.val_path))
    assert text == "first\n\nsecond\n\n" + "third\n" * 9


@pytest.mark.parametrize("piece", [1, 3, 2**16])
def test_a_mark_and_windows_line_ends_go_and_are_told_of(tmp_path, monkeypatch, piece):
    monkeypatch.setattr(encodings, "PIECE", piece)
    path = tmp_path / "dos.txt"
    path.write_bytes(codecs.BOM_UTF8 + b"one\r\ntwo\rthree\n" * 3)
    notes = " ".join(prepare(str(path), tokenizer="char").notes)
    found = dataset("dos")
    assert found.load_tokenizer().decode(ids(found.train_path) + ids(found.val_path)) == "one\ntwo\nthree\n" * 3
    assert "byte-order mark" in notes
    assert "line ends" in notes


def test_a_short_text_is_prepared_with_a_warning_and_a_long_one_without(tmp_path):
    short, long = tmp_path / "short.txt", tmp_path / "long.txt"
    short.write_text("A line.\n" * 100)
    long.write_text("".join(f"Line {n} of many.\n" for n in range(6_000)))
    assert "100 KB" in " ".join(prepare(str(short)).notes)
    assert prepare(str(long)).notes == ()


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (b"", "empty_text", "no characters"),
        (b" \n\t\n", "empty_text", "white space"),
        (codecs.BOM_UTF8, "empty_text", ""),
        (b"text\0with zeros", "binary_file", "bytes are zero"),
        (b"hi", "text_too_short", "tokens"),
    ],
    ids=["empty", "blank", "only a mark", "binary", "tiny"],
)
def test_what_is_no_text_is_refused_with_the_reason(tmp_path, content, code, told):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    error = refusal(str(path))
    assert error.code == code
    assert told in error.cause


def test_a_file_that_must_not_be_read_is_refused(play, monkeypatch):
    def denied(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(play), "open", denied)  # a test that runs as root may read everything
    error = refusal(str(play))
    assert error.code == "unreadable"
    assert "Permission denied" in error.cause


@pytest.mark.parametrize("steps", [1, 5, 60, 100])
def test_a_stop_leaves_nothing_behind(play, monkeypatch, steps):
    monkeypatch.setattr(encodings, "PIECE", 400)
    control = Control()
    job = prepare_job(Order(target=str(play)), control)
    for _ in range(steps):
        next(job)
    control.stop()
    assert not any(isinstance(event, Prepared) for event in job)
    assert list(datasets_dir().glob("*")) == []


def test_closing_a_preparation_leaves_nothing_behind(play, monkeypatch):
    monkeypatch.setattr(encodings, "PIECE", 400)
    job = prepare_job(Order(target=str(play)), Control())
    for item in job:
        if isinstance(item, Progress) and item.what == "Writing tokens":
            break
    assert len(list(datasets_dir().iterdir())) == 1
    assert prepared() == []
    job.close()
    assert list(datasets_dir().iterdir()) == []


def test_a_text_that_changes_while_it_is_read_is_refused(play):
    job = prepare_job(Order(target=str(play)), Control())
    next(job)
    play.write_text(TEXT.replace("play", "plan"), "utf-8")
    with pytest.raises(DataError) as caught:
        list(job)
    assert caught.value.code == "text_changed"
    assert list(datasets_dir().iterdir()) == []


def test_progress_rises_to_the_whole(play, monkeypatch):
    monkeypatch.setattr(encodings, "PIECE", 1000)
    control = Control()
    events = list(events_of(prepare_job(Order(target=str(play)), control), control))
    for what in ("Reading", "Writing tokens"):
        done = [event.done for event in events if isinstance(event, Progress) and event.what == what]
        assert done == sorted(done)
        assert done[-1] == len(TEXT.encode())


@pytest.fixture
def small_pieces(monkeypatch):
    """Read in pieces that are small beside a text, however many of them wait; gives their size."""
    monkeypatch.setattr("engine.tokens.token_files.os.cpu_count", lambda: 2)  # each more holds a piece more
    for longest in (
        "tokens.token_files.LONGEST_UNCUT",
        "text.repetition._LONGEST",
        "text.cleaning._LONGEST_WAIT",
        "text.encodings.PIECE",
    ):
        monkeypatch.setattr(f"engine.{longest}", 2**12)
    return 2**12


UNITS = [("gpt2", "A line of a text that is long.\n"), ("gpt2", "one line "), ("char", "x" * 9)]


@pytest.mark.parametrize(("kind", "unit"), UNITS)
def test_what_is_read_is_written_soon_however_long_the_text(tmp_path, small_pieces, kind, unit):
    path = tmp_path / "long.txt"
    path.write_text(unit * (300_000 // len(unit)))
    tokens_of_a_byte = 1 if kind == "char" else len(gpt2_tokenizer().encode(unit * 100)) / len(unit * 100)
    waiting = []
    for item in prepare_job(Order(target=str(path), tokenizer=kind), Control()):
        if isinstance(item, Progress) and item.what == "Writing tokens":
            written = sum(file.stat().st_size for file in datasets_dir().glob("*.part/*.bin")) / 2
            waiting.append(item.done - written / tokens_of_a_byte)
    assert len(waiting) > 70
    assert max(waiting) < 16 * small_pieces


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "unit"), UNITS)
def test_memory_does_not_grow_with_the_text(tmp_path, small_pieces, kind, unit):
    def peak(size):
        path = tmp_path / f"{kind}{size}.txt"
        path.write_text(unit * (size // len(unit)))
        tracemalloc.start()
        prepare(str(path), tokenizer=kind)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest, path.stat().st_size

    peak(30_000)  # loads what is loaded once
    (small, short), (large, long) = peak(1_000_000), peak(5_000_000)
    assert large - small < (long - short) / 4


LINES = [f"{n} bottles of {word} on the wall\n" for n in range(60) for word in ("beer", "milk", "ink", "tea", "wine")]


def test_a_vocabulary_of_its_own_is_learned_and_kept(tmp_path):
    path = tmp_path / "song.txt"
    path.write_text("".join(LINES), "utf-8")
    result = prepare(str(path), tokenizer="bpe", vocab_size=300)
    assert (result.name, result.tokenizer, result.vocab_size) == ("song_bpe300", "bpe", 300)
    found = dataset("song_bpe300")
    tokenizer = found.load_tokenizer()
    assert tokenizer.decode(ids(found.train_path) + ids(found.val_path)) == path.read_text()
    assert found.train_tokens < found.train_bytes / 2
    again = found.train_path.stat().st_mtime_ns
    assert prepare(str(path), tokenizer="bpe", vocab_size=300) == result
    assert found.train_path.stat().st_mtime_ns == again
    assert prepare(str(path), tokenizer="bpe", vocab_size=301, name="song_bpe300").vocab_size == 301


def test_a_text_with_little_to_learn_says_that_its_vocabulary_is_smaller(play):
    result = prepare(str(play), tokenizer="bpe")
    assert result.name == "my_play_bpe"
    assert 256 < result.vocab_size < 4096
    assert "4,096" in " ".join(result.notes)


def test_a_vocabulary_is_learned_from_the_training_part_alone(tmp_path):
    path = tmp_path / "two.txt"
    path.write_text("abc " * 900 + "xyz " * 100)
    prepare(str(path), tokenizer="bpe")
    tokenizer = dataset("two_bpe").load_tokenizer()
    assert len(tokenizer.encode(" abc")) == 1
    assert len(tokenizer.encode(" xyz")) == 4


def test_validation_that_copies_training_is_told_of(tmp_path):
    text = "".join(LINES)
    path = tmp_path / "twice.txt"
    path.write_text(text * 2)
    assert "word for word" in " ".join(prepare(str(path)).notes)
    path.write_text(text)
    assert "word for word" not in " ".join(prepare(str(path)).notes)


def test_a_header_on_every_page_and_one_line_over_and_over_are_told_of(tmp_path):
    path = tmp_path / "pages.txt"
    path.write_text("".join(line + "The Collected Songs, page\n" * (n % 9 == 0) for n, line in enumerate(LINES)))
    assert "“The Collected Songs, page” stands there" in " ".join(prepare(str(path)).notes)
    path.write_text("all work and no play\n" * 400)
    assert "1 of its 360 lines" in " ".join(prepare(str(path)).notes)


# what is written stays known


@pytest.mark.parametrize(
    ("made", "again", "missing"),
    [
        ({"tokenizer": "bpe", "vocab_size": 300}, {}, "--tokenizer bpe --vocab_size 300"),
        ({"tokenizer": "bpe", "vocab_size": 300}, {"tokenizer": "bpe"}, "--vocab_size 300"),
        ({"tokenizer": "char"}, {}, "--tokenizer char"),
    ],
    ids=str,
)
def test_a_dataset_is_not_made_otherwise_by_what_was_left_unsaid(play, made, again, missing):
    prepare(str(play), name="mine", **made)
    before = dataset("mine")
    play.write_text(TEXT + TEXT, "utf-8")
    with pytest.raises(DataError) as told:
        prepare(str(play), name="mine", **again)
    assert (told.value.code, missing in told.value.fix) == ("name_taken", True)
    assert dataset("mine") == before
    assert prepare(str(play), name="mine", **made).train_bytes > before.train_bytes
    assert prepare(str(play), name="mine", tokenizer="gpt2").tokenizer == "gpt2"  # said, it is done


def test_a_split_that_is_left_unsaid_is_not_changed(tmp_path):
    for number in range(4):
        (tmp_path / "texts" / f"{number}.txt").parent.mkdir(exist_ok=True)
        (tmp_path / "texts" / f"{number}.txt").write_text(f"Text {number}. " * 100, "utf-8")
    prepare(str(tmp_path / "texts"), split="document")
    with pytest.raises(DataError, match="--split document"):
        prepare(str(tmp_path / "texts"))
    assert prepare(str(tmp_path / "texts"), split="position").name == "texts"


def test_the_account_is_in_the_event_and_in_the_datasets_folder(play):
    result = prepare(str(play), name="counted")
    assert result.account["characters"] == len(TEXT)
    assert [file["name"] for file in result.account["files"]] == [str(play)]
    assert json.loads((dataset("counted").folder / "meta.json").read_text())["account"] == result.account
