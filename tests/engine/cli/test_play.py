import io
import random
import signal
import subprocess

import pytest

from engine.core.config import TrainConfig
from engine.datasets.prepare import prepare
from engine.text.script import Spoken
from engine.training.trainer import Trainer
from tests.engine.cli.hands import json_lines, program
from tests.engine.conftest import toy_settings
from tests.patience import PATIENCE_S

NAMES = ("ROMEO", "JULIET", "Nurse")


@pytest.fixture
def run_of_a_play(tmp_path):
    """Return the folder of a run that learned from a play in a blink."""
    draw = random.Random(3)
    words = ("speak", "again", "the", "night", "is", "day")
    speeches = (f"{draw.choice(NAMES)}:\n{' '.join(draw.choices(words, k=4))}.\n\n" for _ in range(200))
    path = tmp_path / "play.txt"
    path.write_text("ROMEO:\nnight.\n\n" + "".join(speeches), "utf-8")
    prepare(str(path), name="play", tokenizer="char")
    for _ in Trainer(TrainConfig.of(toy_settings(tmp_path), {"dataset": "play", "block_size": 64})).run():
        pass
    return tmp_path / "out"


QUICK = ("--max_new_tokens=20", "--device=cpu")


def typed(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_it_plays_all_parts_until_so_many_turns_are_spoken(engine, run_of_a_play):
    words = ("play", "--out_dir", run_of_a_play, "--me=romeo", "--it=JULIET", "--auto=5", "--json", *QUICK)
    code, out, err = engine(*words)
    rows = json_lines(out)
    assert (code, err) == (0, "")
    assert {row["event"] for row in rows} == {"spoken"}
    assert [row["speaker"] for row in rows if row["text"]][:2] == ["ROMEO", "JULIET"]
    assert len(rows) == 5
    assert engine(*words)[1] == out
    assert engine(*words, "--seed=2")[1] != out


def test_it_answers_each_line_of_a_person(engine, run_of_a_play, monkeypatch):
    typed(monkeypatch, "speak again\n\nthe night is day")
    code, out, err = engine("play", "--out_dir", run_of_a_play, "--me=Nurse", "--it=ROMEO", "--json", *QUICK)
    assert code == 0
    assert [row["speaker"] for row in json_lines(out)] == ["ROMEO"] * 3
    assert "You are Nurse, it is ROMEO." in err
    assert "knows nothing of you" in err


def test_where_the_model_has_nothing_to_say_it_is_the_persons_turn(engine, run_of_a_play, monkeypatch):
    def silent(path, scene, speeches, speaker, *_):
        yield Spoken(speaker=speaker, text="", tokens=0, reason="silent", wanted="", forgotten=0)

    monkeypatch.setattr("engine.generation.scene.turn_job", silent)
    typed(monkeypatch, "speak\nagain\n")
    code, out, _ = engine("play", "--me=ROMEO", "--it=JULIET", *QUICK)
    assert (code, out) == (0, "JULIET: …\nJULIET: …\n")


def test_in_words_each_turn_has_its_name(engine, run_of_a_play, monkeypatch):
    typed(monkeypatch, "speak again\n")
    code, out, _ = engine("play", "--out_dir", run_of_a_play, "--me=Nurse", "--it=ROMEO", *QUICK)
    assert code == 0
    assert out.startswith("ROMEO: ")
    assert out.endswith("\n")


def test_those_who_speak_most_play_where_nobody_is_named(engine, run_of_a_play, monkeypatch):
    typed(monkeypatch, "")
    text = (run_of_a_play.parent / "play.txt").read_text("utf-8")
    first, second = sorted(NAMES, key=lambda name: -text.count(f"{name}:"))[:2]
    code, out, err = engine("play", *QUICK)
    assert (code, out) == (0, "")
    assert f"You are {first}, it is {second}." in err


def test_a_new_name_may_play(engine, run_of_a_play):
    code, out, _ = engine("play", "--it=RONE", "--me=ROMEO", "--auto=2", "--json", *QUICK)
    assert code == 0
    assert [row["speaker"] for row in json_lines(out)] == ["ROMEO", "RONE"]


def test_a_line_that_the_model_cannot_write_is_told_and_the_scene_goes_on(engine, run_of_a_play, monkeypatch):
    typed(monkeypatch, "Ærø?\nspeak\n")
    code, out, err = engine("play", "--me=ROMEO", "--json", *QUICK)
    rows = json_lines(out)
    assert code == 0
    assert [row["event"] for row in rows] == ["error", "spoken"]
    assert "'Æ'" in err


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (["--me=Zoë"], 3, "cannot write the name Zoë"),
        (["--me=ROMEO", "--it=romeo"], 2, "both are called ROMEO"),
        (["--auto=many"], 2, "auto"),
        (["--third=perhaps"], 2, "third"),
        (["--start=x"], 2, "There is no option --start."),
    ],
)
def test_what_cannot_be_played_is_told(engine, run_of_a_play, flags, code, words):
    found, out, err = engine("play", *flags, *QUICK)
    assert (found, out) == (code, "")
    assert words in err


def test_a_third_is_let_in_with_a_bare_flag_and_as_nanogpt_spells_it(engine, run_of_a_play):
    bare = engine("play", "--third", "--auto=6", "--json", *QUICK)
    assert bare[0] == 0
    assert engine("play", "--third=True", "--auto=6", "--json", *QUICK) == bare


def test_a_model_of_a_text_without_turns_is_told(engine, toy_run):
    code, out, err = engine("play", "--out_dir", toy_run.path, *QUICK)
    assert (code, out) == (3, "")
    assert "toy has no turns" in err
    assert "engine sample" in err


@pytest.mark.thorough
def test_ctrl_c_ends_it_kindly(run_of_a_play):
    with program("play", "--out_dir", str(run_of_a_play), "--me=ROMEO", *QUICK, stdin=subprocess.PIPE) as running:
        while "Ctrl-D" not in running.stderr.readline():
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, out, err) == (130, "", "")
