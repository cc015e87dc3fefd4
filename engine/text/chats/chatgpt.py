"""ChatGPT's conversations.json: each conversation is a tree of messages, of which one branch is the conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.text.account import FileAccount
from engine.text.chats.shapes import Conversation, Family, Message, as_dict, as_list, as_text, branch, joined, leave_out
from engine.text.sources import Source

_SPEAKERS = ("user", "assistant")
_SPOKEN = ("text", "multimodal_text", "")
_LEFT_OUT = {
    "code": "tool calls",
    "thoughts": "thoughts",
    "reasoning_recap": "thoughts",
    "user_editable_context": "custom instructions",
    "model_editable_context": "custom instructions",
}
_PARTS = {
    "image_asset_pointer": "pictures",
    "audio_asset_pointer": "recordings",
    "video_container_asset_pointer": "recordings",
    "real_time_user_audio_video_asset_pointer": "recordings",
}
_CITATION = re.compile("\ue200[^\ue201]*\ue201|【[^】]*†[^】]*】")
"""Marks that the page shows as links."""


def _takes(value: Mapping[str, Any]) -> bool:
    nodes = value.get("mapping")
    return isinstance(nodes, dict) and (not nodes or any("message" in as_dict(node) for node in nodes.values()))


def _conversations(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield the branch that each conversation ended on."""
    for value in values:
        nodes = {key: as_dict(node) for key, node in as_dict(as_dict(value).get("mapping")).items()}
        chosen = branch({key: node.get("parent") for key, node in nodes.items()}, _leaf(as_dict(value), nodes))
        aside = FileAccount()
        abandoned = (_message(as_dict(nodes[key].get("message")), aside) for key in nodes.keys() - set(chosen))
        if count := sum(message is not None for message in abandoned):
            leave_out(account, "messages of abandoned branches", count)
        found = [_message(as_dict(nodes[key].get("message")), account) for key in chosen]
        yield [message for message in found if message]


def _leaf(value: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the id of the message that a conversation ended on: what it says, else what was written last."""
    current = as_text(value.get("current_node"))
    if current in nodes:
        return current
    leaves = [key for key, node in nodes.items() if not as_list(node.get("children"))]
    return max(leaves, key=lambda key: _time(as_dict(nodes[key].get("message"))), default="")


def _time(message: Mapping[str, Any]) -> float:
    time = message.get("create_time")
    return float(time) if isinstance(time, int | float) else 0.0


def _message(message: Mapping[str, Any], account: FileAccount) -> Message | None:
    """Return what a person or the assistant said to the other; counts anything else."""
    content = as_dict(message.get("content"))
    kind = as_text(content.get("content_type"))
    role = as_text(as_dict(message.get("author")).get("role"))
    if not message:
        return None
    if kind in _LEFT_OUT:
        leave_out(account, _LEFT_OUT[kind])
        return None
    if role not in _SPEAKERS or as_text(message.get("recipient")) not in ("all", "") or _is_hidden(message):
        if _words(content, FileAccount()) or role == "tool":
            leave_out(account, _kind_of(role))
        return None
    words = _words(content, account)
    if not words and kind not in _SPOKEN:
        leave_out(account, "messages of unknown kinds")
    return Message(role, words) if words else None


def _kind_of(role: str) -> str:
    """Return what people call a message that is not between the two."""
    return {"tool": "tool results", "assistant": "tool calls", "user": "hidden messages"}.get(role, "system messages")


def _is_hidden(message: Mapping[str, Any]) -> bool:
    return as_dict(message.get("metadata")).get("is_visually_hidden_from_conversation") is True


def _words(content: Mapping[str, Any], account: FileAccount) -> str:
    """Return what a message says, also what was spoken; counts its pictures and recordings."""
    texts = [as_text(content.get("text"))]
    for part in as_list(content.get("parts")):
        text = part if isinstance(part, str) else as_text(as_dict(part).get("text"))
        texts.append(text)
        if not text and isinstance(part, dict):
            leave_out(account, _PARTS.get(as_text(part.get("content_type")), "parts of unknown kinds"))
    words = joined(texts)
    bare = _CITATION.sub("", words)
    if bare != words:
        leave_out(account, "citation marks", len(_CITATION.findall(words)))
    return bare


CHATGPT = Family("a ChatGPT export", _takes, _conversations)
