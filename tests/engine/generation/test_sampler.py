import math
import os
from pathlib import Path

import psutil
import pytest
import torch

from engine.core.config import SampleConfig
from engine.core.errors import CheckpointError, DataError, SettingError
from engine.core.events import Event, Reply, Token, Turn
from engine.core.jobs import Control, JobRing
from engine.generation.decoder import Decoder, Weights, window_start
from engine.generation.model_cache import Shelf
from engine.generation.sampler import AT_ONCE, SIDE_BY_SIDE, load_job, prompt_ids, replies, sample_job, start_text
from engine.model.packing import FrozenLinear
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.tokens.tokenizer import CharTokenizer, ListedTokenizer, gpt2_tokenizer
from engine.training.trainer import Trainer

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
    """Return the likeliest continuation, by the decoder alone."""
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
    assert prompt_ids(CharTokenizer("abc"), "\n") == [0]
    assert prompt_ids(ListedTokenizer(["a", "b"], between=" "), "\n") == [0]
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


@pytest.mark.parametrize("weights", [Weights.live, Weights.frozen])
@pytest.mark.parametrize("n_embd", [16, 128])
def test_samples_side_by_side_are_those_one_at_a_time_to_the_bit(toy_model, weights, n_embd):
    """Through slides of the window, and though some end early; 512 rows in the MLP are where kernels differ."""
    read = weights(toy_model(n_embd=n_embd, scale=2.0))
    config = SampleConfig(
        start="to be or not to be that is", max_new_tokens=40, num_samples=5, stop="q", temperature=1.0
    )

    def written(samples):
        tokens, ended = {}, {}
        for item in replies(read, LETTERS, config, Control(), samples):
            if isinstance(item, Token):
                tokens.setdefault(item.sample, []).append((item.token, item.probability, item.alternatives))
            elif isinstance(item, Reply):
                ended[item.sample] = (item.text, item.tokens, item.reason)
        return tokens, ended

    together = written(range(5))
    assert (
        len({reason for _, _, reason in together[1].values()}) == 2
    )  # some end at their stop text, some at their length
    for sample in range(5):
        tokens, ended = written([sample])
        assert tokens[sample] == together[0][sample]
        assert ended[sample] == together[1][sample]


def test_where_a_device_treats_rows_otherwise_together_they_are_read_one_by_one(toy_model, monkeypatch):
    model = toy_model()
    config = SampleConfig(start="to be", max_new_tokens=30, num_samples=3)
    alone = [[*replies(Weights.live(model), LETTERS, config, Control(), [n])][-1].text for n in range(3)]
    plain = FrozenLinear.__call__
    monkeypatch.setattr(FrozenLinear, "__call__", lambda self, x: plain(self, x) + 0.1 * (len(x) % 3 == 0))
    texts = [
        item.text
        for item in replies(Weights.live(model), LETTERS, config, Control(), range(3))
        if isinstance(item, Reply)
    ]
    assert texts == alone


def test_a_text_goes_on_after_what_was_written_as_if_it_had_been_written_now(model):
    *tokens, whole = events(model)
    written = [token.token for token in tokens[:15]]
    config = SampleConfig(start="to be", max_new_tokens=25)
    *rest, last = [
        e for e in replies(Weights.live(model), LETTERS, config, Control(), [0], written) if not isinstance(e, Turn)
    ]
    assert last.text == whole.text
    assert [token.token for token in rest] == [token.token for token in tokens[15:]]
    assert "".join(token.text for token in rest) == "".join(token.text for token in tokens[15:])
    other = [*written[:-1], (written[-1] + 1) % 30]
    branch = [*replies(Weights.live(model), LETTERS, config, Control(), [0], other)][-1]
    assert branch.text.startswith("to be" + LETTERS.decode(other))
    assert branch.text != whole.text


