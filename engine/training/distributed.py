"""Several processes that train one run under torchrun, on one machine or many; by gloo on CPUs, by nccl on CUDA.

The first process is a run like any other: it alone reads the text, decides, and writes. The others follow it: they
get the model, then their part of each update and evaluation, and need neither the dataset nor the run's folder. The
gradients of an update are added up once, so that every process makes the same step, as under torch's
DistributedDataParallel; that adds them up during the way back, where here a process may still fail, or the run be
stopped, and nobody's weights have changed.

What is lost is noticed by whoever waits for it: the first process saves and ends with an error, the others end.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from engine.core.config import TrainConfig
from engine.core.errors import DeviceError, OutOfMemoryError, SettingError, TrainingError, UnderstudyError
from engine.machine.device import Device, available, choose_device, out_of_memory
from engine.model.gpt import GPT
from engine.planning.estimate import memory_estimate
from engine.tokens.batches import TokenFile
from engine.training.learner import Learner, model_args
from engine.training.team import Member, MicroStep, Team, Windows

TIMEOUT_S = 600.0
"""How long a process that does not answer is waited for; UNDERSTUDY_TIMEOUT in the environment changes it."""

_QUIET = -1
"""Stands for a failure that needs no words, as the first process tells it itself."""


class LostError(TrainingError):
    """A process that this one waited for is gone or does not answer."""


def lead() -> Leader:
    """Meet the other processes that torchrun has started, as their first; raises as `follow` does."""
    return Leader(_meet())


def follow() -> None:
    """Meet the other processes, and help the first one until it lets this one go.

    Raises DeviceError when there are more processes than GPUs, LostError when the first one is lost.
    """
    _meet()
    Follower().follow()


def _meet() -> float:
    """Take a GPU of this process's own where there are any, and meet the others; return how long one waits for them."""
    timeout_s, local = _timeout_s(), int(os.environ.get("LOCAL_RANK", "0"))
    has_cuda = available("cuda")
    if has_cuda:
        count = torch.cuda.device_count()
        if local >= count:
            raise DeviceError(
                f"There are more processes than GPUs: this machine has {count}.",
                fix=f"Start {count} here: torchrun --nproc_per_node={count}.",
                code="too_many_processes",
            )
        torch.cuda.set_device(local)
    with _watching("The processes of this run could not meet."):
        backend = "cpu:gloo,cuda:nccl" if has_cuda and dist.is_nccl_available() else "gloo"
        dist.init_process_group(backend, timeout=timedelta(seconds=timeout_s))
    return timeout_s


def require_enough(config: TrainConfig, processes: int) -> None:
    """Raise SettingError when an update has not even one window for each process."""
    windows = config.batch_size * config.gradient_accumulation_steps
    if windows >= processes:
        return
    raise SettingError(
        f"An update of {windows} windows cannot be shared by {processes} processes.",
        cause="It reads gradient_accumulation_steps times batch_size of them.",
        fix=f"Set gradient_accumulation_steps or batch_size to {processes} or more, or start fewer processes.",
        code="too_many_processes",
        problems={"gradient_accumulation_steps": f"fewer windows than the {processes} processes"},
    )


class _Several(Team, ABC):
    """What the first process and all others have in common."""

    def __init__(self) -> None:
        self.size = dist.get_world_size()
        self._shares = False  # an update is under way
        self._left_out = False  # the last one was made nowhere, and all know it

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Let each tensor become its sum over all processes, once all are known to be ready."""
        self._shares = False
        self._agree()
        with _watching():
            works = [dist.all_reduce(tensor, async_op=True) for tensor in tensors]
            for work in works:
                work.wait()

    def abandon(self, error: BaseException) -> None:
        """Leave out the update under way; the first process is told why."""
        if self._shares and not isinstance(error, LostError):
            self._shares, self._left_out = False, True
            self._first_failure(self._words_of(error))

    @abstractmethod
    def _words_of(self, error: BaseException) -> bytes | None:
        """Return what the first process is to be told of a failure here; None where it has its own words."""

    def _agree(self, failure: BaseException | None = None) -> None:
        """Return when every process is ready; raises the failure of this one, or what another told of its own."""
        words = self._first_failure(b"" if failure is None else self._words_of(failure))
        self._left_out = words is not None
        if failure is not None:
            raise failure
        if words is not None:
            raise _error_of(words)

    def _first_failure(self, words: bytes | None) -> bytes | None:
        """Tell all others of a failure here (None: without words; empty: of none), and return the first one's words.

        Returns None when all are well.
        """
        own = torch.tensor(_QUIET if words is None else len(words))
        with _watching():
            sizes = [torch.zeros_like(own) for _ in range(self.size)]
            dist.all_gather(sizes, own)
            failed = next((rank for rank, size in enumerate(sizes) if int(size)), None)
            if failed is None:
                return None
            if int(sizes[failed]) == _QUIET:
                return b""
            return _broadcast_bytes(words or b"", int(sizes[failed]), failed)

    def _scores(self, learner: Member, windows: Windows) -> Tensor:
        """Return the mean loss that each process finds for its windows, (size,), nan for those that have none."""
        failure, loss = None, torch.tensor(torch.nan)
        try:
            if len(windows[0]):
                loss = learner.score(windows).cpu()
        except Exception as error:
            failure = error
        self._agree(failure)
        losses = [torch.zeros(()) for _ in range(self.size)]
        with _watching():
            dist.all_gather(losses, loss)
        return torch.stack(losses)

    def _share_state(self, learner: Member) -> None:
        """Return every process the first one's weights and moments."""
        with _watching():
            for tensor in _state(learner):
                dist.broadcast(tensor, 0)
        learner.optimizer.count_anew()


