import json

import pytest

from engine.core.errors import DataError
from engine.text import encodings
from engine.text.chats import json_values
from engine.text.chats.exports import json_certainty
from tests.engine.text.chats.hands import read, read_text
from tests.engine.text.made_files import account_and_text, text_of


def refusal(text, **wishes):
    with pytest.raises(DataError) as caught:
        read_text(text, **wishes)
    assert caught.value.code == "unreadable_document"
    return caught.value


def test_objects_of_no_known_kind_give_their_words():
    text, account = read_text('{"text": "One", "author": "Ann"}\n{"text": "Two"}\n{"id": 3}\n{"body": " "}\n')
    assert text == "Ann: One\n\nTwo\n\n"
    assert account.read_as == "texts in JSON"
    assert account.dropped == {"entries without words": 2}


def test_words_deep_inside_are_found():
    value = {"name": "x", "threads": [{"replies": [{"sender": {"name": "Ann"}, "body": "Hi"}]}]}
    assert read(value)[0] == "Ann: Hi\n\n"


def test_answers_follow_what_they_answer():
    thread = {"author": "Ann", "body": "Why?", "entities": [{"text": "no message"}]}
    thread["replies"] = {"data": {"children": [{"data": {"author": "Bo", "body": "So.", "replies": ""}}]}}
    assert read([thread])[0] == "Ann: Why?\n\nBo: So.\n\n"


def test_chosen_keys_are_obeyed_whatever_the_export():
    pairs = [{"instruction": "Q", "output": "A", "by": "Ann"}]
    assert read(pairs, text_key="output", speaker_key="by")[0] == "Ann: A\n\n"
    assert read([{"a": {"b": "deep"}, "n": 7}], text_key="a.b")[0] == "deep\n\n"
    assert read([{"a": "x", "n": 7}], text_key="N")[0] == "7\n\n"


def test_letters_that_were_written_as_bytes_are_put_right_in_any_file_of_metas():
    text, account = read([{"title": "x", "text": "schön".encode().decode("latin-1")}, {"text": "naïve"}])
    assert text == "schön\n\nnaïve\n\n"
    assert account.notes == ["Letters that were written as bytes were put right."]


def test_a_key_for_speakers_that_is_not_there_is_told():
    error = refusal('[{"text": "x", "who": "Ann"}]', speaker_key="whom")
    assert "called whom" in error.cause
    assert "text, who" in error.cause


def test_keys_without_end_are_not_counted_without_end():
    _, account = read({"threads": {str(number): {"text": "x"} for number in range(3000)}})
    assert account.messages == {"without a name": 3000}
    assert len(account.keys) == 1000


def test_without_words_the_error_says_which_keys_there_are():
    error = refusal('[{"headline": "x", "lead": "y"}, {"headline": "z"}]')
    assert "headline, lead" in error.cause
    assert "--text_key" in error.fix
    assert "called nothing_such" in refusal('[{"headline": "x"}]', text_key="nothing_such").cause
    assert "no keys" in refusal("[1, 2]").cause


def test_an_export_in_which_nothing_was_written_is_empty_and_says_why():
    text, account = read_text('[{"type": "message", "subtype": "channel_join", "text": "x", "ts": "1.0"}]')
    assert (text, account.read_as, account.dropped) == ("", "a day of a Slack export", {"notices": 1})


def test_a_last_line_that_is_cut_is_lost_and_told_by_its_number():
    text, account = read_text('{"text": "One"}\n{"text": "Two"}\n{"text": "Thr')
    assert text == "One\n\nTwo\n\n"
    assert account.lost == {"line cut off at the end (line 3)": 1}
    assert account.parts == 2


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ('{"messages": [{"role": "user", "content": "Hi"}]}', "sure"),
        ('{"data": [{"conversations": [{"from": "human", "value": "Hi"}]}]}', "sure"),
        ('[{"text": "Hi"}]', "perhaps"),
        ('{"name": "package", "version": "1"}', "no"),
        ("[1, 2", "no"),
        ("", "no"),
    ],
)
def test_a_file_of_a_folder_is_known_by_its_first_values(tmp_path, text, certainty):
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        (tmp_path / "a.json").write_text(text, encoding)
        assert json_certainty(tmp_path / "a.json") == certainty


