import pytest

from engine.core.config import TrainConfig
from engine.core.paths import runs_dir
from engine.planning.own_presets import save_preset
from tests.engine.cli.hands import GUIDE, TOY, config_of, json_lines


@pytest.mark.parametrize("line", GUIDE)
def test_each_training_line_of_the_guide_is_understood(line):
    config = config_of(line)
    assert (
        config.batch_size,
        config.block_size,
        config.n_layer,
        config.n_head,
        config.n_embd,
        config.max_iters,
    ) == GUIDE[line]
    assert (config.device, config.compile) == ("mps", False)
    assert config.dataset == ("mydata" if "mydata" in line else "shakespeare")


def test_the_guides_other_flags_are_understood():
    for line in ("--learning_rate=5e-4", "--learning_rate=1e-3 --dropout=0.1", "--batch_size=2 --n_layer=2 --n_head=2"):
        assert isinstance(config_of(line), TrainConfig)
    assert config_of("--learning_rate=5e-4").min_lr == pytest.approx(5e-5)


@pytest.mark.usefixtures("toy_dataset")
def test_flags_of_nanogpt_that_mean_nothing_here_are_taken_and_told(engine):
    code, _, err = engine("train", *TOY, "--max_iters=0", "--out_dir=out", "--wandb_log=True", "--backend=nccl")
    assert code == 0
    assert "--wandb_log has no effect" in err
    assert "--backend has no effect" in err


@pytest.mark.usefixtures("toy_dataset")
def test_a_recipe_leaves_ones_own_preset_as_it_is():
    shape = {"n_layer": 3, "n_head": 4, "n_embd": 256, "block_size": 64}
    save_preset("mine", TrainConfig.of(shape, {"dropout": 0.15, "learning_rate": 5e-4}))
    config = config_of("--preset=mine --recipe=quick --minutes=5 --dataset=toy --learning_rate=0.002")
    assert {name: getattr(config, name) for name in shape} == shape
    assert (config.dropout, config.optimizer, config.learning_rate) == (0.15, "adamw", 0.002)
    assert config.max_iters == TrainConfig().max_iters


def test_a_recipe_says_that_it_plans_no_model_that_was_trained_before(engine, toy_run):
    out = ("--init_from=resume", f"--out_dir={toy_run.path}", "--max_iters=13")
    code, _, err = engine("train", "--recipe=quick", *out)
    assert (code, "--recipe has no effect here" in err) == (0, True)
    assert toy_run.read_config().recipe == "guide"


def test_resume_without_a_folder_goes_on_with_the_run_trained_last(engine, toy_run, tmp_path):
    foreign = runs_dir() / "newer, without settings"
    foreign.mkdir()
    (foreign / "ckpt.pt").touch()
    code, out, errors = engine("train", "--init_from=resume", f"--max_iters={toy_run.read_config().max_iters + 1}")
    assert code == 0
    assert f"Using the newest run, {toy_run.path}" in errors
    assert f"run folder: {toy_run.path}" in out


def test_resume_without_any_run_says_so(engine):
    code, _, errors = engine("train", "--init_from=resume")
    assert (code, "There is no trained run yet." in errors, "--preset=tiny" in errors) == (3, True, True)


@pytest.mark.usefixtures("toy_dataset")
def test_what_a_recipe_decides_is_told_in_json(engine):
    quick = ("--recipe=quick", "--minutes=1", "--dataset=toy", "--device=cpu", "--json")
    code, out, errors = engine("estimate", *quick)
    (row,) = json_lines(out)
    assert code == 0
    decided = {one["name"]: one["value"] for one in row["decisions"]}
    assert {"n_layer", "optimizer"} <= decided.keys()
    assert all(one["event"] == "decision" and one["why"] for one in row["decisions"])
    assert errors == ""
    assert json_lines(engine("estimate", "--device=cpu", "--json", "--dataset=toy")[1])[0]["decisions"] == []


@pytest.mark.usefixtures("toy_dataset")
def test_a_run_tells_its_decisions_before_its_events(engine):
    shape = [word for word in TOY if not word.startswith("--warmup")]
    words = [*shape, "--recipe=quick", "--minutes=0.005", "--out_dir=out", "--sample_tokens=0", "--anyway=True"]
    rows = json_lines(engine("train", *words, "--json")[1])
    kinds = [row["event"] for row in rows]
    assert kinds[0] == "decision"
    assert "decision" not in kinds[kinds.index("started") :]
