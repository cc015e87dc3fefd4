import math

import pytest
import torch

from engine import checkpoint
from engine.config import SampleConfig
from engine.decoder import Decoder, Weights
from engine.errors import CheckpointError, DataError, SettingError
from engine.events import Reply, Token, Turn
from engine.jobs import Control
from engine.sampler import SIDE_BY_SIDE, prompt_ids, replies, sample_job, start_text
from engine.tokenizer import CharTokenizer, gpt2_tokenizer

LETTERS = CharTokenizer("\n abcdefghijklmnopqrstuvwxyzäß")


@pytest.fixture
def model(toy_model):
    return toy_model(scale=4.0)


def events(model, tokenizer=LETTERS, control=None, sample=0, **settings):
    config = SampleConfig(**{"start": "to be", "max_new_tokens": 40} | settings)
    items = replies(Weights.live(model), tokenizer, config, control or Control(), [sample])
    return [item for item in items if not isinstance(item, Turn)]


def text(model, **more):
    return events(model, **more)[-1].text


def greedy(model, start, count):
    """Give the likeliest continuation, by the decoder alone."""
    ids = LETTERS.encode(start)
    decoder, unread = Decoder(Weights.live(model)), torch.tensor([ids])
    for _ in range(count):
        token = int(decoder.feed(unread)[0].argmax())
        ids.append(token)
        unread = torch.tensor([[token]])
    return LETTERS.decode(ids)


def test_the_same_seed_writes_the_same_text_and_another_one_another(model):
    assert text(model) == text(model)
    assert text(model) != text(model, seed=1)
    assert text(model).startswith("to be")
    assert len(text(model)) == len("to be") + 40


@pytest.mark.parametrize(
    "cut",
    [
        {"temperature": 0.0},
        {"temperature": 1e-40},
        {"temperature": 1e-5},
        {"top_k": 1},
        {"top_p": 0.0},
        {"top_p": 1e-6},
    ],
)
def test_where_only_the_likeliest_is_left_the_text_is_greedy(model, cut):
    assert text(model, **cut) == greedy(model, "to be", 40)


def test_tokens_come_one_by_one_and_make_the_reply(model):
    *tokens, last = events(model)
    assert all(isinstance(event, Token) for event in tokens)
    assert [event.tokens for event in tokens] == list(range(1, 41))
    assert (
        last.text
        == "to be" + "".join(event.text for event in tokens)
        == "to be" + LETTERS.decode(event.token for event in tokens)
    )
    assert (last.prompt, last.tokens, last.reason) == ("to be", 40, "done")
    assert last.tokens_per_s > 0


def test_probabilities_are_the_models_own_before_temperature_and_cuts(model):
    tokens = [e for e in events(model, temperature=2.0, top_k=3) if isinstance(e, Token)]
    decoder, unread = Decoder(Weights.live(model)), torch.tensor([LETTERS.encode("to be")])
    for event in tokens:
        expected = float(decoder.feed(unread)[0].softmax(0)[event.token])
        assert event.probability == pytest.approx(expected, abs=1e-5)
        unread = torch.tensor([[event.token]])


def test_a_turn_after_each_token_lets_other_jobs_go_on(model):
    items = list(replies(Weights.live(model), LETTERS, SampleConfig(start="a", max_new_tokens=3), Control()))
    assert [type(item) for item in items] == [Token, Turn] * 3 + [Reply]


def test_a_stop_in_its_middle_gives_what_there_is(model):
    control, seen = Control(), []
    for item in replies(Weights.live(model), LETTERS, SampleConfig(start="to be", max_new_tokens=40), control):
        if isinstance(item, Turn):
            continue
        seen.append(item)
        if len(seen) == 7:
            control.stop()
    assert (seen[-1].reason, seen[-1].tokens) == ("stopped", 7)
    assert seen[-1].text == text(model)[: len("to be") + 7]


def test_an_empty_prompt_begins_like_a_new_line(model):
    assert prompt_ids(LETTERS, "") == LETTERS.encode("\n")
    assert prompt_ids(CharTokenizer("abc"), "") == [0]
    assert text(model, start="") == text(model, start="\n").removeprefix("\n")
    assert events(model, start="")[-1].prompt == ""


def test_characters_the_model_does_not_know_are_named(model):
    with pytest.raises(DataError) as told:
        text(model, start="to Be 2")
    assert told.value.code == "unknown_characters"
    assert "'2' 'B'" in told.value.message


