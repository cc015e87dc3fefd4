"""Model, optimizer and the update of one iteration."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError
from engine.core.generations import FROM_TEACHER
from engine.core.kinds import DtypeName
from engine.core.seeds import derived_seed
from engine.machine.device import Device
from engine.model.copy_heads import begin_with_copy_heads
from engine.model.fitting import compile_layers, fit
from engine.model.gpt import GPT, ModelArgs
from engine.model.matmul import fast_products
from engine.runs.checkpoint import Saved
from engine.tokens.batches import TokenFile
from engine.training.ahead import MicroStepsAhead
from engine.training.muon import muon
from engine.training.optimizer import adamw
from engine.training.parameters import Parameters, SideBySide
from engine.training.precision import choose_dtype
from engine.training.repairs import broke_down, lost_work
from engine.training.schedule import learning_rate_at
from engine.training.team import ALONE, MicroStep, Team, Windows

_OPTIMIZERS = {"adamw": adamw, "muon": muon}
_NAMES: Mapping[torch.dtype, DtypeName] = {
    torch.float32: "float32",
    torch.bfloat16: "bfloat16",
    torch.float16: "float16",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured of the last update; `step_ms` is the mean since the reading before."""

    loss: float
    grad_norm: float
    step_ms: float


class Learner:
    """A model that learns: `update` for each iteration, `read` whenever its numbers are wanted.

    Nothing is read back from the device between readings, so its queue of work never runs dry; only where
    reading costs nothing (the CPU) is every update checked before it is made.

    Attributes:
        teacher: the model that this one learns from, beside the text; None where there is none.
        team: the processes that each compute a part of an update.
        is_whole: False when an update failed while it was being made, so that the weights may be neither old nor new.
    """

    def __init__(self, model: GPT, config: TrainConfig, device: Device, teacher: GPT | None = None) -> None:
        wants_long = device.formulation.side_by_side
        long = SideBySide(model, device.torch) if wants_long else None
        self.model = model.train() if wants_long else model.to(device.torch).train()
        self._parameters = long or Parameters(model)
        self.config = config
        self.device = device
        self.dtype = device.dtype(config.dtype)
        self.optimizer = _OPTIMIZERS[config.optimizer](self.model, config, self._parameters)
        self.learning_rate = config.learning_rate
        self._loss = self._grad_norm = torch.zeros((), device=device.torch)
        self._busy_s = 0.0
        self._updates = 0
        self.team: Team = ALONE
        self._ahead = MicroStepsAhead(ALONE, config, device)
        self.is_whole = True
        # float16 has few small numbers: gradients are made of the loss times a scale that adapts, as in nanoGPT
        self._scaler = torch.amp.GradScaler(device.kind, enabled=self.dtype == torch.float16)
        self.model.drop_embeddings(config.embedding_dropout)
        fit(self.model, device, self.dtype)
        self.teacher = teacher
        if teacher is not None:
            fit(teacher.to(device.torch).eval(), device, self.dtype)
        if config.compile:
            compile_layers(self.model, device)

    @property
    def dtype_name(self) -> DtypeName:
        """The dtype that products are taken in, as --dtype names it."""
        return _NAMES[self.dtype]

    def choose_dtype(self, tokens: TokenFile) -> None:
        """Find the dtype for `auto` by a trial on the first batch; the weights stay as they are."""
        config = self.config
        inputs, targets = tokens.random_windows(config.batch_size, config.block_size, config.seed, 0)
        batch = inputs.to(self.device.torch), targets.to(self.device.torch)
        self.dtype = choose_dtype(self.model, *batch, self.device)

    @classmethod
    def fresh(cls, config: TrainConfig, vocab_size: int, device: Device, teacher: GPT | None = None) -> Self:
        """Return a new model, initialised from the seed."""
        torch.manual_seed(config.seed)
        model = GPT(model_args(config, vocab_size))
        if config.copy_heads:
            begin_with_copy_heads(model)
        return cls(model, config, device, teacher)

    @classmethod
    def resumed(cls, config: TrainConfig, saved: Saved, device: Device, teacher: GPT | None = None) -> Self:
        """Return the model and optimizer of a checkpoint; CheckpointError when the settings name another shape."""
        args = model_args(config, saved.args.vocab_size)
        wanted, has = args.as_dict(), saved.args.as_dict()
        changed = [name for name in wanted if wanted[name] != has[name] and name != "dropout"]
        if changed:
            raise CheckpointError(
                "The shape of a model cannot change when its run goes on: "
                + ", ".join(f"{name} is {has[name]}, not {wanted[name]}" for name in changed)
                + ".",
                cause="The weights in the checkpoint are of that shape.",
                fix=f"Leave out {' and '.join(changed)}, or start a new run.",
                code="shape_changed",
            )
        learner = cls(replace(saved, args=args).build_model(), config, device, teacher)  # dropout may change
        if saved.optimizer is not None:
            learner._restore_optimizer(saved.optimizer)
        return learner

    def _restore_optimizer(self, state: dict[str, object]) -> None:
        """Take over the moments; rates and decay are those of the settings in force."""
        try:
            self.optimizer.load_state_dict(state)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError) as error:
            raise CheckpointError(
                "The optimizer’s state in this checkpoint does not fit its model.",
                cause=str(error).splitlines()[0],
                fix="Use another checkpoint of the run.",
                code="checkpoint_mismatch",
            ) from error

    def update(self, iter_num: int, tokens: TokenFile, rate: float | None = None) -> Generator[int, None, None]:
        """Make one update of the weights, yielding between its micro steps.

        Its learning rate is `rate`, by default what the schedule has for the iteration. Closing it before it has ended
        leaves weights and optimizer as they were. Raises TrainingError, before anything is changed, when loss or
        gradient is not finite and that can be known for free.
        """
        self.learning_rate = learning_rate_at(iter_num, self.config) if rate is None else rate
        if self.team is ALONE and self.device.formulation.sends_wait:
            yield from self.learn(iter_num, self._ahead.pieces(iter_num, tokens))
        else:
            yield from self.learn(iter_num, self.team.pieces(iter_num, tokens, self.config))

    def learn(self, iter_num: int, pieces: Iterable[MicroStep]) -> Generator[int, None, None]:
        """Make the update of these micro steps and of those that the rest of the team makes, at `learning_rate`."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate
        self._parameters.expect_gradients()
        try:
            total = yield from self._gradients(iter_num, pieces)
            began = time.perf_counter()
            self.team.add_up([total, *self._parameters.gradients])
            self._scaler.unscale_(self.optimizer)  # type: ignore[arg-type]  # it asks for param_groups only
            norm = self._clip()
            self._loss, self._grad_norm = total, self._norm_that_counts(norm)
            if self.device.reads_are_free:
                self.require_sound(iter_num)
            self.is_whole = False
            with self.device.autocast(self.dtype):  # Muon multiplies, too
                self._scaler.step(self.optimizer)  # type: ignore[arg-type]  # and for step
            self._scaler.update()
            self.is_whole = True
            self._busy_s += time.perf_counter() - began
            self._updates += 1
        finally:
            self._parameters.clear_gradients()

    def _gradients(self, iter_num: int, pieces: Iterable[MicroStep]) -> Generator[int, None, Tensor]:
        """Add up the gradients of this process's micro steps; return its part of the mean loss, on the device."""
        total = torch.zeros((), device=self.device.torch)
        waiting = iter(pieces)
        began = time.perf_counter()
        try:
            while (piece := next(waiting, None)) is not None:
                total += self._micro_step(iter_num, piece)
                self._busy_s += time.perf_counter() - began
                if piece.number + 1 < self.config.gradient_accumulation_steps:
                    yield piece.number + 1
                began = time.perf_counter()
        except BaseException as error:  # a generator that is closed, too
            self.team.abandon(error)
            raise
        return total

    def _micro_step(self, iter_num: int, piece: MicroStep) -> Tensor:
        """Add the gradient of one batch; return its share of the loss, still on the device."""
        config = self.config
        inputs, targets = (self.device.sent(part) for part in piece.windows)
        if config.dropout:
            torch.manual_seed(derived_seed(config.seed, iter_num, piece.number))
        with fast_products(self.device.torch, inputs.numel() * config.n_embd**2):
            with self.device.autocast(self.dtype):
                lesson = self.teacher.lesson(inputs, FROM_TEACHER) if self.teacher is not None else None
                loss: Tensor = self.model(inputs, targets, lesson)
            if piece.share != 1:
                loss = loss * piece.share
            self.device.begin()
            self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def score(self, windows: Windows) -> Tensor:
        """Return the mean loss of a batch in nats per token, still on the device; nothing is dropped, or learned.

        Products are taken in the dtype of training, as nanoGPT does: what is scored is the model as it computes.
        """
        self.model.eval()
        with torch.no_grad(), self.device.autocast(self.dtype):
            loss: Tensor = self.model(*(self.device.sent(part) for part in windows))
        self.model.train()
        return loss

    def _norm_that_counts(self, norm: Tensor) -> Tensor:
        """Return the norm of this update's gradient; the last one's where a scale that was too great leaves it out."""
        if not self._scaler.is_enabled():
            return norm
        return torch.where(norm.isfinite(), norm, self._grad_norm)

    def _clip(self) -> Tensor:
        """Scale the gradients down to a norm of at most grad_clip, if that is not 0; return the norm before."""
        norm = self._parameters.norm()
        limit = self.config.grad_clip
        if limit and not (self.device.reads_are_free and float(norm) <= limit):
            self._parameters.clip(limit, norm)
        return norm

    def read(self, iter_num: int) -> Reading:
        """Return the numbers of the last update, for which it waits; raises TrainingError if they are not finite."""
        began = time.perf_counter()
        loss, grad_norm = self.require_sound(iter_num)
        self._busy_s += time.perf_counter() - began
        reading = Reading(loss, grad_norm, self._busy_s * 1e3 / max(1, self._updates))
        self._busy_s, self._updates = 0.0, 0
        return reading

    def require_sound(self, iter_num: int) -> tuple[float, float]:
        """Return the last update's loss and norm of the gradient, read together with the count of updates.

        Raises TrainingError: code "work_lost" when the device has not made as many updates as it was asked for, for
        Metal tells nobody; "nan_loss" when loss or norm is no finite number.
        """
        optimizer = self.optimizer
        loss, grad_norm, made = torch.stack((self._loss, self._grad_norm, optimizer.updates_on_device)).tolist()
        if made != optimizer.updates:
            raise lost_work(iter_num, optimizer.updates, int(made))
        if not (math.isfinite(loss) and math.isfinite(grad_norm)):
            what = f"the loss is {loss}" if not math.isfinite(loss) else f"the gradient’s norm is {grad_norm}"
            raise broke_down(iter_num, what, self.config)
        return loss, grad_norm


def model_args(config: TrainConfig, vocab_size: int) -> ModelArgs:
    """Return the shape of the model that a configuration asks for."""
    return ModelArgs(
        n_layer=config.n_layer,
        n_head=config.n_head,
        n_embd=config.n_embd,
        block_size=config.block_size,
        bias=config.bias,
        vocab_size=vocab_size,
        dropout=config.dropout,
    )
