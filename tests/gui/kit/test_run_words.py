"""A run in words."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from engine.datasets.dataset import dataset
from engine.datasets.folder import retitle
from engine.datasets.prepare import prepare
from engine.runs.listing import RunSummary
from engine.runs.run_summary import RunStatus
from gui.kit.run_words import STATUS_WORDS, device_words, iterations_text, offer_words, text_words, tokens_title

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def run(name="a", **more):
    return RunSummary(
        **{"name": name, "path": Path("/runs") / name, "status": "finished", "created": NOW, "modified": NOW} | more
    )


def test_how_far_a_run_came():
    assert iterations_text(run(iter_num=1250, max_iters=5000)) == "1,250 of 5,000"
    assert iterations_text(run(iter_num=5000, max_iters=5000)) == "5,000"
    assert iterations_text(run(iter_num=1250, max_iters=5000, timed=True)) == "1,250"
    assert iterations_text(run(iter_num=1250)) == "1,250"
    assert iterations_text(run()) == "–"


def test_the_offer_to_go_on_names_the_run_and_where_it_stands():
    left = run("night", status="stopped", iter_num=240, max_iters=400)
    assert offer_words(left) == "Or go on with “night”, stopped after 240 of 400 updates."
    for length, shown in ((40, "n" * 40), (41, "n" * 40 + "…")):
        assert f"“{shown}”" in offer_words(replace(left, name="n" * length))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shakespeare_complete", "Complete Shakespeare"),
        ("shakespeare_complete_bpe2048", "Complete Shakespeare"),
        ("our-chat", "our-chat"),
        ("our-chat_as_0123abcd", "our-chat"),
        ("Our_Chat", "Our Chat"),
        ("Our_Chat_bpe512", "Our Chat"),
        ("", ""),
    ],
)
def test_a_text_is_called_the_same_whatever_tokens_it_is_in(name, words):
    assert text_words(run(dataset=name)) == words


def test_a_text_is_called_what_a_person_calls_it_now(tmp_path):
    path = tmp_path / "Our_Chat.txt"
    path.write_text("to be or not to be\n" * 100, "utf-8")
    prepare(str(path), tokenizer="char")
    assert text_words(run(dataset="Our_Chat")) == "Our Chat"
    retitle(dataset("Our_Chat"), "Ann & Bo")
    assert text_words(run(dataset="Our_Chat_bpe512")) == "Ann & Bo"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shakespeare_complete", "Complete Shakespeare"),
        ("shakespeare_complete_bpe2048", "Complete Shakespeare in 2,048 tokens of its own"),
        ("Our_Chat_bpe512", "Our Chat in 512 tokens of its own"),
        ("Our_Chat_as_0123abcd", "Our Chat in the tokens of another model"),
    ],
)
def test_a_text_is_told_apart_by_its_tokens_where_those_were_made_for_a_model(name, words):
    assert tokens_title(name) == words


def test_of_a_text_that_is_there_its_true_number_of_tokens_is_told(tmp_path):
    path = tmp_path / "Our_Chat.txt"
    path.write_text("to be or not to be\n" * 100, "utf-8")
    made = prepare(str(path), tokenizer="bpe", vocab_size=512)
    assert made.vocab_size < 512, "so short a text has no more to learn"
    assert f"in {made.vocab_size} tokens of its own" in tokens_title(made.name)


def test_every_status_has_its_words():
    assert set(STATUS_WORDS) == set(get_args(RunStatus))
    assert all(words and role for words, role in STATUS_WORDS.values())


@pytest.mark.parametrize(
    ("device", "words"), [("mps", "Apple GPU"), ("cuda", "NVIDIA GPU"), ("cuda:1", "NVIDIA GPU"), ("cpu", "CPU")]
)
def test_a_device_is_called_as_people_call_it(device, words):
    assert device_words(device) == words
