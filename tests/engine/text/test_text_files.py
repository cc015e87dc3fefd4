"""The texts in resources/ keep to the facts they tell: settings, commands and counts that exist."""

import json
import re

import pytest

from engine.core.config import SampleConfig, TrainConfig, explanations
from engine.core.paths import shipped
from engine.core.settings import setting_fields
from engine.model.shape import parameter_count
from engine.planning.presets import presets
from engine.tokens.tokenizer import GPT2_VOCAB_SIZE

SETTINGS = setting_fields(TrainConfig) | setting_fields(SampleConfig)
GROUPS = {"Model", "Training", "Evaluation", "Machine", "Run", "Text", "Sampling"}
COMMANDS = {"prepare", "train", "sample", "play", "estimate", "bench", "export", "runs", "doctor", "pack", "unpack"}
OPTIONS = {"preset", "help", "json", "calibrate", "iters", "from", "name", "tokenizer", "vocab_size", "split", "format"}
OPTIONS |= {
    "anyway",
    "outtype",
    "costs",
    "gpus",
    "encoding",
    "text_key",
    "speaker_key",
    "speaker",
    "me",
    "it",
    "third",
    "auto",
    "snapshot",
}
OPTIONS |= {"self", "nproc_per_node", "standalone"}  # --self-test is the application's, the others are torchrun's
CHAPTERS = sorted(shipped("resources", "guide").glob("*.md"))
TROUBLESHOOTING = shipped("resources", "troubleshooting.json")
PAGES = [*CHAPTERS, TROUBLESHOOTING]


def troubles():
    return json.loads(TROUBLESHOOTING.read_text("utf-8"))


def test_every_setting_is_explained_and_nothing_else():
    assert set(explanations()) == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_an_explanation_is_complete(name):
    text = explanations()[name]
    assert set(text) == {"label", "group", "what", "impact"}
    assert text["group"] in GROUPS
    assert text["label"][0].isupper()
    assert len(text["label"]) <= 30
    for sentence in (text["what"], text["impact"]):
        assert re.fullmatch(r"[A-Z0-9][^\n]*[^.]\.", sentence)
        assert ". " not in sentence, "one sentence"


def test_troubleshooting_is_complete_and_each_code_stands_once():
    for item in troubles():
        assert set(item) == {"code", "title", "what", "why", "do"}
        assert re.fullmatch(r"[a-z_]+", item["code"])
        assert all(text.strip() for text in (item["title"], item["what"], item["why"], *item["do"]))
        assert item["do"]
    codes = [item["code"] for item in troubles()]
    assert len(codes) == len(set(codes))


def test_troubleshooting_answers_everything_the_guide_asks():
    asked = {"out_of_memory", "on_cpu", "slow", "cuda_missing", "nan_loss", "diverging", "tiktoken_missing"}
    tips = {"start_small", "gap", "patience", "learning_rate", "overfitting", "early_stop"}
    assert asked | tips <= {item["code"] for item in troubles()}


def test_the_help_book_has_its_chapters():
    titles = [chapter.read_text("utf-8").splitlines()[0] for chapter in CHAPTERS]
    assert titles == [
        "# Start small",
        "# What to watch",
        "# Presets",
        "# Parameters",
        "# Overfitting and early stopping",
        "# Your own text",
        "# Checkpoints and resuming",
        "# From the guide’s commands to Understudy’s",
        "# Glossary",
        "# Resources",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_commands_and_flags_that_exist(page):
    text = page.read_text("utf-8")
    assert set(re.findall(r"python -m engine (\w+)", text)) <= COMMANDS
    assert set(re.findall(r"(?<![\w-])--([a-z]\w*)(?![\w-])", text)) - OPTIONS <= set(SETTINGS)


@pytest.mark.parametrize("name", presets())
def test_the_preset_table_is_true(name):
    config = presets()[name].config()
    numbers = [config.n_layer, config.n_head, config.n_embd, config.block_size, config.batch_size, config.max_iters]
    count = parameter_count(config, GPT2_VOCAB_SIZE)
    share = f"{count.embedding / count.total:.0%}".replace("%", " %")
    rows = [re.split(r"\s*\|\s*", line.replace(",", "")) for line in CHAPTERS[2].read_text("utf-8").splitlines()]
    assert [*map(str, numbers), str(count.total), share] in [row[2:10] for row in rows]
