"""A model as a partner in a scene: what was spoken becomes its prompt, and what it writes becomes one turn."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.core.config import SampleConfig
from engine.core.errors import DataError
from engine.core.events import Event, Reply, Token, Turn
from engine.core.jobs import Control, Job
from engine.core.seeds import derived_seed
from engine.datasets.turns import turns_of
from engine.generation.decoder import Weights
from engine.generation.loaded_model import LoadedModel
from engine.generation.model_cache import Shelf
from engine.generation.sampler import prompt_ids, replies
from engine.text.chats.layout import LONGEST_NAME
from engine.text.script import EndOfTurn, Scene, Speaking, Speech, Spoken, opening, script
from engine.text.turn_reader import TurnReader
from engine.text.turns import Layout, Turns
from engine.tokens.tokenizer import TextStream, Tokenizer

TRIES = 3
"""How often a turn is begun anew with another seed where the model has nothing to say."""

ROOM_TO_ANSWER = 4
"""A turn begins with one part in so many of the context free."""


def turns_of_model(model: LoadedModel) -> Turns:
    """Return the turns of the text that a model learned from.

    Raises DataError when that has none, or is not here any more.
    """
    text = model.training_text()
    turns = turns_of(text)
    if turns is None:
        raise DataError(
            f"{text.title} has no turns: nobody can be played.",
            cause="A scene needs a text in which several speak under their names, as in plays and chats.",
            fix="Let the model go on with a text: python -m engine sample, or train one on a play or a chat.",
            code="no_turns",
        )
    return turns


def require_spelled(tokenizer: Tokenizer, name: str) -> None:
    """Raise DataError when a tokenizer cannot write a name."""
    try:
        prompt_ids(tokenizer, f"{name}:")
    except DataError as error:
        raise DataError(
            f"The model cannot write the name {name}.", cause=error.message, fix="Choose another name.", code=error.code
        ) from error


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is given: the scene in the layout of its text, without the first `forgotten` speeches."""

    text: str
    ids: tuple[int, ...]
    forgotten: int


def prompt_of(tokenizer: Tokenizer, speeches: Sequence[Speech], speaker: str, layout: Layout, room: int) -> Prompt:
    """Return the prompt for a speaker's turn: as many whole speeches, the last of all, as `room` tokens hold.

    The last one is there however long it is. Raises DataError for what the tokenizer cannot write.
    """
    begin = opening(speaker, layout)
    kept, used = len(speeches), len(prompt_ids(tokenizer, begin))
    while kept:
        used += len(prompt_ids(tokenizer, script(speeches[kept - 1 : kept], layout)))
        if used > room and kept < len(speeches):
            break
        kept -= 1
    while True:  # a tokenizer may cut the whole otherwise than its parts
        text = script(speeches[kept:], layout) + begin
        ids = tuple(prompt_ids(tokenizer, text))
        if len(ids) <= room or kept >= len(speeches) - 1:
            return Prompt(text, ids, kept)
        kept += 1


def turn_job(
    path: Path,
    scene: Scene,
    speeches: Sequence[Speech],
    speaker: str,
    config: SampleConfig,
    control: Control,
    shelf: Shelf | None = None,
    begun: Sequence[int] = (),
) -> Job:
    """Let a checkpoint speak the next turn of a scene as `speaker`; raises what `take_turn` and reading it raise."""
    loaded = (shelf or Shelf()).model(path, config.device, config.dtype)
    yield from take_turn(loaded.weights, loaded.tokenizer, scene, speeches, speaker, config, control, begun)


def take_turn(
    weights: Weights,
    tokenizer: Tokenizer,
    scene: Scene,
    speeches: Sequence[Speech],
    speaker: str,
    config: SampleConfig,
    control: Control,
    begun: Sequence[int] = (),
) -> Job:
    """Speak one turn: Speaking, the Token events of its words, and Spoken.

    It has `config.max_new_tokens` at most; `begun` are ids of tokens that it begins with. Where nothing is said it is
    begun anew, TRIES times in all. Raises DataError for what the tokenizer cannot write.
    """
    for attempt in range(TRIES):
        seed = derived_seed(config.seed, attempt) if attempt else config.seed
        writing = _Writing(weights, tokenizer, scene, speeches, speaker, replace(config, seed=seed), control, begun)
        spoken = yield from writing.turn()
        if spoken.text or spoken.reason == "stopped" or attempt == TRIES - 1:
            yield spoken
            return


