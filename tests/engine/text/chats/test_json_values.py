import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text.chats.json_values import JsonError, JsonFile

SCALARS = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


def opened(text, size=7):
    return JsonFile(iter([text[place : place + size] for place in range(0, len(text), size)]))


def values(text, size=7):
    return [one.value for one in opened(text, size).values()]


def refusal(text, size=7):
    with pytest.raises(JsonError) as caught:
        values(text, size)
    return caught.value


@settings(max_examples=50)
@given(st.lists(VALUES), st.integers(1, 40), st.sampled_from([None, 1]))
def test_an_array_gives_its_elements_however_it_comes(elements, size, indent):
    assert values(json.dumps(elements, indent=indent), size) == elements


@settings(max_examples=30)
@given(st.lists(VALUES.filter(lambda value: not isinstance(value, list)), min_size=2), st.integers(1, 40))
def test_lines_give_their_values_whatever_the_file_is_called(lines, size):
    assert values("\n".join(map(json.dumps, lines)) + "\n\n", size) == lines


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_a_single_value_is_known_as_such(size):
    assert opened('{"a": [1]}\n', size).is_single
    assert not opened('{"a": 1}\n{"a": 2}', size).is_single
    assert not opened('[{"a": 1}]', size).is_single


def test_each_value_has_the_line_it_begins_on():
    assert [one.line for one in opened('\n{"a":\n1}\n{"a": 2}').values()] == [2, 4]


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_an_assignment_of_twitters_is_no_part_of_the_values(size):
    assert values('window.YTD.tweets.part0 = [ {"a": 1} ];', size) == [{"a": 1}]


@pytest.mark.parametrize("end", ['{"b": "x', '{"b": "x\n', '{"b"', '{"b": tru', '{"b": "\\ud8'])
def test_a_last_line_that_is_cut_ends_the_file_and_is_told_by_its_number(end):
    file = opened('{"a": 1}\n\n{"a": 2}\n' + end)
    assert [one.value for one in file.values()] == [{"a": 1}, {"a": 2}]
    assert file.cut_line == 4


@pytest.mark.parametrize("size", [3, 1000])
@pytest.mark.parametrize(
    ("text", "line", "is_cut"),
    [
        ('{"a": 1}\n{"a"\n{"a": 2}\n{"a": 3}', 2, False),
        ('{"a": 1}\n\nno\n{"a": 3}', 3, False),
        ('{"a": 1}\n{"a": 2}x', 2, False),
        ('[1,\n2,\n{"a": "b', 3, True),
        ("[1,\n2", 2, True),
        ("[1,\n2 3]", 2, False),
        ('{"a":\n\n[1', 3, True),
        ("words", 1, False),
    ],
)
def test_what_is_no_json_is_told_by_its_line(text, line, is_cut, size):
    error = refusal(text, size)
    assert f"ine {line}" in error.why
    assert error.is_cut == is_cut


def test_nothing_and_too_much_are_refused(monkeypatch):
    assert "nothing" in refusal(" \n").why
    assert "nested" in refusal("[" * 200_000, 1000).why
    assert "digits" in refusal(f"[1, {'9' * 5000}]", 1000).why
    monkeypatch.setattr("engine.text.chats.json_values.VALUE_LIMIT", 400)
    assert values(json.dumps(["x" * 40] * 50))
    assert "line 2" in refusal('[1,\n"' + "x" * 900 + '"]').why
