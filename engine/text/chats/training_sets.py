"""Conversations as models are trained with them: lines for OpenAI's and Anthropic's APIs, ShareGPT, Alpaca."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.text.account import FileAccount
from engine.text.chats.shapes import (
    Conversation,
    Family,
    Message,
    as_dict,
    as_list,
    as_text,
    dicts,
    first_dict,
    joined,
    leave_out,
    rows,
)
from engine.text.sources import Source

_PARTS = {
    "image_url": "pictures",
    "input_image": "pictures",
    "image": "pictures",
    "input_audio": "recordings",
    "audio": "recordings",
    "document": "attached files",
    "file": "attached files",
    "input_file": "attached files",
    "thinking": "thoughts",
    "redacted_thinking": "thoughts",
    "reasoning": "thoughts",
    "tool_use": "tool calls",
    "tool_result": "tool results",
    "function_call": "tool calls",
    "function_call_output": "tool results",
}
_PAIRS = (
    ("instruction", "output"),
    ("instruction", "response"),
    ("prompt", "completion"),
    ("prompt", "response"),
    ("question", "answer"),
    ("question", "response"),
    ("query", "response"),
    ("problem", "solution"),
    ("user", "assistant"),
    ("human", "assistant"),
    ("input", "output"),
)
"""Keys of what is asked and what is answered, where a value holds one of each."""

_TURNS = ("messages", "conversations", "conversation", "contents", "turns", "chosen")
"""Keys of a list of turns, each with a role."""


def _takes_api(value: Mapping[str, Any]) -> bool:
    return _turns_key(value) is not None


def _turns_key(value: Mapping[str, Any]) -> str | None:
    """Return the key of the turns in a value; None where it has none."""
    return next((key for key in _TURNS if _is_turn(first_dict(value.get(key)))), None)


def _is_turn(message: Mapping[str, Any]) -> bool:
    return isinstance(message.get("role"), str) and ("content" in message or "parts" in message)


def _api(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield the conversation of each line."""
    for value in map(as_dict, values):
        system = [{"role": "system", "content": value["system"]}] if value.get("system") else []
        leave_out(account, "rejected answers", bool(value.get("rejected")))
        yield _turns(itertools.chain(system, rows(value.get(_turns_key(value) or ""))), account)


def _takes_turns(value: Mapping[str, Any]) -> bool:
    return _is_turn(value) or _is_turn(as_dict(value.get("message")))


def _single_turns(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield the one conversation whose messages stand on lines of their own."""
    turns = (as_dict(value.get("message")) or value for value in map(as_dict, values))
    yield _turns(turns, account)


def _turns(messages: Iterable[Mapping[str, Any]], account: FileAccount) -> Iterator[Message]:
    """Yield what was said; counts tools, thoughts, pictures."""
    for message in messages:
        role = as_text(message.get("role"))
        leave_out(account, "tool calls", len(as_list(message.get("tool_calls"))) + bool(message.get("function_call")))
        if role in ("tool", "function"):
            leave_out(account, "tool results")
        elif words := _words(message.get("content", message.get("parts")), account):
            yield Message(role, words)


def _words(content: Any, account: FileAccount) -> str:
    """Return the words of a content: a text, or a list of blocks, of which those with another meaning are counted."""
    if isinstance(content, str):
        return content.strip()
    texts = []
    for block in [content] if isinstance(content, dict) else as_list(content):
        text = block if isinstance(block, str) else as_text(as_dict(block).get("text"))
        kind = as_text(as_dict(block).get("type"))
        if kind in _PARTS or not text.strip():
            leave_out(account, _PARTS.get(kind, "parts of unknown kinds"), bool(kind))
        else:
            texts.append(text)
    return joined(texts)


def _takes_share(value: Mapping[str, Any]) -> bool:
    first = first_dict(value.get("conversations"))
    return "from" in first and "value" in first


def _share(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield the conversation of each value in ShareGPT's form."""
    for value in map(as_dict, values):
        system = [Message("system", text)] if (text := as_text(value.get("system"))).strip() else []
        turns = (
            Message(as_text(one.get("from")), as_text(one.get("value"))) for one in dicts(value.get("conversations"))
        )
        yield [*system, *turns]


def _takes_pair(value: Mapping[str, Any]) -> bool:
    return any(isinstance(value.get(asked), str) and isinstance(value.get(answered), str) for asked, answered in _PAIRS)


def _pairs(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield what was asked, with what it is asked of, and the answer, of each value."""
    for value in map(as_dict, values):
        asked, answered = next(pair for pair in (*_PAIRS, ("", "")) if pair == ("", "") or set(pair) <= value.keys())
        yield [
            Message("system", as_text(value.get("system"))),
            Message("user", joined(as_text(value.get(key)) for key in dict.fromkeys((asked, "input", "context")))),
            Message("assistant", as_text(value.get(answered))),
        ]


API_LINES = Family("conversations for training", _takes_api, _api)
TURNS = Family("a conversation for training", _takes_turns, _single_turns)
SHARE_GPT = Family("conversations in ShareGPT’s form", _takes_share, _share)
PAIRS = Family("questions and answers for training", _takes_pair, _pairs)