class _Writing:
    """One try at a turn."""

    def __init__(
        self,
        weights: Weights,
        tokenizer: Tokenizer,
        scene: Scene,
        speeches: Sequence[Speech],
        speaker: str,
        config: SampleConfig,
        control: Control,
        begun: Sequence[int],
    ) -> None:
        self._weights, self._tokenizer, self._control = weights, tokenizer, control
        self._scene, self._speeches, self._speaker = scene, speeches, speaker
        self._config = config
        names = {name for name, _ in scene.turns.names} | {scene.me, scene.it}
        self._reader = TurnReader(scene.turns.layout, names)
        self._written = list(begun)
        stream = TextStream(tokenizer)
        self._reader.feed("".join(map(stream.feed, begun)))
        self._silent: list[Token] = []
        self._words = len(begun)

    def turn(self) -> Generator[Event | Turn, None, Spoken]:
        """Write the turn, in as much of the scene as there is room for; return how it ended."""
        reason: EndOfTurn | None = None
        prompt = self._prompt()
        while reason is None:
            yield Speaking(speaker=self._speaker, prompt=prompt.text, forgotten=prompt.forgotten)
            reason = yield from self._write(prompt)
            prompt = self._prompt() if reason is None else prompt
        words = self._reader.words
        return Spoken(
            speaker=self._speaker,
            text=words,
            tokens=self._words,
            reason=reason if words or reason == "stopped" else "silent",
            wanted=self._reader.wanted or "",
            forgotten=prompt.forgotten,
        )

    def _prompt(self) -> Prompt:
        """Return the prompt that leaves room for what was written and for some more."""
        block = self._weights.args.block_size
        more = max(1, min(block // ROOM_TO_ANSWER, self._config.max_new_tokens - self._words))
        room = block - len(self._written) - more
        return prompt_of(self._tokenizer, self._speeches, self._speaker, self._scene.turns.layout, room)

    def _write(self, prompt: Prompt) -> Generator[Event | Turn, None, EndOfTurn | None]:
        """Write on behind a prompt; return why the turn ended, None where the context is full before."""
        left = self._config.max_new_tokens + LONGEST_NAME + 2 - len(self._written)
        if prompt.forgotten < len(self._speeches) - 1:  # else there is nothing more to forget
            left = min(left, self._weights.args.block_size - len(prompt.ids) - len(self._written))
        config = replace(self._config, start=prompt.text, num_samples=1, stop="", max_new_tokens=left)
        job = replies(self._weights, self._tokenizer, config, self._control, written=tuple(self._written))
        for event in job:
            if isinstance(event, Token):
                yield from self._take(event)
                if reason := self._end():
                    return reason
            elif isinstance(event, Reply):
                return "stopped" if event.reason == "stopped" else None
            else:
                yield event
        return "stopped"

    def _take(self, token: Token) -> Generator[Event, None, None]:
        """Take a token in; tell of those that the turn is made of, once there are words."""
        self._written.append(token.token)
        was_ended = self._reader.ended
        text = self._reader.feed(token.text)
        if was_ended or (self._reader.ended and not text):
            return
        self._words += 1
        self._silent.append(replace(token, text=text, tokens=self._words))
        if self._reader.words:
            yield from self._silent
            self._silent.clear()

    def _end(self) -> EndOfTurn | None:
        """Return why the turn is over, None where it is not."""
        if self._reader.ended:
            knows = self._reader.wanted is not None or not self._scene.third
            return "done" if knows or len(self._written) > self._words + LONGEST_NAME else None
        return "limit" if self._words >= self._config.max_new_tokens else None
