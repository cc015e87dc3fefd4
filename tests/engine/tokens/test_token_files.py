import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import DataError
from engine.tokens import token_files
from engine.tokens.token_files import TokenWriter, token_count
from engine.tokens.tokenizer import CharTokenizer, gpt2_tokenizer

GPT2 = gpt2_tokenizer()

WORDS = st.sampled_from(
    [
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        " \n ",
        "\x85",
        "\u3000",
        "a",
        "it's",
        "'ll",
        "don",
        "12",
        "é",
        "日本",
        "🎭",
        "--",
        ".",
    ]
)
PIECES = st.lists(st.lists(WORDS, max_size=6).map("".join), max_size=12)


def written(path, tokenizer, pieces):
    with TokenWriter(path, tokenizer) as writer:
        for piece in pieces:
            writer.add(piece)
        writer.finish()
    ids = np.fromfile(path, dtype="<u2").tolist()
    assert writer.tokens == len(ids)
    assert writer.bytes == len("".join(pieces).encode())
    return ids


@pytest.fixture(scope="module")
def path():
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "tokens.bin"


@given(PIECES)
def test_pieces_encode_as_the_whole(path, pieces):
    assert written(path, GPT2, pieces) == GPT2.encode("".join(pieces))


@given(st.lists(st.text(alphabet="ab \n")))
def test_pieces_of_characters_encode_as_the_whole(path, pieces):
    tokenizer = CharTokenizer("\n ab")
    assert written(path, tokenizer, pieces) == tokenizer.encode("".join(pieces))


def test_a_text_without_a_place_to_cut_is_cut_and_still_decodes_to_itself(path, monkeypatch):
    monkeypatch.setattr(token_files, "LONGEST_UNCUT", 100)
    pieces = ["abcdefghij" * 5] * 7 + ["日" * 60]
    ids = written(path, GPT2, pieces)
    assert GPT2.decode(ids) == "".join(pieces)


def test_ids_are_counted_by_the_size_of_their_file(tmp_path):
    (tmp_path / "val.bin").write_bytes(bytes(10))
    assert token_count(tmp_path, "val.bin") == 5


@pytest.mark.parametrize("content", [None, b"", b"abc"], ids=["missing", "empty", "cut"])
def test_a_damaged_file_is_told_of(tmp_path, content):
    if content is not None:
        (tmp_path / "val.bin").write_bytes(content)
    with pytest.raises(DataError) as caught:
        token_count(tmp_path, "val.bin")
    assert "val.bin" in caught.value.cause
    assert "prepare" in caught.value.fix


def test_the_sum_is_that_of_the_file(path):
    with TokenWriter(path, GPT2) as writer:
        for piece in ("One two ", "three", " four"):
            writer.add(piece)
        writer.finish()
    assert writer.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_ids_stand_in_the_order_of_the_text_however_many_are_under_way(path, monkeypatch):
    monkeypatch.setattr(token_files, "AHEAD", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    tokenizer = CharTokenizer("abcdefgh")
    text = "abcdefgh" * 100
    assert written(path, tokenizer, text) == tokenizer.encode(text)


@pytest.mark.parametrize(("length", "parts"), [(99, [150]), (100, [100, 50])])
def test_an_uncut_text_waits_until_it_is_long(path, monkeypatch, length, parts):
    monkeypatch.setattr(token_files, "LONGEST_UNCUT", 100)
    encoded = []
    encode = TokenWriter._encode
    monkeypatch.setattr(
        TokenWriter, "_encode", lambda writer, text: [text and encoded.append(len(text)), encode(writer, text)]
    )
    written(path, GPT2, ["x" * length, "x" * (150 - length)])
    assert encoded == parts


def test_a_lacking_character_is_told_though_a_worker_met_it(path):
    with pytest.raises(DataError, match="cannot read 'z'"):
        written(path, CharTokenizer("ab"), ["abab", "abz"])


def test_tokens_are_safe_on_the_disk_when_they_are_finished(path, synced):
    written(path, GPT2, ["some words ", "and more"])
    there = path.stat()
    assert synced == {there.st_ino: there.st_size}
