"""Time for trials of devices: it passes only where a device is waited for."""

from engine.core.events import Turn
from engine.machine.device import Device, MpsDevice


class Clock:
    """Time that passes only where a device is waited for: so long for each piece of work, the first time longer."""

    def __init__(self, monkeypatch, cpu, mps, first=1.0):
        self.now, self.done = 0.0, {"cpu": 0, "mps": 0}
        for cls, seconds in ((Device, cpu), (MpsDevice, mps)):
            monkeypatch.setattr(
                cls, "synchronize", lambda device, seconds=seconds: self._pass(device.kind, seconds, first)
            )

    def _pass(self, kind, seconds, first):
        self.now += seconds * (1 if self.done[kind] else first)
        self.done[kind] += 1

    def __call__(self):
        return self.now


def ended(job):
    """Return what a job returns, and what it told."""
    told = []
    while True:
        try:
            told.append(next(job))
        except StopIteration as end:
            return end.value, [event for event in told if not isinstance(event, Turn)]
