"""A model as the engine's jobs would tell of it, without torch: it writes known words, as likely as it says."""

from engine.core.events import Alternative, Memorised, Quotation, Reply, Scored, ScoredAll, Token, TokenScore, Turn
from engine.text.script import Speaking, Spoken, script


def alternatives(word):
    """Return ten tokens, the word second, the last five cut off."""
    likely = [0.4, 0.25, 0.1, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01, 0.005]
    names = [" the", word, "\n", *(f" other{n}" for n in range(7))]
    return tuple(
        Alternative(token=100 + n, text=name, probability=p, chance=p / 0.86 if n < 5 else 0.0)
        for n, (name, p) in enumerate(zip(names, likely, strict=True))
    )


def writer(path, config, written, control, shelf):
    """Write words until told to stop, all samples in turn, as the sampler does; the words tell what was asked."""
    texts = [config.start + "".join(f"<{token}>" for token in written)] * config.num_samples
    count = 0
    while count < config.max_new_tokens and not control.stopping:
        count += 1
        for sample in range(config.num_samples):
            word = f" w{config.seed}.{sample}.{count - 1}"
            texts[sample] += word
            yield written_token(sample, count, word)
            yield Turn.NEXT
    reason = "stopped" if control.stopping else "done"
    for sample, text in enumerate(texts):
        whole = text if not written else text.replace("".join(f"<{token}>" for token in written), "")
        yield Reply(sample=sample, prompt=config.start, text=whole, tokens=count, tokens_per_s=9.0, reason=reason)


def written_token(sample, tokens, text, word=None):
    """Return the event of a token; its alternatives are those of `word`, by default of its text."""
    return Token(
        sample=sample,
        tokens=tokens,
        text=text,
        token=101,
        probability=0.25,
        chance=0.29,
        kept=5,
        alternatives=alternatives(word or text),
        tokens_per_s=9.0,
    )


def speaker(path, scene, speeches, speaker, config, control, shelf, begun):
    """Speak a word for each speech that was before, then name the seed and who speaks; a stop is heard."""
    forgotten = max(0, len(speeches) - 4)
    yield Speaking(speaker=speaker, prompt=script(speeches[forgotten:], "name_above"), forgotten=forgotten)
    said = [f"begun{len(begun)}"] if begun else []
    for word in (*("and" for _ in speeches), f"{speaker}", f"s{config.seed}"):
        if control.stopping:
            break
        said.append(word)
        yield written_token(0, len(said), word if len(said) == 1 else f" {word}", word)
        yield Turn.NEXT
    reason = "stopped" if control.stopping else "done"
    yield Spoken(
        speaker=speaker, text=" ".join(said), tokens=len(said), reason=reason, wanted="Nurse", forgotten=forgotten
    )


def no_load(path, shelf):
    """Read nothing ahead."""
    return iter(())


def reader(path, text, control, shelf):
    """Read a text word by word, each less expected than the one before."""
    words = text.split(" ")
    scores = [
        TokenScore(token=n, text=(" " if n else "") + word, probability=p, bits=1.0, alternatives=alternatives(word))
        if p
        else TokenScore(token=n, text=word, probability=None, bits=None, alternatives=())
        for n, word in enumerate(words)
        for p in [0.9 * 0.4**n if n else None]
    ]
    yield Scored(first=0, tokens=tuple(scores))
    yield ScoredAll(tokens=len(words), characters=len(text), bits=12.0, loss=2.5, bits_per_byte=1.75)


def passage_reader(path, part, share, tokens, control, shelf):
    """Read a stretch of a dataset."""
    return reader(path, f"A stretch of {part} at {share:.2f}", control, shelf)


def quotation_finder(path, texts, control, shelf):
    """Say of each text that its second to ninth characters are quoted."""
    for number, text in enumerate(texts):
        found = Quotation(start=1, end=9, at=4321, times=3, before="before it", after="after it")
        yield Memorised(
            text=number,
            quotations=(found,) if len(text) >= 9 else (),
            share=8 / len(text) if len(text) >= 9 else 0.0,
            longest=8 if len(text) >= 9 else 0,
            searched_characters=1000,
            whole=True,
        )


def install(monkeypatch):
    """Put these in the place of the engine's jobs."""
    from gui.generate import errand

    for name, job in (
        ("sample", writer),
        ("speak", speaker),
        ("load", no_load),
        ("score", reader),
        ("score_passage", passage_reader),
        ("find_quotations", quotation_finder),
    ):
        monkeypatch.setattr(errand, name, job)
