"""What the engine may ask of a Mac's GPU: launches of kernels, and waits of the processor for it.

python -m tests.mps.budgets   counts both on the stand-in, beside what the tests hold and what is asked for
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from engine.core.config import SampleConfig, TrainConfig
from engine.core.events import Token
from engine.core.jobs import Control
from engine.generation.decoder import Weights
from engine.generation.sampler import replies
from engine.machine.device import choose_device
from engine.planning.presets import preset
from engine.runs.checkpoint import NOT_EVALUATED, Saved
from engine.tokens.tokenizer import CharTokenizer, Tokenizer
from engine.training.bench import RandomTokens
from engine.training.evaluation import mean_loss
from engine.training.learner import Learner
from tests.mps.record import Record
from tests.mps.stand_in import StandIn, mps

VOCABULARY = 50_304
"""Of the learners: GPT-2's, as in nanoGPT."""

SMALL = {"n_layer": 2, "n_head": 2, "n_embd": 128, "block_size": 64, "batch_size": 2}


@dataclass(frozen=True)
class Count:
    """Launches and waits; of a part of something, as a mean."""

    launches: float
    waits: float


@dataclass(frozen=True)
class Budget:
    """One piece of work.

    Attributes:
        held: what it costs today; a test fails when it costs more.
        asked: what it should cost at most.
        count: does it on a stand-in and counts.
    """

    work: str
    held: Count
    asked: Count
    count: Callable[[StandIn], Count]


def learner_of(shape: dict[str, object], vocabulary: int = VOCABULARY, **settings: object) -> Learner:
    """Return a learner on the stand-in, in float32 if nothing else is said."""
    config = TrainConfig.of({"device": "mps", "dtype": "float32", **shape, **settings})
    return Learner.fresh(config, vocabulary, choose_device("mps"))


def tokens_of(learner: Learner) -> RandomTokens:
    """Return random tokens for it to learn from."""
    return RandomTokens(learner.model.args.vocab_size, learner.config.block_size)


def shape_of(name: str) -> dict[str, object]:
    """Return the shape and batch of a preset."""
    config = preset(name).config()
    return {key: getattr(config, key) for key in SMALL}


def _whole(record: Record) -> Count:
    return Count(record.launches, record.host_waits)


def _update(name: str, optimizer: str) -> Callable[[StandIn], Count]:
    def count(gpu: StandIn) -> Count:
        learner = learner_of(shape_of(name), optimizer=optimizer)
        tokens = tokens_of(learner)
        _make(learner, 1, tokens)
        with gpu.counted() as record:
            _make(learner, 2, tokens)
        return _whole(record)

    return count


def _windows(gpu: StandIn) -> Count:
    """Count what the first update after a reading costs beyond the next one."""
    learner = learner_of(SMALL, 1024)
    tokens = tokens_of(learner)
    _make(learner, 1, tokens)
    records = []
    for number in (11, 12):
        with gpu.counted() as record:
            _make(learner, number, tokens)
        records.append(_whole(record))
    first, next_one = records
    return Count(first.launches - next_one.launches, first.waits - next_one.waits)


def _make(learner: Learner, number: int, tokens: RandomTokens) -> None:
    for _ in learner.update(number, tokens):
        pass


def _reading(gpu: StandIn) -> Count:
    learner = learner_of(SMALL, 1024)
    _make(learner, 0, tokens_of(learner))
    with gpu.counted() as record:
        learner.read(0)
    return _whole(record)


def _evaluation(gpu: StandIn, batches: int) -> Count:
    learner = learner_of(SMALL, 1024, eval_iters=batches)
    with gpu.counted() as record:
        for _ in mean_loss(learner, tokens_of(learner), Control()):
            pass
    return _whole(record)


def _evaluated_batch(gpu: StandIn) -> Count:
    few, many = _evaluation(gpu, 2), _evaluation(gpu, 6)
    return Count((many.launches - few.launches) / 4, (many.waits - few.waits) / 4)


def _evaluations_ends(gpu: StandIn) -> Count:
    batch, whole = _evaluated_batch(gpu), _evaluation(gpu, 2)
    return Count(whole.launches - 2 * batch.launches, whole.waits - 2 * batch.waits)


def _written_token(samples: int) -> Callable[[StandIn], Count]:
    """Count a token written by each sample: the mean of ten, in a block that is not full."""

    def count(gpu: StandIn) -> Count:
        tokenizer = letters(1024)
        weights = Weights.frozen(learner_of(SMALL, tokenizer.vocab_size).model.eval())
        config = SampleConfig(start=tokenizer.decode(list(range(11))), max_new_tokens=16)
        written = _tokens(weights, tokenizer, config, samples)
        for _ in range(5 * samples):
            next(written)
        with gpu.counted() as record:
            for _ in range(10 * samples):
                next(written)
        return Count(record.launches / 10, record.host_waits / 10)

    return count


def _tokens(weights: Weights, tokenizer: Tokenizer, config: SampleConfig, samples: int) -> Iterator[Token]:
    events = replies(weights, tokenizer, config, Control(), range(samples))
    return (event for event in events if isinstance(event, Token))


def letters(count: int) -> CharTokenizer:
    """Return a tokenizer of so many characters."""
    return CharTokenizer([chr(0x4E00 + number) for number in range(count)])


def saved_of(learner: Learner) -> Saved:
    """Return a learner's state as a checkpoint takes it."""
    return Saved(
        args=learner.model.args,
        model=learner.model.state_dict(),
        optimizer=learner.optimizer.state_dict(),
        iter_num=1,
        best_val_loss=None,
        evaluated=NOT_EVALUATED,
        config=learner.config.as_dict(),
        tokenizer=None,
    )


def _checkpoint(gpu: StandIn) -> Count:
    saved = saved_of(learner_of(SMALL, 1024))
    with gpu.counted() as record:
        saved.copied()
    return _whole(record)


BUDGETS = (
    Budget("update, tiny, AdamW", Count(150, 0), Count(170, 0), _update("tiny", "adamw")),
    Budget("update, tiny, Muon", Count(198, 0), Count(200, 0), _update("tiny", "muon")),
    Budget("update, medium-m4, AdamW", Count(365, 0), Count(400, 0), _update("medium-m4", "adamw")),
    Budget("windows of a log interval", Count(0, 1), Count(0, 1), _windows),
    Budget("reading at a log interval", Count(1, 1), Count(1, 1), _reading),
    Budget("evaluation, a batch", Count(39, 0), Count(44, 0), _evaluated_batch),
    Budget("evaluation, its windows and its end", Count(1, 2), Count(1, 2), _evaluations_ends),
    Budget("a written token, 2 layers, 1 sample", Count(25, 1), Count(31, 1), _written_token(1)),
    Budget("a written token, 2 layers, 3 samples", Count(26, 1), Count(45, 1), _written_token(3)),
    Budget("checkpoint of 2 layers", Count(0, 2), Count(0, 4), _checkpoint),
)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print(f"{'':38} {'launches':^20}   {'waits of the host':^20}")
    print(f"{'':38} {'now':>6} {'held':>6} {'asked':>6}   {'now':>6} {'held':>6} {'asked':>6}")
    for budget in BUDGETS:
        with mps() as gpu:
            counts = budget.count(gpu), budget.held, budget.asked
        launches = " ".join(f"{each.launches:6g}" for each in counts)
        waits = " ".join(f"{each.waits:6g}" for each in counts)
        print(f"{budget.work:38} {launches}   {waits}", flush=True)


if __name__ == "__main__":
    main()
