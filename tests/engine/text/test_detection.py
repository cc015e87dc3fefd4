import random

import pytest

from engine.text import detection
from engine.text.detection import detected, seems_wide
from tests.engine.text.prose import PROSE


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_in_no_encoding(seed):
    noise = random.Random(seed).randbytes(3000)
    assert seems_wide(noise) == ""


@pytest.mark.parametrize("content", [b"", b"x", b"text\0with zeros", b"x" * 999 + b"\0", b"a\0b\0"[:3], b"\1" * 99])
def test_a_few_zeros_make_no_wide_encoding(content):
    assert seems_wide(content) == ""


def test_one_judge_alone_is_not_believed():
    assert detected(PROSE["swedish"][:120].encode("cp850", "ignore")) == ""
    assert detected(PROSE["polish"].encode("iso8859-2", "ignore")) == "iso8859-2"


def test_the_commonest_encoding_stands_for_those_that_read_the_same():
    assert detected(b"Gr\xfc\xdfe an alle, die schon da sind und noch kommen. " * 9) == "cp1252"


def test_a_long_sample_is_cut_between_words(monkeypatch):
    monkeypatch.setattr(detection, "_LONGEST", 400)
    assert detected(PROSE["russian"].encode("koi8-r") * 9) == "koi8-r"
    assert detected(PROSE["japanese"].encode("shift_jis") * 9) == "cp932"
