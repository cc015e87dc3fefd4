from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.core.config import TrainConfig
from engine.core.events import Eval, Step
from engine.runs.folder import RunFolder
from engine.runs.listing import RunSummary, summary
from gui.kit.run_words import offer_words
from gui.runs import state
from gui.runs.state import (
    COLUMNS,
    curve,
    facts,
    in_order,
    insides,
    matches,
    offers,
    settings_rows,
    total_text,
    unfinished,
    with_live,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def run(name="a", **more):
    return RunSummary(
        **{"name": name, "path": Path("/runs") / name, "status": "finished", "created": NOW, "modified": NOW} | more
    )


def test_every_column_shows_a_run_of_which_nothing_is_known():
    assert all(column.text(run()) for column in COLUMNS)
    assert all(word and role for word, role in state.STATUS_WORDS.values())


@pytest.mark.parametrize(("descending", "names"), [(False, ["low", "high", "none"]), (True, ["high", "low", "none"])])
def test_unknown_values_stand_last_in_both_directions(descending, names):
    loss = [column.title for column in COLUMNS].index("Best Loss")
    runs = [run("none"), run("high", best_val_loss=5.0), run("low", best_val_loss=2.0)]
    assert [each.name for each in in_order(runs, loss, descending=descending)] == names


def test_a_search_takes_every_word_anywhere():
    found = run("The long night", dataset="shakespeare_char", note="dropout helped", status="stopped")
    assert all(matches(found, text) for text in ("", "LONG night", "char dropout", "stopped"))
    assert not matches(found, "long day")


def test_a_run_under_way_here_is_shown_so_and_left_alone(tmp_path):
    folder = RunFolder(tmp_path)
    folder.checkpoint.touch()
    live = {tmp_path.resolve(): "running"}
    [shown] = with_live([run(path=tmp_path, status="interrupted", has_checkpoint=True)], live)
    assert shown.status == "running"
    resting = replace(shown, status="paused")
    for busy in (offers([shown], live), offers([shown], {}), offers([resting], live)):  # here, elsewhere, paused here
        assert (busy.generate, busy.resume, busy.trash) == (True, False, False)
    elsewhere = offers([replace(resting, owned=True)], {})
    assert (elsewhere.generate, elsewhere.resume, elsewhere.trash) == (True, False, False)
    left = offers([resting], {})
    assert (left.resume, left.trash) == (True, True)


def test_only_the_last_run_is_offered_to_go_on_and_only_before_its_end():
    left = run("night", status="stopped", has_checkpoint=True, iter_num=240, max_iters=400)
    assert unfinished([left, run()]) == left
    assert offer_words(left) == "Or go on with “night”, stopped after 240 of 400 updates."
    assert len(offer_words(replace(left, name="n" * 90))) < 100
    others = ({"status": "finished"}, {"status": "running"}, {"owned": True}, {"has_checkpoint": False})
    for other in (*others, {"iter_num": 400}, {"max_iters": None}):
        assert unfinished([replace(left, **other), left]) is None
    assert unfinished([]) is None


def test_several_runs_can_only_be_thrown_away():
    can = offers([run("a", has_checkpoint=True), run("b")], {})
    assert (can.generate, can.resume, can.reveal, can.rename, can.trash) == (False, False, False, False, True)
    assert not offers([], {}).trash


def test_the_total_tells_what_a_search_hides():
    runs = [run("a", bytes_on_disk=1_500_000), run("b", bytes_on_disk=500_000)]
    assert total_text(runs, 2) == "2 runs  ·  2.0 MB"
    assert total_text(runs, 1) == "1 of 2 runs  ·  2.0 MB"


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    folder = RunFolder.new(TrainConfig(dropout=0.2))
    for i in range(10_000):
        folder.append(
            Step(iter_num=i, loss=float(i), lr=1.0, grad_norm=1.0, step_ms=1.0, tokens_per_s=1.0, memory_bytes=1)
        )
    folder.append(Eval(iter_num=10_000, train_loss=1.0, val_loss=2.5, bits_per_byte=1.0, is_best=True))
    folder.close()
    return folder


def test_a_long_curve_is_thinned_and_keeps_every_evaluation(recorded):
    drawn = curve(summary(recorded.path))
    assert 2000 <= len(drawn.train[0]) < 4000
    assert drawn.train[0] == [int(loss) for loss in drawn.train[1]]
    assert drawn.validation == ([10_000], [2.5])
    assert curve(run()).is_empty
    beside = curve(summary(recorded.path), whole=False)
    assert (beside.train, beside.validation) == (([], []), drawn.validation)


def test_settings_of_one_run_and_the_differences_of_several(recorded):
    one = summary(recorded.path)
    other = summary(RunFolder.new(TrainConfig(dropout=0.2, n_layer=6, n_head=6, n_embd=384)).path)
    assert ("dropout", "0.2") in settings_rows([one])
    assert settings_rows([one, other]) == [("n_layer", "4", "6"), ("n_head", "4", "6"), ("n_embd", "256", "384")]
    with_unknown = settings_rows([one, other, run("unreadable")])
    assert with_unknown[0] == ("n_layer", "4", "6", "–")
    assert settings_rows([run("unreadable")]) == []


def test_texts_are_called_by_their_titles_as_far_as_those_tell_them_apart():
    def texts_of(*names):
        return insides([summary(RunFolder.new(TrainConfig(dataset=name)).path) for name in names]).texts

    in_tokens = "Complete Shakespeare in 2,048 tokens of its own"
    name = "shakespeare_complete_bpe2048"
    assert texts_of(name, "Our_Chat") == {
        name: ("Complete Shakespeare", in_tokens),
        "Our_Chat": ("Our Chat", "Our Chat"),
    }
    assert texts_of(name, "shakespeare_complete")[name] == (in_tokens, in_tokens)
    one, other = "Our_Chat_as_01234567", "Our_Chat_as_89abcdef"
    assert texts_of(one, other)[one] == (one, "Our Chat in the tokens of another model")


def test_the_facts_leave_out_what_is_not_known():
    assert facts(run()).startswith("Finished  ·  begun ")
    known = replace(run(), best_val_loss=1.876, iter_num=10, max_iters=20, seconds=65.0)
    assert "best loss 1.88  ·  iteration 10 of 20  ·  trained for 1 min" in facts(known)
