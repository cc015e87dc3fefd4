import random
import re
from dataclasses import replace

import pytest

from engine.core.config import SampleConfig
from engine.core.errors import DataError
from engine.core.events import Token, Turn
from engine.core.jobs import Control
from engine.generation.decoder import Weights
from engine.generation.loaded_model import load_model
from engine.generation.scene import prompt_of, require_spelled, take_turn, turn_job, turns_of_model
from engine.text.plays import Plays
from engine.text.script import Speaking, Speech, Spoken, opening, scene_of, script, who_speaks_next
from engine.text.turns import LAYOUTS, Turns
from engine.tokens.tokenizer import CharTokenizer, ListedTokenizer, gpt2_tokenizer

NAMES = ("ANN", "BO", "CY", "Old DEE", "All")
WORDS = (
    "speak",
    "again",
    "now",
    "the",
    "day",
    "\n",
    "\n\n",
    ":\n",
    ": ",
    ":",
    " ",
    "EVE",
    "well",
    *NAMES,
    "well\n\n",
    ".",
    ",",
)
TOKENS = ListedTokenizer(WORDS)
BLOCK = 48


@pytest.fixture(scope="module")
def models(toy_model):
    """Return models that write turns of their own, each other ones."""
    return [Weights.live(toy_model(seed, scale=6.0, vocab_size=len(WORDS), block_size=BLOCK)) for seed in range(4)]


def turns(layout, names=NAMES):
    return Turns.of(layout, {name: 9 - number for number, name in enumerate(names)})


def spoken_by(weights, scene, speeches, speaker, control=None, tokenizer=TOKENS, **settings):
    """Return all that is told of a turn: where it begins, its tokens, and how it ended."""
    config = SampleConfig(**{"max_new_tokens": 40, "temperature": 1.0} | settings)
    items = take_turn(weights, tokenizer, scene, speeches, speaker, config, control or Control())
    events = [item for item in items if not isinstance(item, Turn)]
    spoken = events.pop()
    assert isinstance(spoken, Spoken)
    begins = [event for event in events if isinstance(event, Speaking)]
    return begins, [event for event in events if isinstance(event, Token)], spoken


NAME = r"([A-Za-z](?:[^\n:]*[^\n:\s])?)"
HEAD = {
    "name_above": rf"(?:\A|\n\n){NAME}:\n",
    "name_before": rf"(?:\A|\n\n){NAME}:(?: |\Z)",
    "line_by_line": rf"(?:\A|\n){NAME}:(?: |\Z)",
}


def play_a_scene(models, seed, turns_played=6):
    """Play a scene of random partners, and see that each turn is as it should be."""
    draw = random.Random(seed)
    layout = draw.choice(LAYOUTS)
    me, it = draw.sample(NAMES, 2)
    scene = scene_of(turns(layout), me, it, third=draw.random() < 0.5)
    may_speak = set(NAMES) if scene.third else {me, it}
    weights = draw.choice(models)
    speeches, speaker = [], it
    for number in range(turns_played):
        begins, tokens, spoken = spoken_by(weights, scene, speeches, speaker, seed=seed * 100 + number)
        assert begins
        for begin in begins:  # byte for byte the layout, as many whole turns as there is room for
            assert begin.prompt == script(speeches[begin.forgotten :], layout) + opening(speaker, layout)
            assert set(re.findall(HEAD[layout], begin.prompt)) <= may_speak
        assert spoken.reason in ("done", "limit", "silent")
        assert len(tokens) <= 40
        assert "".join(token.text for token in tokens).strip() == spoken.text
        end = {"line_by_line": "\n", "name_above": "\n\n"}.get(layout)
        assert not end or end not in spoken.text
        assert not re.search(
            r"\n(?:ANN|BO|CY|Old DEE|All):\n" if layout == "name_above" else r"\n(?:ANN|BO|CY|Old DEE|All): ",
            spoken.text,
        )
        if spoken.text:
            speeches.append(Speech(speaker, spoken.text))
        speaker = who_speaks_next(scene, speeches, spoken.wanted, alone=True)
        assert speaker in may_speak


@pytest.mark.parametrize("seed", range(12))
def test_in_a_scene_each_turn_ends_and_none_leads_it_but_who_may(models, seed):
    play_a_scene(models, seed)


@pytest.mark.slow
def test_two_hundred_scenes(models):
    for seed in range(1000, 1200):
        play_a_scene(models, seed)


def test_a_scene_out_of_the_plays_is_given_as_it_stands_there():
    text = "".join(Plays(["roman"]).pieces())
    blocks = [block.split(":\n", 1) for block in text.strip("\n").split("\n\n") if block.strip()]
    draw = random.Random(4)
    for _ in range(12):
        first = draw.randrange(len(blocks) - 9)
        speeches = [Speech(name, words.lstrip("\n")) for name, words in blocks[first : first + 8]]
        if any(words == "" for _, words in blocks[first : first + 8]):
            continue
        speaker = blocks[first + 8][0]
        found = prompt_of(gpt2_tokenizer(), speeches, speaker, "name_above", 10_000)
        assert found.forgotten == 0
        assert found.text.lstrip("\n") in re.sub(r"\n{3,}", "\n\n", text)
        assert found.ids == tuple(gpt2_tokenizer().encode(found.text))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_does_not_fit_is_forgotten_by_whole_turns_the_oldest_first(layout):
    speeches = [Speech(NAMES[n % 2], "speak again" * (n % 5 + 1)) for n in range(30)]
    before = len(speeches)
    for room in range(400, 8, -7):
        found = prompt_of(TOKENS, speeches, "ANN", layout, room)
        assert found.text == script(speeches[found.forgotten :], layout) + opening("ANN", layout)
        assert len(found.ids) <= room or found.forgotten == len(speeches) - 1
        if found.forgotten and len(found.ids) <= room:  # one more would not have found room
            more = script(speeches[found.forgotten - 1 :], layout) + opening("ANN", layout)
            assert len(TOKENS.encode(more)) > room
        assert len(speeches) - found.forgotten <= before
        before = len(speeches) - found.forgotten


