"""What one person posted: Mastodon's outbox.json, and tweets.js and the messages of a Twitter archive."""

from __future__ import annotations

import html
import re
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

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"</p>\s*<p[^>]*>|</(?:p|li|h\d|blockquote|pre)>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def _takes_outbox(value: Mapping[str, Any]) -> bool:
    first = first_dict(value.get("orderedItems"))
    return first.get("type") in ("Create", "Announce")


def _outbox(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield the posts of an account as one row of messages that name nobody."""
    for value in values:
        yield _toots(rows(as_dict(value).get("orderedItems")), account)


def _toots(items: Iterable[Mapping[str, Any]], account: FileAccount) -> Iterator[Message]:
    """Yield each post, its warning before it; counts what others wrote, and pictures."""
    for item in items:
        post = as_dict(item.get("object"))
        leave_out(account, "attached files", len(as_list(post.get("attachment"))))
        words = joined([as_text(post.get("summary")), plain_html(as_text(post.get("content")))])
        if item.get("type") != "Create":
            leave_out(account, "posts of others")
        elif words:
            yield Message("", words)
        else:
            leave_out(account, "posts without words")


def plain_html(markup: str) -> str:
    """Return the words in the markup of a post, which has paragraphs, line breaks and links."""
    broken = _PARAGRAPH.sub("\n\n", _BREAK.sub("\n", markup))
    return html.unescape(_TAG.sub("", broken)).strip()


def _takes_tweets(value: Mapping[str, Any]) -> bool:
    return (
        any(isinstance(value.get(key), dict) for key in ("tweet", "noteTweet"))
        or {"full_text", "id_str"} <= value.keys()
    )


def _tweets(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield the tweets of an archive as one row of messages that name nobody."""
    yield (found for value in map(as_dict, values) if (found := _tweet(value, account)))


def _tweet(value: Mapping[str, Any], account: FileAccount) -> Message | None:
    """Return what was tweeted, links as they were typed; counts what others wrote, and pictures."""
    tweet = as_dict(value.get("tweet")) or value
    note = as_dict(as_dict(value.get("noteTweet")).get("core"))
    words = as_text(note.get("text")) or as_text(tweet.get("full_text")) or as_text(tweet.get("text"))
    if words.startswith("RT @"):
        leave_out(account, "posts of others")
        return None
    entities = as_dict(tweet.get("entities"))
    media = dicts(as_dict(tweet.get("extended_entities")).get("media")) or dicts(entities.get("media"))
    leave_out(account, "attached files", len(media))
    for link in media:
        words = words.replace(as_text(link.get("url")) or "\0", "")
    for link in dicts(entities.get("urls")):
        words = words.replace(as_text(link.get("url")) or "\0", as_text(link.get("expanded_url")))
    words = html.unescape(words).strip()
    if not words:
        leave_out(account, "posts without words")
    return Message("", words) if words else None


def _takes_direct(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("dmConversation"), dict)


def _direct(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield the conversations in a Twitter archive from the beginning on, which name people by number."""
    for value in values:
        entries = dicts(as_dict(as_dict(value).get("dmConversation")).get("messages"))
        messages = [as_dict(entry.get("messageCreate")) for entry in reversed(entries)]
        leave_out(account, "notices", sum(not message for message in messages))
        messages.sort(key=lambda message: as_text(message.get("createdAt")))
        yield [Message(as_text(one.get("senderId")), html.unescape(as_text(one.get("text")))) for one in messages]


MASTODON = Family("posts of Mastodon", _takes_outbox, _outbox)
TWEETS = Family("tweets", _takes_tweets, _tweets)
TWITTER_MESSAGES = Family("messages of Twitter", _takes_direct, _direct)
