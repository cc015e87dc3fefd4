import itertools
from dataclasses import replace

import pytest

from engine.core.config import FOLLOW, TrainConfig
from engine.planning.calibration import IterationShape, Measurement
from engine.planning.pace import Pace
from engine.planning.presets import presets
from engine.planning.recipes import (
    CONTEXTS,
    EVALUATIONS,
    HEADROOM_UNMEASURED,
    MOST_EVALUATIONS,
    SCORING,
    SCORING_SHARE,
    SHAPE,
    bytes_per_token,
    plan,
)
from engine.planning.text_facts import TextFacts
from engine.tokens.tokenizer import BPE_VOCAB_SIZES
from scripts.recipe_lab.baselines import Arithmetic

PACE = Pace(device="cpu", rate=1e11)
FAST = Pace(device="cpu", rate=1e12)
MINUTES = (0.0, 0.15, 1.0, 5.0, 20.0, 600.0, 10_080.0)
LENGTHS = (400, 5_000, 100_000, 1_000_000, 5_000_000, 2_000_000_000)


def text(train_bytes=1_000_000, **changes):
    facts = {"dataset": "mine", "tokenizer": "gpt2", "vocab_size": 50304, "val_bytes": max(1, train_bytes // 9)}
    return TextFacts(train_bytes=train_bytes, **facts | changes)


def quick(minutes=1.0, given=None, settings=None, pace=PACE, **facts):
    settings = presets()["tiny"].settings if settings is None else settings
    return plan("quick", text=text(**facts), settings=settings, given=given or {}, minutes=minutes, pace=pace)


def configured(found, given=None):
    return TrainConfig.of(presets()["tiny"].settings, found.settings, given or {})


def test_the_guides_recipe_decides_nothing():
    found = plan("guide", text=text(), settings=presets()["tiny"].settings, given={}, minutes=5.0, pace=PACE)
    assert (found.settings, found.decisions) == ({}, ())
    assert (found.tokenizer, found.vocab_size) == ("gpt2", 50304)


@pytest.mark.parametrize(("name", "length", "minutes"), [*itertools.product(presets(), LENGTHS, MINUTES)])
def test_every_plan_is_a_run_that_can_be_made(name, length, minutes):
    settings = presets()[name].settings
    shape = {key: settings[key] for key in SHAPE[:3]}
    for given in ({}, shape):
        found = quick(minutes, given, settings, train_bytes=length)
        config = TrainConfig.of(settings, found.settings, given)
        assert found.vocab_size in BPE_VOCAB_SIZES
        assert found.vocab_size <= max(256, length / 100)
        assert config.block_size < max(9, length / 9 / 2)
        assert config.warmup_iters < config.max_iters
        assert config.eval_interval <= config.max_iters
        assert config.min_lr == 0.0 < config.learning_rate < 0.1
        if given or not minutes:
            assert {key: getattr(config, key) for key in shape} == shape


def test_every_decision_is_a_setting_with_a_reason_of_one_sentence():
    found = quick()
    told = {one.name: one for one in found.decisions}
    values = {name: one.value for name, one in told.items() if name != "vocab_size"}
    assert values | {"lr_decay_iters": FOLLOW} == found.settings  # the schedule ends with the run
    assert told["vocab_size"].value == found.vocab_size
    assert len(told) == len(found.decisions)
    for one in found.decisions:
        assert one.why[0].isupper()
        assert one.why.endswith(".")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 1e-4),
        ("batch_size", 3),
        ("optimizer", "adamw"),
        ("dropout", 0.3),
        ("dropout_at", "all"),
        ("made_up_words", False),
        ("sampling", "random"),
        ("max_iters", 77),
    ],
)
def test_what_a_person_says_stays(name, value):
    found = quick(given={name: value})
    assert name not in found.settings
    assert all(one.name != name for one in found.decisions)
    assert getattr(configured(found, {name: value}), name) == value


def test_every_iteration_is_counted_with_the_optimizer_that_will_make_it():
    counted = []

    class Watched(Arithmetic):
        def seconds_per_iter(self, config, vocab_size):
            counted.append(config.optimizer)
            return super().seconds_per_iter(config, vocab_size)

    for given in ({}, {"optimizer": "adamw"}):
        counted.clear()
        found = quick(given=given, pace=Watched(device="cpu"))
        assert set(counted) == {configured(found, given).optimizer}


