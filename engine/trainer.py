"""The training loop: one iterator of events, driven alike by the window, the command line and the tests.

`iter_num` is the iteration that comes next; a checkpoint taken at k holds the state before iteration k. All
randomness of an iteration is a function of (seed, iter_num), so a run that goes on needs no random state.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from engine.config import SampleConfig, TrainConfig
from engine.datasets import dataset
from engine.device import choose_device
from engine.evaluation import bits_per_byte, mean_loss
from engine.events import Eval, Event, Finished, Paused, Reply, Resumed, Sample, Step, Turn
from engine.jobs import Control, Job, events_of
from engine.prepare import ensure_ready
from engine.sampler import reply
from engine.session import Session


class Trainer:
    """One run, from its configuration to its last event. Use once."""

    def __init__(self, config: TrainConfig, control: Control | None = None) -> None:
        self.config = config
        self.control = control or Control()
        self._rested_s = 0.0

    def run(self) -> Iterator[Event]:
        """Train on the calling thread: its events, in order. A pause blocks until the control resumes.

        Raises SettingError, DataError or CheckpointError before anything is written; TrainingError and
        OutOfMemoryError later, with the last checkpoint whole.
        """
        return events_of(self.steps(), self.control)

    def steps(self) -> Job:
        """Give the run as a job: the events of `run`, with a turn after each piece of work."""
        yield from ensure_ready(self.config.dataset, self.control)
        if self.control.stopping:
            return
        session = Session(self.config, dataset(self.config.dataset), choose_device(self.config.device))
        needs = session.estimate.total
        loop = self._loop(session)
        try:
            while True:
                with session.device.translating(needs):
                    item = next(loop, None)
                if item is None:
                    return
                if isinstance(item, Event):
                    session.record(item)
                yield item
        finally:
            session.run.close()
            session.device.release()

    def _loop(self, session: Session) -> Job:
        """Evaluate, rest, save and learn until the run is done or stopped; ends with Finished."""
        began = time.monotonic()
        yield session.started()
        yield from session.notices()
        reason = ""
        while not reason:
            if self.control.stopping:
                reason = "stopped"
            elif self._evaluation_is_due(session):
                yield from self._evaluate(session)
            elif self.config.eval_only or session.iter_num >= self.config.max_iters:
                reason = "done"
            elif self.control.paused:
                yield from self._rest(session)
            else:
                yield from self._serve_requests(session)
                yield from self._iterate(session)
        if session.saved_at != session.iter_num and not self.config.eval_only:
            yield session.save()
        yield Finished(
            reason=reason,
            iter_num=session.iter_num,
            best_val_loss=session.best_val_loss,
            seconds=time.monotonic() - began - self._rested_s,
            peak_memory_bytes=session.device.peak_memory_bytes(),
        )

    def _iterate(self, session: Session) -> Job:
        """Make one update of the weights, told at every log interval; a stop in its middle leaves it out."""
        update = session.learner.update(session.iter_num, session.train_tokens)
        for _ in update:
            yield Turn.NEXT
            if self.control.stopping:
                update.close()
                return
        if session.iter_num % self.config.log_interval == 0:
            yield self._step(session)
        session.iter_num += 1
        yield Turn.NEXT

    def _step(self, session: Session) -> Step:
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

    def _evaluation_is_due(self, session: Session) -> bool:
        due = self.config.eval_only or session.iter_num >= self.config.max_iters
        return session.evaluated < session.iter_num and (due or session.iter_num % self.config.eval_interval == 0)

    def _evaluate(self, session: Session) -> Job:
        """Score, write a sample, save. A stop in its middle leaves the evaluation to when the run goes on."""
        session.learner.require_finite(session.iter_num)
        model, control = session.learner.model, self.control
        train_loss = yield from mean_loss(model, session.train_tokens, self.config, session.device, control)
        val_loss = yield from mean_loss(model, session.val_tokens, self.config, session.device, control)
        if train_loss is None or val_loss is None:
            return
        data, best = session.data, session.best_val_loss
        is_best = session.iter_num > 0 and (best is None or val_loss < best)
        if is_best:
            session.best_val_loss = val_loss
        session.evaluated = session.iter_num
        yield Eval(
            iter_num=session.iter_num,
            train_loss=train_loss,
            val_loss=val_loss,
            bits_per_byte=bits_per_byte(val_loss, data.val_tokens, data.val_bytes),
            is_best=is_best,
        )
        if self.config.eval_only:
            return
        if self.config.sample_tokens:
            yield from self._sample(session, self.config.sample_prompt)
        if session.iter_num and (is_best or self.config.always_save_checkpoint):
            yield session.save()
            if is_best:
                yield session.keep_best()

    def _sample(self, session: Session, prompt: str) -> Job:
        """Write a text with the model as it is; the same prompt and seed each time."""
        tokenizer = session.data.load_tokenizer()
        config = SampleConfig(start=prompt, max_new_tokens=self.config.sample_tokens, seed=self.config.seed)
        for item in reply(session.learner.model, tokenizer, config, self.control):
            if isinstance(item, Reply) and item.reason == "done":
                yield Sample(iter_num=session.iter_num, prompt=prompt, text=item.text)
            elif isinstance(item, Turn):
                yield item

    def _rest(self, session: Session) -> Job:
        """Save, give the device's memory back, and do nothing until the control says otherwise."""
        began = time.monotonic()
        if session.saved_at != session.iter_num:
            yield session.save()
        session.device.release()
        yield Paused(iter_num=session.iter_num)
        while self.control.paused:
            yield Turn.IDLE
        self._rested_s += time.monotonic() - began
        yield Resumed(iter_num=session.iter_num)

    def _serve_requests(self, session: Session) -> Job:
        """Save or sample when somebody asked for it."""
        if self.control.take_save():
            yield session.save()
        while (prompt := self.control.take_prompt()) is not None:
            yield from self._sample(session, prompt)