class Leader(_Several):
    """The first process, which trains as if it were alone."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._every_s = timeout_s / 10
        self._last_word = time.monotonic()

    def take_in(self, config: TrainConfig, learner: Member) -> None:
        """Let every process have the model and the optimizer as they are here."""
        require_enough(config, self.size)
        learner.team = self
        self._learner = learner
        taught, vocab_size = learner.teacher is not None, learner.model.args.vocab_size
        self._tell(do="open", config=config.as_dict(), vocab_size=vocab_size, taught=taught)
        self._agree()
        self._share_state(learner)

    def pieces(self, iter_num: int, tokens: TokenFile, config: TrainConfig) -> Iterator[MicroStep]:
        """Yield the first process's part of an update, once each of the others has its own."""
        rows = config.batch_size * config.gradient_accumulation_steps
        inputs, targets = tokens.random_windows(rows, config.block_size, config.seed, iter_num)
        parts = _evenly(rows, self.size)
        rate, width = self._learner.learning_rate, config.block_size + 1
        self._tell(do="update", iter_num=iter_num, rate=rate, parts=parts, width=width)
        self._shares = True
        own = self._hand_out([(inputs[first:end], targets[first:end]) for first, end in parts])
        yield from _pieces(own, parts[0], rows, config.batch_size)

    def losses(self, learner: Member, batches: Sequence[Windows]) -> Tensor:
        """Return the mean loss of each of at most `size` batches, scored one a process: (len(batches),)."""
        rows, width = batches[0][0].shape
        self._tell(do="score", rows=rows, batches=len(batches), width=width + 1)
        return self._scores(learner, self._hand_out(batches))[: len(batches)]

    def stay(self) -> None:
        """Let the others know, before they think this process lost, that the run goes on."""
        if time.monotonic() - self._last_word > self._every_s and not self._shares:
            self._tell(do="stay")

    def close(self) -> None:
        """Let the others go; those that are lost are gone already."""
        try:
            self._tell(do="end")
            dist.destroy_process_group()
        except LostError:
            return

    def _words_of(self, error: BaseException) -> bytes | None:
        return None

    def _tell(self, **order: Any) -> None:
        """Tell every other process what is to be done."""
        words = json.dumps(order).encode()
        with _watching():
            dist.broadcast(torch.tensor(len(words)), 0)
            _broadcast_bytes(words, len(words), 0)
        self._last_word = time.monotonic()

    def _hand_out(self, batches: Sequence[Windows]) -> Windows:
        """Send each process its windows; return the first one's own."""
        texts = [torch.cat((inputs, targets[:, -1:]), 1).int() for inputs, targets in batches]
        height = max(len(text) for text in texts)
        texts += [texts[0][:0]] * (self.size - len(texts))
        padded = [torch.nn.functional.pad(text, (0, 0, 0, height - len(text))) for text in texts]
        with _watching():
            dist.scatter(torch.empty_like(padded[0]), padded, 0)
        return batches[0]


