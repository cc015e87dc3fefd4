from __future__ import annotations

from dataclasses import dataclass

import pytest

from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.core.settings import Settings, number_words, parse_value, problem_of, setting, setting_types


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe(Settings):
    loaves: int = setting(2, minimum=1, maximum=9)
    salt: float = setting(0.5, minimum=0.0)
    flour: str = setting("rye", choices=("rye", "wheat"))
    crust: bool = setting(True)

    def conflicts(self):
        return {"crust": "crust needs salt."} if self.crust and not self.salt else {}


def problems(*layers):
    with pytest.raises(SettingError) as told:
        Recipe.of(*layers)
    assert told.value.exit_code == 2
    assert told.value.fix
    return told.value


def test_defaults_and_the_order_of_declaration():
    assert list(Recipe().as_dict().items()) == [("loaves", 2), ("salt", 0.5), ("flour", "rye"), ("crust", True)]
    assert setting_types(Recipe) == {"loaves": int, "salt": float, "flour": str, "crust": bool}


def test_a_later_layer_wins():
    assert Recipe.of({"loaves": 3, "salt": 1}, {"loaves": 4}) == Recipe(loaves=4, salt=1)


@pytest.mark.parametrize("edge", [{"loaves": 1}, {"loaves": 9}, {"salt": 0, "crust": False}, {"flour": "wheat"}])
def test_both_ends_of_a_range_are_allowed(edge):
    assert Recipe.of(edge).as_dict().items() >= edge.items()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("loaves", 0, "at least 1"),
        ("loaves", 10, "at most 9"),
        ("loaves", 2.0, "a whole number"),
        ("loaves", "2", "a whole number"),
        ("loaves", True, "a whole number"),
        ("salt", -0.1, "at least 0"),
        ("salt", float("nan"), "a finite number"),
        ("salt", float("inf"), "a finite number"),
        ("salt", None, "a finite number"),
        ("flour", "weat", "one of rye, wheat, not 'weat'. Did you mean wheat?"),
        ("crust", 1, "True or False"),
    ],
)
def test_a_value_out_of_range_is_named_with_its_range(name, value, told):
    error = problems({name: value})
    assert list(error.problems) == [name]
    assert told in error.message
    assert name in error.message


def test_all_errors_of_a_form_come_at_once():
    error = problems({"loaves": 0, "salt": -1.0, "flour": "oat", "crust": "yes"})
    assert list(error.problems) == ["loaves", "salt", "flour", "crust"]
    for told in error.problems.values():
        assert told in error.message


def test_conflicts_are_told_once_each_field_is_in_range():
    assert list(problems({"salt": 0.0}).problems) == ["crust"]
    assert list(problems({"salt": 0.0, "loaves": 0}).problems) == ["loaves"]


def test_an_unknown_name_is_told_with_the_nearest():
    error = problems({"loavs": 3})
    assert error.code == "unknown_setting"
    assert "Did you mean loaves?" in error.message


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("loaves", " 7 ", 7),
        ("salt", "1e-3", 0.001),
        ("salt", "2", 2.0),
        ("flour", " rye ", " rye "),
        ("crust", "False", False),
        ("crust", "true", True),
    ],
)
def test_typed_values_are_read(name, text, value):
    read = parse_value(Recipe, name, text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(("name", "text"), [("loaves", "2.5"), ("loaves", ""), ("salt", "much"), ("crust", "0")])
def test_what_is_no_value_is_refused_by_name(name, text):
    with pytest.raises(SettingError) as told:
        parse_value(Recipe, name, text)
    assert list(told.value.problems) == [name]
    assert repr(text) in told.value.message


def test_reading_a_setting_there_is_not_is_refused():
    with pytest.raises(SettingError, match="no setting 'sugar'"):
        parse_value(Recipe, "sugar", "1")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2**32, "4294967296"),
        (2**32 - 1, "4294967295"),
        (5, "5"),
        (0.1, "0.1"),
        (1e-05, "1e-05"),
        (1.0000001, "1.0000001"),
        (1.0, "1"),
    ],
)
def test_numbers_that_differ_never_look_alike(value, words):
    assert number_words(value) == words


def test_a_number_too_large_is_told_beside_the_largest():
    assert problem_of(TrainConfig, "seed", 2**32) == "seed must be at most 4294967295, not 4294967296."
