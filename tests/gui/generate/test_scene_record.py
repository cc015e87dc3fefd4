from engine.core.config import SampleConfig
from engine.text.script import Speech
from gui.generate.scene_record import SEEN_INSIDE, SceneRecord, SceneTurn, first_remembered
from gui.generate.take import Take
from tests.gui.generate.hands import CHOICE, token


def played(*lines):
    record = SceneRecord()
    for number, words in enumerate(lines):
        record.add(SceneTurn("AB"[number % 2], words))
    return record


def spoken(*words):
    take = Take(CHOICE, SampleConfig(), [])
    for word in words:
        take.take(token(word))
    return SceneTurn("B", take=take)


def said(record):
    return [turn.said for turn in record.path]


def test_turns_follow_each_other_and_silence_is_no_speech():
    record = played("one", "", "three")
    assert said(record) == ["one", "", "three"]
    assert record.speeches() == [Speech("A", "one"), Speech("A", "three")]
    assert record.speeches(record.path[1]) == [Speech("A", "one")]


def test_a_turn_is_what_the_model_says_until_it_is_known_in_the_end():
    turn = spoken(" Ay", " me")
    assert turn.said == "Ay me"
    turn.words = "Ay me!"
    assert turn.said == "Ay me!"


def test_what_stands_in_the_place_of_another_is_kept_with_all_that_followed_each():
    record = played("one", "two", "three")
    second = record.path[1]
    other = record.replace(second, SceneTurn("B", "two again"))
    assert said(record) == ["one", "two again"]
    record.add(SceneTurn("A", "then"))
    assert [turn.said for turn in other.others] == ["two", "two again"]
    record.step(other, 1)
    assert said(record) == ["one", "two", "three"]
    record.step(second, -1)
    assert said(record) == ["one", "two again", "then"]


def test_the_first_line_has_others_too():
    record = played("one", "two")
    record.replace(record.path[0], SceneTurn("A", "uno"))
    assert said(record) == ["uno"]
    assert record.path[0].number == 1


def test_what_never_began_is_taken_back():
    record = played("one", "two")
    turn = record.replace(record.path[1], spoken())
    record.take_back(turn)
    assert said(record) == ["one", "two"]
    record.take_back(record.path[1])
    assert said(record) == ["one"]


def test_long_ago_only_the_words_are_kept():
    record = SceneRecord()
    turns = [record.add(spoken(" Ay", " me")) for _ in range(SEEN_INSIDE + 3)]
    record.lighten()
    assert [len(turn.take.pieces) for turn in turns[:4]] == [1, 1, 1, 2]
    assert turns[0].said == turns[-1].said == "Ay me"


def test_the_first_turn_that_is_remembered_is_counted_without_silence():
    path = played("one", "", "three", "four").path
    assert [first_remembered(path, forgotten) for forgotten in range(4)] == [0, 2, 3, 0]
