"""Exporting as a job: written under a temporary name, read back, compared, and only then given its own."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch

from engine.core.disk import cannot_write, require_room
from engine.core.errors import CheckpointError
from engine.core.events import Event, Exported, Progress, Turn
from engine.core.files import put_in_place, size_of
from engine.core.jobs import Control, Job, asked_to_stop
from engine.core.leftovers import clear_leftovers, part_of, remove
from engine.core.version import __version__
from engine.exports import gguf_file, huggingface, nanogpt
from engine.exports.comparison import Comparison, Probe, compare, compared, texts_alike
from engine.exports.destination import STAMP, require_free, whole_destination
from engine.exports.formats import OUTTYPES, ExportFormat, checked_outtype, export_format
from engine.generation.sampler import prompt_ids
from engine.model.shape import parameter_count
from engine.runs import checkpoint
from engine.runs.checkpoint import Saved
from engine.runs.model_tokenizer import KnownTokenizer
from engine.tokens.tokenizer import Tokenizer

_ROOM = 1.1
"""What the files of an export take beside the weights, as a share."""

_BYTES = {"q8_0": 34 / 32, "f16": 2.0}
"""Bytes of a number where they are not float32's."""

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export under way: what is written where, the model it is compared with, and how its tokenizer is known."""

    saved: Saved
    tokenizer: Tokenizer | None
    assumed: str
    form: ExportFormat
    outtype: str
    dest: Path
    part: Path

    @property
    def dtype(self) -> str:
        """The type of the numbers in it."""
        return self.outtype if self.form.name == "gguf" else "float32"

    @property
    def bytes(self) -> int:
        """About what it will take on the disk."""
        moments = 3 if self.form.name == "nanogpt" and self.saved.optimizer is not None else 1
        numbers = parameter_count(self.saved.args, self.saved.args.vocab_size).total
        return int(numbers * moments * _BYTES.get(self.dtype, 4.0) * _ROOM)

    @property
    def about(self) -> dict[str, str]:
        """Its name, and a sentence on where it comes from."""
        facts = (
            f"Trained with Understudy on {self.saved.config.get('dataset', 'a text')}, {self.saved.iter_num} iterations"
        )
        loss = self.saved.best_val_loss
        return {"name": self.dest.stem, "description": facts + (f", best val loss {loss:.4f}." if loss else ".")}


def export_job(
    source: Path, form: str, dest: Path, *, outtype: str = OUTTYPES[0], overwrite: bool = False, control: Control
) -> Job:
    """Write the checkpoint `source` in a format to `dest`: Progress events, and at the end Exported.

    What is told as Exported was read back and computes the same. A stop leaves nothing behind, and ends the job without
    it. With `overwrite` an earlier export at `dest` is replaced; nothing else ever is.

    Raises SettingError for a destination that is taken, CheckpointError for a model that cannot be exported or when
    what was written differs, DataError and TrainingError when it cannot be written.
    """
    chosen, outtype = export_format(form), checked_outtype(outtype)
    dest = whole_destination(source, chosen, outtype, dest)
    require_free(dest, chosen, overwrite)
    saved = checkpoint.load(source)
    part, known = part_of(dest), _tokenizer(saved, chosen)
    export = Export(
        saved=saved,
        tokenizer=known.tokenizer if known else None,
        assumed=known.assumed if known else "",
        form=chosen,
        outtype=outtype,
        dest=dest,
        part=part,
    )
    clear_leftovers(dest.parent)
    try:
        require_room(dest, export.bytes)
        yield from _steps(export, control)
    except OSError as error:
        raise cannot_write(dest, error, export.bytes) from error
    finally:
        remove(part)


def _steps(export: Export, control: Control) -> Job:
    """Ask the model, write, read back, compare, and put in place."""
    model = export.saved.build_model().eval()
    count = export.tokenizer.token_count if export.tokenizer is not None else export.saved.args.vocab_size
    probe = Probe(model, count)
    yield from _turns(probe.take(_first_token(export.tokenizer)), "Asking the model", control)
    if asked_to_stop(control):
        return
    yield from _write(export, control)
    if asked_to_stop(control):
        return
    found = yield from _turns(_compare(export, probe), "Comparing what was written", control)
    if found is None:
        return
    if not found.is_sound:
        raise _differs(export, found)
    yield from _finish(export, found)


def _write(export: Export, control: Control) -> Job:
    """Write all files, telling how far it is."""
    export.part.parent.mkdir(parents=True, exist_ok=True)
    if not export.form.is_file:
        export.part.mkdir()
    for done, total in _written(export):
        yield Progress(what=f"Writing {export.dest.name}", done=done, total=total, unit="bytes")
        yield Turn.NEXT
        if control.stopping:
            return


def _written(export: Export) -> Iterator[tuple[int, int]]:
    """Return the writer of the format."""
    if export.form.name == "nanogpt":
        return nanogpt.write_folder(export.saved, export.tokenizer, export.part)
    assert export.tokenizer is not None
    if export.form.name == "gguf":
        return gguf_file.write_file(export.saved, export.tokenizer, export.part, export.outtype, export.about)
    return huggingface.write_folder(export.saved, export.tokenizer, export.part)


def _compare(export: Export, probe: Probe) -> Generator[None, None, Comparison]:
    """Return how what was written compares, by a reading of its own for each format."""
    if export.form.name == "gguf":
        # llama.cpp takes GELU by its tanh form
        return (yield from compare(probe, gguf_file.read_file(export.part), export.outtype, "tanh"))
    if export.form.name == "huggingface":
        return (yield from compare(probe, huggingface.read_folder(export.part), export.dtype, "none"))
    with torch.inference_mode():
        logits = checkpoint.load(export.part / "ckpt.pt").build_model().eval().logits(probe.tokens)
    yield
    count = probe.logits.shape[-1]
    return compared(probe, logits[..., :count], logits[..., :count], export.dtype)


def _finish(export: Export, found: Comparison) -> Job:
    """Compare the tokenizer, stamp the folder, and give it its name."""
    texts = 0
    if export.form.name == "huggingface" and export.tokenizer is not None:
        own = export.tokenizer.decode(range(min(export.tokenizer.token_count, 5000)))
        texts = texts_alike(export.tokenizer, export.part / "tokenizer.json", [own])
    done = Exported(
        format=export.form.name,
        path=str(export.dest),
        bytes=size_of(export.part),
        dtype=export.dtype,
        texts=texts,
        notes=_notes(export, found),
        **asdict(found),
    )
    if not export.form.is_file:
        (export.part / STAMP).write_text(json.dumps(_stamp(export, done), indent=2) + "\n", "utf-8")
    put_in_place(export.part, export.dest)
    yield done


def _stamp(export: Export, done: Exported) -> dict[str, Any]:
    """Return what STAMP says."""
    saved = export.saved
    return {
        "made_by": f"Understudy {__version__}",
        "dataset": saved.config.get("dataset"),
        "iter_num": saved.iter_num,
        "best_val_loss": saved.best_val_loss,
        "compared": {name: value for name, value in asdict(done).items() if name not in ("path", "notes")},
    }


def _notes(export: Export, found: Comparison) -> tuple[str, ...]:
    """Return what a person should know of this export."""
    notes = [export.assumed] if export.assumed else []
    if found.tokens_equal < found.tokens:
        why = "Its numbers are rounded" if export.dtype != "float32" else "Its programs round otherwise"
        notes.append(
            f"{why}: the likeliest continuation is the same for {found.tokens_equal} of {found.tokens} tokens, then "
            f"two are nearly as likely (logits {found.gap:.1g} apart)."
        )
    if export.form.name == "nanogpt" and os.path.exists(export.part / "meta.pkl"):
        dataset = export.saved.config.get("dataset", "NAME")
        notes.append(f"For nanoGPT’s sample.py put meta.pkl into its data/{dataset}.")
    if export.form.name == "gguf":
        notes.append(
            f"The model reads {export.saved.args.block_size} tokens at once: set the program’s context length to that."
        )
    return tuple(notes)


def _turns(
    work: Generator[None, None, _Result], what: str, control: Control
) -> Generator[Event | Turn, None, _Result | None]:
    """Return what a piece of work gives, with a turn for other jobs after each step; None when it was stopped."""
    yield Progress(what=what, done=0, total=0, unit="")
    while True:
        try:
            next(work)
        except StopIteration as ended:
            result: _Result = ended.value
            return result
        yield Turn.NEXT
        if control.stopping:
            work.close()
            return None


def _first_token(tokenizer: Tokenizer | None) -> int:
    """Return what the continuation begins with: a line break where the vocabulary has one."""
    return 0 if tokenizer is None else prompt_ids(tokenizer, "")[0]


def _tokenizer(saved: Saved, form: ExportFormat) -> KnownTokenizer | None:
    """Return the run's tokenizer; nanoGPT's format can do without."""
    try:
        return saved.known_tokenizer()
    except CheckpointError:
        if form.name != "nanogpt":
            raise
        return None


def _differs(export: Export, found: Comparison) -> CheckpointError:
    """Return the error for an export that is not the model."""
    if found.logits_difference > found.tolerance:
        cause = f"Logits differ by up to {found.logits_difference:.2g}, where {found.tolerance:.2g} is allowed."
    else:
        cause = (
            f"It goes on with another token than the run, {found.gap:.2g} less likely in logits, where rounding "
            f"explains {found.gap_allowed:.2g}."
        )
    return CheckpointError(
        f"What was written is not the same model, so it was not kept: {export.dest.name}.",
        cause=cause,
        fix="Export it with more bits: --outtype f32." if export.form.is_file else "Please report this.",
        code="export_differs",
    )
