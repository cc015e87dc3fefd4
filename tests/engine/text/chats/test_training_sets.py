import json

import pytest

from tests.engine.text.chats.hands import read, read_text


def test_lines_for_an_api_keep_the_speaker_of_every_content():
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    line = {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]},
            {"role": "assistant", "content": "A boat."},
        ]
    }
    text, account = read_text(f"{json.dumps(line)}\n{json.dumps(line)}\n")
    assert text == "\n".join(["system: Be brief.\n\nuser: What is it?\n\nassistant: A boat.\n\n"] * 2)
    assert account.messages == {"system": 2, "user": 2, "assistant": 2}
    assert account.dropped == {"pictures": 2}


def test_tools_and_thoughts_of_both_apis_are_counted():
    openai = [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}, {"id": "2"}]},
        {"role": "tool", "content": "rain"},
        {"role": "assistant", "content": "Rain."},
    ]
    anthropic = [
        {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}, {"type": "tool_use", "id": "1"}]},
        {"role": "user", "content": [{"type": "tool_result", "content": "rain"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Rain."}]},
    ]
    text, account = read([{"messages": openai}, {"system": "S", "messages": anthropic}])
    assert text == "user: Weather?\n\nassistant: Rain.\n\n\nsystem: S\n\nuser: Weather?\n\nassistant: Rain.\n\n"
    assert account.dropped == {"tool calls": 3, "tool results": 2, "thoughts": 1}


def test_messages_on_lines_of_their_own_are_one_conversation():
    lines = [{"type": "user", "message": {"role": "user", "content": "Hi"}}, {"role": "assistant", "content": "Hello"}]
    assert read_text("\n".join(map(json.dumps, lines)))[0] == "user: Hi\n\nassistant: Hello\n\n"


@pytest.mark.parametrize("key", ["conversations", "conversation", "turns", "chosen"])
def test_lists_of_turns_have_many_names(key):
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    text, account = read([{key: turns, "rejected": turns}])
    assert text == "user: Hi\n\nassistant: Hello\n\n"
    assert account.dropped == {"rejected answers": 1}


def test_turns_of_gemini():
    turns = [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hel"}, {"text": "lo"}]}]
    assert read({"contents": turns})[0] == "user: Hi\n\nmodel: Hel\nlo\n\n"


def test_share_gpt():
    turns = [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because."}]
    text, account = read([{"id": "1", "conversations": turns}, {"system": "S", "conversations": turns}])
    assert text == "human: Why?\n\ngpt: Because.\n\n\nsystem: S\n\nhuman: Why?\n\ngpt: Because.\n\n"
    assert account.read_as == "conversations in ShareGPT’s form"


@pytest.mark.parametrize(
    "pair",
    [
        {"instruction": "Add.", "input": "1 and 2", "output": "3"},
        {"instruction": "Add.", "context": "1 and 2", "response": "3"},
        {"input": "Add.\n1 and 2", "output": "3"},
        {"prompt": "Add.\n1 and 2", "completion": "3"},
        {"question": "Add.\n1 and 2", "answer": "3", "id": 7},
    ],
)
def test_questions_and_answers(pair):
    text, account = read([pair, pair])
    assert text == "\n".join(["user: Add.\n1 and 2\n\nassistant: 3\n\n"] * 2)
    assert account.messages == {"user": 2, "assistant": 2}