def test_in_a_folder_exports_are_read_with_texts_and_other_json_is_left_out(tmp_path):
    (tmp_path / "chat.json").write_text('[{"messages": [{"role": "user", "content": "Hi"}]}]')
    (tmp_path / "diary.txt").write_text("Dear diary")
    (tmp_path / "chat.html").write_text("<html><body>the same</body></html>")
    (tmp_path / "rows.json").write_text('[{"text": "vague"}]')
    (tmp_path / "package.json").write_text('{"name": "x"}')
    account, text = account_and_text(tmp_path)
    assert text == "user: Hi\n\n\nDear diary"
    assert {one.name.rsplit("/", 1)[1]: one.why for one in account.left_out} == {
        "chat.html": "it only comes with the chats",
        "rows.json": "a chat in JSON: give it by itself",
        "package.json": "there are no messages in it",
    }
    (tmp_path / "chat.json").unlink()
    (tmp_path / "diary.txt").unlink()
    (tmp_path / "chat.html").unlink()
    assert text_of(tmp_path) == "vague\n\n"


def test_halves_of_characters_become_the_sign_for_what_is_none(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"text": "so \\ud800 it \\ud83d\\ude00 is"}, {"text": "\\udc00"}]')
    assert text_of(path, allow_loss=True) == "so \ufffd it 😀 is\n\n\ufffd\n\n"


def test_what_is_no_json_is_refused_in_our_words():
    assert "line 2" in refusal('[{"text": "One"},\n{"text": "Tw').cause
    assert "Line 2 is no JSON" in refusal('{"text": "One"}\n{"text" "Two"}\n{"text": "Three"}').cause
    assert "nothing" in refusal("").cause


MESSAGES = [{"type": "message", "id": n, "date": "x", "from": "Ann", "text": f"message {n}"} for n in range(30)]
TURNS = [{"role": "user", "content": f"turn {n}"} for n in range(30)]


@pytest.mark.parametrize(
    "value",
    [
        {"name": "Ann", "participants": [], "messages": MESSAGES, "count": 30},
        {
            "about": "x",
            "chats": {"about": "y", "list": [{"id": 1, "messages": MESSAGES}] * 3},
            "left_chats": {"list": []},
        },
        {"model": "x", "messages": TURNS, "n": 1},
        {"guild": {}, "channel": {}, "messages": [{"author": {"name": "Bo"}, "content": f"{n}"} for n in range(30)]},
        {"orderedItems": [{"type": "Create", "object": {"content": f"<p>{n}</p>"}} for n in range(30)]},
        {"messages": [{"body": f"{n}"} for n in range(30)]},
        {"title": "x" * 400, "text": "all there is"},
        {"a": 1, "b": [{"text": "x" * 400}]},
    ],
    ids=["telegram", "all of telegram", "turns", "discord", "mastodon", "rows", "one", "inside"],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_what_is_longer_than_is_read_as_a_whole_gives_the_same(monkeypatch, value, indent):
    text = json.dumps(value, indent=indent)
    whole, account = read_text(text)
    assert whole
    monkeypatch.setattr(json_values, "WHOLE_LIMIT", 100)
    monkeypatch.setattr(json_values, "_LONGEST_ASSIGNMENT", 1)
    monkeypatch.setattr(encodings, "PIECE", 40)
    again, account_again = read_text(text)
    assert again == whole
    assert account_again == account


@pytest.mark.parametrize("end", ["", '"', '"count": 3 "b"', "]"])
def test_a_long_object_that_is_damaged_is_refused(monkeypatch, end):
    monkeypatch.setattr(json_values, "WHOLE_LIMIT", 100)
    monkeypatch.setattr(encodings, "PIECE", 40)
    refusal(f'{{"name": "Ann", "messages": {json.dumps(MESSAGES)}, {end}')
