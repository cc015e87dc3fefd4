"""A Messenger for tests: it records what is asked of Apple's frameworks, and answers."""

import itertools

from engine.machine.apple import Message


class RecordingMessenger:
    """Stands for macOS: it keeps each message with its arguments, and answers as a test told it to.

    An object that nobody spoke of is a new number, never nil; what is sent to nil comes back as 0, as on a Mac.
    """

    def __init__(self, answers):
        self.answers, self.sent, self.listeners = dict(answers), [], {}
        self._new = itertools.count(1000)

    def send(self, message, *arguments):
        assert len(arguments) == len(message.types) - message.of_class, f"{message} takes other arguments"
        if not message.of_class and arguments[0] == 0:
            return 0
        self.sent.append((message, *arguments))
        if message in self.answers:
            answer = self.answers[message]
            return answer(*arguments) if callable(answer) else answer
        return next(self._new) if message.types[0] == "@" else 0

    def string(self, text):
        return self.send(Message.STRING, text.encode())

    def listener(self, name, selector, told):
        self.listeners[selector] = told
        return name

    def selector(self, name):
        return name

    def arguments_of(self, message):
        """Return the arguments of each sending of a message."""
        return [arguments for sent, *arguments in self.sent if sent is message]
