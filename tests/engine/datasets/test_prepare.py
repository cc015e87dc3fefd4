import codecs
import json
import pickle
import subprocess
import sys
import tracemalloc
from itertools import zip_longest

import numpy as np
import pytest

from engine.core.errors import DataError, SettingError
from engine.core.events import Prepared, Progress
from engine.core.jobs import Control, events_of
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset, prepared
from engine.datasets.folder import require_as_written
from engine.datasets.order import Order
from engine.datasets.prepare import prepare, prepare_job
from engine.datasets.refit import ensure_ready
from engine.text import encodings
from engine.text.catalogue import catalogue
from engine.tokens.tokenizer import gpt2_tokenizer

TEXT = "".join(f"SPEAKER {n % 7}:\nThis is line {n} of a play,\n  and it's näïve — 🎭.\n\n" for n in range(300))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own, and a working directory with none of the repository's folders."""
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


@pytest.fixture
def play(tmp_path):
    path = tmp_path / "my play.txt"
    path.write_text(TEXT, "utf-8")
    return path


def ids(path):
    return np.fromfile(path, dtype="<u2").tolist()


def refusal(*args, **kwargs):
    """What a person is told; nothing is left behind."""
    before = sorted(path.name for path in datasets_dir().glob("*"))
    with pytest.raises(DataError) as caught:
        prepare(*args, **kwargs)
    assert caught.value.message
    assert caught.value.fix
    assert sorted(path.name for path in datasets_dir().glob("*")) == before
    return caught.value


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
        (b"text\0with zeros", "binary_file", "Byte 4"),
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


def test_what_is_not_there_is_refused(tmp_path):
    assert refusal(str(tmp_path / "nothing.txt")).code == "file_not_found"
    assert "shakespeare" in refusal("shakespear").message
    (tmp_path / "folder").mkdir()
    assert refusal(str(tmp_path / "folder")).code == "no_texts"
    assert refusal("/dev/null").code == "not_a_file"
    assert refusal("x" * 5000).fix
    assert refusal("~nobody-of-this-name/text.txt").code == "file_not_found"


def test_a_file_that_must_not_be_read_is_refused(play, monkeypatch):
    def denied(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(play), "open", denied)  # a test that runs as root may read everything
    error = refusal(str(play))
    assert error.code == "unreadable"
    assert "Permission denied" in error.cause


def test_a_disk_that_cannot_be_written_is_told_of(play, home):
    home.mkdir()
    (home / "datasets").write_text("in the way")
    with pytest.raises(DataError) as caught:
        prepare(str(play))
    assert caught.value.code == "cannot_write"


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


@pytest.fixture(scope="module")
def ended_process():
    """The id of a process that is no more."""
    code = "import os; print(os.getpid())"
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)


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
        "text.text_files._LONGEST_WAIT",
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
    entries = {name: replace(entry, sha256=sha256) for name, entry in catalogue().items() if not entry.offline}
    monkeypatch.setattr("engine.datasets.prepare.catalogue", lambda: entries)
    monkeypatch.setattr("engine.datasets.order.catalogue", lambda: entries)
    assert prepare("shakespeare", source=str(play)).name == "shakespeare"
    assert prepare("shakespeare", source=str(play), tokenizer="char").name == "shakespeare_char"
    assert prepare("shakespeare", source=str(play), name="mine").name == "mine"
    meta = json.loads((datasets_dir() / "mine" / "meta.json").read_text())
    assert meta["title"] == "Tiny Shakespeare"


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


def folder_of(path, texts):
    path.mkdir()
    for n, text in enumerate(texts):
        (path / f"{n:03}.txt").write_text(text, "utf-8")
    return str(path)


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


def shuffled(path):
    """Put the tokens of a file in another order: as many of each, and nothing to be seen by its size."""
    tokens = np.fromfile(path, "<u2")
    tokens[::-1].tofile(path)


@pytest.mark.parametrize("part", ["train.bin", "val.bin"])
def test_tokens_in_another_order_are_told_and_prepared_anew(play, part):
    prepare(str(play), name="mine", tokenizer="char")
    found = dataset("mine")
    before = (found.folder / part).read_bytes()
    control = Control()
    assert not list(events_of(require_as_written(found, control), control))
    shuffled(found.folder / part)
    with pytest.raises(DataError, match=f"{part} is not as it was written") as told:
        list(require_as_written(found, control))
    assert told.value.code == "damaged_dataset"
    prepare(str(play), name="mine", tokenizer="char")
    assert (found.folder / part).read_bytes() == before


def test_a_dataset_of_before_there_were_sums_is_taken_as_it_is(play):
    prepare(str(play), name="mine")
    found = dataset("mine")
    meta = json.loads((found.folder / "meta.json").read_text("utf-8"))
    del meta["sums"]
    (found.folder / "meta.json").write_text(json.dumps(meta), "utf-8")
    shuffled(found.train_path)
    assert not [event for event in require_as_written(found, Control()) if isinstance(event, Progress)]