class Follower(_Several):
    """Any other process: does its part of what the first one asks for."""

    def __init__(self) -> None:
        super().__init__()
        self._device, self._needs = Device(), 0  # until the first process says what is to be trained

    def follow(self) -> None:
        """Work until the first process lets this one go; raises LostError when it is lost."""
        # whoever asks the whole team to stop asks the first process, and that saves before it ends
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        learner: Learner | None = None
        while (order := self._order())["do"] != "end":
            with self._excused():
                if order["do"] == "open":
                    learner = None
                    gc.collect()
                    learner = self._open(order)
                elif learner is not None and order["do"] == "update":
                    self._update(order, learner)
                elif learner is not None and order["do"] == "score":
                    self._score(order, learner)
        dist.destroy_process_group()

    @contextmanager
    def _excused(self) -> Iterator[None]:
        """Go on after a failure that all know of: the first process decides what becomes of the run."""
        self._left_out = False
        try:
            yield
        except LostError:
            raise
        except Exception as error:
            if not (self._left_out or (isinstance(error, UnderstudyError) and error.code == "nan_loss")):
                raise

    def _open(self, order: dict[str, Any]) -> Learner:
        """Make the model that is to be trained, and take over the first process's weights and moments.

        One that is taught has a teacher here as well.
        """
        config, vocab_size = TrainConfig.of(order["config"]), order["vocab_size"]
        failure = learner = None
        try:
            self._device = choose_device(config.device)
            held = replace(config, generations=1 + order["taught"])
            self._needs = memory_estimate(held, vocab_size, self._device.kind).total
            teacher = GPT.empty(model_args(config, vocab_size)) if order["taught"] else None
            learner = Learner.fresh(config, vocab_size, self._device, teacher)
        except Exception as error:
            failure = error
        self._agree(failure)
        assert learner is not None
        learner.team = self
        self._share_state(learner)
        return learner

    def _update(self, order: dict[str, Any], learner: Learner) -> None:
        """Do this process's part of an update, and make it."""
        parts, rank = order["parts"], dist.get_rank()
        first, end = parts[rank]
        self._shares = True
        inputs, targets = self._received(max(end - first for first, end in parts), order["width"])
        own = inputs[: end - first], targets[: end - first]
        pieces = _pieces(own, (first, end), parts[-1][1], learner.config.batch_size)
        learner.learning_rate = order["rate"]
        for _ in learner.learn(order["iter_num"], pieces):
            pass

    def _score(self, order: dict[str, Any], learner: Learner) -> None:
        """Score this process's batch, if there is one for it."""
        inputs, targets = self._received(order["rows"], order["width"])
        rows = order["rows"] if dist.get_rank() < order["batches"] else 0
        self._scores(learner, (inputs[:rows], targets[:rows]))

    def _words_of(self, error: BaseException) -> bytes | None:
        if self._device.is_out_of_memory(error):
            error = out_of_memory(self._needs, str(error))
        failure = error if isinstance(error, UnderstudyError) else TrainingError(f"{type(error).__name__}: {error}")
        words = {"message": failure.message, "cause": failure.cause, "fix": failure.fix, "code": failure.code}
        return json.dumps({**words, "message": f"Process {dist.get_rank()}: {failure.message}"}).encode()

    def _order(self) -> dict[str, Any]:
        size = torch.tensor(0)
        with _watching():
            dist.broadcast(size, 0)
            order: dict[str, Any] = json.loads(_broadcast_bytes(b"", int(size), 0))
        return order

    def _received(self, height: int, width: int) -> Windows:
        text = torch.empty(height, width, dtype=torch.int32)
        with _watching():
            dist.scatter(text, None, 0)
        both = text.long()
        return both[:, :-1].contiguous(), both[:, 1:].contiguous()


def _error_of(words: bytes) -> UnderstudyError:
    """Return the error that another process told; one without words is told by the process that has it."""
    failure = json.loads(words or b'{"message": "The first process leaves this out."}')
    return (OutOfMemoryError if failure.get("code") == "out_of_memory" else TrainingError)(**failure)


def _broadcast_bytes(words: bytes, size: int, source: int) -> bytes:
    """Return the bytes that the source sends to all, `size` of them."""
    buffer = torch.frombuffer(bytearray(words), dtype=torch.uint8) if words else torch.zeros(size, dtype=torch.uint8)
    dist.broadcast(buffer, source)
    return buffer.numpy().tobytes()


def _state(learner: Member) -> Iterator[Tensor]:
    """Yield every tensor that decides how a model goes on: weights, those of its teacher, the optimizer's own."""
    for model in filter(None, (learner.model, learner.teacher)):
        for parameter in model.parameters():
            yield parameter.detach()
    yield from learner.optimizer.tensors()


def _evenly(rows: int, count: int) -> list[tuple[int, int]]:
    """Return parts of nearly the same size of so many rows, as (first, end)."""
    return list(pairwise(rows * part // count for part in range(count + 1)))


def _pieces(windows: Windows, part: tuple[int, int], rows: int, batch_size: int) -> Iterator[MicroStep]:
    """Yield a process's windows, its part of an update's rows, as micro steps of no more than a batch.

    Where the parts are whole batches, the micro steps are those of one process: they drop out the same.
    """
    first, end = part
    for start, stop in _evenly(end - first, -(-(end - first) // batch_size)):
        inputs, targets = windows[0][start:stop], windows[1][start:stop]
        yield MicroStep((first + start) // batch_size, (inputs, targets), share=(stop - start) / rows)


def _timeout_s() -> float:
    """Return how long to wait for others; raises SettingError."""
    given = os.environ.get("UNDERSTUDY_TIMEOUT", str(TIMEOUT_S))
    try:
        if (seconds := float(given)) > 0:
            return seconds
    except ValueError:
        pass
    raise SettingError(f"UNDERSTUDY_TIMEOUT must be a number of seconds, not {given!r}.")


@contextmanager
def _watching(what: str = "A process of this run was lost.") -> Iterator[None]:
    """Tell what the processes' connection says, inside this context, as LostError."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        raise LostError(
            what,
            cause=f"It ended, or did not answer in time ({str(error).splitlines()[0].strip()}).",
            fix="The run goes on from its last checkpoint with --init_from=resume.",
            code="worker_lost",
        ) from error
