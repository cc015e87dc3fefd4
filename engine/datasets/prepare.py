"""From a text to a dataset: read it through, split it nine to one, write its tokens, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.core.config import DATASET_ALIASES
from engine.core.errors import DataError
from engine.core.events import Prepared, Progress, Turn
from engine.core.jobs import Control, Job, asked_to_stop, events_of
from engine.datasets.dataset import Dataset, open_dataset
from engine.datasets.folder import claim, read_meta, require_said, same_as_before, write_dataset
from engine.datasets.order import Order, PreparationPlan, plan
from engine.text.catalogue import catalogue
from engine.text.download import download
from engine.text.text_files import Survey, Text
from engine.tokens.tokenizer import ID_LIMIT, CharTokenizer

RECOMMENDED_BYTES = 100_000
"""A text with less than this is learned by heart rather than understood."""


def prepare_job(order: Order, control: Control) -> Job:
    """Prepare a built-in dataset, a text file, or a folder of texts; ends with a Prepared event.

    A stop, or closing the iterator, leaves nothing of the dataset behind; what was downloaded of a built-in text is
    kept, so that the next time goes on from there. Raises DataError for a text that cannot be used or a name that is
    taken, SettingError for a tokenizer, a size or a split there is not.
    """
    order = replace(order, target=DATASET_ALIASES.get(order.target, order.target))
    order.check()
    entry = catalogue().get(order.target)
    if entry and not entry.offline and not order.source:
        yield from download(entry, control)
    if asked_to_stop(control):
        return
    planned = plan(order)
    require_said(order, planned)
    survey = Survey(tells_symbols=planned.kind == CharTokenizer.kind)
    yield from read_through(planned.text, survey, control)
    if asked_to_stop(control):
        return
    if not order.wishes.allow_loss:
        planned.text.account.refuse_loss(planned.text.source)
    _check_text(planned, survey)
    done = yield from same_as_before(planned, survey, control)
    if asked_to_stop(control):
        return
    if done is None:
        yield from write_dataset(planned, survey, control)
        if asked_to_stop(control):
            return
        done = open_dataset(planned.folder)
    elif order.asked:
        claim(done)
    yield prepared_event(planned, done, survey)


def prepare(target: str, **wishes: Any) -> Prepared:
    """Prepare a dataset at once and return its Prepared event; `wishes` are the other fields of an Order.

    Raises what `prepare_job` does.
    """
    control = Control()
    *_, last = events_of(prepare_job(Order(target=target, **wishes), control), control)
    assert isinstance(last, Prepared)
    return last


def read_through(text: Text, survey: Survey, control: Control) -> Job:
    """Read a text through, and take it into the survey."""
    for document in text.documents():
        survey.begin_document()
        for piece in document:
            survey.add(piece)
            yield Progress(what="Reading", done=min(survey.bytes, text.size), total=text.size, unit="bytes")
            yield Turn.NEXT
            if asked_to_stop(control):
                return


def _check_text(plan: PreparationPlan, survey: Survey) -> None:
    """Raise DataError for a text that nothing can be learned from."""
    if plan.entry and plan.entry.sha256 and survey.fingerprint != plan.entry.sha256:
        raise DataError(
            f"The text of {plan.entry.title} is damaged.",
            cause="Its SHA-256 is not the one that belongs to it.",
            fix="Install Understudy again; in a checkout, run `make run`.",
            code="wrong_text",
        )
    if survey.blank:
        nothing = "There is nothing in it but white space." if survey.characters else "It has no characters at all."
        raise DataError(
            f"{plan.text.source} is empty.",
            cause=" ".join([nothing, *plan.text.account.sentences()]),
            fix="Choose a text with something to learn from, best 100 KB or more.",
            code="empty_text",
        )
    if plan.kind == CharTokenizer.kind and len(survey.symbols) > ID_LIMIT:
        raise DataError(
            f"{plan.text.source} has {len(survey.symbols):,} different characters.",
            cause=f"Tokens are stored as 16-bit numbers, so that at most {ID_LIMIT:,} can be told apart.",
            fix="Use the gpt2 tokenizer, which needs no vocabulary of its own.",
            code="too_many_characters",
        )


def prepared_event(plan: PreparationPlan, done: Dataset, survey: Survey) -> Prepared:
    """Return the event that tells of a finished dataset."""
    notes = [str(note) for note in read_meta(done).get("notes", ())]
    if survey.bytes < RECOMMENDED_BYTES:
        size = f"{survey.bytes / 1000:.1f} KB"
        notes.append(f"The text has only {size}. A model learns so little by heart: 100 KB or more is better.")
    return Prepared(
        name=done.name,
        folder=str(done.folder),
        tokenizer=plan.kind,
        vocab_size=done.vocab_size,
        train_tokens=done.train_tokens,
        val_tokens=done.val_tokens,
        characters=survey.characters,
        train_bytes=done.train_bytes,
        val_bytes=done.val_bytes,
        notes=tuple(notes),
        account=plan.text.account.as_json(),
    )
