import pytest

from engine.text.account import FileAccount
from engine.text.chats.json_values import JsonValue, LongList
from engine.text.chats.shapes import as_dict, as_list, as_text, branch, dicts, first_dict, joined, leave_out, rows


@pytest.mark.parametrize("value", [None, 7, "x", [1], {"a": 1}])
def test_a_value_of_another_shape_is_an_empty_one(value):
    assert as_dict(value) == (value if isinstance(value, dict) else {})
    assert as_list(value) == (value if isinstance(value, list) else [])
    assert as_text(value) == (value if isinstance(value, str) else "")


def test_objects_of_a_list_are_found_however_long_it_is():
    values = [1, {"a": 1}, "x", {"b": 2}]
    assert dicts(values) == list(rows(values)) == [{"a": 1}, {"b": 2}]
    assert first_dict(values) == {"a": 1}
    assert first_dict([]) == first_dict("x") == {}
    long = LongList(JsonValue(1, value) for value in values[1:])
    assert first_dict(long) == {"a": 1}
    assert list(rows(long)) == [{"a": 1}, {"b": 2}]


def test_a_branch_goes_from_the_root_to_the_leaf_and_ends_where_it_would_go_round():
    assert branch({"a": None, "b": "a", "c": "b", "d": "a"}, "c") == ["a", "b", "c"]
    assert branch({"a": "b", "b": "a"}, "a") == ["b", "a"]
    assert branch({"a": "gone"}, "a") == ["a"]
    assert branch({"a": ["x"]}, "nowhere") == []


def test_parts_are_lines_and_nothing_is_counted_as_left_out():
    assert joined(["one ", "", " \n", "two\nthree"]) == "one\ntwo\nthree"
    account = FileAccount()
    leave_out(account, "pictures", 0)
    leave_out(account, "pictures", 2)
    leave_out(account, "pictures")
    assert account.dropped == {"pictures": 3}
