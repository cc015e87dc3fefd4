import json

import pytest

from engine.core.carriers import carried
from engine.core.errors import CheckpointError
from engine.exports.vocabulary_files import hugging_face_tokenizer, merges
from engine.runs.folder_tokenizer import folder_tokenizer
from engine.tokens.tokenizer import CharTokenizer, gpt2_tokenizer
from engine.tokens.vocabulary import train_tokenizer


@pytest.fixture(scope="module")
def gpt2_vocabulary():
    return json.loads((carried("gpt2") / "encoder.json").read_text("utf-8"))


def turned(vocabulary):
    """Return as many tokens of the same texts, each with another's number."""
    return dict(zip(vocabulary, reversed(vocabulary.values()), strict=True))


def extended(vocabulary):
    return vocabulary | {f"[unused{n}]": len(vocabulary) + n for n in range(7)}


def refused(folder):
    with pytest.raises(CheckpointError) as told:
        folder_tokenizer(folder)
    assert told.value.code == "model_foreign"
    assert "okenizer" in told.value.cause
    return told.value.cause


@pytest.mark.parametrize("form", ["vocab.json", "tokenizer.json"])
def test_gpt2s_tokens_are_known_by_what_each_number_means(tmp_path, gpt2_vocabulary, form):
    def put(vocabulary):
        whole = {"model": {"type": "BPE", "vocab": vocabulary}, "added_tokens": []}
        (tmp_path / form).write_text(json.dumps(vocabulary if form == "vocab.json" else whole), "utf-8")

    for vocabulary in (gpt2_vocabulary, extended(gpt2_vocabulary)):
        put(vocabulary)
        assert folder_tokenizer(tmp_path) == {"kind": "gpt2"}
        put(turned(vocabulary))
        assert "other words" in refused(tmp_path)


def test_gpt2s_tokens_merged_in_another_order_are_not_gpt2s(tmp_path, gpt2_vocabulary):
    (tmp_path / "vocab.json").write_text(json.dumps(gpt2_vocabulary), "utf-8")
    pairs = [" ".join(pair) for pair in merges(gpt2_tokenizer())]
    (tmp_path / "merges.txt").write_text("\n".join(["#version: 0.2", *pairs]), "utf-8")
    assert folder_tokenizer(tmp_path) == {"kind": "gpt2"}
    (tmp_path / "merges.txt").write_text("\n".join(["#version: 0.2", *reversed(pairs)]), "utf-8")
    assert "cut otherwise" in refused(tmp_path)
    whole = {"model": {"type": "BPE", "vocab": gpt2_vocabulary, "merges": [["a", "nowhere"]]}}
    (tmp_path / "tokenizer.json").write_text(json.dumps(whole), "utf-8")
    assert "cut otherwise" in refused(tmp_path)


@pytest.mark.parametrize("number", [0, 50255])
def test_one_word_in_the_place_of_another_is_another_vocabulary(tmp_path, gpt2_vocabulary, number):
    changed = {("nowhere" if n == number else text): n for text, n in gpt2_vocabulary.items()}
    (tmp_path / "vocab.json").write_text(json.dumps(changed), "utf-8")
    assert "other words" in refused(tmp_path)


@pytest.fixture(params=["char", "bpe", "gpt2"])
def ours(request, toy_text):
    """Return one of our tokenizers."""
    if request.param == "gpt2":
        return gpt2_tokenizer()
    return train_tokenizer([toy_text], 300) if request.param == "bpe" else CharTokenizer(sorted(set(toy_text)))


def test_what_an_export_wrote_is_read_back(tmp_path, ours):
    hugging_face_tokenizer(ours).save(str(tmp_path / "tokenizer.json"))
    assert folder_tokenizer(tmp_path) == ours.as_dict()


def other_order(whole):
    whole["model"]["merges"].reverse()


def no_merges(whole):
    whole["model"]["merges"] = []


def a_gap(whole):
    last = max(whole["model"]["vocab"], key=whole["model"]["vocab"].get)
    whole["model"]["vocab"][last] += 1


def a_space_before(whole):
    whole["pre_tokenizer"]["add_prefix_space"] = True


def in_small_letters(whole):
    whole["normalizer"] = {"type": "Lowercase"}


def another_cut(whole):
    whole["pre_tokenizer"] = {"type": "Whitespace"}


def a_special_token(whole):
    whole["added_tokens"] = [{"id": len(whole["model"]["vocab"]), "content": "[PAD]"}]


@pytest.mark.parametrize(
    "change", [other_order, no_merges, a_gap, a_space_before, in_small_letters, another_cut, a_special_token]
)
def test_one_that_cuts_text_in_another_way_is_refused(tmp_path, toy_text, change):
    path = tmp_path / "tokenizer.json"
    hugging_face_tokenizer(train_tokenizer([toy_text], 300)).save(str(path))
    whole = json.loads(path.read_text("utf-8"))
    change(whole)
    path.write_text(json.dumps(whole), "utf-8")
    assert "not GPT-2’s" in refused(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"model": {"vocab": 3}}', '{"model": {"vocab": {"a": "x"}}}'])
def test_a_file_that_cannot_be_read_is_told(tmp_path, content):
    (tmp_path / "tokenizer.json").write_text(content, "utf-8")
    assert "cannot be read" in refused(tmp_path)


def test_a_vocabulary_in_another_form_is_named(tmp_path):
    assert folder_tokenizer(tmp_path) is None
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n", "utf-8")
    assert "vocab.txt" in refused(tmp_path)
