"""A clock for tests, in the place of a module's `time`: it shows what the test decides, whatever the machine does."""


class Clock:
    """A clock that goes on by a fixed time whenever somebody looks at it, and by as long as somebody sleeps."""

    def __init__(self, tick=0.0):
        self.now, self.tick = 0.0, tick

    def monotonic(self):
        self.now += self.tick
        return self.now

    perf_counter = monotonic

    def sleep(self, seconds):
        self.now += seconds