def test_a_long_turn_forgets_more_of_the_scene_as_it_grows(toy_model):
    letters = CharTokenizer("\n :ABNOaeknps")
    weights = Weights.live(toy_model(vocab_size=13, block_size=BLOCK))
    scene = scene_of(turns("name_above"), "ANN", "BO")
    speeches = [Speech(NAMES[n % 2], "a pen") for n in range(8)]
    said = (spoken_by(weights, scene, speeches, "BO", tokenizer=letters, seed=n, max_new_tokens=60) for n in range(40))
    begins, tokens, spoken = next(each for each in said if each[2].tokens > 40)
    forgotten = [begin.forgotten for begin in begins]
    assert forgotten == sorted(set(forgotten))
    assert (len(forgotten) > 1, forgotten[-1]) == (True, spoken.forgotten)
    assert [token.tokens for token in tokens] == list(range(1, len(tokens) + 1))


def test_the_same_seed_says_the_same_and_another_one_another(models):
    scene = scene_of(turns("name_above"), "ANN", "BO")
    said = [spoken_by(models[1], scene, [Speech("ANN", "speak now")], "BO", seed=seed)[2] for seed in (1, 1, 2, 3)]
    assert said[0] == said[1]
    assert len({one.text for one in said}) > 1


def test_a_turn_goes_on_from_the_tokens_that_it_begins_with(models):
    scene = scene_of(turns("name_above"), "ANN", "BO")
    _, tokens, whole = spoken_by(models[1], scene, [], "BO", seed=4)
    assert len(tokens) > 3
    job = take_turn(
        models[1],
        TOKENS,
        scene,
        [],
        "BO",
        SampleConfig(seed=4, max_new_tokens=40, temperature=1.0),
        Control(),
        [token.token for token in tokens[:2]],
    )
    *rest, spoken = [event for event in job if isinstance(event, Token | Spoken)]
    assert [token.token for token in rest] == [token.token for token in tokens[2:]]
    assert spoken == whole


def test_an_endless_turn_is_cut_and_says_so(toy_model):
    letters = CharTokenizer("ab:NO")
    weights = Weights.live(toy_model(vocab_size=5))
    scene = scene_of(turns("name_above", ("NO", "ON")), "NO", "ON")
    with pytest.raises(DataError):
        spoken_by(weights, scene, [], "ON", tokenizer=letters)  # it cannot write the end of a line
    scene = replace(scene, turns=turns("line_by_line", ("NO", "ON")))
    _, tokens, spoken = spoken_by(weights, scene, [], "ON", tokenizer=letters, max_new_tokens=50)
    assert (spoken.reason, spoken.tokens, len(tokens), len(spoken.text)) == ("limit", 50, 50, 50)


def test_a_model_with_nothing_to_say_tries_again_and_is_silent(toy_model):
    only_ends = ListedTokenizer(["\n\n", "\n", "ANN:\n", "BO:\n"])
    weights = Weights.live(toy_model(vocab_size=4))
    begins, tokens, spoken = spoken_by(
        weights, scene_of(turns("name_above"), "ANN", "BO"), [], "BO", tokenizer=only_ends
    )
    assert (spoken.reason, spoken.text, tokens) == ("silent", "", [])
    assert len(begins) == 3


def test_a_stop_leaves_what_was_said(models):
    scene, control = scene_of(turns("name_above"), "ANN", "BO"), Control()
    said = []
    for item in take_turn(models[0], TOKENS, scene, [], "BO", SampleConfig(seed=6, temperature=1.0), control):
        said.append(item)
        if isinstance(item, Token):
            control.stop()
    told = [item.text for item in said if isinstance(item, Token)]
    assert said[-1].reason == "stopped"
    assert said[-1].text == "".join(told).strip() != ""


def test_a_name_that_cannot_be_written_is_told():
    with pytest.raises(DataError, match="cannot write the name Zoë") as caught:
        require_spelled(CharTokenizer("abc:"), "Zoë")
    assert caught.value.code == "unknown_characters"
    require_spelled(gpt2_tokenizer(), "Zoë")


def test_a_model_of_a_text_without_turns_is_told(toy_run):
    with pytest.raises(DataError, match="has no turns") as caught:
        turns_of_model(load_model(toy_run.checkpoint, "cpu"))
    assert caught.value.code == "no_turns"
    assert caught.value.fix


def test_what_a_model_cannot_write_is_told_before_it_speaks(toy_run):
    scene = scene_of(turns("line_by_line", ("the", "king")), "the", "king")
    with pytest.raises(DataError, match="':'"):
        list(turn_job(toy_run.checkpoint, scene, [], "king", SampleConfig(device="cpu"), Control()))
