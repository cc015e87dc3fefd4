import pytest

from engine.text.chats.whatsapp import is_whatsapp, whatsapp_text
from tests.engine.text.chats.hands import read_as

IPHONE = (
    "[24.12.23, 18:00:01] Familie: \u200eNachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.\r\n"
    "[24.12.23, 18:00:02] Zoë: Frohe Weihnachten!\n\nUnd: alles Gute\r\n"
    "\u200e[24.12.23, 18:00:03] Zoë: \u200eBild weggelassen\r\n"
    "[24.12.23, 18:01:03] ~\u202fOma Inge: Danke 😊 \u2068@Zoë\u2069 \u200e<Diese Nachricht wurde bearbeitet.>\r\n"
    "[24.12.23, 18:02:03] Zoë: Schau: \u200e<Anhang: 00000005-PHOTO-2023-12-24.jpg>\r\n"
    "[24.12.23, 18:03:03] Zoë: \u200eDu hast diese Nachricht gelöscht.\r\n"
)
ANDROID = (
    "12/24/23, 6:00\u202fPM - Messages and calls are end-to-end encrypted. No one outside of this chat can read them.\n"
    "12/24/23, 6:01\u202fPM - Ann: Hi\nthere: you\n"
    "12/24/23, 6:02\u202fPM - Bob Smith: <Media omitted>\n"
    "12/24/23, 6:03\u202fPM - Bob Smith: \u200eIMG-20231224-WA0001.jpg (file attached)\nLook at this\n"
    "12/24/23, 6:03\u202fPM - Ann: This message was deleted\n"
    "12/24/23, 6:04\u202fPM - Ann changed the subject from “a: b” to “c”\n"
)


def read(text, **wishes):
    return read_as(whatsapp_text, text, **wishes)


def test_a_chat_of_an_iphone():
    text, account = read(IPHONE, names=(("Zoë", "Friend"),))
    assert text == ("Friend: Frohe Weihnachten!\n\nUnd: alles Gute\n\nOma Inge: Danke 😊 @Zoë\n\nFriend: Schau:\n\n")
    assert account.messages == {"Friend": 2, "Oma Inge": 1}
    assert account.dropped == {
        "notices": 1,
        "pictures, recordings and files": 1,
        "attached files": 1,
        "messages taken back": 1,
    }


def test_a_chat_of_android():
    text, account = read(ANDROID)
    assert text == "Ann: Hi\nthere: you\n\nBob Smith: Look at this\n\n"
    assert account.dropped == {
        "notices": 2,
        "pictures, recordings and files": 1,
        "attached files": 1,
        "messages taken back": 1,
    }


@pytest.mark.parametrize(
    "head",
    [
        "[12.3.2022 klo 14.08.18] ",
        "[24/12/2023, 18:05:11] ",
        "[2023-12-24, 6:05:11 PM] ",
        "[2023. 12. 24. 오후 2:05:10] ",
        "[١٢/٣/٢٠٢٢، ٨:١٤:١٨ م] ",
        "\u200f12\u200f/3\u200f/2022، 8:14 م - ",
        "24/12/23 6:05 p. m. - ",
        "24. 12. 2023, 18:05 - ",
        "2023/12/24 下午2:05 - ",
        "2023년 12월 24일 오후 2:05 - ",
        "24.12.23, 18:05 – ",
        "\u200e[12/24/23, 6:05:01\u202fPM] ",
    ],
)
def test_dates_of_many_countries(head):
    chat = f"{head}Ann: one\n{head}Ann B.: two: three\nfour\n"
    assert is_whatsapp(chat)
    assert read(chat)[0] == "Ann: one\n\nAnn B.: two: three\nfour\n\n"


@pytest.mark.parametrize(
    "text",
    ["image omitted", "Video weggelassen", "<Médias omis>", "audio omesso", "стикер не добавлен", "<省略多媒体文件>"],
)
def test_what_was_left_out_of_the_export_is_no_message(text):
    found, account = read(f"[24/12/2023, 18:05:11] A: {text}\n[24/12/2023, 18:05:12] A: said\n")
    assert found == "A: said\n\n"
    assert account.dropped == {"pictures, recordings and files": 1}


def test_words_that_only_look_like_it_stay():
    for text in (
        "I omitted the image of a boat on the river",
        "<b>",
        "He was omitted",
        "see a/b.txt (old)",
        "This message was deleted by me",
    ):
        assert read(f"[24/12/2023, 18:05:11] A: {text}\n")[0] == f"A: {text}\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Dear diary\n",
        "2023-12-24 18:05 INFO: x\n",
        "[12:00] hi: x\n",
        "2023-12-24 18:05:11 - server: x\n",
        "[2023-12-24 18:05:11] local.ERROR: x\n",
        "24.12.2023, 18:05 - a notice\n",
        "x\n" + ANDROID,
    ],
)
def test_other_texts_are_no_chats(text):
    assert not is_whatsapp(text)


def test_a_chat_that_begins_in_the_middle_loses_nothing_unseen():
    text, account = read("the end of a message\n" + "24/12/23, 18:05 - A: x\n")
    assert text == "A: x\n\n"
    assert account.dropped == {"notices": 1}