def test_an_alternative_tells_its_chance_after_the_cuts(model):
    first = events(model, temperature=0.5, top_k=3)[0]
    chances = [one.chance for one in first.alternatives]
    assert first.kept == 3
    assert sum(chances) == pytest.approx(1.0)
    assert [chance > 0 for chance in chances] == [True] * 3 + [False] * 7
    p = [one.probability**2 for one in first.alternatives[:3]]  # temperature 0.5
    assert chances[:3] == pytest.approx([one / sum(p) for one in p], abs=1e-4)
    assert first.chance == next(one.chance for one in first.alternatives if one.token == first.token)
    assert [one.text for one in first.alternatives] == [LETTERS.decode([one.token]) for one in first.alternatives]


ODD_PROMPTS = ["", "\n", "\0\x07\x1b[2J", "😀👩‍👩‍👧", "שלום עולם", "مرحبا", "\ud800", "x" * 1_000_000, "word " * 900]


@pytest.mark.parametrize("start", ODD_PROMPTS, ids=range(len(ODD_PROMPTS)))
def test_any_prompt_works_with_tokens_of_bytes(toy_model, start):
    tokenizer = gpt2_tokenizer()
    model = toy_model(vocab_size=tokenizer.vocab_size, n_layer=1)
    last = events(model, tokenizer, start=start, max_new_tokens=3)[-1]
    assert last.text.startswith(start)
    assert (last.tokens, last.reason) == (3, "done")


@pytest.mark.parametrize("start", [start for start in ODD_PROMPTS if start.strip()], ids=range(len(ODD_PROMPTS) - 2))
def test_a_prompt_outside_a_vocabulary_of_characters_is_told_and_one_inside_works(model, start):
    if set(start) <= set(LETTERS.chars):
        assert events(model, start=start, max_new_tokens=3)[-1].text.startswith(start)
        return
    with pytest.raises(DataError) as told:
        events(model, start=start)
    assert told.value.code == "unknown_characters"
    assert told.value.fix


def test_a_stop_while_a_long_prompt_is_read_is_heard_before_the_next_piece(toy_model):
    control, turns = Control(), 0
    model = toy_model(block_size=4 * AT_ONCE)
    for item in replies(Weights.live(model), LETTERS, SampleConfig(start="a" * 4 * AT_ONCE), control):
        turns += isinstance(item, Turn)
        control.stop()
    assert turns == 1
    assert (item.reason, item.tokens, item.text) == ("stopped", 0, "a" * 4 * AT_ONCE)


def test_a_long_prompt_is_read_in_pieces_and_gives_the_same(toy_model):
    model = toy_model(block_size=3 * AT_ONCE)
    start = ("to be or not " * AT_ONCE)[: 3 * AT_ONCE - 10]
    *_, last = events(model, start=start, max_new_tokens=20, temperature=0.0)
    ids = LETTERS.encode(start)
    for _ in range(20):
        with torch.no_grad():
            seen = torch.tensor([ids[window_start(len(ids), model.args.block_size) :]])
            ids.append(int(model.logits(seen)[0, -1].argmax()))
    assert last.text == LETTERS.decode(ids)


def held_after(weights, tokens):
    """Return the bytes that a reply of so many tokens holds in tensors at its end."""
    job = replies(weights, LETTERS, SampleConfig(start="a", max_new_tokens=tokens + 1), Control())
    while not isinstance(item := next(job), Token) or item.tokens < tokens:
        pass
    decoder = job.gi_frame.f_locals["decoder"]
    tensors = [decoder._tokens, *(kept for window in decoder._windows for kept in window.kept)]
    return sum(tensor.untyped_storage().nbytes() for tensor in tensors)


def test_what_a_reply_holds_does_not_grow_with_its_length(toy_model):
    weights = Weights.frozen(toy_model(n_layer=1))
    assert held_after(weights, 40) == held_after(weights, 200)


