from tests.engine.text.chats.hands import read


def said(sender, *blocks, **more):
    return {"sender": sender, "text": "", "content": [{"type": "text", "text": block} for block in blocks], **more}


def test_blocks_and_what_was_pasted_are_read_and_the_rest_is_counted():
    ask = said("human", "Read this:", attachments=[{"file_name": "", "extracted_content": "Pasted text"}])
    answer = said("assistant", "It says", "two things.", files=[{"file_name": "a.png"}])
    answer["content"].insert(0, {"type": "thinking", "thinking": "hm"})
    answer["content"] += [{"type": "tool_use", "input": {}}, {"type": "tool_result"}, {"type": "token_budget"}]
    text, account = read([{"uuid": "1", "name": "A talk", "chat_messages": [ask, answer]}])
    assert text == "human: Read this:\nPasted text\n\nassistant: It says\ntwo things.\n\n"
    assert account.read_as == "a Claude export"
    assert account.dropped == {
        "thoughts": 1,
        "tool calls": 1,
        "tool results": 1,
        "parts of unknown kinds": 1,
        "attached files": 1,
    }


def test_older_exports_have_only_a_text():
    old = {"sender": "human", "text": "Hello", "attachments": [{"file_name": "a.bin"}]}
    text, account = read({"chat_messages": [old, {"sender": "assistant", "text": "Hi"}]})
    assert text == "human: Hello\n\nassistant: Hi\n\n"
    assert account.dropped == {"attached files": 1}


def test_a_branch_that_was_left_is_not_read():
    root = "00000000-0000-4000-8000-000000000000"
    messages = [
        said("human", "Hello", uuid="a", parent_message_uuid=root),
        said("assistant", "Old", uuid="b", parent_message_uuid="a"),
        said("assistant", "New", uuid="c", parent_message_uuid="a"),
        said("human", "More", uuid="d", parent_message_uuid="b"),
    ]
    text, account = read([{"chat_messages": messages, "current_leaf_message_uuid": "c"}])
    assert text == "human: Hello\n\nassistant: New\n\n"
    assert account.dropped == {"messages of abandoned branches": 2}
    assert read([{"chat_messages": messages[:3]}])[0] == text
