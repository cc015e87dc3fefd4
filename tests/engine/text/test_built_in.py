import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest

from engine.core.errors import DataError
from engine.text.built_in import (
    PYTHON_BYTES,
    built_in_text,
    gutenberg_book,
    library_files,
    moves_in,
    names_in,
    shuffled,
)
from engine.text.catalogue import catalogue

BOOK = """The Project Gutenberg EBook of A Tale, by Nobody

Title: A Tale
Character set encoding: {encoding}

*** START OF THIS PROJECT GUTENBERG EBOOK A TALE ***



Produced by a friend of books
and another



A TALE

*** A star *** was seen. In the end of the day, señor,
they went home.



End of Project Gutenberg's A Tale, by Nobody

*** END OF THIS PROJECT GUTENBERG EBOOK A TALE ***

To protect the Project Gutenberg-tm mission
"""
TALE = "A TALE\n\n*** A star *** was seen. In the end of the day, señor,\nthey went home.\n"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("ISO-8859-1", "latin-1"), ("UTF-8", "utf-8"), ("UTF-8", "utf-8-sig"), ("x", "utf-8-sig")],
)
def test_a_book_is_what_stands_between_the_lines_in_the_encoding_that_it_says(declared, encoding):
    content = BOOK.format(encoding=declared).replace("\n", "\r\n").encode(encoding)
    assert gutenberg_book(content) == TALE


@pytest.mark.parametrize("line", ["*** START OF", "*** END OF"])
def test_a_book_without_the_lines_that_bound_it_is_refused(line):
    with pytest.raises(DataError) as caught:
        gutenberg_book(BOOK.format(encoding="UTF-8").replace(line, "*** OF").encode())
    assert caught.value.code == "wrong_text"


def test_lines_stand_once_in_an_order_that_is_always_the_same():
    lines = [f"name{number}" for number in range(200)]
    mixed = shuffled(lines + lines[:50])
    assert sorted(mixed) == sorted(lines)
    assert mixed == shuffled(lines[::-1])
    assert mixed != sorted(mixed)


def test_moves_are_a_column_of_the_table():
    table = 'eco\tname\tpgn\nA00\tThe "Amar" Opening\t1. Nh3\nB00\tAn "Odd One\t1. e4 f6\n'
    assert moves_in(table) == ["1. Nh3", "1. e4 f6"]


def test_names_of_a_file_are_one_on_each_line(tmp_path):
    (tmp_path / "names.txt").write_bytes(b"emma\r\nolivia\r\n\r\nava")
    text = built_in_text(catalogue()["names"], [tmp_path / "names.txt"])
    whole = "".join(text.pieces())
    assert whole == "".join(text.pieces())
    assert sorted(whole.splitlines()) == sorted(names_in("emma olivia ava"))
    assert whole.endswith("\n")


def test_openings_of_several_files_are_mixed(tmp_path):
    for name, moves in (("a", "1. a4"), ("b", "1. b4"), ("c", "1. c4"), ("d", "1. d4"), ("e", "1. e4")):
        (tmp_path / name).write_text(f"eco\tname\tpgn\nX\tX\t{moves}\n")
    text = built_in_text(catalogue()["chess_openings"], sorted(tmp_path.iterdir()))
    lines = "".join(text.pieces()).splitlines()
    assert sorted(lines) == ["1. a4", "1. b4", "1. c4", "1. d4", "1. e4"]
    assert lines != sorted(lines)


def test_the_library_is_that_of_this_python_module_by_module():
    files = library_files()
    assert all(path.parent == Path(sysconfig.get_path("stdlib")) for path in files)
    assert sum(path.stat().st_size for path in files) <= PYTHON_BYTES
    assert [path.name for path in files] == sorted(path.name for path in files)
    text = built_in_text(catalogue()["python_library"], ())
    documents = ["".join(document) for document in text.documents()]
    assert len(documents) == len(files)
    assert documents[0] == files[0].read_text("utf-8")
    assert documents[1] == "\n\n" + files[1].read_text("utf-8")


def test_a_python_without_sources_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(DataError) as caught:
        library_files()
    assert caught.value.code == "no_texts"


def test_a_file_that_has_gone_is_told(tmp_path):
    text = built_in_text(replace(catalogue()["names"]), [tmp_path / "gone"])
    with pytest.raises(DataError) as caught:
        text.documents()
    assert caught.value.code == "unreadable"


def test_a_beginning_is_found_in_a_text_that_ships():
    for entry in catalogue().values():
        if entry.offline:
            assert entry.beginning in "".join(built_in_text(entry, ()).pieces())
