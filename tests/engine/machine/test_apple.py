"""Apple's messages, as their parts are read. That they are Apple's own is held by tests/scripts/test_apple.py."""

import pytest

from engine.machine.apple import EventCode, Message


def test_a_message_is_read_from_how_objective_c_writes_it():
    string, value = Message.STRING, Message.SET_VALUE
    assert (string.receiver, string.selector, string.types) == ("NSString", "stringWithUTF8String:", "@*")
    assert (value.receiver, value.selector) == ("NSMutableDictionary", "setObject:forKey:")
    assert (string.of_class, value.of_class) == (True, False)


@pytest.mark.parametrize("message", Message)
def test_a_message_takes_as_many_arguments_as_its_selector_has_colons(message):
    assert message.selector.count(":") == len(message.types) - 1


def test_a_code_of_an_apple_event_is_its_four_letters():
    assert EventCode.QUIT_REASON.to_bytes(4, "big") == b"why?"
