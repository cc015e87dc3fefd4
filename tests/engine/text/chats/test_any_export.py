"""Whatever a file of JSON holds: it is read, or refused in our words, and each message is counted once."""

import json
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import DataError
from tests.engine.text.chats.hands import read, read_text

KEYS = """
mapping message parent children author role content parts content_type text current_node metadata recipient create_time
chat_messages sender attachments extracted_content files uuid parent_message_uuid messages type from date text_entities
participants sender_name timestamp_ms is_unsent guild channel embeds nickname name title fields value ID Timestamp
Contents user ts subtype blocks user_profile orderedItems object summary attachment tweet full_text id_str entities urls
media url dmConversation messageCreate senderId conversations system tool_calls instruction output input prompt
completion reactions share photos forwardedMessage replies chats list
"""
WORDS = st.sampled_from(["message", "user", "assistant", "Create", "Generic", "text", "Call", "", " ", "\ud800"])
LEAVES = st.none() | st.booleans() | st.integers(-3, 2**40) | st.floats(allow_nan=False) | WORDS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=6),
    max_leaves=25,
)


def is_sound(reading):
    try:
        text, account = reading()
    except DataError as error:
        return bool(error.cause and error.fix)
    counted = account.messages.total()
    return counted == account.parts and bool(text) == bool(counted) and min(account.dropped.values(), default=1) > 0


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_any_value(value):
    assert is_sound(partial(read, value))


SEEDS = [
    {
        "title": "x",
        "current_node": "b",
        "mapping": {
            "a": {
                "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Hi"]}},
                "parent": None,
            },
            "b": {"message": None, "parent": "a"},
        },
    },
    {
        "chat_messages": [
            {
                "sender": "human",
                "content": [{"type": "text", "text": "Hi"}],
                "attachments": [{"extracted_content": "x"}],
            }
        ]
    },
    {
        "type": "personal_chat",
        "messages": [{"type": "message", "date": "x", "from": "Ann", "text": ["Hi", {"text": "x"}]}],
    },
    {"participants": [], "messages": [{"sender_name": "Ann", "timestamp_ms": 1, "content": "Hi", "photos": []}]},
    {
        "guild": {},
        "channel": {},
        "messages": [{"type": "Default", "content": "Hi", "author": {"name": "Ann"}, "embeds": [{"title": "x"}]}],
    },
    {"type": "message", "ts": "1.0", "user": "U1", "text": "Hi <@U1>", "user_profile": {"real_name": "Ann"}},
    {"orderedItems": [{"type": "Create", "object": {"content": "<p>Hi</p>", "attachment": []}}]},
    {"tweet": {"full_text": "Hi", "entities": {"urls": [{"url": "x", "expanded_url": "y"}]}}},
    {"dmConversation": {"messages": [{"messageCreate": {"senderId": "1", "text": "Hi", "createdAt": "x"}}]}},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}], "system": "x"},
    {"conversations": [{"from": "human", "value": "Hi"}]},
    {"instruction": "Hi", "input": "", "output": "Yo"},
    {"ID": 1, "Timestamp": "x", "Contents": "Hi"},
]


def places(value, path=()):
    """Yield the path of each value within a value."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from places(inner, (*path, key))


def put(value, path, other):
    """Return a value with another at a path."""
    if not path:
        return other
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = put(value[path[0]], path[1:], other)
    return changed


ODD = [None, True, -7, 1.5, "", "x", [], [[]], [None], {}, {"x": []}, {"text": 7}]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: next(iter(seed)))
def test_an_export_with_anything_else_somewhere_in_it(seed):
    for place in places(seed):
        assert is_sound(partial(read, [seed, *(put(seed, place, odd) for odd in ODD)])), place


@given(st.sampled_from(SEEDS), st.integers(1, 200))
@settings(deadline=None)
def test_an_export_that_is_cut_off(seed, left):
    text = json.dumps([seed, seed])
    assert is_sound(partial(read_text, text[: max(1, len(text) - left)]))
