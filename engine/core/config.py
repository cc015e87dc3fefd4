"""The settings of a run and of a reply: nanoGPT's, under nanoGPT's names, with a laptop's defaults.

What a setting means to a person is told in resources/parameters.json. Knows nothing of torch.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Self, get_args

from engine.core.init_from import problem_of_init_from
from engine.core.kinds import (
    DEVICES,
    DTYPES,
    RECIPES,
    DecayForm,
    DeviceSetting,
    DropoutAt,
    DtypeSetting,
    OnFault,
    OptimizerName,
    RecipeName,
    ResumeFrom,
    Sampling,
)
from engine.core.paths import shipped
from engine.core.settings import Settings, is_text, setting

FOLLOW = -1
"""A value of -1: the setting is what FOLLOWED makes it."""

FOLLOWED = {"lr_decay_iters": "max_iters", "min_lr": "learning_rate"}
"""The setting that another follows."""

OF_THE_CALL = frozenset({"out_dir", "init_from", "resume_from", "overwrite", "eval_only"})
"""Settings that say what one call does; all others are the run's own."""

DATASET_ALIASES = {"shakesphere": "shakespeare"}
"""Names that mean another dataset: the guide's spelling."""

MOST_ITERS = 100_000_000
"""Iterations that a run may have."""


