from tests.engine.text.chats.hands import read


def message(who, content, kind="Default", **more):
    author = {"id": "1", "name": who.lower(), "nickname": who, "isBot": False} | more.pop("author", {})
    return {
        "id": "1",
        "type": kind,
        "timestamp": "2024-01-01T00:00:00+00:00",
        "content": content,
        "author": author,
        **more,
    }


def test_a_channel():
    embed = {"title": "News", "description": "It rains.", "fields": [{"name": "Where", "value": "Here"}]}
    messages = [
        message("Ann", "Joined the server.", kind="GuildMemberJoin"),
        message("Ann", "Look: https://a.org", embeds=[embed]),
        message("Bot", "", embeds=[embed], author={"isBot": True}),
        message("Bo", "Yes", kind="Reply", attachments=[{"fileName": "a.png"}], stickers=[{"name": "s"}]),
        message("Bo", "", attachments=[{"fileName": "b.png"}]),
        message("Ann", "", forwardedMessage={"content": "Passed on"}),
    ]
    text, account = read({"guild": {"name": "g"}, "channel": {"name": "c"}, "messages": messages, "messageCount": 6})
    assert text == ("Ann: Look: https://a.org\n\nBot: News\nIt rains.\nWhere\nHere\n\nBo: Yes\n\nAnn: Passed on\n\n")
    assert account.read_as == "a Discord channel"
    assert account.dropped == {
        "notices": 1,
        "link previews": 1,
        "attached files": 2,
        "stickers": 1,
        "messages without words": 1,
    }


def test_a_data_package_from_the_first_message_on():
    rows = [
        {"ID": 12, "Timestamp": "2024-01-02 10:00:00", "Contents": "Second", "Attachments": ""},
        {"ID": 9, "Timestamp": "2024-01-01 10:00:00", "Contents": "First", "Attachments": ""},
        {"ID": 11, "Timestamp": "2024-01-01 11:00:00", "Contents": "", "Attachments": "https://a.org/x.png"},
    ]
    text, account = read(rows)
    assert text == "First\n\nSecond\n\n"
    assert account.read_as == "a Discord data package"
    assert account.dropped == {"messages without words": 1}