def test_bytes_that_are_no_whole_character_wait_and_never_break_the_text(toy_model):
    tokenizer = gpt2_tokenizer()
    model = toy_model(vocab_size=tokenizer.vocab_size, n_layer=1)
    *tokens, last = events(model, tokenizer, start="é", max_new_tokens=60, temperature=2.0, top_k=0)
    assert last.text == tokenizer.decode([*tokenizer.encode("é"), *(event.token for event in tokens)])
    assert max(event.token for event in tokens) < tokenizer.token_count


def test_a_model_of_no_numbers_is_told(model):
    with torch.no_grad():
        model.transformer.wpe.weight[9] = math.nan
    job = replies(Weights.live(model), LETTERS, SampleConfig(start="to be", max_new_tokens=40), Control())
    before = [next(job) for _ in range(2 * 5)]  # up to place 8 the weights are numbers
    with pytest.raises(CheckpointError) as told:
        next(job)
    assert [type(item) for item in before] == [Token, Turn] * 5
    assert told.value.code == "checkpoint_broken"


def replies_of(path, control=None, **settings):
    job = sample_job(path, SampleConfig(**{"max_new_tokens": 12, "device": "cpu"} | settings), control or Control())
    return [event for event in job if isinstance(event, Reply)]


def test_each_sample_is_the_same_alone_and_among_others(toy_run):
    together = replies_of(toy_run.checkpoint, start="the", num_samples=3)
    assert [event.sample for event in together] == [0, 1, 2]
    assert len({event.text for event in together}) == 3
    saved = checkpoint.load(toy_run.checkpoint)
    model, tokenizer = saved.build_model().eval(), saved.load_tokenizer()
    for event in together:
        alone = events(model, tokenizer, sample=event.sample, start="the", max_new_tokens=12)[-1]
        assert alone.text == event.text


def test_a_stop_ends_all_samples_and_begins_no_others(toy_run):
    control, seen = Control(), []
    config = SampleConfig(num_samples=SIDE_BY_SIDE + 2, max_new_tokens=12, device="cpu")
    for item in sample_job(toy_run.checkpoint, config, control):
        seen.append(item)
        if isinstance(item, Token) and item.tokens == 4:
            control.stop()
    ended = [item for item in seen if isinstance(item, Reply)]
    assert [(reply.sample, reply.tokens, reply.reason) for reply in ended] == [
        (sample, 4, "stopped") for sample in range(SIDE_BY_SIDE)
    ]


def test_a_checkpoint_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CheckpointError) as told:
        replies_of(tmp_path / "none" / "ckpt.pt")
    assert told.value.code == "checkpoint_missing"


def test_a_text_to_start_from_may_be_in_a_file(tmp_path):
    path = tmp_path / "start.txt"
    path.write_text("Être\n", "utf-8")
    assert start_text(f"FILE:{path}") == "Être\n"
    assert start_text("FILE") == "FILE"
    for content in (None, b"\xff\xfe\x00"):
        path.unlink(missing_ok=True)
        if content:
            path.write_bytes(content)
        with pytest.raises(SettingError) as told:
            start_text(f"FILE:{path}")
        assert told.value.code == "bad_start"
        assert str(path) in told.value.message


def test_a_stop_text_ends_the_reply_before_it(model):
    whole = text(model)
    stop = whole[len("to be") + 10 : len("to be") + 12]
    last = events(model, stop=stop)[-1]
    assert last.reason == "stop_text"
    assert last.text == "to be" + whole.removeprefix("to be").split(stop)[0]
    streamed = "".join(event.text for event in events(model, stop=stop)[:-1])
    assert "to be" + streamed == last.text


def test_alternatives_are_the_likeliest_of_the_raw_softmax(model):
    first = events(model, temperature=2.0, top_k=3)[0]
    with torch.no_grad():
        raw = torch.softmax(model.logits(torch.tensor([LETTERS.encode("to be")]))[0, -1, : LETTERS.token_count], 0)
    expected = raw.topk(len(first.alternatives))
    assert [each.token for each in first.alternatives] == expected.indices.tolist()
    assert [each.probability for each in first.alternatives] == pytest.approx(expected.values.tolist(), abs=1e-6)
    assert first.probability == pytest.approx(float(raw[first.token]), abs=1e-6)
