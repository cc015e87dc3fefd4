"""Every message and constant that goes to Apple's frameworks, held against what PyObjC took from their headers."""

from enum import Enum

import pytest

from engine.machine.apple import Message
from scripts.bundle import apple


def test_each_message_and_constant_is_as_apple_s_headers_have_it():
    assert apple.problems(apple.kept_facts()) == []


def test_the_kept_facts_are_of_the_source_that_is_fetched():
    assert apple.kept_facts()["source"] == apple.SOURCE


@pytest.mark.parametrize(
    ("method", "types", "told"),
    [
        ("-[NSProcessInfo thermalStatus]", "q", "there is no -[NSProcessInfo thermalStatus]"),
        ("+[NSProcessInfo thermalState]", "q", "there is no +[NSProcessInfo thermalState]"),
        ("-[NSProcessInfo thermalState]", "Z", "has the types q, not Z"),
        ("-[NSProcessInfo endActivity:]", "v", "has the types v@, not v"),
    ],
)
def test_a_wrong_message_is_found_out(monkeypatch, method, types, told):
    planted = Enum("planted", {"PLANTED": (method, types)})
    monkeypatch.setattr(apple, "Message", planted)
    (line,) = apple.problems(apple.kept_facts())
    assert told in line


def test_a_wrong_constant_is_found_out(monkeypatch):
    right = {"NSApplicationActivationPolicyAccessory": 1}
    planted = Enum("planted", {**right, "NSProcessInfoThermalStateCritical": 4, "NSScrollerStyleLegacy": 1}, type=int)
    monkeypatch.setattr(apple, "Constant", planted)
    assert apple.problems(apple.kept_facts()) == [
        "NSProcessInfoThermalStateCritical is 3, not 4",
        "NSScrollerStyleLegacy is 0, not 1",
    ]


def test_a_selector_takes_as_many_arguments_as_it_has_colons():
    for message in Message:
        assert message.selector.count(":") == len(message.types) - 1, message
