import pytest

from engine.core.errors import DataError
from tests.engine.text.chats.hands import read, read_text


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


def test_chosen_keys_are_obeyed_whatever_the_export():
    pairs = [{"instruction": "Q", "output": "A", "by": "Ann"}]
    assert read(pairs, text_key="output", speaker_key="by")[0] == "Ann: A\n\n"
    assert read([{"a": {"b": "deep"}, "n": 7}], text_key="a.b")[0] == "deep\n\n"
    assert read([{"a": "x", "n": 7}], text_key="N")[0] == "7\n\n"


def test_without_words_the_error_says_which_keys_there_are():
    error = refusal('[{"headline": "x", "lead": "y"}, {"headline": "z"}]')
    assert "headline, lead" in error.cause
    assert "--text_key" in error.fix
    assert "called nothing_such" in refusal('[{"headline": "x"}]', text_key="nothing_such").cause
    assert "no keys" in refusal("[1, 2]").cause


def test_an_export_in_which_nothing_was_written_says_what_it_has():
    error = refusal('[{"type": "message", "subtype": "channel_join", "text": "x", "ts": "1.0"}]')
    assert "a day of a Slack export" in error.cause
    assert "1 notices" in error.cause


def test_a_last_line_that_is_cut_is_told_by_its_number():
    text, account = read_text('{"text": "One"}\n{"text": "Two"}\n{"text": "Thr')
    assert text == "One\n\nTwo\n\n"
    assert account.notes == ["Line 3, the last, is cut off and was left out."]
    assert account.dropped == {"a line that is cut off": 1}


def test_what_is_no_json_is_refused_in_our_words():
    assert "line 2" in refusal('[{"text": "One"},\n{"text": "Tw').cause
    assert "Line 2 is no JSON" in refusal('{"text": "One"}\n{"text" "Two"}\n{"text": "Three"}').cause
    assert "nothing" in refusal("").cause
