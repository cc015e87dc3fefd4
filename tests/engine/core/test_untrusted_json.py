import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.untrusted_json import DEEPEST, parsed, read_object, read_value, why_unread

plain = st.none() | st.booleans() | st.integers(-(10**19), 10**19) | st.floats(allow_nan=False, allow_infinity=False)
text = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(plain | text, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=20)


@given(values, st.booleans())
def test_what_is_in_order_is_read_as_json_reads_it(value, ascii_only):
    written = json.dumps(value, ensure_ascii=ascii_only)
    assert parsed(written) == value
    assert parsed(written.encode()) == value


@given(st.binary() | st.text())
def test_whatever_comes_is_a_value_or_a_value_error(content):
    with contextlib.suppress(ValueError):
        parsed(content)


def nested(depth):
    return "[" * depth + "]" * depth


def test_as_many_lists_in_one_another_as_are_allowed():
    assert parsed(nested(DEEPEST))
    with pytest.raises(ValueError, match="inside one another"):
        parsed(nested(DEEPEST + 1))


def test_brackets_in_texts_and_lists_side_by_side_are_not_counted():
    assert parsed(json.dumps(['\\"[[[{{{' * 100])) == ['\\"[[[{{{' * 100]
    assert len(parsed("[" + "[]," * 1000 + "[]]")) == 1001


@pytest.mark.parametrize(
    "content",
    [
        "[" * 10_000_000,
        '"' + '\\"' * 5_000_000 + "[" * 100,
        '{"a":' * 1000,
        "[-" + "1" * 401 + "]",
        "[1" + "0" * 5000 + "]",
        "[1e400]",
        "[-1e400]",
        "[NaN]",
        "[Infinity]",
        '["\\ud800"]',
        '{"\\uDFFF": 1}',
        '["\ud800"]',
        b'["\xff"]',
        b'["\xed\xa0\x80"]',
        "",
        "\0",
        "[1]]",
    ],
    ids=lambda content: repr(content[:20]),
)
def test_what_is_out_of_bounds_is_refused_in_words(content):
    with pytest.raises(ValueError) as refused:
        parsed(content)
    assert 0 < len(str(refused.value)) < 200


def test_a_file_is_read_up_to_a_length(tmp_path):
    (tmp_path / "a.json").write_text('{"a": 1}')
    assert read_object(tmp_path / "a.json") == {"a": 1}
    assert read_value(tmp_path / "a.json", longest=8) == {"a": 1}
    with pytest.raises(OSError, match="longer than 7 bytes"):
        read_value(tmp_path / "a.json", longest=7)


def test_a_value_that_is_no_object_is_refused(tmp_path):
    (tmp_path / "a.json").write_text("[1]")
    with pytest.raises(ValueError, match="no JSON object"):
        read_object(tmp_path / "a.json")


def test_why_something_was_not_read_names_the_file(tmp_path):
    for damage in (lambda path: path.mkdir(), lambda path: path.write_text("{"), lambda path: None):
        path = tmp_path / str(len(list(tmp_path.iterdir())))
        damage(path)
        with pytest.raises((OSError, ValueError)) as raised:
            read_object(path)
        assert str(path) in why_unread(path, raised.value)
