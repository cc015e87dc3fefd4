"""The training loop of an open run.

`iter_num` is the iteration that comes next; a checkpoint taken at k holds the state before iteration k. All
randomness of an iteration is a function of (seed, iter_num), so a run that goes on needs no random state.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator

from engine.core.codes import AdviceCode
from engine.core.config import SampleConfig
from engine.core.errors import DataError, TrainingError
from engine.core.events import (
    Advice,
    Checkpoint,
    Eval,
    Event,
    Finished,
    FinishReason,
    Forecast,
    Paused,
    Reply,
    Resumed,
    Sample,
    Severity,
    Step,
    Turn,
)
from engine.core.jobs import Control, Job
from engine.generation.decoder import Weights
from engine.generation.sampler import replies
from engine.machine.power import Power
from engine.training.audience import Audience
from engine.training.ending import Ending
from engine.training.evaluation import bits_per_byte, mean_loss
from engine.training.faults import Doctor, keep_going
from engine.training.forecast import Forecaster
from engine.training.full_memory import full_memory_loss
from engine.training.repairs import broke_down
from engine.training.session import Session
from engine.training.snapshots import Snapshots
from engine.training.stopwatch import Stopwatch
from engine.training.watches import DataFile, Watch

LOOK_EVERY_S = 10.0
"""Seconds between two looks at the machine."""

RETRY_EVERY_S = 2.0
"""Seconds between two attempts to go on while the run must rest."""

WAIT_S = 0.02
"""How long a turn of a run that waits may take, so that other jobs on the thread hardly notice."""

_ASKED_TOKENS = 100
"""Length of a sample that somebody asked for in a run that writes none by itself."""


class Loop:
    """Trains one open session to its end, or until a fault; whoever runs it records nothing and closes the session."""

    def __init__(self, session: Session, doctor: Doctor, control: Control, power: Power, stopwatch: Stopwatch) -> None:
        self.session = session
        self.config = session.config
        self.doctor = doctor
        self.forecaster = Forecaster(session.part, session.generation.began)
        self.control = control
        self.power = power
        self.stopwatch = stopwatch
        self.ending = Ending(session, stopwatch)
        self.snapshots = Snapshots(session)
        self.audience = Audience()
        files = [DataFile(session.data.train_path), DataFile(session.data.val_path)]
        needed = 0 if self.config.eval_only else session.disk_needed
        self.watch = Watch(power, session.run.path, files, needed, self.config.low_battery_percent)
        self._unreadable: set[str] = set()
        self._look_at = self._saved_at = time.monotonic()
        self._look_at -= LOOK_EVERY_S

    def run(self, opening: Iterable[Advice] = ()) -> Job:
        """Yield the events of the run, each recorded and examined by the doctor; a device's own words translated."""
        session = self.session
        earlier = session.earlier_evals()
        self.doctor.remember(earlier)
        self.forecaster.remember(earlier)
        needs = session.estimate.total
        items = self._items(opening)
        try:
            while True:
                with session.device.translating(needs):
                    item = next(items, None)
                session.team.stay()
                if item is None:
                    return
                if not isinstance(item, Event):
                    yield item
                    continue
                for event in self._with_what_it_means(item):
                    session.record(event)
                    yield event
        finally:
            self.snapshots.close()

    def _with_what_it_means(self, event: Event) -> Iterator[Event]:
        """Yield an event, after an evaluation what is to be expected, and what the doctor says."""
        yield event
        if isinstance(event, Eval) and not self.config.eval_only:
            expected = self.forecaster.examine(event, self.ending.last_iter())
            gives_way = self.ending.is_here() and self.ending.another_comes  # what it could still reach tells nothing
            if expected is not None and not gives_way:
                yield expected
                yield from self.doctor.examine(expected)
        yield from self.doctor.examine(event)

    def _items(self, opening: Iterable[Advice]) -> Job:
        """Evaluate, rest, save and learn until the run is done or stopped; ends with Finished."""
        session = self.session
        if self.config.eval_only:
            self.stopwatch.start()
        yield session.started(self.stopwatch.whole)
        yield from session.notices()
        yield from opening
        yield from self._outlook()
        reason: FinishReason | None = None
        while reason is None:
            yield from self._look_around()
            over = self.ending.is_here()  # asked once: between two looks at the clock the last evaluation could be lost
            turn = (over or self.doctor.wants_stop) and self.ending.another_comes and not self.config.eval_only
            if self.control.stopping:
                reason = "stopped"
            elif self.control.paused:
                yield from self._pause()
            elif not over and self._audience_waits():
                yield from self._sample(self.config.sample_prompt)
            elif self._evaluation_is_due(over or turn):
                yield from self._evaluate(last=(over and not turn) or self.config.eval_only)
            elif turn:
                yield from self._begin_generation()
            elif self.config.eval_only or over:
                reason = "done"
                if not self.config.eval_only:
                    yield from keep_going(self.config, session.iter_num, self.forecaster.prospect(session.iter_num))
            elif self.doctor.wants_stop:
                reason = "early_stop"
                yield self.doctor.stopped(session.iter_num)
            else:
                yield from self._serve_requests()
                yield from self._iterate()
        for _ in range(1 if self.config.eval_only else 2):  # what is gone after the save is written once more
            if not self.config.eval_only:
                session.restore_folder()
            yield from self._save()
        yield Finished(
            reason=reason,
            iter_num=session.iter_num,
            best_val_loss=session.best_val_loss,
            seconds=self.stopwatch.whole,
            peak_memory_bytes=session.device.peak_memory_bytes(),
        )

    # learning

    def _iterate(self) -> Job:
        """Make one update of the weights, told at every log interval; a stop or pause in its middle leaves it out."""
        session = self.session
        self._require_data()
        self.stopwatch.start()
        seconds = self.stopwatch.whole
        if why := self.snapshots.take_if_due(seconds):
            yield self._advice("snapshot_left_out", "info", "A snapshot of the weights is left out.", f"{why}.")
        update = session.learner.update(session.iter_num, session.train_tokens, self.ending.learning_rate())
        for _ in update:
            yield Turn.NEXT
            if self.control.stopping or self.control.paused:
                update.close()
                return
        step = self._step() if session.iter_num % self.config.log_interval == 0 else None
        session.iter_num += 1  # before anything is told: whoever ends the run there saves these weights
        if step is not None:
            yield step
        yield Turn.NEXT

    def _step(self) -> Step:
        session = self.session
        reading = session.learner.read(session.iter_num)
        return Step(
            iter_num=session.iter_num,
            loss=reading.loss,
            lr=session.learner.learning_rate,
            grad_norm=reading.grad_norm,
            step_ms=reading.step_ms,
            tokens_per_s=self.config.tokens_per_iter / reading.step_ms * 1e3,
            memory_bytes=session.device.memory_bytes(),
        )

    def _require_data(self) -> None:
        for file in self.watch.files:
            file.require_unchanged()

    def _begin_generation(self) -> Job:
        """Go on with another model, once what there is of the one before is on disk."""
        session = self.session
        session.restore_folder()
        yield from self._save()
        session.begin_generation(self.stopwatch.whole)
        self.forecaster = Forecaster(session.part, session.generation.began)
        self.doctor.begin_again()
        number = session.generation.number + 1
        what = f"Model {number} of {self.config.generations} begins, and learns from the one before it as well."
        why = "It begins anew, so its loss is high at first. Until it is the better one, best.pt keeps the one before."
        yield self._advice("next_generation", "info", what, why)

    def _outlook(self) -> Iterator[Forecast]:
        """Tell of a run that goes on what is expected of it: its next evaluation may be far."""
        goes_on = self.session.iter_num > 0 and not self.config.eval_only and not self.ending.is_here()
        if goes_on and (expected := self.forecaster.now(self.ending.last_iter())) is not None:
            yield expected

    # evaluation and samples

    def _evaluation_is_due(self, over: bool) -> bool:
        session, config = self.session, self.config
        due = config.eval_only or over
        return session.evaluated < session.iter_num and (due or session.iter_num % config.eval_interval == 0)

    def _evaluate(self, *, last: bool) -> Job:
        """Score, write a sample, save. A stop or pause in its middle leaves the evaluation to when the run goes on.

        The last one scores with full memory, too, where that takes little of the run.
        """
        session, config, began = self.session, self.config, time.monotonic()
        self._require_data()
        train_loss = yield from mean_loss(session.learner, session.train_tokens, self.control)
        val_loss = yield from mean_loss(session.learner, session.val_tokens, self.control)
        if train_loss is None or val_loss is None:
            return
        with_full_memory = (yield from self._full_memory()) if last else None
        if self.control.stopping or self.control.paused:
            return
        if not math.isfinite(train_loss + val_loss):
            raise broke_down(session.iter_num, "the loss at the evaluation is no number", config)
        best = session.best_val_loss
        is_best = session.iter_num > 0 and (best is None or val_loss < best)
        if is_best:
            session.best_val_loss = val_loss
        session.evaluated = session.iter_num
        yield Eval(
            iter_num=session.iter_num,
            train_loss=train_loss,
            val_loss=val_loss,
            bits_per_byte=self._bits_per_byte(val_loss),
            is_best=is_best,
            full_memory_bits_per_byte=with_full_memory,
        )
        if config.eval_only:
            return
        if config.sample_tokens and not self.audience.has_seen(session.iter_num):
            yield from self._sample(config.sample_prompt)
        if session.iter_num and (is_best or config.always_save_checkpoint):
            yield from self._begin_save(is_best)
        self.ending.evaluation_s = time.monotonic() - began

    def _full_memory(self) -> Generator[Turn, None, float | None]:
        """Return validation in bits per byte with full memory; None where that takes too long, or was broken off."""
        if not (self.config.eval_only or self.ending.full_memory_share):
            return None
        loss = yield from full_memory_loss(self.session.learner, self.session.val_tokens, self.control)
        return None if loss is None else self._bits_per_byte(loss)

    def _bits_per_byte(self, loss: float) -> float:
        return bits_per_byte(loss, self.session.data.val_tokens, self.session.data.val_bytes)

    def _audience_waits(self) -> bool:
        """Return whether somebody looks on who has not seen the model write for a while."""
        wanted = self.control.watched and self.config.sample_tokens and not self.config.eval_only
        return bool(wanted) and self.audience.waits(self.session.iter_num, self.stopwatch.whole)

    def _sample(self, prompt: str) -> Job:
        """Write a text with the model as it is, the same prompt and seed each time; one it cannot read is told once."""
        session, began = self.session, time.monotonic()
        tokenizer = session.data.load_tokenizer()
        length = self.config.sample_tokens or _ASKED_TOKENS
        config = SampleConfig(start=prompt, max_new_tokens=length, seed=self.config.seed)
        try:
            for item in replies(Weights.live(session.learner.model), tokenizer, config, self.control):
                if isinstance(item, Reply) and item.reason == "done":
                    yield Sample(iter_num=session.iter_num, prompt=prompt, text=item.text)
                elif isinstance(item, Turn):
                    yield item
        except DataError as error:
            if prompt not in self._unreadable:
                self._unreadable.add(prompt)
                why = f"{error.cause} Training goes on without a sample; sample_prompt sets another beginning."
                yield self._advice(error.code, "warning", error.message, why)
        self.audience.saw(session.iter_num, self.stopwatch.whole, time.monotonic() - began)

    def _advice(self, code: AdviceCode, severity: Severity, what: str, why: str) -> Advice:
        return Advice(iter_num=self.session.iter_num, code=code, severity=severity, what=what, why=why)

    def _serve_requests(self) -> Job:
        """Save or sample when somebody asked for it, and save when it is time."""
        minutes = self.config.checkpoint_minutes
        due = minutes and time.monotonic() - self._saved_at >= minutes * 60 and not self.session.is_saving
        if self.control.take_save() or (due and self.session.saved_at != self.session.iter_num):
            yield from self._begin_save()
        while (prompt := self.control.take_prompt()) is not None:
            yield from self._sample(prompt)

    # checkpoints

    def _begin_save(self, best: bool = False) -> Job:
        """Have the state as it is written while training goes on, once what was begun before is on disk."""
        yield from self._await_save()
        self.session.seconds = self.stopwatch.whole
        self.session.begin_save(best)
        self._saved_at = time.monotonic()

    def _save(self) -> Job:
        """See the state as it is on disk."""
        if self.session.saved_at != self.session.iter_num and not self.config.eval_only:
            yield from self._begin_save()
        yield from self._await_save()

    def _await_save(self) -> Job:
        """Wait until what is being written is on disk."""
        while self.session.is_saving:
            self.session.wait_for_save(WAIT_S)
            yield Turn.NEXT
        yield from self._collect()

    def _collect(self) -> Job:
        """Tell of what came to disk; where the disk is full, rest until there is room or somebody stops the run."""
        try:
            yield from self.session.saves_done()
        except TrainingError as error:
            if error.code != "disk_full" or self.control.stopping:
                raise
            yield from self._rest_for_room(error)

    def _rest_for_room(self, error: TrainingError) -> Job:
        """Rest until the disk has room again."""
        written: list[Checkpoint] = []

        def fits() -> bool:
            if not self.session.record_waiting():
                return False
            try:
                written.extend(self.session.retry_save())
            except TrainingError as again:
                if again.code == "disk_full":
                    return False
                raise
            return True

        why = f"Training rests and goes on by itself once there is room; {self.session.run.kept}."
        yield self._advice(error.code, "problem", error.message, why)
        yield from self._rest(fits)
        yield from written

    # rest

    def _pause(self) -> Job:
        """Save, give the device's memory back, and rest until the control says otherwise."""
        yield from self._save()
        if self.control.paused:
            yield from self._rest(None)

    def _rest(self, is_over: Callable[[], bool] | None) -> Job:
        """Do nothing until the control goes on, or until it is over by itself."""
        began = tried = time.monotonic()
        ours = is_over is not None and not self.control.paused
        if ours:
            self.control.pause()
        self.session.device.release()
        self.power.let_sleep()  # a rest for the battery must not drain it
        yield Paused(iter_num=self.session.iter_num)
        while self.control.paused:
            if is_over is None:
                yield Turn.IDLE
                continue
            yield Turn.NEXT
            time.sleep(WAIT_S)
            if time.monotonic() - tried >= RETRY_EVERY_S:
                tried = time.monotonic()
                if is_over():
                    break
        if ours:
            self.control.resume()
        self.power.stay_awake()
        self.stopwatch.rest(time.monotonic() - began)
        yield Resumed(iter_num=self.session.iter_num)

    def _look_around(self) -> Job:
        """See to what came to disk, and now and then to the machine."""
        yield from self._collect()
        if not self.session.record_waiting():
            yield from self._rest_for_room(self.session.record_is_full())
        if self.power.is_about_to_sleep():
            yield from self._save()
            self.power.has_saved()
        if time.monotonic() - self._look_at >= LOOK_EVERY_S:
            self._look_at = time.monotonic()
            yield from self._look_at_machine()

    def _look_at_machine(self) -> Job:
        """Tell what the watches found, and rest where battery or heat ask for it."""
        for finding in self.watch.look():
            if finding.rest:
                yield from self._save()
            yield finding.advice(self.session.iter_num)
            if finding.rest and not self.control.paused:
                yield from self._rest(lambda: not self.watch.must_rest())
