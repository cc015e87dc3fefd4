"""What people and their disks really hand in: each works, or is refused in words, and nothing half-written remains."""

import codecs
import errno
import os
import random
import zipfile

import numpy as np
import pytest

from engine.core.errors import DataError, UnderstudyError
from engine.core.jobs import Control
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset, prepared
from engine.datasets.order import Order
from engine.datasets.prepare import prepare, prepare_job
from engine.text import encodings, packed
from engine.tokens import token_files

LINE = "Grüße, says the fool to the king, and exits.\n"
TEXT = LINE * 200
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def made(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def docx(path, text):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.splitlines())
        archive.writestr("word/document.xml", f"<w:document {WORD}><w:body>{body}</w:body></w:document>")
    return path


def packed_up(path, name, content):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def folder_with(path, make):
    made(path / "a.txt", TEXT)
    make(path)
    return path


def linked(path):
    (path / "again").symlink_to(path, target_is_directory=True)


WORKS = {
    "utf-8": lambda p: made(p / "a.txt", TEXT),
    "utf-8 with a mark": lambda p: made(p / "a.txt", codecs.BOM_UTF8 + TEXT.encode()),
    "utf-16 with a mark": lambda p: made(p / "a.txt", TEXT.encode("utf-16")),
    "utf-16 without": lambda p: made(p / "a.txt", TEXT.encode("utf-16-le")),
    "big-endian utf-16 without": lambda p: made(p / "a.txt", TEXT.encode("utf-16-be")),
    "utf-32": lambda p: made(p / "a.txt", TEXT.encode("utf-32")),
    "latin-1": lambda p: made(p / "a.txt", TEXT.encode("latin-1")),
    "windows line ends": lambda p: made(p / "a.txt", TEXT.replace("\n", "\r\n")),
    "old mac line ends": lambda p: made(p / "a.txt", TEXT.replace("\n", "\r")),
    "accents apart": lambda p: made(p / "a.txt", TEXT.replace("ü", "u\u0308")),
    "no ending": lambda p: made(p / "a", TEXT),
    "an odd ending": lambda p: made(p / "a.unknown", TEXT),
    "a name of 200 letters": lambda p: made(p / ("n" * 200 + ".txt"), TEXT),
    "a name of signs": lambda p: made(p / "?*:|<> '\"\\.txt", TEXT),
    "a name of emoji": lambda p: made(p / "🎭.txt", TEXT),
    "word": lambda p: docx(p / "a.docx", TEXT),
    "word called an archive": lambda p: docx(p / "a.zip", TEXT),
    "an archive": lambda p: packed_up(p / "a.zip", "a.txt", TEXT),
    "a link to a file": lambda p: (made(p / "b.txt", TEXT), (p / "a.txt").symlink_to(p / "b.txt"), p / "a.txt")[2],
}

READS_OTHERWISE = {
    "a zero within": lambda p: made(p / "a.txt", TEXT + "\0" + TEXT),
    "a single line": lambda p: made(p / "a.txt", "word " * 200_000),
    "a single word": lambda p: made(p / "a.txt", "x" * 700_000),
    "nothing but emoji": lambda p: made(p / "a.txt", "🎭🎪" * 50_000),
    "cut within a character": lambda p: made(p / "a.txt", TEXT.encode() + b"\xf0\x9f"),
    "a few bad bytes": lambda p: made(p / "a.txt", TEXT.encode() + b"\xff\xfe" + TEXT.encode()),
    "marks of direction": lambda p: made(p / "a.txt", "\u202e\u200b\ufeff" + TEXT),
    "empty files among others": lambda p: folder_with(p / "f", lambda f: made(f / "b.txt", b"")),
    "pictures among others": lambda p: folder_with(p / "f", lambda f: made(f / "b.png", bytes(99))),
}