def test_more_minutes_never_make_a_smaller_model_or_a_shorter_run():
    configs = [configured(quick(minutes, train_bytes=50_000_000)) for minutes in MINUTES[1:]]
    sizes = [config.n_layer * config.n_embd**2 for config in configs]
    works = [config.max_iters * config.tokens_per_iter * size for config, size in zip(configs, sizes, strict=True)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    assert works == sorted(works)


def test_a_faster_machine_is_given_no_smaller_model():
    sizes = [configured(quick(5.0, pace=Pace(device="cpu", rate=rate))).n_embd for rate in (1e9, 1e10, 1e11, 1e12)]
    assert sizes == sorted(sizes)


PACES = [
    Pace(device="cpu", rate=25e9),
    Pace(device="cpu", rate=5e10),
    Pace(device="mps"),
    Pace(device="mps", rate=2e13),
]


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("minutes", [1.0, 20.0])
def test_a_plan_follows_what_an_iteration_costs_on_the_device(pace, minutes):
    found = quick(minutes, pace=pace, train_bytes=2_000_000_000)
    config = configured(found)
    iterations = minutes * 60 / pace.seconds_per_iter(config, found.vocab_size)
    assert config.max_iters == pytest.approx(HEADROOM_UNMEASURED * iterations, rel=0.02)
    assert config.warmup_iters == pytest.approx(min(100, iterations / 16), abs=1)
    looks = iterations / config.eval_interval
    assert 4 < looks < 1.1 * MOST_EVALUATIONS
    assert looks * config.eval_iters * SCORING <= max(EVALUATIONS * SCORING, 1.1 * SCORING_SHARE * iterations)


def test_a_wide_model_costs_a_quick_gpu_little_more_and_is_chosen():
    """Where asking takes most of an iteration, as at 20 TFLOP a second on a Mac's GPU."""
    small, large = (
        TrainConfig(n_layer=2, n_head=width // 64, n_embd=width, block_size=128, batch_size=32, optimizer="muon")
        for width in (128, 256)
    )
    times = [pace.seconds_per_iter(large, 1024) / pace.seconds_per_iter(small, 1024) for pace in PACES]
    assert times[-1] < 2 < 3 < times[0]
    widths = [configured(quick(1.0, pace=each)).n_embd for each in PACES]
    assert widths == sorted(widths)
    assert widths[-1] > widths[0]


def test_what_was_measured_wins_over_the_guess():
    known = TrainConfig(n_layer=2, n_head=2, n_embd=128, block_size=128, batch_size=32, optimizer="muon")
    shape = IterationShape.of(known, 1024)
    seconds = {"seconds_per_iter": 0.001, "low": 0.001, "high": 0.001}
    one = Measurement(
        source="calibration", shape=shape, device="mps", dtype="float32", torch="", threads=2, flops=1, **seconds
    )
    slow = Pace(device="mps", rate=1e9)
    sizes = [configured(quick(1.0, pace=pace)).n_embd for pace in (slow, replace(slow, measured=(one,)))]
    assert sizes == [128, 256]


@pytest.mark.parametrize("minutes", [0.15, 20.0])
def test_a_model_that_was_chosen_by_a_guess_says_so(minutes):
    known = Arithmetic(device="cpu")
    for pace, guessed in ((PACE, True), (known, False)):
        told = next(one.why for one in quick(minutes, pace=pace).decisions if one.name == "n_layer")
        assert ("by a guess at this machine’s speed" in told) is guessed


@pytest.mark.parametrize(
    "facts",
    [
        {"tokenizer": "char", "vocab_size": 65},
        {"tokenizer": "bpe", "vocab_size": 700},
        {"tokenizer": "gpt2", "can_refit": False},
    ],
)
def test_tokens_that_somebody_chose_stay(facts):
    found = quick(**facts)
    assert found.tokenizer == facts["tokenizer"]
    assert "dataset" not in found.settings


def test_without_minutes_the_iterations_are_the_presets():
    config = configured(quick(0.0))
    assert (config.max_iters, config.n_layer, config.minutes) == (2000, 2, 0.0)


def test_a_plan_is_told_apart_from_the_run_it_makes():
    found = quick()
    again = plan("quick", text=text(), settings=found.settings, given=found.settings, minutes=1.0, pace=PACE)
    assert again.settings.keys() <= {"dataset"}


def test_a_slow_machine_makes_smaller_batches_for_enough_iterations():
    shape = {"n_layer": 12, "n_head": 12, "n_embd": 768, "block_size": 256}
    slow = configured(quick(1.0, shape, pace=Pace(device="cpu", rate=1e11)), shape)
    fast = configured(quick(1.0, shape, pace=Pace(device="cpu", rate=1e14), train_bytes=20_000_000), shape)
    assert slow.batch_size == 1
    assert fast.tokens_per_iter == 4096


@pytest.mark.parametrize(
    ("max_iters", "told"),
    [
        (1, "The text is read in part: too seldom for a model of this size to learn it by heart."),
        (100_000, "The text is read about"),
    ],
)
def test_how_often_the_text_is_read_is_told_as_one_would_say_it(max_iters, told):
    found = quick(given={"max_iters": max_iters}, minutes=0.0)
    why = next(one.why for one in found.decisions if one.name == "dropout")
    assert why.startswith(told)
    assert "about 0" not in why
    assert ("seldom" in why) is (max_iters == 1)


def test_made_up_words_come_before_dropout_where_a_text_is_read_often():
    shape = {"n_layer": 2, "n_head": 2, "n_embd": 128, "block_size": 128, "batch_size": 16}
    configs = [configured(quick(0.0, shape | {"max_iters": n}, train_bytes=1_000_000), shape) for n in (1510, 1800)]
    assert [config.dropout for config in configs] == [0.0, 0.0]
    assert [config.made_up_words for config in configs] == [False, True]


def test_a_text_that_is_read_very_often_is_sooner_learned_with_made_up_words():
    shape = {"n_layer": 2, "n_head": 2, "n_embd": 128, "block_size": 128, "batch_size": 32}
    asked = [(100_000, 900), (100_000, 1100), (1_000_000, 1400), (1_000_000, 1600)]
    configs = [configured(quick(0.0, shape | {"max_iters": n}, train_bytes=size), shape) for size, n in asked]
    assert [config.dropout for config in configs] == [0.2, 0.2, 0.1, 0.1]
    assert [config.made_up_words for config in configs] == [False, True, False, True]


def test_what_a_model_could_learn_by_heart_is_learned_with_noise():
    shape = {"n_layer": 2, "n_head": 2, "n_embd": 128, "block_size": 128, "batch_size": 32}
    configs = [configured(quick(0.0, shape | {"max_iters": often * 100}), shape) for often in (1, 6, 33, 80, 1000)]
    dropout = [config.dropout for config in configs]
    assert dropout == sorted(dropout)
    assert [config.weight_decay for config in configs] == [0.2 if each else 0.1 for each in dropout]
    assert [config.embedding_dropout for config in configs] == [0.0] * len(configs)
    assert [config.made_up_words for config in configs] == [False, False, True, True, True]
    assert set(dropout) == {0.0, 0.1, 0.2}
    large = shape | {"n_layer": 6, "n_head": 6, "n_embd": 384}
    assert configured(quick(0.0, large | {"max_iters": 600}), large).dropout > dropout[1]


@pytest.mark.parametrize("two_cases", [True, False])
def test_words_are_made_up_in_scripts_of_two_cases_alone(two_cases):
    found = quick(0.0, {"max_iters": 100_000}, two_cases=two_cases)
    assert found.settings["dropout"]
    assert any(one.name == "made_up_words" for one in found.decisions) is two_cases
    assert configured(found).made_up_words is two_cases


def test_a_longer_run_learns_at_a_lower_rate():
    rates = [configured(quick(0.0, {"max_iters": often})).learning_rate for often in (1, 500, 2600, 50_000)]
    assert rates[0] == rates[1] > rates[2] > rates[3] > rates[0] / 10


def test_a_short_run_sees_short_stretches_and_as_many_tokens_a_batch():
    shape = {"n_layer": 2, "n_head": 2, "n_embd": 128}
    for part, given in ((1, shape), (2, shape | {"copy_heads": False})):
        seen = [configured(quick(minutes, given, train_bytes=20_000_000), given) for minutes in (60.0, 9.0, 1.0)]
        assert [config.block_size for config in seen] == [tokens // part for tokens, _ in CONTEXTS]
        assert len({config.tokens_per_iter for config in seen[:2]}) == 1
    long, short = seen[0], configured(quick(1.0, train_bytes=20_000_000))
    fixed = configured(quick(1.0, {"block_size": 128}), {"block_size": 128})
    assert fixed.tokens_per_iter == short.tokens_per_iter <= long.tokens_per_iter


@pytest.mark.parametrize("minutes", [1.0, 3.0, 5.0, 7.5, 10.0, 20.0, 60.0])
def test_no_longer_context_than_the_iterations_are_enough_for(minutes):
    fewest = dict(CONTEXTS)
    found = quick(minutes, train_bytes=20_000_000)
    expected = minutes * 60 / PACE.seconds_per_iter(configured(found), found.vocab_size)
    assert expected >= fewest[configured(found).block_size] - 1


SHAPE_OF_TINY = {"n_layer": 2, "n_head": 2, "n_embd": 128, "block_size": 128}


def why(name, **facts):
    return next(one.why for one in quick(**facts).decisions if one.name == name)


def value_of(name, **facts):
    return next(one.value for one in quick(**facts).decisions if one.name == name)


def test_the_reason_for_a_model_is_what_kept_it_from_being_larger():
    assert "too little in 0.15 minutes" in why("n_layer", minutes=0.15)
    assert "learns enough in 20 minutes" in why("n_layer", minutes=20.0)
    assert "so short a text" in why("n_layer", minutes=600.0, train_bytes=100_000)


@pytest.mark.parametrize(
    "facts", [{"tokenizer": "char", "vocab_size": 65}, {"tokenizer": "bpe", "vocab_size": 300}, {}]
)
def test_the_reason_for_a_context_is_true_of_every_vocabulary(facts):
    assert (
        why("block_size", minutes=60.0, train_bytes=20_000_000, **facts)
        == "Long enough for a few sentences, and quick to compute."
    )


def test_a_context_that_the_text_limits_says_so():
    assert (
        why("block_size", minutes=60.0, train_bytes=5_000, val_bytes=200)
        == "No longer than half of the text that judges."
    )


def test_a_context_that_only_happens_to_be_as_long_as_that_is_not_put_down_to_the_text():
    facts = {"minutes": 60.0, "train_bytes": 20_000_000, "val_bytes": 5_000}
    assert value_of("block_size", **facts) == value_of("block_size", **facts | {"val_bytes": 2_000_000}) == 512
    assert value_of("block_size", **facts | {"val_bytes": 2_500}) == 256
    assert why("block_size", **facts) == "Long enough for a few sentences, and quick to compute."


@pytest.mark.parametrize(("iterations", "momentum"), [(1_999, 0.9), (2_001, TrainConfig().momentum)])
def test_muon_forgets_sooner_in_a_short_run(iterations, momentum):
    given = {"max_iters": iterations}
    assert configured(quick(0.0, given), given).momentum == momentum


def test_what_muon_remembers_is_no_decision_where_another_optimizer_is_given():
    found = quick(given={"optimizer": "adamw"})
    assert "momentum" not in {one.name for one in found.decisions}


def test_a_long_run_is_looked_at_more_often():
    looks = []
    for minutes in (1.0, 5.0, 20.0, 60.0):
        found = quick(minutes, SHAPE_OF_TINY, train_bytes=20_000_000)
        config = configured(found, SHAPE_OF_TINY)
        looks.append(round(minutes * 60 / PACE.seconds_per_iter(config, found.vocab_size) / config.eval_interval))
    assert looks == sorted(looks)
    assert 4 < looks[0] < looks[-1] / 3


def test_steps_that_a_preset_accumulates_do_not_make_a_run_seem_shorter():
    settings = presets()["tiny"].settings
    assert quick(settings=settings | {"gradient_accumulation_steps": 8}).settings == quick(settings=settings).settings


@pytest.mark.parametrize("preset", ["tiny", "medium-m4"])
def test_a_plan_ends_where_a_text_is_learned_by_heart_whatever_the_time(preset):
    settings = presets()[preset].settings
    shape = {name: settings[name] for name in SHAPE}
    lengths = [quick(minutes, shape, train_bytes=100_000).settings["max_iters"] for minutes in (60.0, 600.0)]
    assert lengths[0] == lengths[1]
    found = quick(600.0, shape, train_bytes=100_000)
    config = configured(found, shape)
    readings = lengths[0] * config.tokens_per_iter / (100_000 / bytes_per_token("bpe", found.vocab_size))
    assert (20 if preset == "tiny" else 5) < readings < (100 if preset == "tiny" else 20)
    assert "learn it by heart" in why("max_iters", minutes=600.0, given=shape, train_bytes=100_000)
    assert config.warmup_iters <= config.max_iters / 10
    assert quick(600.0, shape | {"max_iters": 90_000}, train_bytes=100_000).settings.get("max_iters") is None


def test_a_preset_that_would_read_a_short_text_too_often_is_cut_short():
    assert configured(quick(0.0, train_bytes=50_000)).max_iters < presets()["tiny"].settings["max_iters"]
    assert "max_iters" not in quick(0.0, train_bytes=5_000_000).settings


def test_a_machine_that_is_faster_than_foretold_does_not_read_on():
    slow, fast = (quick(5.0, train_bytes=100_000, pace=Pace(device="cpu", rate=rate)) for rate in (1e10, 1e12))
    configs = [configured(found) for found in (slow, fast)]
    tokens = [config.max_iters // config.generations * config.tokens_per_iter for config in configs]
    assert tokens[0] == pytest.approx(tokens[1], rel=0.01)


# several models


def test_a_text_that_one_model_would_learn_by_heart_has_two():
    found = quick(5.0, train_bytes=100_000, pace=FAST)
    config = configured(found)
    assert config.generations == 2
    alone = configured(quick(5.0, given={"generations": 1}, train_bytes=100_000, pace=FAST))
    assert config.max_iters == 2 * alone.max_iters
    assert config.generations in {one.value for one in found.decisions if one.name == "generations"}


@pytest.mark.parametrize(
    ("minutes", "train_bytes"), [(1.0, 1_000_000), (5.0, 1_000_000), (20.0, 5_000_000), (0.5, 100_000)]
)
def test_a_text_that_lasts_and_a_time_too_short_for_two_have_one(minutes, train_bytes):
    assert configured(quick(minutes, train_bytes=train_bytes)).generations == 1


def test_a_model_that_goes_on_from_another_is_the_only_one():
    found = quick(5.0, given={"init_from": "gpt2"}, train_bytes=100_000, pace=FAST)
    assert "generations" not in found.settings


def test_each_of_two_models_is_planned_for_half_of_the_run_and_shaped_for_all_of_it():
    def planned(iterations, models, minutes=0.0):
        given = {"max_iters": iterations, "generations": models}
        return configured(quick(minutes, given, train_bytes=300_000), given)

    two, half, whole = planned(4000, 2), planned(2000, 1), planned(4000, 1)
    names = ("learning_rate", "momentum", "dropout", "made_up_words", "warmup_iters", "eval_interval")
    assert [getattr(two, name) for name in names] == [getattr(half, name) for name in names]
    assert (two.block_size, two.batch_size) == (whole.block_size, whole.batch_size)
    assert whole.block_size != half.block_size
    assert planned(4000, 2, minutes=20.0).n_embd == planned(4000, 1, minutes=20.0).n_embd > whole.n_embd


def test_two_models_that_are_taken_have_the_time_of_one():
    """The clock is to end them: they are given more iterations than are expected, and each is planned for its part."""
    pace = Arithmetic(device="cpu")
    found = quick(4.0, train_bytes=300_000, pace=pace)
    config = configured(found)
    assert config.generations == 2
    made = 240 / pace.seconds_per_iter(config, found.vocab_size)
    assert made < config.max_iters <= 2 * made + 2


@pytest.mark.parametrize(
    ("given", "copies"),
    [({}, True), ({"n_layer": 1}, False), ({"init_from": "gpt2"}, False), ({"copy_heads": False}, False)],
)
def test_a_new_model_of_two_layers_begins_able_to_copy(given, copies):
    assert configured(quick(given=given), given).copy_heads is copies
