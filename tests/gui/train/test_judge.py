import pytest

from engine.core.config import TrainConfig
from engine.core.events import Sample
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.runs.folder import RunFolder
from engine.runs.verdict import verdict
from gui.train.judge import Ended
from tests.fake_events import evaluation, finished, next_model, started, step
from tests.gui.train.hands import run_of


def ended(*events, end=None):
    state = run_of(started(), *events, end or finished(iter_num=20))
    state.end(None)
    return state


def test_losses_of_validation_are_taken_once_there_are_two():
    judged = Ended.of(ended(evaluation(0, 4.0), step(0), evaluation(10, 3.0), step(19), evaluation(20, 2.5)))
    assert judged.course.losses == [(0, 4.0), (10, 3.0), (20, 2.5)]
    assert judged.course.judged
    hardly = Ended.of(ended(evaluation(0, 4.0), step(0, 4.1), step(10, 3.0), evaluation(20, 2.5)))
    assert [at for at, _ in hardly.course.losses] == [0, 10]
    assert not hardly.course.judged


def test_a_run_that_stopped_early_has_overfitted():
    assert Ended.of(ended(step(0), end=finished("early_stop"))).course.overfitted
    assert not Ended.of(ended(step(0))).course.overfitted


@pytest.mark.parametrize(
    ("settings", "teaches"), [({}, True), ({"generations": 2}, False), ({"init_from": "gpt2"}, False), (None, False)]
)
def test_whether_a_second_model_would_help_is_known_by_the_settings_of_the_run(tmp_path, settings, teaches):
    state = ended(step(0), end=finished("early_stop"))
    run = RunFolder(tmp_path / "run")
    if settings is not None:
        run.path.mkdir()
        run.write_config(TrainConfig.of(settings, {"out_dir": str(run.path)}))
    state.run_dir = str(run.path)
    assert Ended.of(state).verdict().teaches is teaches


@pytest.mark.parametrize(("last", "losses", "texts"), [(2.0, [(5, 3.5), (10, 2.0)], ["d"]), (3.0, None, ["a", "b"])])
def test_of_several_models_the_best_is_judged(last, losses, texts):
    written = [Sample(iter_num=n, prompt="", text=text) for n, text in ((0, "a"), (10, "b"))]
    first = (evaluation(0, 4.0), evaluation(5, 3.0), evaluation(10, 2.5), *written)
    again = (evaluation(15, 3.5), evaluation(20, last), Sample(iter_num=20, prompt="", text="d"))
    found = Ended.of(ended(*first, next_model(10), *again, end=finished(iter_num=20, seconds=12.0)))
    assert (found.course.updates, found.course.seconds) == (10, 6.0)
    assert found.course.losses == (losses or [(0, 4.0), (5, 3.0), (10, 2.5)])
    assert [sample.text for sample in found.samples] == texts


@pytest.mark.parametrize("prepared", [True, False])
def test_what_it_wrote_is_held_against_its_text_where_that_is_still_there(tmp_path, prepared):
    path = tmp_path / "text.txt"
    path.write_text("the king shall have the crown and the fool shall have the song\n" * 400, "utf-8")
    if prepared:
        prepare(str(path), name="mine", tokenizer="char")
    state = ended(step(0, 4.2), step(10, 3.0), step(19, 2.0))
    state.dataset = "mine"
    state.samples.append(Sample(iter_num=20, prompt="", text="the king shall have the song\n" * 5))
    learned = Ended.of(state).verdict().learned
    assert ("pieces" in learned) is not prepared


def test_of_a_damaged_text_the_loss_alone_has_the_word(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("the king shall have the crown and the fool shall have the song\n" * 400, "utf-8")
    prepare(str(path), name="mine", tokenizer="char")
    with dataset("mine").train_path.open("r+b") as file:
        file.write(b"\xff\xff")
    state = ended(step(0, 4.2), step(10, 3.0), step(19, 2.0))
    state.dataset = "mine"
    state.samples.append(Sample(iter_num=20, prompt="", text="the king shall have the song\n" * 5))
    assert Ended.of(state).verdict() == verdict(Ended.of(state).course, None, None)