REFUSED = {
    "empty": lambda p: made(p / "a.txt", b""),
    "white space": lambda p: made(p / "a.txt", " \n\t\u3000" * 999),
    "one character": lambda p: made(p / "a.txt", "x"),
    "zeros": lambda p: made(p / "a.txt", bytes(10_000)),
    "many zeros within": lambda p: made(p / "a.txt", (TEXT[:500] + "\0") * 9),
    "noise": lambda p: made(p / "a.txt", random.Random(1).randbytes(20_000)),
    "a picture called a text": lambda p: made(p / "a.txt", b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(9_000)),
    "a text called word": lambda p: made(p / "a.docx", TEXT),
    "a bomb called word": lambda p: docx(p / "a.docx", " " * 3_000_000),
    "an archive of pictures": lambda p: packed_up(p / "a.zip", "a.png", b"\x89PNG\r\n\x1a\n" + bytes(99)),
    "a link in a circle": lambda p: folder_with(p / "f", linked),
    "a link to nothing": lambda p: ((p / "a.txt").symlink_to(p / "nothing"), p / "a.txt")[1],
    "a link to itself": lambda p: ((p / "a.txt").symlink_to(p / "a.txt"), p / "a.txt")[1],
    "an empty folder": lambda p: ((p / "f").mkdir(), p / "f")[1],
    "a pipe": lambda p: (os.mkfifo(p / "a.txt"), p / "a.txt")[1],
    "a folder called a text, with a pipe": lambda p: (
        folder_with(p / "f.txt", lambda f: (f / "a.txt").unlink()),
        os.mkfifo(p / "f.txt" / "b.txt"),
        p / "f.txt",
    )[2],
    "a name too long": lambda p: p / ("n" * 3000),
    "a name with a zero": lambda p: f"{p}/a\0b",
}


@pytest.mark.parametrize("make", WORKS.values(), ids=WORKS)
@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_the_text_is_understood(tmp_path, make, kind):
    done = prepare(str(make(tmp_path)), tokenizer=kind)
    assert text_of(done.name) == TEXT
    assert [one.name for one in prepared()] == [done.name]


@pytest.mark.parametrize("make", READS_OTHERWISE.values(), ids=READS_OTHERWISE)
@pytest.mark.parametrize("kind", ["gpt2", "bpe"])
def test_it_is_prepared_whatever_it_is(tmp_path, make, kind):
    done = prepare(str(make(tmp_path)), tokenizer=kind)
    assert len(text_of(done.name)) == done.characters


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_in_words(tmp_path, monkeypatch, make):
    monkeypatch.setattr(packed, "EXPANDED_LIMIT", 2**20)
    with pytest.raises(UnderstudyError) as caught:
        prepare(str(make(tmp_path)))
    assert caught.value.message
    assert caught.value.fix
    assert list(datasets_dir().glob("*")) == []


@pytest.mark.parametrize("name", ["a/b", "../a", "/a", "n" * 300, "a\0b", ".", "..", "-a\n"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(DataError) as caught:
        prepare(str(made(tmp_path / "a.txt", TEXT)), name=name)
    assert caught.value.code == "bad_name"
    assert not datasets_dir().exists()


@pytest.mark.parametrize(
    ("change", "steps"),
    [(change, steps) for change in ("changes", "shrinks", "becomes binary") for steps in (3, 20)] + [("goes", 3)],
)
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch, change, steps):
    monkeypatch.setattr(encodings, "PIECE", 2**15)
    path = made(tmp_path / "a.txt", TEXT * 50)
    job = prepare_job(Order(target=str(path)), Control())
    for _ in range(steps):
        next(job)
    if change == "goes":
        path.unlink()
    else:
        path.write_bytes(
            {"changes": TEXT.replace("fool", "jester") * 60, "shrinks": TEXT, "becomes binary": "\0" * 999_999}[
                change
            ].encode()
        )
    with pytest.raises(DataError) as caught:
        list(job)
    assert caught.value.fix
    assert list(datasets_dir().glob("*")) == []


@pytest.mark.parametrize("kind", ["gpt2", "bpe"])
def test_a_disk_that_fills_up_is_told_of_and_left_clean(tmp_path, monkeypatch, kind):
    path = made(tmp_path / "a.txt", TEXT * 50)

    class Full:
        def __init__(self, file):
            self._file = file

        def write(self, data):
            if self._file.tell() + len(data) > 20_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self._file.write(data)

        def __getattr__(self, name):
            return getattr(self._file, name)

    begin = token_files.TokenWriter.__init__

    def on_a_small_disk(writer, *arguments):
        begin(writer, *arguments)
        writer._file = Full(writer._file)

    monkeypatch.setattr(token_files.TokenWriter, "__init__", on_a_small_disk)
    with pytest.raises(DataError) as caught:
        prepare(str(path), tokenizer=kind)
    assert caught.value.code == "cannot_write"
    assert "No space" in caught.value.cause
    assert list(datasets_dir().iterdir()) == []


def text_of(name):
    found = dataset(name)
    tokens = [np.fromfile(path, dtype="<u2").tolist() for path in (found.train_path, found.val_path)]
    return found.load_tokenizer().decode(tokens[0] + tokens[1])
