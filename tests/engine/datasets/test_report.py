import random

import numpy as np
import pytest

from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.datasets.report import look_at

WORDS = ["king", "queen", "fool", "crown", "speaks", "dies", "naïve", "sword", "night"]


def seen(tmp_path, text, block_size=0, **wishes):
    path = tmp_path / "text.txt"
    path.write_text(text, "utf-8")
    prepare(str(path), name="text", **wishes)
    return look_at(dataset("text"), block_size)


def codes(look):
    return [problem.code for problem in look.problems]


def words(count, seed=1):
    return " ".join(random.Random(seed).choices(WORDS, k=count))


def test_tokens_are_counted(tmp_path):
    look = seen(tmp_path, "a" * 70 + "b" * 15 + "ccc" + "d" + "e" + "aaaaaaaaaz", tokenizer="char")
    assert look.commonest == (("a", 70), ("b", 15), ("c", 3), ("d", 1), ("e", 1))
    assert look.rarest == ("d", "e")
    assert (look.vocabulary, look.used, look.rare, look.never_seen) == (6, 5, 3, 1)
    assert look.val_unseen == 0.1
    assert look.counted == look.train_tokens == 90
    assert look.bytes_per_token == 1


@pytest.mark.parametrize("kind", ["gpt2", "char", "bpe"])
def test_a_good_text_has_no_fault_but_gpt2s_unused_table(tmp_path, kind):
    look = seen(tmp_path, words(25_000), block_size=256, tokenizer=kind)
    assert codes(look) == (["vocabulary_unused"] if kind == "gpt2" else [])
    assert 0 < look.coverage <= 1


def test_each_fault_is_found_with_what_to_do(tmp_path):
    assert codes(seen(tmp_path, words(500), tokenizer="char")) == ["too_short"]
    short = seen(tmp_path, words(500), block_size=1024, tokenizer="char")
    assert codes(short) == ["shorter_than_block", "too_short"]
    assert f"{short.val_tokens - 1:,} or less" in short.problems[0].fix
    other = words(25_000) + " ЖЗИ" * 3_000
    assert "different_parts" in codes(seen(tmp_path, other, tokenizer="char"))
    wrong = words(25_000).encode().decode("cp1252")
    assert codes(seen(tmp_path, wrong, tokenizer="char")) == ["wrong_encoding"]
    lost = words(25_000).replace("ï", "\ufffd")
    assert codes(seen(tmp_path, lost, tokenizer="bpe")) == ["wrong_encoding"]
    many = "".join(chr(0x4E00 + n % 6000) for n in range(60_000))
    assert codes(seen(tmp_path, many, tokenizer="char")) == ["many_characters"]
    for problem in short.problems:
        assert problem.what.endswith(".")
        assert problem.fix.endswith(".")


def test_what_preparing_noticed_is_told_again(tmp_path):
    look = seen(tmp_path, "all work and no play\r\n" * 9_000, tokenizer="char")
    assert any("lines are different" in note for note in look.notes)


def test_a_folder_of_nanogpts_own_is_looked_at_too(tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    for name in ("train.bin", "val.bin"):
        np.array([15496, 995] * 50, dtype="<u2").tofile(folder / name)
    look = look_at(dataset(str(folder)))
    assert (look.used, look.vocabulary, look.notes) == (2, 50257, ())
    assert look.commonest == ((" world", 50), ("Hello", 50))
