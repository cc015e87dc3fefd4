import json

import pytest

from tests.engine.text.made_files import text_of


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (
            "telegram",
            {"messages": [{"from": "Ann", "text": ["so ", {"type": "bold", "text": "good"}]}]},
            "Ann:\nso good",
        ),
        ("plain", [{"text": "hello"}, {"text": " "}, {"id": 3}], "hello"),
        (
            "chatgpt",
            [{"title": "t", "mapping": {"a": {"message": {"author": {"role": "user"}, "content": {"parts": ["Hi"]}}}}}],
            "user:\nHi",
        ),
        ("instagram", {"messages": [{"sender_name": "A  B", "content": "x\ny"}]}, "A B:\nx\ny"),
        ("discord", {"messages": [{"author": {"name": "Bo"}, "content": "yes"}]}, "Bo:\nyes"),
        ("openai", {"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}]}]}, "user:\nq"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_chat_gives_its_messages(tmp_path, name, value, text):
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps(value))
    assert text_of(path).strip() == text


def test_halves_of_characters_become_the_sign_for_what_is_none(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"text": "so \\ud800 it \\ud83d\\ude00 is"}, {"text": "\\udc00"}]')
    assert text_of(path) == "so \ufffd it 😀 is\n\n\ufffd\n\n"


def test_messages_come_from_lines_and_tables_too(tmp_path):
    lines, table = tmp_path / "a.jsonl", tmp_path / "a.csv"
    lines.write_text('{"role": "user", "content": "Hi"}\n\n{"role": "bot", "content": "Ho"}')
    table.write_text('Date;Author;Text\n1;Ann;"a\nb; c"\n2;Bo;d', "utf-8-sig")
    assert text_of(lines) == "user:\nHi\n\nbot:\nHo\n\n"
    assert text_of(table) == "Ann:\na\nb; c\n\nBo:\nd\n\n"
