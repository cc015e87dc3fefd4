import json
from pathlib import Path

from tests.engine.cli.hands import json_lines


def test_prepare_in_json_ends_with_what_was_prepared(engine, toy_text):
    Path("mine.txt").write_text(toy_text, "utf-8")
    code, out, _ = engine("prepare", "mine.txt", "--name", "mine", "--tokenizer", "char", "--json")
    assert code == 0
    last = json_lines(out)[-1]
    assert (last["event"], last["name"], last["tokenizer"]) == ("prepared", "mine", "char")
    assert last["train_tokens"] + last["val_tokens"] == len(toy_text)


def test_costs_are_told_and_nothing_is_prepared(engine, toy_text):
    Path("more.txt").write_text(toy_text)
    Path("text.txt").write_text(toy_text)
    code, out, _ = engine("prepare", "text.txt", "more.txt", "--costs", "--json")
    *costs, advice = json_lines(out)
    assert code == 0
    assert [cost["tokenizer"] for cost in costs] == ["gpt2", "char", "bpe"]
    assert advice["tokenizer"] in ("char", "bpe")
    code, out, _ = engine("prepare", "text.txt", "--costs", "--preset=small", "--vocab_size=512", "--tokenizer=bpe")
    assert code == 0
    assert "512" in out
    assert out.splitlines()[-1].startswith(f"Recommended: --tokenizer {advice['tokenizer']}")
    assert engine("runs", "--json")[0] == 0
    assert engine("prepare", "text.txt", "--costs", "--preset=tyny")[0] == 2


def test_keys_and_names_of_a_chat_are_heeded(engine):
    rows = [{"who": name, "said": f"line {number}"} for number in range(20) for name in ("Zoë", "Bo")]
    Path("chat.json").write_text(json.dumps(rows))
    asked = "--text_key=said", "--speaker_key=who", "--speaker", "Zoë=Friend", "--speaker=Cy=Me"
    code, out, _ = engine("prepare", "chat.json", "--tokenizer=char", *asked, "--json")
    assert code == 0
    last = json_lines(out)[-1]
    assert last["account"]["messages"] == {"Friend": 20, "Bo": 20}
    assert "Nobody in it is called Cy, to be called otherwise." in last["notes"]
    assert engine("prepare", "chat.json", "--speaker", "Zoë")[0] == 2


def test_a_chat_without_words_says_what_it_has(engine):
    Path("day.json").write_text('[{"type": "message", "subtype": "channel_join", "text": "x", "ts": "1.0"}]')
    code, _, err = engine("prepare", "day.json")
    assert code == 3
    assert "notices (1)" in err


def test_what_became_of_the_files_is_told(engine):
    texts = Path("texts")
    texts.mkdir()
    (texts / "2.txt").write_text("a line of text\n" * 60)
    (texts / "10.txt").write_bytes("eine schöne Zeile\n".encode("cp1252") * 60)
    (texts / "p.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    code, out, _ = engine("prepare", "texts", "--tokenizer=char")
    assert code == 0
    assert "read 2 files, 1,981 characters; left out 1" in out
    assert "Windows-1252" in out
    assert "p.png (a PNG picture)" in out


def test_too_much_loss_is_a_question_that_one_word_answers(engine):
    Path("a.txt").write_bytes("Grüße, sagt der Narr.\n".encode() * 40 + b"\xff\n" * 4)
    code, _, err = engine("prepare", "a.txt", "--encoding=utf-8")
    assert (code, "--allow-loss" in err) == (3, True)
    code, out, _ = engine("prepare", "a.txt", "--encoding=utf-8", "--allow-loss")
    assert (code, "4 characters could not be read" in out) == (0, True)


def test_an_encoding_that_there_is_not_is_refused(engine):
    Path("a.txt").write_text("words\n" * 99)
    code, _, err = engine("prepare", "a.txt", "--encoding=no-such")
    assert (code, "no-such" in err) == (2, True)
