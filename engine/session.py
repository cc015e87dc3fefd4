"""A run while it is open: its data, device, model and folder, and how far it is."""

from __future__ import annotations

from pathlib import Path

from engine import checkpoint
from engine.batches import TokenFile
from engine.checkpoint import NOT_EVALUATED, Saved
from engine.config import TrainConfig
from engine.datasets import Dataset
from engine.device import Device
from engine.errors import CheckpointError
from engine.estimate import MemoryEstimate, memory_estimate
from engine.events import Advice, Checkpoint, Event, Started
from engine.learner import Learner
from engine.runs import RunFolder


class Session:
    """What the training loop works on.

    Attributes:
        iter_num: the iteration that comes next.
        evaluated: the iteration of the last evaluation, or NOT_EVALUATED.
        best_val_loss: the lowest validation loss so far, or None.
        saved_at: the iteration of the last checkpoint, or None.
    """

    def __init__(self, config: TrainConfig, data: Dataset, device: Device) -> None:
        self.config = config
        self.data = data
        self.device = device
        self.train_tokens = TokenFile(data.train_path, data.vocab_size)
        self.val_tokens = TokenFile(data.val_path, data.vocab_size)
        self.train_tokens.require(config.block_size, "training")
        self.val_tokens.require(config.block_size, "validation")
        self.iter_num = 0
        self.evaluated = NOT_EVALUATED
        self.best_val_loss: float | None = None
        self.saved_at: int | None = None
        with device.translating(self.estimate.total):
            self.learner, self.run = self._resume() if config.init_from == "resume" else self._start()

    @property
    def estimate(self) -> MemoryEstimate:
        """What the run will need, by part."""
        return memory_estimate(self.config, self.data.vocab_size, self.device.kind)

    def _start(self) -> tuple[Learner, RunFolder]:
        """Make a fresh model, then its folder: a model that does not fit leaves no folder behind."""
        return Learner.fresh(self.config, self.data.vocab_size, self.device), RunFolder.new(self.config)

    def _resume(self) -> tuple[Learner, RunFolder]:
        """Take up the run where its checkpoint left it."""
        run = RunFolder(Path(self.config.out_dir).expanduser().absolute())
        saved = checkpoint.load(latest_checkpoint(run))
        if saved.args.vocab_size != self.data.vocab_size:
            raise CheckpointError(
                f"The run knows {saved.args.vocab_size} tokens, the dataset {self.data.name} has "
                f"{self.data.vocab_size}.",
                cause="A model can only go on with the tokenizer it began with.",
                fix="Name the dataset that the run began with, or start a new run.",
                code="tokenizer_changed",
            )
        learner = Learner.resumed(self.config, saved, self.device)
        self.iter_num, self.evaluated = saved.iter_num, saved.evaluated
        self.best_val_loss, self.saved_at = saved.best_val_loss, saved.iter_num
        if self.config.eval_only:
            self.evaluated = NOT_EVALUATED
        else:
            run.cut_back(saved.iter_num, saved.evaluated)
            run.write_config(self.config)
        return learner, run

    @property
    def is_read_only(self) -> bool:
        """Whether the run is only looked at: an evaluation of what another call trained."""
        return self.config.eval_only and self.config.init_from == "resume"

    def record(self, event: Event) -> None:
        """Write an event into the run's folder."""
        if not self.is_read_only:
            self.run.append(event)

    def started(self) -> Started:
        """Give the run's first event."""
        return Started(
            run_dir=str(self.run.path),
            parameters=self.learner.model.parameter_count(),
            device=self.device.kind,
            dtype=str(self.learner.dtype).removeprefix("torch."),
            tokens_per_iter=self.config.tokens_per_iter,
            estimate=self.estimate.as_dict(),
            iter_num=self.iter_num,
            max_iters=self.config.max_iters,
            train_tokens=self.data.train_tokens,
            val_tokens=self.data.val_tokens,
            val_bytes=self.data.val_bytes,
            vocab_size=self.data.vocab_size,
        )

    def notices(self) -> list[Advice]:
        """Give what a person should know before the first step."""
        if not self.device.notice:
            return []
        return [
            Advice(
                iter_num=self.iter_num,
                code="device_replaced",
                severity="warning",
                what=self.device.notice,
                why=f"device={self.config.device} was asked for; a run goes on where it can.",
            )
        ]

    def save(self) -> Checkpoint:
        """Write the latest checkpoint; raises TrainingError when it cannot be written."""
        checkpoint.save(self._state(), self.run.checkpoint)
        self.saved_at = self.iter_num
        return Checkpoint(iter_num=self.iter_num, path=str(self.run.checkpoint), kind="latest")

    def keep_best(self) -> Checkpoint:
        """Keep the checkpoint just saved as the best."""
        checkpoint.keep_as(self.run.checkpoint, self.run.best)
        return Checkpoint(iter_num=self.iter_num, path=str(self.run.best), kind="best")

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
        )


def latest_checkpoint(run: RunFolder) -> Path:
    """Give the checkpoint that a run goes on from: the latest, or the best where there is no latest."""
    return run.best if run.best.exists() and not run.checkpoint.exists() else run.checkpoint


def resumed_config(out_dir: str, changes: dict[str, object]) -> TrainConfig:
    """Give the configuration of a run that goes on: everything as it was but what is given again.

    A folder of nanoGPT's own has no config.json: there the checkpoint tells, and what only a cluster can do
    (cuda:N, compile) is left to choose anew.
    """
    run = RunFolder(Path(out_dir).expanduser().absolute())
    if run.config_path.exists():
        base = run.read_config().as_dict()
    else:
        saved = checkpoint.load(latest_checkpoint(run))
        known = TrainConfig().as_dict()
        base = {name: value for name, value in saved.config.items() if name in known}
        base |= {k: v for k, v in saved.args.as_dict().items() if k in known}
        base |= {"device": "auto", "dtype": "auto", "compile": False}
    return TrainConfig.of(base, {"init_from": "resume", "overwrite": False, "out_dir": out_dir}, changes)
