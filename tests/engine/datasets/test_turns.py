import json
import random
import re
from collections import Counter

import pytest

from engine.core.jobs import Control, events_of
from engine.datasets.dataset import dataset
from engine.datasets.folder import read_meta
from engine.datasets.prepare import prepare
from engine.datasets.refit import refit_job
from engine.datasets.turns import turns_of
from tests.engine.datasets.hands import TEXT, nanogpt_folder

DRAW = random.Random(5)
SPOKEN = [(DRAW.choice(["Mira", "Jonas", "Old Tom"]), f"well: number {n}, and so on") for n in range(80)]


def whatsapp(spoken):
    return "".join(f"[24.12.23, 18:{n // 60:02}:{n % 60:02}] {who}: {what}\n" for n, (who, what) in enumerate(spoken))


def telegram(spoken):
    messages = [
        {"id": n, "type": "message", "date": "2024-05-10T10:30:00", "from": who, "text": f"{what}\n\nSummary: {n}"}
        for n, (who, what) in enumerate(spoken)
    ]
    return json.dumps({"name": "Mira", "type": "personal_chat", "id": 7, "messages": messages})


def chatgpt(spoken):
    nodes = {"0": {"id": "0", "parent": None, "message": None, "children": ["1"]}}
    for n, (who, what) in enumerate(spoken, 1):
        message = {"author": {"role": who}, "content": {"content_type": "text", "parts": [f"{what}\n\nNext step: go"]}}
        nodes[str(n)] = {"id": str(n), "parent": str(n - 1), "message": message, "children": [str(n + 1)]}
    return json.dumps([{"title": "A talk", "mapping": nodes, "current_node": str(len(spoken))}])


ROLES = [(("user", "assistant")[n % 2], f"number {n}") for n in range(60)]


@pytest.mark.parametrize(
    ("export", "file", "spoken"),
    [(whatsapp, "chat.txt", SPOKEN), (telegram, "result.json", SPOKEN), (chatgpt, "conversations.json", ROLES)],
)
def test_those_who_write_in_a_chat_are_known_exactly(tmp_path, export, file, spoken):
    path = tmp_path / file
    path.write_text(export(spoken), "utf-8")
    prepare(str(path), name="chat", tokenizer="char")
    found = turns_of(dataset("chat"))
    assert found.layout == "name_before"
    assert dict(found.names) == Counter(who for who, _ in spoken)
    assert (found.speakers, found.turns) == (len(dict(found.names)), len(spoken))


@pytest.fixture
def play(tmp_path):
    path = tmp_path / "play.txt"
    path.write_text(TEXT, "utf-8")
    prepare(str(path), name="play", tokenizer="char")
    return dataset("play")


COUNTED = Counter(re.findall(r"^(.+):$", TEXT, re.MULTILINE))


def test_who_speaks_is_found_when_a_text_is_prepared_and_stands_in_its_meta(play):
    assert dict(turns_of(play).names) == COUNTED
    assert read_meta(play)["turns"] == turns_of(play).as_json()


def test_a_text_without_turns_says_so_and_is_not_looked_through_again(tmp_path, toy_dataset):
    toy = dataset("toy")
    assert read_meta(toy)["turns"] == {}
    toy.train_path.write_bytes(b"")
    assert turns_of(toy) is None


def without_turns(data):
    path = data.folder / "meta.json"
    meta = json.loads(path.read_text("utf-8"))
    del meta["turns"]
    path.write_text(json.dumps(meta), "utf-8")


def test_a_dataset_of_before_is_looked_through_when_it_is_asked(play):
    known = turns_of(play)
    without_turns(play)
    assert turns_of(play) == known


def test_a_chat_of_before_knows_its_messages(tmp_path):
    path = tmp_path / "conversations.json"
    path.write_text(chatgpt(ROLES), "utf-8")
    prepare(str(path), name="chat", tokenizer="char")
    without_turns(dataset("chat"))
    assert dict(turns_of(dataset("chat")).names) == {"user": 30, "assistant": 30}


def test_the_same_text_in_other_tokens_has_the_same_turns(tmp_path):
    path = tmp_path / "conversations.json"
    path.write_text(chatgpt(ROLES), "utf-8")
    prepare(str(path), name="chat", tokenizer="char")
    control = Control()
    list(events_of(refit_job("chat_bpe300", control), control))
    assert turns_of(dataset("chat_bpe300")) == turns_of(dataset("chat"))


def test_a_folder_of_nanogpts_is_looked_through(tmp_path, play):
    ids = play.load_tokenizer().encode(TEXT)
    folder = nanogpt_folder(tmp_path / "data" / "foreign", ids, (play.folder / "meta.pkl").read_bytes())
    found = turns_of(dataset(str(folder)))
    assert found.layout == "name_above"
    assert set(dict(found.names)) == set(COUNTED)


@pytest.mark.parametrize("turns", ["odd", 7, {"layout": "name_above"}, {"names": {"A": 1}}])
def test_damaged_turns_harm_nothing(play, turns):
    path = play.folder / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"turns": turns}), "utf-8")
    found = turns_of(dataset("play"))
    assert found is None or dict(found.names) == COUNTED
