"""`play`: a scene with a model whose text is a play or a chat."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.cli.checkpoints import checkpoint_path
from engine.cli.options import add_settings, given_settings
from engine.cli.output import print_event_json, say, say_error
from engine.cli.signals import stopping_on_signals
from engine.cli.terminal import plain
from engine.core.config import SampleConfig
from engine.core.errors import DataError
from engine.core.events import Token
from engine.core.jobs import Control, Job, events_of
from engine.core.seeds import derived_seed
from engine.core.settings import Settings, setting
from engine.text.script import Scene, Speech, Spoken, as_words, scene_of, who_speaks_next

_LEFT_OUT = ("start", "num_samples", "stop", "compile")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayConfig(Settings):
    """How a scene is played: whether a third may enter, and the turns that the model plays alone (0: with a person)."""

    third: bool = setting(False)
    auto: int = setting(0, minimum=0, maximum=1_000_000)


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options of `play`."""
    parser.add_argument("--out_dir", metavar="DIR", help="the run’s folder, or a checkpoint file [default: newest run]")
    parser.add_argument("--me", metavar="NAME", default="", help="who you are [default: who speaks most]")
    parser.add_argument("--it", metavar="NAME", default="", help="who the model is [default: who speaks most besides]")
    others = "let others of the text enter [default False]"
    parser.add_argument("--third", metavar="BOOL", nargs="?", const="True", default=argparse.SUPPRESS, help=others)
    alone = "let it speak all parts, so many turns, and end [default 0: play with it]"
    parser.add_argument("--auto", metavar="N", default=argparse.SUPPRESS, help=alone)
    add_settings(parser, SampleConfig, leave_out=_LEFT_OUT)


def run(arguments: argparse.Namespace) -> int:
    """Play a scene until the person ends it; exit code 130 when stopped by Ctrl-C."""
    config = SampleConfig.of(given_settings(arguments, SampleConfig))
    how = PlayConfig.of(given_settings(arguments, PlayConfig))
    path = checkpoint_path(arguments.out_dir)
    from engine.generation.model_cache import Shelf
    from engine.generation.scene import (  # here, so that a bad setting is told without waiting for torch
        require_spelled,
        turn_job,
        turns_of_model,
    )

    shelf = Shelf()
    model = shelf.model(path, config.device, config.dtype)
    scene = scene_of(turns_of_model(model), arguments.me, arguments.it, third=how.third)
    for name in (scene.me, scene.it):
        require_spelled(model.tokenizer, name)
    for notice in model.notices:
        say(notice)

    def speak(speeches: list[Speech], speaker: str, control: Control) -> Job:
        own = replace(config, seed=derived_seed(config.seed, len(speeches)))
        return turn_job(path, scene, speeches, speaker, own, control, shelf)

    def require_readable(words: str) -> None:
        model.tokenizer.encode(words)

    stage = _Stage(scene, speak, as_json=arguments.json)
    return stage.play_alone(how.auto) if how.auto else stage.play(require_readable)


class _Stage:
    """A scene in the terminal."""

    def __init__(self, scene: Scene, speak: Callable[[list[Speech], str, Control], Job], *, as_json: bool) -> None:
        self._scene = scene
        self._speak = speak
        self._as_json = as_json
        self._speeches: list[Speech] = []

    def play_alone(self, turns: int) -> int:
        """Let the model speak all parts; return the exit code."""
        control = Control()
        with stopping_on_signals(control) as caught:
            speaker = self._scene.me
            for _ in range(turns):
                spoken = self._turn(speaker, control)
                if control.stopping:
                    break
                speaker = who_speaks_next(self._scene, self._speeches, spoken.wanted, alone=True)
        return 128 + caught[0] if caught else 0

    def play(self, require_readable: Callable[[str], None]) -> int:
        """Take turns with a person until they end it; return the exit code."""
        me, it = self._scene.me, self._scene.it
        say(f"You are {me}, it is {it}. It plays a part that it read, and knows nothing of you.")
        say("Return lets it speak, Ctrl-C stops it, Ctrl-D ends the scene.")
        while (line := self._asked(f"{me}: ")) is not None:
            words = as_words(line, self._scene.turns.layout)
            try:
                require_readable(words)
            except DataError as error:
                say_error(error, as_json=self._as_json)
                continue
            if words:
                self._speeches.append(Speech(me, words))
            if code := self._answers(who_speaks_next(self._scene, self._speeches, "") if words else it):
                return code
        return 0

    def _answers(self, speaker: str) -> int:
        """Let others speak until it is the person's turn; return an exit code where a signal ends the scene."""
        control = Control()
        with stopping_on_signals(control, "It stops there.") as caught:
            while speaker != self._scene.me and not control.stopping:
                spoken = self._turn(speaker, control)
                if not spoken.text:  # it has nothing to say: the person has their turn
                    break
                speaker = who_speaks_next(self._scene, self._speeches, spoken.wanted)
        return 128 + caught[0] if caught and caught[0] != signal.SIGINT else 0

    def _asked(self, prompt: str) -> str | None:
        """Return the next line of a person, None at the end."""
        if not sys.stdin.isatty() or self._as_json:
            return sys.stdin.readline() or None
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  lets a line be edited and called back
        try:
            return input(plain(prompt))
        except EOFError:
            print()
            return None
        except KeyboardInterrupt:
            print()
            raise

    def _turn(self, speaker: str, control: Control) -> Spoken:
        """Let the model speak one turn, as it comes; return how it ended."""
        begun = False
        for event in events_of(self._speak(self._speeches, speaker, control), control):
            if isinstance(event, Token) and not self._as_json:
                self._write(event.text if begun else f"{speaker}: {event.text.lstrip()}")
                begun = True
            elif isinstance(event, Spoken):
                spoken = event
        if self._as_json:
            print_event_json(spoken)
        elif not begun:
            self._write(f"{speaker}: …\n")
        else:
            self._write(" …\n" if spoken.reason == "limit" else "\n")
        if spoken.text:
            self._speeches.append(Speech(speaker, spoken.text))
        return spoken

    def _write(self, text: str) -> None:
        """Write to standard output at once, what a terminal would obey spelled out."""
        sys.stdout.write(plain(text, keep="\n\t"))
        sys.stdout.flush()
