import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from engine.core import typed_json


@dataclass(frozen=True)
class Inner:
    number: float


@dataclass(frozen=True)
class Outer:
    whole: int
    truth: bool
    word: Literal["yes", "no"]
    maybe: float | None
    many: tuple[Inner, ...] = ()
    pairs: tuple[tuple[int, str], ...] = ()
    names: Mapping[str, Any] = field(default_factory=dict)


GOOD = {"whole": 3, "truth": True, "word": "yes", "maybe": None}


def test_a_value_of_each_kind_is_read():
    more = {"many": [{"number": 1}, {"number": None}], "pairs": [[1, "a"]], "names": {"a": [1, None]}, "new": 1}
    made = typed_json.read(Outer, GOOD | more)
    assert (made.whole, made.truth, made.word, made.maybe) == (3, True, "yes", None)
    assert (made.many[0], type(made.many[0].number)) == (Inner(1.0), float)
    assert math.isnan(made.many[1].number)
    assert (made.pairs, made.names) == (((1, "a"),), {"a": [1, None]})


def test_what_has_a_default_may_be_missing():
    assert typed_json.read(Outer, GOOD) == Outer(3, True, "yes", None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"whole": 3.5},
        {"whole": True},
        {"whole": None},
        {"truth": 1},
        {"word": "perhaps"},
        {"word": ["yes"]},
        {"maybe": "1"},
        {"many": {"number": 1}},
        {"many": [1]},
        {"pairs": [[1]]},
        {"pairs": [[1, "a", "b"]]},
        {"names": []},
    ],
)
def test_a_value_of_another_type_is_refused(wrong):
    with pytest.raises(ValueError, match=r"is n\w+|shorter|longer|zip"):
        typed_json.read(Outer, GOOD | wrong)


@pytest.mark.parametrize("name", GOOD)
def test_what_is_missing_is_named(name):
    with pytest.raises(ValueError, match=name):
        typed_json.read(Outer, {key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize("value", [None, 3, "x", [GOOD]])
def test_what_is_no_object_is_refused(value):
    with pytest.raises(ValueError, match="no object"):
        typed_json.read(Outer, value)
