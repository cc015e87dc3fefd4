import pytest

from engine.text.account import FileAccount
from engine.text.cleaning import cleaned, cleaned_whole


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("u\u0308ber", "über"),
        ("\ufeffWert\u00adpapier\0", "Wertpapier"),
        ("so \ud800 \ud83d\ude00", "so \ufffd 😀"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_text_is_clean_in_whatever_pieces_it_comes(text, clean, size):
    if "\ud83d" in text:
        size = 100  # halves of a character come together from every reader
    account = FileAccount()
    assert "".join(cleaned((text[at : at + size] for at in range(0, len(text), size)), account)) == clean
    assert cleaned_whole(text) == clean


def test_what_was_changed_is_counted_and_told():
    account = FileAccount()
    list(cleaned(["\ufeffa\u00ad\u00ad\0\r\n", "e\u0301\ud800"], account))
    assert account.dropped == {"byte-order marks": 1, "soft hyphens": 2, "zero characters": 1}
    assert account.replaced == 1
    assert len(account.notes) == 2


def test_empty_pieces_are_none():
    assert list(cleaned(["", "\ufeff", ""], FileAccount())) == []
