"""Letters in a mailbox (.mbox) or one by one (.eml, .emlx): who wrote, and what."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from email import policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.parser import BytesParser

from engine.core.errors import DataError
from engine.text.account import FileAccount
from engine.text.chats.layout import laid_out
from engine.text.chats.shapes import Message
from engine.text.glimpse import Glimpse
from engine.text.plain import read_text
from engine.text.sources import HeldFile, Source
from engine.text.web import page_text
from engine.text.wishes import ReadingWishes

_LONGEST_LETTER = 2**25
_HEADER = r"(?:[A-Za-z][\w-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)"
_MBOX = re.compile(rf"From [^\n]*\d:\d\d[^\n]*\n>?{_HEADER}")
_EML = re.compile(rf"(?:\d+\s*\n)?(?P<headers>{_HEADER}{{2,}})(?:\n|\Z|[^\n]*\Z)")
_TELLING = ("from", "date", "subject", "to", "message-id", "mime-version", "received", "return-path", "delivered-to")
_APPLE = re.compile(rb"\A(\d{1,9})\s*\n")


def is_mailbox(seen: Glimpse) -> bool:
    """Return whether a file looks like a mailbox."""
    return bool(_MBOX.match(_plain_lines(seen.text)))


def is_letter(seen: Glimpse) -> bool:
    """Return whether a file looks like a single letter: it begins with the headers that mail has."""
    found = _EML.match(_plain_lines(seen.text))
    if not found:
        return False
    names = {line.partition(":")[0].lower() for line in found["headers"].splitlines()}
    sure = {"message-id", "mime-version", "received", "return-path", "delivered-to"} & names
    return len(names.intersection(_TELLING)) >= 3 and (bool(sure) or seen.ending in (".eml", ".emlx"))


def mail_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield each letter as who wrote it and what: the plain text of it, or what its page says."""
    messages = (_message(letter, account, wishes) for letter in _letters(source, account))
    yield from laid_out(([message] for message in messages if message), account, wishes)
    account.encoding = ""


def _letters(source: Source, account: FileAccount) -> Iterator[bytes]:
    """Yield each letter of a file; what is longer than a letter can be is attachments, which are cut."""
    letter = bytearray()
    after_blank, is_mbox, size = True, False, 0
    with source.open("rb") as file:
        for line in iter(lambda: file.readline(2**20), b""):
            if not size and line.startswith(b"From "):
                is_mbox = True
            if is_mbox and after_blank and line.startswith(b"From "):
                if letter:
                    yield bytes(letter)
                letter.clear()
            elif len(letter) < _LONGEST_LETTER:
                letter += line[1:] if is_mbox and re.match(rb">+From ", line) else line
            else:
                account.dropped["bytes of long attachments"] += len(line)
            after_blank = not line.strip()
            size += len(line)
    if letter:
        yield bytes(letter)


def _message(letter: bytes, account: FileAccount, wishes: ReadingWishes) -> Message | None:
    """Return who wrote a letter and what; None, and a count, where that cannot be had."""
    try:
        if apple := _APPLE.match(letter):  # how long it is, the letter, and what Apple Mail knows of it
            letter = letter[apple.end() : apple.end() + int(apple[1])]
        parsed = BytesParser(policy=policy.default).parsebytes(letter)
        assert isinstance(parsed, EmailMessage)
        body = parsed.get_body(("plain", "html"))
        attachments = sum(1 for _ in parsed.iter_attachments()) if parsed.is_multipart() else 0
        account.dropped += Counter(attachments=attachments)
        text = _words(body, account, wishes) if isinstance(body, EmailMessage) else ""
    except Exception:  # the email package raises nearly anything for what spammers send
        account.lost["letters that could not be read"] += 1
        return None
    if not text.strip():
        account.dropped["letters without words"] += 1
    return Message(_writer(parsed), text)


def _writer(letter: EmailMessage) -> str:
    """Return the name of who wrote a letter, or the address without its domain."""
    try:
        header = letter["From"]
        address = header.addresses[0] if isinstance(header, AddressHeader) and header.addresses else None
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""
    name = str(address.display_name or address.username) if address else ""
    return "" if name.startswith("Saved by ") else name  # a browser, of a page that it kept (.mht)


def _words(body: EmailMessage, account: FileAccount, wishes: ReadingWishes) -> str:
    """Return the words of a letter's body, in the encoding that it declares or is found to be in."""
    content = body.get_payload(decode=True)
    held = HeldFile(content if isinstance(content, bytes) else b"", "letter")
    inner = FileAccount()
    try:
        text = "".join(read_text(held, inner, wishes, body.get_content_charset("")))
    except DataError:
        text = "".join(read_text(held, inner, ReadingWishes(encoding="latin-1")))
        account.lost["letters in an unknown encoding"] += 1
    account.replaced += inner.replaced
    if body.get_content_type() == "text/html":
        return "".join(page_text([text], account))
    text = text.replace("\r\n", "\n")
    flowed = body.get_param("format", "") == "flowed"
    return html.unescape(re.sub(r"(?<!^--) \n(?!>)", " ", text)) if flowed else text


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
