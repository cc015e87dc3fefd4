from tests.engine.text.chats.hands import read


def message(role, *parts, kind="text", **more):
    return {"author": {"role": role}, "content": {"content_type": kind, "parts": list(parts)}, **more}


def conversation(nodes, current=None):
    """Return a conversation of (id, parent, message) as ChatGPT exports it."""
    mapping = {
        key: {"id": key, "parent": parent, "message": what, "children": [k for k, p, _ in nodes if p == key]}
        for key, parent, what in nodes
    }
    return {"title": "A talk", "mapping": mapping, "current_node": current}


def test_the_branch_that_was_chosen_is_read_from_its_beginning():
    nodes = [
        ("new", "ask", message("assistant", "A better answer")),
        ("root", None, None),
        ("old", "ask", message("assistant", "An answer")),
        ("ask", "root", message("user", "A question")),
        ("older", "old", message("user", "No")),
    ]
    text, account = read([conversation(nodes, "new")])
    assert text == "user: A question\n\nassistant: A better answer\n\n"
    assert account.read_as == "a ChatGPT export"
    assert account.dropped == {"messages of abandoned branches": 2}


def test_without_a_chosen_branch_it_is_the_one_that_was_written_to_last():
    nodes = [
        ("root", None, message("user", "Hi", create_time=1.0)),
        ("b", "root", message("assistant", "Second", create_time=3.0)),
        ("a", "root", message("assistant", "First", create_time=2.0)),
    ]
    assert read([conversation(nodes)])[0] == "user: Hi\n\nassistant: Second\n\n"
    assert read(conversation(nodes, "nowhere"))[0] == "user: Hi\n\nassistant: Second\n\n"


def test_a_loop_among_the_parents_ends():
    nodes = [("a", "b", message("user", "one")), ("b", "a", message("assistant", "two"))]
    assert read([conversation(nodes, "b")])[0] == "user: one\n\nassistant: two\n\n"


def test_what_was_spoken_is_read_and_recordings_and_pictures_are_counted():
    spoken = {"content_type": "audio_transcription", "text": "Spoken words", "direction": "in"}
    recording = {"content_type": "real_time_user_audio_video_asset_pointer", "audio_asset_pointer": {}}
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    nodes = [
        ("a", None, message("user", recording, spoken, kind="multimodal_text")),
        ("b", "a", message("assistant", spoken | {"text": "A reply"}, kind="multimodal_text")),
        ("c", "b", message("user", picture, "And this?", kind="multimodal_text")),
    ]
    text, account = read([conversation(nodes, "c")])
    assert text == "user: Spoken words\n\nassistant: A reply\n\nuser: And this?\n\n"
    assert account.dropped == {"recordings": 1, "pictures": 1}


def test_tools_thoughts_and_what_is_hidden_are_left_out_and_counted():
    nodes = [
        ("s", None, message("system", "")),
        ("c", "s", message("user", kind="user_editable_context")),
        ("h", "c", message("system", "Be kind", metadata={"is_visually_hidden_from_conversation": True})),
        ("u", "h", message("user", "Look it up")),
        ("t", "u", {"author": {"role": "assistant"}, "content": {"content_type": "thoughts", "thoughts": []}}),
        ("k", "t", {"author": {"role": "assistant"}, "content": {"content_type": "code", "text": "search()"}}),
        ("p", "k", message("assistant", "print(1)", recipient="python")),
        ("r", "p", message("tool", "1", kind="execution_output")),
        ("n", "r", {"author": {"role": "assistant"}, "content": {"content_type": "news"}}),
        ("a", "n", message("assistant", "Found\ue200cite\ue202turn0search1\ue201 it.", recipient="all")),
    ]
    text, account = read([conversation(nodes, "a")])
    assert text == "user: Look it up\n\nassistant: Found it.\n\n"
    assert account.dropped == {
        "custom instructions": 1,
        "system messages": 1,
        "thoughts": 1,
        "tool calls": 2,
        "tool results": 1,
        "messages of unknown kinds": 1,
        "citation marks": 1,
    }


def test_several_conversations_stand_apart_and_odd_ones_do_no_harm():
    first, second = conversation([("a", None, message("user", "One"))], "a"), conversation([], None)
    third = conversation([("a", None, message("user", "Two"))], "a")
    text, account = read([first, second, {"what": 1}, 7, third])
    assert text == "user: One\n\n\nuser: Two\n\n"
    assert account.dropped == {"entries of another kind": 2}
