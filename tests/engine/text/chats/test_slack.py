import json

import pytest

from engine.text.chats.exports import json_text
from engine.text.chats.slack import plain_words
from tests.engine.text.chats.hands import read, read_file
from tests.engine.text.made_files import account_and_text, zipped

DAY = [
    {"type": "message", "subtype": "channel_join", "user": "U1", "text": "<@U1> has joined the channel", "ts": "1.0"},
    {"type": "message", "user": "U1", "text": "Hi <@U2> &amp; all", "ts": "2.0"},
    {"type": "message", "user": "U2", "text": "Hey", "ts": "3.0", "user_profile": {"real_name": "Bo B."}},
    {"type": "message", "subtype": "bot_message", "username": "Clock", "text": "Noon", "ts": "4.0"},
    {"type": "message", "user": "U1", "text": "", "files": [{"name": "a.png"}], "ts": "5.0"},
]


def test_a_day_with_the_names_of_the_export(tmp_path):
    (tmp_path / "general").mkdir()
    users = [{"id": "U1", "name": "ann", "profile": {"display_name": "Ann"}}, {"id": "U2", "real_name": "Bo"}]
    (tmp_path / "users.json").write_text(json.dumps(users))
    day = tmp_path / "general" / "2024-01-01.json"
    day.write_text(json.dumps(DAY))
    text, account = read_file(json_text, day)
    assert text == "Ann: Hi @Bo & all\n\nBo: Hey\n\nClock: Noon\n\n"
    assert account.read_as == "a day of a Slack export"
    assert account.dropped == {"notices": 1, "messages without words": 1, "attached files": 1}


def test_a_zip_has_the_names_too(tmp_path):
    users = json.dumps([{"id": "U1", "name": "ann"}])
    packed = zipped(tmp_path / "slack.zip", {"users.json": users, "general/2024-01-01.json": json.dumps(DAY)})
    account, text = account_and_text(packed)
    assert text.startswith("ann: Hi @U2 & all\n\nBo B.: Hey\n\n")
    assert [one.why for one in account.left_out] == ["there are no messages in it"]


@pytest.mark.parametrize("beside", [None, "no JSON", "[1]"])
def test_a_day_by_itself_has_what_its_messages_tell(tmp_path, beside):
    if beside is not None:
        (tmp_path / "users.json").write_text(beside)
    day = tmp_path / "2024-01-01.json"
    day.write_text(json.dumps(DAY))
    text, _ = read_file(json_text, day)
    assert text == "U1: Hi @U2 & all\n\nBo B.: Hey\n\nClock: Noon\n\n"


def test_a_message_may_stand_in_blocks():
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": "Built"}, {"type": "emoji"}]}
    blocks = [{"type": "rich_text", "elements": [section]}]
    message = {
        "type": "message",
        "subtype": "bot_message",
        "username": "Bot",
        "text": "",
        "ts": "1.0",
        "blocks": blocks,
    }
    assert read([message | {"attachments": [{"text": "and tested"}]}])[0] == "Bot: Built\nand tested\n\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@U1|ann> <@U1> <@U9|cy> <@U9>", "@Ann @Ann @cy @U9"),
        ("<#C1|general> <#C2>", "#general #C2"),
        ("<!here> <!subteam^S1|@team> <!date^1^{x}|noon>", "@here @team noon"),
        ("<https://a.org|the page> <https://a.org> <mailto:a@b.c|a@b.c>", "the page https://a.org a@b.c"),
        ("1 &lt; 2 &amp;lt; x > y", "1 < 2 &lt; x > y"),
    ],
)
def test_marks_are_shown_as_slack_shows_them(text, shown):
    assert plain_words(text, {"U1": "Ann"}) == shown
