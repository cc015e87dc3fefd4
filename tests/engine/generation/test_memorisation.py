import random
import shutil

import pytest

from engine.core.errors import DataError
from engine.core.events import Memorised, Progress
from engine.core.jobs import Control
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.generation import memorisation
from engine.generation.memorisation import memorisation_job, memorised, quotations
from engine.generation.model_cache import Shelf
from engine.generation.text_index import TextIndex


def index(text, **more):
    made = TextIndex(text.encode(), **more)
    list(made.build())
    return made


def by_looking_everywhere(source, text, shortest):
    """Return (start, end, first place, times) of the longest passages, by trying each beginning."""
    ends = []
    for start in range(len(text)):
        end = start
        while end < len(text) and text[start : end + 1] in source:
            end += 1
        ends.append(end)
    spans = [(at, end) for at, end in enumerate(ends) if end - at >= shortest and (at == 0 or ends[at - 1] < end)]
    times = {span: sum(source.startswith(text[slice(*span)], at) for at in range(len(source))) for span in spans}
    return [(start, end, source.find(text[start:end]), times[start, end]) for start, end in spans]


@pytest.mark.parametrize("stride", [1, 8])
def test_quotations_are_those_found_by_looking_everywhere(stride):
    draw = random.Random(stride)
    for _ in range(120):
        letters = draw.choice(["ab", "aé", "abcdefgh é😀", "é€"])
        source = "".join(draw.choices(letters, k=draw.randint(1, 400))) * draw.choice([1, 1, 3])
        text = "".join(draw.choices(letters, k=draw.randint(0, 60)))
        text += source[draw.randint(0, len(source)) :][: draw.randint(0, 80)] + "".join(draw.choices(letters, k=10))
        shortest = draw.choice([16, 20]) if stride == 8 else draw.choice([2, 5, 9])
        found = quotations(index(source, stride=stride, part=draw.choice([40, 10_000])), text, shortest)
        assert [(q.start, q.end, q.at, q.times) for q in found] == by_looking_everywhere(source, text, shortest)


def test_planted_quotations_are_found_where_they_stand(toy_text):
    made = "Nobody ever said this: " + toy_text[1000:1100] + "#" + toy_text[40:80] + "@ nor that."
    told = memorised(index(toy_text), made)
    (first, second) = told.quotations
    assert (made[first.start : first.end], first.at) == (toy_text[1000:1100], toy_text.find(toy_text[1000:1100]))
    assert (made[second.start : second.end], second.at) == (toy_text[40:80], 40)
    assert first.before == toy_text[940:1000]
    assert first.after == toy_text[1100:1160]
    assert (told.longest, told.share) == (100, pytest.approx(140 / len(made)))
    assert (told.searched_characters, told.whole) == (len(toy_text), True)


@pytest.mark.parametrize("text", ["", "x", "\ud800" * 50, "\0" * 50, "؟" * 40])
def test_a_text_of_its_own_quotes_nothing(toy_text, text):
    told = memorised(index(toy_text), text)
    assert (told.quotations, told.share, told.longest) == ((), 0.0, 0)


def events(run, texts, shelf, **more):
    return [
        item for item in memorisation_job(run.checkpoint, texts, Control(), shelf, **more) if hasattr(item, "__slots__")
    ]


def of(kind, told):
    return [event for event in told if isinstance(event, kind)]


def test_a_runs_own_text_is_indexed_once(toy_run, toy_text):
    shelf = Shelf()
    told = events(toy_run, ["nothing", toy_text[100:200]], shelf)
    assert of(Progress, told)[-1].done == dataset("toy").train_bytes
    assert [event.text for event in of(Memorised, told)] == [0, 1]
    assert [event.longest for event in of(Memorised, told)] == [0, 100]
    again = events(toy_run, [toy_text[:60]], shelf)
    assert not of(Progress, again)
    assert of(Memorised, again)[0].quotations[0].at == 0


def test_only_the_beginning_of_a_very_long_text_is_searched_and_that_is_told(toy_run, toy_text, monkeypatch):
    monkeypatch.setattr(memorisation, "LIMIT", 1000)
    told = of(Memorised, events(toy_run, [toy_text[500:600], toy_text[2000:2100]], Shelf()))
    assert [event.longest >= 100 for event in told] == [True, False]
    assert {(event.whole, event.searched_characters) for event in told} == {(False, 1000)}


def test_a_text_that_is_gone_or_another_by_now_is_told(toy_run, tmp_path):
    path = tmp_path / "toy.txt"
    path.write_text("Another text altogether, long enough to be one. " * 40, "utf-8")
    prepare(str(path), name="toy", tokenizer="char")
    with pytest.raises(DataError) as told:
        events(toy_run, ["x"], Shelf())
    assert told.value.code == "text_changed"
    shutil.rmtree(dataset("toy").folder)
    with pytest.raises(DataError) as told:
        events(toy_run, ["x"], Shelf())
    assert told.value.code == "unknown_dataset"


def test_a_stop_ends_it(toy_run):
    control = Control()
    control.stop()
    assert not of(Memorised, list(memorisation_job(toy_run.checkpoint, ["a"], control, Shelf())))