@pytest.mark.slow
def test_ten_thousand_tokens_take_no_more_memory_than_one_thousand(toy_model):
    weights = Weights.frozen(toy_model())
    job = replies(weights, LETTERS, SampleConfig(start="a", max_new_tokens=10_000), Control())
    at = {}
    for item in job:
        if isinstance(item, Token) and item.tokens in (1000, 10_000):
            at[item.tokens] = psutil.Process().memory_info().rss
    assert item.tokens == 10_000
    assert at[10_000] - at[1000] < 2 * 2**20


def test_products_in_bfloat16_give_nearly_the_same_probabilities(toy_model):
    model = toy_model(scale=2.0)
    config = SampleConfig(start="to be", max_new_tokens=1)
    exact, short = (next(replies(Weights.frozen(model, d), LETTERS, config, Control())) for d in (None, torch.bfloat16))
    expected = {one.token: one.probability for one in exact.alternatives}
    for one in short.alternatives[:3]:
        assert one.probability == pytest.approx(expected[one.token], rel=0.1)


def test_a_model_read_ahead_is_there_for_the_reply(toy_run):
    shelf, config = Shelf(), SampleConfig(device="cpu", max_new_tokens=2)
    assert not [item for item in load_job(toy_run.checkpoint, config, shelf) if isinstance(item, Event)]
    kept = shelf.model(toy_run.checkpoint, config.device, config.dtype)
    first = next(sample_job(toy_run.checkpoint, config, Control(), shelf))  # no turn before the first token
    assert isinstance(first, Token)
    assert shelf.model(toy_run.checkpoint, config.device, config.dtype) is kept


def test_each_sample_of_a_job_is_the_same_alone_and_among_others(toy_run):
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
    path.write_bytes("\ufeffE\u0302tre\r\n".encode("utf-16"))
    assert start_text(f"FILE:{path}") == "Être\n"
    for content in (None, b"\xff\xfe\x00"):
        path.unlink(missing_ok=True)
        if content:
            path.write_bytes(content)
        with pytest.raises(SettingError) as told:
            start_text(f"FILE:{path}")
        assert told.value.code == "bad_start"
        assert str(path) in told.value.message


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_a_text_to_start_from_is_a_plain_file(tmp_path, make):
    make(tmp_path / "start.txt")
    with pytest.raises(SettingError, match="cannot be read"):
        start_text(f"FILE:{tmp_path / 'start.txt'}")


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


def weights_after(config, path=None):
    """Train beside replies from a checkpoint, or alone; give the weights."""
    ring = JobRing(clock=lambda: 0.0)
    ring.add(1, Trainer(config).run())
    turns = answered = 0
    while len(ring):
        outcome = ring.step()
        assert outcome is None or outcome.error is None
        answered += outcome is not None and isinstance(outcome.event, Reply)
        turns += 1
        if path and turns in (5, 20, 30):
            job = sample_job(path, SampleConfig(max_new_tokens=5, num_samples=2, seed=turns, device="cpu"), Control())
            ring.add(1 + turns, job)
    return checkpoint.load(RunFolder(config.out_dir).checkpoint).model, answered


def test_replies_beside_a_training_leave_its_weights_as_they_would_be(toy_run, toy_config, tmp_path):
    """Dropout draws from the global generator: a reply that touched it would show."""
    alone, none = weights_after(toy_config(out_dir=str(tmp_path / "alone"), dropout=0.2))
    beside, answered = weights_after(toy_config(out_dir=str(tmp_path / "beside"), dropout=0.2), toy_run.checkpoint)
    assert (none, answered) == (0, 6)
    assert all(torch.equal(alone[name], beside[name]) for name in alone)


def test_a_prompt_is_read_as_texts_are_and_else_as_it_is():
    accents = CharTokenizer(["e", "é", "\n", "x"])
    assert prompt_ids(accents, "\ufeffe\u0301\r\nx\u00ad") == accents.encode("é\nx")
    apart = CharTokenizer(["e", "\u0301"])
    assert prompt_ids(apart, "e\u0301") == apart.encode("e\u0301")
