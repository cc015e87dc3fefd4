from engine.text.chats.chatgpt import CHATGPT
from engine.text.chats.families import family_of, unwrapped

CONVERSATION = {"title": "x", "mapping": {"a": {"message": None}}}


def test_a_family_is_known_by_shape_among_odd_values():
    assert family_of([1, {"a": 2}, CONVERSATION]) is CHATGPT
    assert family_of([{"a": 2}, [CONVERSATION], "mapping"]) is None


def test_conversations_are_found_in_wrappings():
    assert unwrapped({"user": {"name": "x"}, "data": {"conversations": [CONVERSATION]}}) == (CHATGPT, [CONVERSATION])
    assert unwrapped({"a": {"b": {"c": {"d": [CONVERSATION]}}}}) is None
    assert unwrapped([CONVERSATION]) is None
