import re
from typing import get_args
from urllib.parse import urlsplit

from engine.core.files import plain_name
from engine.core.kinds import TOKENIZERS
from engine.text.catalogue import Genre, TextForm, catalogue


def test_the_catalogue_says_of_every_text_where_it_comes_from_and_what_it_is_good_for():
    for name, entry in catalogue().items():
        assert entry.name == name == plain_name(name)
        assert entry.title
        assert entry.description
        assert entry.why
        assert entry.beginning
        assert entry.licence
        assert entry.url.startswith("https://")
        assert len(entry.sha256) == 64 or entry.form == "python"
        assert entry.bytes > 100_000
        assert entry.tokenizer in TOKENIZERS
        assert entry.genre in get_args(Genre)
        assert entry.form in get_args(TextForm)
    assert next(iter(catalogue())) == "shakespeare_complete"
    assert catalogue()["shakespeare_complete"].offline


def test_what_is_downloaded_can_only_be_the_file_that_is_meant():
    downloaded = [file for entry in catalogue().values() for file in entry.files]
    assert downloaded
    for file in downloaded:
        assert urlsplit(file.url).scheme == "https"
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert file.bytes > 0
        assert re.search(r"/[0-9a-f]{40}/|/karpathy/char-rnn/", file.url), "a branch may change"


def test_texts_of_short_lines_are_read_by_character():
    by_genre = {entry.genre: entry for entry in catalogue().values()}
    assert by_genre["names"].tokenizer == by_genre["moves"].tokenizer == "char"
    assert by_genre["names"].vocab_size == 27  # a to z and the end of a line
