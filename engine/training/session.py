"""A run while it is open: its data, device, model and folder, and how far it is."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil

from engine.core.codes import AdviceCode
from engine.core.config import TrainConfig
from engine.core.disk import is_no_room
from engine.core.errors import CheckpointError, Fix, TrainingError
from engine.core.events import Advice, Checkpoint, Eval, Event, Finished, Severity, Started
from engine.core.generations import FIRST, Generation
from engine.core.init_from import is_model
from engine.core.paths import expanded
from engine.datasets.dataset import Dataset
from engine.machine.device import Device
from engine.machine.hardware import machine
from engine.model.gpt import GPT
from engine.planning.estimate import MemoryEstimate, memory_estimate
from engine.runs import checkpoint
from engine.runs.checkpoint import NOT_EVALUATED, Saved
from engine.runs.continuation import chosen_checkpoint, make_latest
from engine.runs.folder import RunFolder
from engine.runs.model_tokenizer import require_same_tokens
from engine.runs.owner import RunLock
from engine.runs.pretrained import cropped, read_model
from engine.tokens.batches import TokenFile
from engine.training.learner import Learner
from engine.training.repairs import broke_down
from engine.training.team import ALONE, Team
from engine.training.writer import Write, Writer

_log = logging.getLogger(__name__)


class Session:
    """What the training loop works on.

    Attributes:
        generation: which of its models the run trains.
        part: the settings of that model, as if it were a run of its own.
        iter_num: the iteration of the run that comes next.
        evaluated: the iteration of the last evaluation, or NOT_EVALUATED.
        best_val_loss: the lowest validation loss so far, or None.
        saved_at: the iteration of the last checkpoint that was handed to the writer, or None.
        seconds: how long the run has trained, as of its last checkpoint.
    """

    def __init__(self, config: TrainConfig, data: Dataset, device: Device, team: Team = ALONE) -> None:
        self.config = config
        self.data = data
        self.device = device
        self.team = team
        self._train_by(FIRST)
        self.val_tokens = TokenFile(data.val_path, self.train_tokens.vocab_size)
        self.val_tokens.require(config.block_size, "validation")
        self.iter_num = 0
        self.evaluated = NOT_EVALUATED
        self.best_val_loss: float | None = None
        self.saved_at: int | None = None
        self.seconds = 0.0
        self._on_disk: int | None = None
        self._writer = Writer()
        self._pending: Write | None = None
        self._unrecorded: list[Event] = []
        self._lock: RunLock | None = None
        self._other_text = False
        self._began_with = config.init_from
        self._assumed = ""  # how the model's tokenizer is known, where its file does not tell
        try:
            with device.translating(self.estimate.total):
                self.learner, self.run = self._resume() if config.init_from == "resume" else self._start()
            self.team.take_in(self.part, self.learner)
        except BaseException:
            self._unlock()
            raise

    def _train_by(self, generation: Generation) -> None:
        """Let a model of the run be the one that is trained: by its settings, and from the text in its order."""
        self.generation, self.part = generation, generation.settings(self.config)
        self.train_tokens = TokenFile.to_learn_from(self.data.train_path, self.data.load_tokenizer(), self.part)

    def begin_generation(self, seconds: float) -> None:
        """Let another model be trained after so many seconds, and taught by the best so far, which is kept for that.

        It begins as the first one did, with draws of its own.
        Raises TrainingError where that cannot be kept.
        """
        checkpoint.keep_as(chosen_checkpoint(self.run, "best"), self.run.teacher)
        self._train_by(self.generation.next(self.iter_num, seconds))
        self.learner = self._beginner(self._began_with, self._teacher(self.run))
        self.team.take_in(self.part, self.learner)
        self.saved_at = None

    def _teacher(self, run: RunFolder) -> GPT | None:
        """Return the model that teaches the one in training; None for the first one, or where generations are off."""
        if self.generation.number == 0 or self.config.generations == 1:
            return None
        if not os.path.isfile(run.teacher):
            raise CheckpointError(
                f"The model that teaches the one in training is gone: {run.teacher}.",
                cause="It was kept there when its pupil began, and was moved or removed since.",
                fix="Put it back, or let the pupil go on by itself with --generations=1.",
                code="checkpoint_missing",
                fixes=(Fix("Go On without It", "resume", {"generations": 1}),),
            )
        return checkpoint.load(run.teacher).build_model()

    @property
    def estimate(self) -> MemoryEstimate:
        """What the run will need, by part."""
        return memory_estimate(self.config, self.data.vocab_size, self.device.kind)

    def _start(self) -> tuple[Learner, RunFolder]:
        """Return a fresh model, then its folder: a model that does not fit leaves no folder behind."""
        learner = self._beginner(self.config.init_from)
        self._settle_dtype(learner)
        if self.config.out_dir:
            self._lock = RunLock(expanded(self.config.out_dir).absolute())
        run = RunFolder.new(self.config)
        self._lock = self._lock or RunLock(run.path)
        run.remove_leftovers()
        return learner, run

    def _beginner(self, init_from: str, teacher: GPT | None = None) -> Learner:
        """Return the model that a run begins with: a new one, or one that was trained before."""
        if not is_model(init_from):
            return Learner.fresh(self.part, self.data.vocab_size, self.device, teacher)
        saved = read_model(init_from)
        self._require_its_tokens(saved)
        if self.config.block_size < saved.args.block_size:
            saved = cropped(saved, self.config.block_size)
        return Learner.resumed(self.part, saved, self.device, teacher)

    def _resume(self) -> tuple[Learner, RunFolder]:
        """Return the run as its checkpoint left it; where there is none yet, as at its beginning."""
        run = RunFolder(expanded(self.config.out_dir).absolute())
        if os.path.isdir(run.path) and not self.is_read_only:
            self._lock = RunLock(run.path)
            run.remove_leftovers()
        began_with = run.read_config().init_from if os.path.exists(run.config_path) else self.config.init_from
        if not run.has_checkpoint and os.path.exists(run.config_path) and self.config.resume_from == "latest":
            learner = self._beginner(began_with)
        else:
            learner = self._take_up(chosen_checkpoint(run, self.config.resume_from), run)
        self._settle_dtype(learner)
        if self.config.eval_only:
            self.evaluated = NOT_EVALUATED
        else:
            run.cut_back(self.iter_num, self.evaluated)
            run.write_config(replace(self.config, init_from=began_with))
        self._began_with = began_with
        return learner, run

    def _settle_dtype(self, learner: Learner) -> None:
        """Let an `auto` become the dtype of the run, so that it goes on in the same one whatever a later trial says."""
        if self.config.dtype == "auto":
            learner.choose_dtype(self.train_tokens)
            self.config = replace(self.config, dtype=learner.dtype_name)
            self.part = self.generation.settings(self.config)

    def _take_up(self, path: Path, run: RunFolder) -> Learner:
        """Return the model of a checkpoint, which becomes the latest, and be as far as it is."""
        saved = checkpoint.load(path)
        self._require_its_tokens(saved)
        if saved.generation != self.generation:
            self._train_by(saved.generation)
        learner = Learner.resumed(self.part, saved, self.device, self._teacher(run))
        if self.config.resume_from != "latest" and not self.is_read_only:
            make_latest(path, run)
        self.iter_num, self.evaluated = saved.iter_num, saved.evaluated
        self.best_val_loss, self.saved_at = saved.best_val_loss, saved.iter_num
        self._on_disk, self.seconds = self.saved_at, saved.seconds
        self._other_text = bool(saved.fingerprint) and saved.fingerprint != self.data.fingerprint
        return learner

    def _require_its_tokens(self, saved: Saved) -> None:
        """Raise CheckpointError when the text is not in the tokens of a model."""
        known = saved.known_tokenizer()
        require_same_tokens(known.tokenizer, self.data)
        self._assumed = known.assumed

    def close(self) -> None:
        """Let go of the run's files, once what is being written is on disk."""
        self._writer.wait()
        self.run.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()

    @property
    def is_read_only(self) -> bool:
        """Whether the run is only looked at: an evaluation of what another call trained."""
        return self.config.eval_only and self.config.init_from == "resume"

    def record(self, event: Event) -> None:
        """Write an event into the run's folder; where the disk is full it waits for room."""
        if not self.is_read_only:
            self._unrecorded.append(event)
            self.record_waiting()

    def record_waiting(self) -> bool:
        """Write the events that wait; return whether there was room for all."""
        try:
            while self._unrecorded:
                self.run.append(self._unrecorded[0])
                del self._unrecorded[0]
        except OSError as error:
            if not is_no_room(error):
                raise TrainingError(
                    f"The record of the run cannot be written: {error.strerror or error}.",
                    cause=f"Its folder is {self.run.path}.",
                    fix="See that the folder is there and may be written, then go on with --init_from=resume.",
                    code="not_saved",
                ) from error
        return not self._unrecorded

    def earlier_evals(self) -> list[Eval]:
        """Return the evaluations that the model in training has behind it, since it last stopped early."""
        evals: list[Eval] = []
        began = self.generation.began if self.generation.number else -1
        for event in self.run.events():
            if isinstance(event, Eval) and event.iter_num > began:
                evals.append(event)
            elif isinstance(event, Finished) and event.reason == "early_stop":
                evals.clear()
        return evals

    def started(self, seconds: float = 0.0) -> Started:
        """Return the run's first event, after so many seconds of training in earlier calls."""
        return Started(
            run_dir=str(self.run.path),
            parameters=self.learner.model.parameter_count(),
            device=self.device.kind,
            dtype=self.learner.dtype_name,
            tokens_per_iter=self.config.tokens_per_iter,
            estimate=self.estimate.as_dict(),
            iter_num=self.iter_num,
            max_iters=self.config.max_iters,
            train_tokens=self.data.train_tokens,
            val_tokens=self.data.val_tokens,
            val_bytes=self.data.val_bytes,
            vocab_size=self.data.vocab_size,
            processes=self.team.size,
            time_limit=self.config.minutes * 60,
            seconds=seconds,
            chip=machine().chip,
            generations=self.config.generations,
        )

    def notices(self) -> list[Advice]:
        """Return what a person should know before the first step."""
        notices = []
        if self.device.notice:
            notices.append(self._notice("device_replaced", self.device.notice, "A run goes on where it can."))
        if replaced := self.device.dtype_notice(self.config.dtype):
            notices.append(self._notice("dtype_replaced", replaced, "It is slower and more exact."))
        if self.device.reason:
            why = "Both made an update of it; --device decides otherwise."
            notices.append(self._notice("device_chosen", f"{self.device.reason}.", why, severity="info"))
        if self.config.compile and not self.device.compiles:
            what = "The model is not compiled: compile=True has no effect here."
            why = "On a Mac it gives wrong losses, on a CPU it is no faster."
            notices.append(self._notice("not_compiled", what, why))
        if self._assumed:
            why = "If it is another, what the model writes shows it."
            notices.append(self._notice("tokenizer_assumed", self._assumed, why))
        if self._other_text:
            what = f"The text of the dataset {self.data.name} is not the one this run began with."
            notices.append(self._notice("data_changed", what, "The losses before and after cannot be compared."))
        return notices

    def _notice(self, code: AdviceCode, what: str, why: str, severity: Severity = "warning") -> Advice:
        return Advice(iter_num=self.iter_num, code=code, severity=severity, what=what, why=why)

    # checkpoints

    def begin_save(self, best: bool = False) -> None:
        """Have the state as it is written, and kept as the best one, while training goes on.

        `saves_done` tells of it. Where memory is short it is written before this returns. Raises TrainingError when the
        state is not worth it.
        """
        self.learner.require_sound(self.iter_num)
        saved = self._state()
        if 2 * saved.size > psutil.virtual_memory().available:
            self._pending = partial(self._write, saved, best)
            self._writer.write(self._pending)
        else:
            self._pending = partial(self._write, saved.copied(), best)
            self._writer.start(self._pending)
        self.saved_at = self.iter_num

    @property
    def is_saving(self) -> bool:
        """Whether a checkpoint is being written."""
        return self._writer.busy

    def wait_for_save(self, seconds: float | None = None) -> None:
        """Wait until no checkpoint is being written, at most so long."""
        self._writer.wait(seconds)

    def saves_done(self) -> list[Checkpoint]:
        """Return the checkpoints that came to disk since the last call; raises TrainingError when one could not."""
        try:
            written = self._writer.collect()
        except TrainingError:
            self.saved_at = self._on_disk
            raise
        if written:
            self._on_disk, self._pending = written[0].iter_num, None
        return written

    def retry_save(self) -> list[Checkpoint]:
        """Write what could not be written; return what came to disk. Raises TrainingError when it still cannot."""
        if self._pending is not None:
            self._writer.write(self._pending)
        return self.saves_done()

    def save(self) -> list[Checkpoint]:
        """Write the state as it is now; return what came to disk. Raises TrainingError when it cannot be written."""
        self.wait_for_save()
        written = self.saves_done()
        self.begin_save()
        self.wait_for_save()
        return written + self.saves_done()

    def _write(self, saved: Saved, best: bool) -> list[Checkpoint]:
        """Put a checkpoint on disk, the latest one, and where `best` the best one too; return what was written."""
        if not saved.is_finite:
            raise broke_down(saved.iter_num, "weights are no longer numbers", self.config)
        run, written = self.run, []
        checkpoint.save(saved, run.checkpoint, previous=run.path / "previous.pt")
        written.append(Checkpoint(iter_num=saved.iter_num, path=str(run.checkpoint), kind="latest"))
        if best:
            checkpoint.keep_as(run.checkpoint, run.best)
            written.append(Checkpoint(iter_num=saved.iter_num, path=str(run.best), kind="best"))
        return written

    def restore_folder(self) -> None:
        """Write again what was taken out of the run's folder while it trained, and have its checkpoint saved anew.

        Raises TrainingError when that cannot be written.
        """
        try:
            self.run.path.mkdir(parents=True, exist_ok=True)
            if not os.path.exists(self.run.config_path):
                self.run.write_config(replace(self.config, init_from=self._began_with))
        except OSError as error:
            raise TrainingError(
                f"The folder of the run is gone, and cannot be written again: {error.strerror or error}.",
                cause=f"It was {self.run.path}.",
                fix="See that this place may be written, then stop the run again.",
                code="not_saved",
            ) from error
        if not self.is_saving and not os.path.exists(self.run.checkpoint):  # what is being written comes by itself
            self.saved_at = None

    def settle(self) -> None:
        """Know what came to disk of what is being written; a save that fails is logged, for a graver fault is told."""
        self.wait_for_save()
        try:
            self.saves_done()
        except TrainingError as error:
            _log.warning("%s", error)

    def checkpoint_before(self, iter_num: int) -> str:
        """Return the newest checkpoint that was taken no later than at an iteration, as resume_from names it."""
        late = self._on_disk is not None and self._on_disk > iter_num
        return "best" if late and os.path.exists(self.run.best) else "latest"

    @property
    def disk_needed(self) -> int:
        """Bytes that the checkpoints of this run may still take."""
        there = sum(file.stat().st_size for file in self.run.files() if file.suffix == ".pt")
        return max(0, self.room_of_checkpoints - there)

    @property
    def room_of_checkpoints(self) -> int:
        """Bytes that the checkpoints of this run take: latest, previous and best, a teacher, and one being written."""
        estimate = self.estimate
        return (4 + (self.config.generations > 1)) * (estimate.weights + estimate.optimizer)

    def record_is_full(self) -> TrainingError:
        """Return the error for a record that has no room to grow."""
        return self.run.no_room(self.run.metrics_path, 4096)

    def weights(self, seconds: float) -> Saved:
        """Return the model as it is after so many seconds of training, without its optimizer."""
        return replace(self._state(), optimizer=None, seconds=seconds)

    def _state(self) -> Saved:
        return Saved(
            args=self.learner.model.args,
            model=self.learner.model.state_dict(),
            optimizer=self.learner.optimizer.state_dict(),
            iter_num=self.iter_num,
            best_val_loss=self.best_val_loss,
            evaluated=self.evaluated,
            config=self.config.as_dict(),
            tokenizer=self.data.tokenizer,
            fingerprint=self.data.fingerprint,
            seconds=self.seconds,
            generation=self.generation,
        )
