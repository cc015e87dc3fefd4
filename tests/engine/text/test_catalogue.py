from engine.core.kinds import TOKENIZERS
from engine.text.catalogue import catalogue


def test_the_catalogue_says_of_every_text_where_it_comes_from():
    for name, entry in catalogue().items():
        assert entry.name == name
        assert entry.title
        assert entry.description
        assert entry.licence
        assert entry.url.startswith("https://")
        assert len(entry.sha256) == 64
        assert entry.tokenizer in TOKENIZERS
    assert next(entry.name for entry in catalogue().values() if entry.offline) == "shakespeare_complete"
