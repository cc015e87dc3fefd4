import json

from engine.text.chats.facebook import mended
from tests.engine.text.chats.hands import read
from tests.engine.text.made_files import text_of


def as_meta_writes(text):
    return text.encode().decode("latin-1")


def message(time, who, **more):
    return {"sender_name": as_meta_writes(who), "timestamp_ms": time, **more}


def test_letters_are_put_right_and_the_order_too():
    messages = [
        message(3000, "Zoë", content=as_meta_writes("schön 😠 grüßt d’accord")),
        message(2000, "Bo", content="plain"),
        message(1000, "Zoë", content=as_meta_writes("Größe")),
    ]
    text, account = read({"participants": [{"name": "x"}], "messages": messages, "title": "x"})
    assert text == "Zoë: Größe\n\nBo: plain\n\nZoë: schön 😠 grüßt d’accord\n\n"
    assert account.read_as == "messages of Facebook or Instagram"
    assert account.notes == ["Letters that were written as bytes were put right."]


def test_letters_that_are_right_stay_as_they_are():
    assert [mended(text) for text in ("naïve", "Ã", "日本", "a\xa0b", "")] == ["naïve", "Ã", "日本", "a\xa0b", ""]


def test_what_has_no_words_is_counted():
    messages = [
        message(1, "Ann", photos=[{"uri": "a.jpg"}]),
        message(2, "Ann", sticker={"uri": "b.png"}),
        message(3, "Ann", content="Sorry", is_unsent=True),
        message(4, "Ann", content="Ann started a call.", call_duration=3),
        message(5, "Ann", content=as_meta_writes("Reacted ❤ to your message ")),
        message(6, "Ann", share={"link": "https://a.org"}),
        message(7, "Ann", content="Hello"),
        message(8, "Ann"),
    ]
    text, account = read({"participants": [], "messages": messages})
    assert text == "Ann: Hello\n\n"
    assert account.dropped == {
        "pictures": 1,
        "stickers": 1,
        "messages taken back": 1,
        "notices": 1,
        "reactions": 1,
        "shared links": 1,
        "messages without words": 1,
    }


def test_the_newer_form_of_messenger():
    messages = [{"senderName": "Zoë", "text": "Hi", "timestamp": 1, "isUnsent": False, "media": [], "type": "text"}]
    assert read({"participants": ["Zoë"], "threadName": "x", "messages": messages})[0] == "Zoë: Hi\n\n"


def test_chunks_are_read_from_the_oldest_on(tmp_path):
    (tmp_path / "ann").mkdir()
    for number, words in ((1, "third"), (2, "second"), (10, "first")):
        chat = {"participants": [], "messages": [message(1, "Ann", content=words)]}
        (tmp_path / "ann" / f"message_{number}.json").write_text(json.dumps(chat))
    (tmp_path / "ann" / "photo.jpg").write_bytes(b"\xff\xd8\xff\0")
    assert text_of(tmp_path).split() == ["Ann:", "first", "Ann:", "second", "Ann:", "third"]
