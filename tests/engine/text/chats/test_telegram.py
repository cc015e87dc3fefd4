from tests.engine.text.chats.hands import read


def message(number, who, text, **more):
    return {"id": number, "type": "message", "date": "2024-05-10T10:30:00", "from": who, "text": text, **more}


CHAT = {
    "name": "Ann",
    "type": "personal_chat",
    "id": 7,
    "messages": [
        {
            "id": 1,
            "type": "service",
            "date": "2024-05-10T10:29:00",
            "actor": "Ann",
            "action": "create_group",
            "text": "",
        },
        message(2, "Ann", "Are you there?"),
        message(
            3, "Bo", ["See ", {"type": "link", "text": "https://a.org"}, " and ", {"type": "bold", "text": "this"}]
        ),
        message(4, "Ann", "", media_type="voice_message"),
        message(5, None, "gone"),
        message(6, "Ann", "", photo="(File not included.)"),
        {
            "id": 7,
            "type": "message",
            "date": "x",
            "from": "Bo",
            "text_entities": [{"type": "plain", "text": "Only here"}],
        },
    ],
}


def test_one_chat():
    text, account = read(CHAT)
    assert text == (
        "Ann: Are you there?\n\nBo: See https://a.org and this\n\nDeleted Account: gone\n\nBo: Only here\n\n"
    )
    assert account.read_as == "a Telegram export"
    assert account.messages == {"Ann": 1, "Bo": 2, "Deleted Account": 1}
    assert account.dropped == {"notices": 1, "recordings": 1, "pictures": 1}


def test_all_chats_of_an_account():
    whole = {
        "about": "Here is the data you requested.",
        "contacts": {"about": "", "list": [{"first_name": "Ann"}]},
        "chats": {"about": "", "list": [CHAT, {"name": "x", "messages": []}, CHAT]},
        "left_chats": {"about": "", "list": [CHAT]},
    }
    text, account = read(whole)
    assert text == "\n".join([read(CHAT)[0]] * 3)
    assert account.read_as == "a Telegram export"
