"""Claude's conversations.json: messages in blocks, with the text of what was pasted into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.text.account import FileAccount
from engine.text.chats.shapes import Conversation, Family, Message, as_dict, as_text, branch, dicts, joined, leave_out
from engine.text.sources import Source

_BLOCKS = {
    "thinking": "thoughts",
    "redacted_thinking": "thoughts",
    "tool_use": "tool calls",
    "tool_result": "tool results",
    "image": "pictures",
}


def _takes(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("chat_messages"), list)


def _conversations(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield the messages of each conversation, without the branches that were left."""
    for value in values:
        messages = dicts(as_dict(value).get("chat_messages"))
        chosen = _chosen(as_dict(value), messages)
        if len(chosen) < len(messages):
            leave_out(account, "messages of abandoned branches", len(messages) - len(chosen))
        yield [_message(message, account) for message in chosen]


def _chosen(value: Mapping[str, Any], messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages of the branch that a conversation ended on; all of them where it tells of no branches."""
    by_id = {as_text(message.get("uuid")): message for message in messages}
    parents = {key: message.get("parent_message_uuid") for key, message in by_id.items()}
    if len(by_id) < len(messages) or not any(parents.values()):
        return messages
    leaf = as_text(value.get("current_leaf_message_uuid"))
    return [by_id[key] for key in branch(parents, leaf if leaf in by_id else next(reversed(by_id)))]


def _message(message: Mapping[str, Any], account: FileAccount) -> Message:
    """Return what a message says, and behind it what was pasted; counts its other blocks and its files."""
    texts = []
    for block in dicts(message.get("content")):
        kind = as_text(block.get("type"))
        if kind in ("text", ""):
            texts.append(as_text(block.get("text")))
        else:
            leave_out(account, _BLOCKS.get(kind, "parts of unknown kinds"))
    if not dicts(message.get("content")):
        texts.append(as_text(message.get("text")))
    for attachment in dicts(message.get("attachments")):
        pasted = as_text(attachment.get("extracted_content"))
        texts.append(pasted)
        if not pasted.strip():
            leave_out(account, "attached files")
    leave_out(account, "attached files", len(dicts(message.get("files"))))
    return Message(as_text(message.get("sender")), joined(texts))


CLAUDE = Family("a Claude export", _takes, _conversations)