def followed_value(name: str, source: Any) -> Any:
    """Return the value of a setting that follows another one of value `source`: min_lr is a tenth of learning_rate."""
    return source / 10 if name == "min_lr" else source


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig(Settings):
    """All settings of a run; the defaults are the guide's small model.

    A -1 for lr_decay_iters or min_lr is replaced at once by what it follows, so each field always holds
    the value in force. Raises SettingError naming every field that is out of range.
    """

    # where it goes and what it starts from
    out_dir: str = setting("")
    init_from: str = setting("scratch")
    resume_from: ResumeFrom = setting("latest", choices=get_args(ResumeFrom))
    overwrite: bool = setting(False)
    eval_only: bool = setting(False)
    always_save_checkpoint: bool = setting(True)
    checkpoint_minutes: float = setting(5.0, minimum=0.0, maximum=10_080.0)
    snapshots: bool = setting(True)
    # who decides what is not said
    recipe: RecipeName = setting("guide", choices=RECIPES)
    minutes: float = setting(0.0, minimum=0.0, maximum=10_080.0)
    # text
    dataset: str = setting("shakespeare_complete")
    # model
    n_layer: int = setting(4, minimum=1, maximum=256)
    n_head: int = setting(4, minimum=1, maximum=256)
    n_embd: int = setting(256, minimum=1, maximum=16384)
    block_size: int = setting(256, minimum=1, maximum=65536)
    bias: bool = setting(False)
    dropout: float = setting(0.0, minimum=0.0, maximum=0.9)
    dropout_at: DropoutAt = setting("all", choices=get_args(DropoutAt))
    copy_heads: bool = setting(False)
    # optimization
    optimizer: OptimizerName = setting("adamw", choices=get_args(OptimizerName))
    batch_size: int = setting(4, minimum=1, maximum=4096)
    gradient_accumulation_steps: int = setting(1, minimum=1, maximum=4096)
    sampling: Sampling = setting("random", choices=get_args(Sampling))
    max_iters: int = setting(5000, minimum=0, maximum=MOST_ITERS)
    learning_rate: float = setting(1e-3, minimum=0.0, maximum=10.0)
    decay_lr: bool = setting(True)
    decay_form: DecayForm = setting("cosine", choices=get_args(DecayForm))
    warmup_iters: int = setting(100, minimum=0)
    lr_decay_iters: int = setting(FOLLOW, minimum=FOLLOW)
    min_lr: float = setting(FOLLOW, minimum=FOLLOW, maximum=10.0)
    weight_decay: float = setting(0.1, minimum=0.0, maximum=10.0)
    beta1: float = setting(0.9, minimum=0.0, maximum=0.9999)
    beta2: float = setting(0.99, minimum=0.0, maximum=0.99999)
    momentum: float = setting(0.95, minimum=0.0, maximum=0.9999)
    grad_clip: float = setting(1.0, minimum=0.0)
    made_up_words: bool = setting(False)
    generations: int = setting(1, minimum=1, maximum=10)
    # evaluation and reports
    eval_interval: int = setting(250, minimum=1)
    eval_iters: int = setting(20, minimum=1, maximum=100_000)
    log_interval: int = setting(10, minimum=1)
    sample_prompt: str = setting("\n")
    sample_tokens: int = setting(100, minimum=0, maximum=10_000)
    # what is done when something goes wrong
    on_fault: OnFault = setting("stop", choices=get_args(OnFault))
    early_stop: bool = setting(True)
    patience: int = setting(8, minimum=1, maximum=100_000)
    low_battery_percent: int = setting(10, minimum=0, maximum=100)
    # machine
    device: DeviceSetting = setting("auto", choices=DEVICES)
    dtype: DtypeSetting = setting("auto", choices=DTYPES)
    compile: bool = setting(False)
    seed: int = setting(1337, minimum=0, maximum=2**32 - 1)

    def __post_init__(self) -> None:
        Settings.__post_init__(self)
        object.__setattr__(self, "dataset", DATASET_ALIASES.get(self.dataset, self.dataset))
        for name, source in FOLLOWED.items():
            if getattr(self, name) == FOLLOW:
                object.__setattr__(self, name, followed_value(name, getattr(self, source)))

    def conflicts(self) -> dict[str, str]:
        """Return what is wrong between fields that are each in range: a sentence by the name of the setting."""
        problems = {
            name: f"{name} must be Unicode without the character NUL."
            for name in ("out_dir", "init_from", "dataset", "sample_prompt")
            if not is_text(getattr(self, name))
        }
        if problem := problem_of_init_from(self.init_from):
            problems["init_from"] = problem
        if self.n_embd % self.n_head:
            lower = self.n_embd // self.n_head * self.n_head
            fitting = " or ".join(str(n) for n in (lower, lower + self.n_head) if n)
            problems["n_embd"] = (
                f"n_embd {self.n_embd} is not divisible by n_head {self.n_head}, and each head takes an equal share: "
                f"try n_embd {fitting}."
            )
        elif self.copy_heads and not self.can_copy:
            problems["copy_heads"] = (
                "copy_heads takes two layers, of which one looks for what the other has found, and some width: "
                "try n_layer 2, or copy_heads False."
            )
        if FOLLOW < self.min_lr < 0:
            problems["min_lr"] = (
                f"min_lr must be at least 0, or {FOLLOW} for a tenth of learning_rate, not {self.min_lr:g}."
            )
        if self.min_lr > self.learning_rate:
            problems["min_lr"] = (
                f"min_lr {self.min_lr:g} is above learning_rate {self.learning_rate:g}, so the rate would rise: "
                f"use {self.learning_rate / 10:g} or leave it out."
            )
        return problems

    @property
    def embedding_dropout(self) -> float:
        """The share of the token vectors that is dropped: none where dropout is in the layers alone."""
        return self.dropout if self.dropout_at == "all" else 0.0

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return these settings with some of them changed; one that followed another goes on following it.

        Raises SettingError as building them does.
        """
        return self.of(self.as_dict(), self.following(), changes)

    def changes_since(self, before: Self) -> dict[str, Any]:
        """Return the settings that are not as they were before, as they are now."""
        return {name: value for name, value in self.as_dict().items() if value != getattr(before, name)}

    def following(self) -> dict[str, int]:
        """Return the settings that follow another, with the value that lets them: FOLLOW."""
        values = self.as_dict()
        return {
            name: FOLLOW for name, source in FOLLOWED.items() if values[name] == followed_value(name, values[source])
        }

    def going_on(self, out_dir: str, changes: Mapping[str, Any]) -> Self:
        """Return these settings for a call that goes on with the run in a folder, with changes."""
        of_the_call = {"init_from": "resume", "resume_from": "latest", "overwrite": False, "out_dir": out_dir}
        return self.changed(of_the_call | dict(changes))

    def lasting(self, minutes: float) -> Self:
        """Return these settings for another time: what quick planned for the clock to end is given as much more."""
        changes: dict[str, Any] = {"minutes": minutes}
        if self.recipe == "quick" and self.minutes and minutes:
            changes["max_iters"] = min(MOST_ITERS, math.ceil(self.max_iters * minutes / self.minutes))
        return self.changed(changes)

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.n_embd // self.n_head

    @property
    def can_copy(self) -> bool:
        """Whether a model is large enough to begin with copy heads: two layers, and heads of two numbers."""
        return self.n_layer >= 2 and self.head_size >= 2 and self.n_embd >= 6

    @property
    def tokens_per_iter(self) -> int:
        """Tokens that each update of the weights is computed from."""
        return self.gradient_accumulation_steps * self.batch_size * self.block_size


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleConfig(Settings):
    """How a model continues a text: nanoGPT's sample.py settings, and the cut-offs other programs have.

    top_k 0, top_p 1.0 and min_p 0.0 cut nothing off; temperature 0 always takes the likeliest token;
    repetition_penalty 1.0 and an empty stop do nothing.
    """

    start: str = setting("\n")
    num_samples: int = setting(1, minimum=1, maximum=64)
    max_new_tokens: int = setting(200, minimum=1, maximum=1_000_000)
    temperature: float = setting(0.8, minimum=0.0, maximum=10.0)
    top_k: int = setting(200, minimum=0)
    top_p: float = setting(1.0, minimum=0.0, maximum=1.0)
    min_p: float = setting(0.0, minimum=0.0, maximum=1.0)
    repetition_penalty: float = setting(1.0, minimum=0.1, maximum=10.0)
    stop: str = setting("")
    seed: int = setting(1337, minimum=0, maximum=2**32 - 1)
    device: DeviceSetting = setting("auto", choices=DEVICES)
    dtype: DtypeSetting = setting("auto", choices=DTYPES)
    compile: bool = setting(False)


@cache
def explanations() -> dict[str, dict[str, str]]:
    """Return the texts of each setting ("label", "group", "what", "impact") from resources/parameters.json."""
    texts: dict[str, dict[str, str]] = json.loads(shipped("resources", "parameters.json").read_text("utf-8"))
    return texts
