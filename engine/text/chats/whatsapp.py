"""WhatsApp's _chat.txt, as iPhones and Android write it, in the dates and languages of many countries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.text.account import FileAccount
from engine.text.chats.layout import laid_out
from engine.text.chats.shapes import Message, leave_out
from engine.text.plain import lines_of
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes

_MARKS = "\u200e\u200f\u202a\u202b\u202c\u2068\u2069\ufeff"
_BETWEEN = rf"[{_MARKS}]?(?:[./-]|\. |[년年월月] ?)[{_MARKS}]?"
_DATE = rf"\d{{1,4}}{_BETWEEN}\d{{1,2}}{_BETWEEN}\d{{1,4}}[.일日]?"
_DAY = rf"{_DATE}[,،]?\s[^\d\[\]:\n]{{0,12}}"
_HALF = r"[^\d\[\]:\n]{0,14}?"
_SECONDS = r"(?:[:.]\d{2})?"
_HEAD = re.compile(
    rf"[{_MARKS}]*(?:\[{_DAY}\d{{1,2}}[:.]\d{{2}}{_SECONDS}{_HALF}\]\s?|{_DAY}\d{{1,2}}[:.]\d{{2}}{_HALF}\s[-–]\s)(?=\S|$)"
)
"""iPhones put date and time into brackets, with seconds; Android puts a dash behind them, and has no seconds."""

_OF_A_LOG = re.compile(r"(?:[\w.-]+\.)?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)", re.IGNORECASE)
_NAME = re.compile(r"([^:\n“”\"]{1,80}?)\s?: ?")
_ATTACHED = re.compile(
    rf"[{_MARKS}]*<[^<>\n]{{3,20}}: [^<>\n]+>|^[{_MARKS}]*[^\n/]{{1,100}}\.\w{{2,5}} \([^()\n]+\)$", re.MULTILINE
)
_EDITED = re.compile(r"\s*\u200e<[^<>:\n]+>\s*$")
_PLACEHOLDER = re.compile(r"<(?=[^<>]*[\s\u0080-\uffff])[^<>\n]{3,40}>")
_OMITTED = re.compile(
    r"(?:image|photo|picture|video|audio|gif|sticker|document|contact card|bild|foto|dokument|kontaktkarte|immagine"
    r"|documento|scheda contatto|imagem|imagen|ficheiro de áudio|áudio|vídeo|vidéo|contacto|fiche contact"
    r"|tarjeta de contacto|изображение|видео|аудио|стикер|документ|карточка контакта|зображення|відео|аудіо"
    r"|gif-анімацію|наклейку|картка контакту|obrázek|nálepka|vizitka|afbeelding|obraz|görüntü|gambar)"
    r" (?:omitted|weggelassen|ausgelassen|omis|omise|absente|manquante?|retiré|omess[oa]|esclusa"
    r"|omitid[oa]|não revelad[oa]|ocultad[oa]|отсутствует|не добавлен|пропущено|відсутн[єя]|не додано|vynechán[ao]?"
    r"|weggelaten|pominięto|utelämnad|udeladt|utelatt|atlandı|dihilangkan)\.?",
    re.IGNORECASE,
)
_DELETED = {
    "this message was deleted",
    "you deleted this message",
    "diese nachricht wurde gelöscht",
    "du hast diese nachricht gelöscht",
    "ce message a été supprimé",
    "vous avez supprimé ce message",
    "questo messaggio è stato eliminato",
    "hai eliminato questo messaggio",
    "se eliminó este mensaje",
    "eliminaste este mensaje",
    "esta mensagem foi apagada",
    "apagou esta mensagem",
    "mensagem apagada",
    "данное сообщение удалено",
    "вы удалили данное сообщение",
    "dit bericht is verwijderd",
    "null",
}
_LOOKED_AT = 20


def is_whatsapp(beginning: str) -> bool:
    """Return whether a text begins as WhatsApp's chats do: with a date and a time, and again and again."""
    lines = [line for line in beginning.splitlines()[:_LOOKED_AT] if line.strip()]
    heads = [line for line in lines if _HEAD.match(line)]
    names = [name[1] for line in heads if (name := _NAME.match(line, _behind_head(line)))]
    return bool(names) and lines[0] in heads and not any(map(_OF_A_LOG.fullmatch, names))


def whatsapp_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the messages of a chat; those without words, and notices, are counted."""
    lines = (line.removesuffix("\n") for line in lines_of(source, account, wishes))
    yield from laid_out([_messages(_entries(lines), account)], account, wishes)


def _messages(entries: Iterable[str], account: FileAccount) -> Iterator[Message]:
    """Yield what was written."""
    for entry in entries:
        name = _NAME.match(entry)
        if name is None:
            leave_out(account, "notices")
            continue
        words = _words(entry[name.end() :], account)
        if words:
            yield Message(_bare(name[1]).lstrip("~ \u202f"), words)


def _words(text: str, account: FileAccount) -> str:
    """Return what was written in an entry; counts an entry without words, and files."""
    text = _EDITED.sub("", text)
    rest, files = _ATTACHED.subn("", text)
    if files:
        leave_out(account, "attached files", files)
        return _bare(rest)
    plain = _bare(text)
    if _OMITTED.fullmatch(plain) or _PLACEHOLDER.fullmatch(plain):
        leave_out(account, "pictures, recordings and files")
    elif plain.lower().rstrip(".") in _DELETED:
        leave_out(account, "messages taken back")
    elif text.startswith("\u200e"):
        leave_out(account, "notices")
    else:
        return plain
    return ""


def _bare(text: str) -> str:
    """Return a text without the marks of direction that WhatsApp puts into it."""
    return text.translate(dict.fromkeys(map(ord, _MARKS))).strip()


def _entries(lines: Iterable[str]) -> Iterator[str]:
    """Yield all that follows a date and a time, up to the next."""
    entry: list[str] | None = None
    for line in lines:
        behind = _behind_head(line)
        if behind:
            if entry is not None:
                yield "\n".join(entry)
            entry = [line[behind:]]
        elif entry is not None:
            entry.append(line)
        elif line.strip():
            entry = [line]  # before the first date: a notice, or the end of what was cut
    if entry is not None:
        yield "\n".join(entry)


def _behind_head(line: str) -> int:
    """Return where the words begin behind date and time; 0 for a line that has none."""
    head = _HEAD.match(line)
    return head.end() if head else 0
