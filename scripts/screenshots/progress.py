"""How far the pictures have come, a line a scene; one that fails or hangs is named, and the next one follows."""

from __future__ import annotations

import faulthandler
import time
from collections.abc import Callable, Mapping

_LONGEST_S = 1200  # of a scene in all its looks; one that hangs in Qt cannot be left, but it is shown where
_STANDARD_ERROR = 2


def all_done(tasks: Mapping[str, Callable[[], None]]) -> int:
    """Do one after the other and say how far it is; return how many failed."""
    failed = []
    for at, (name, task) in enumerate(tasks.items(), start=1):
        print(f"[{at:2}/{len(tasks)}] {name}", end="", flush=True)
        began = time.monotonic()
        faulthandler.dump_traceback_later(_LONGEST_S, exit=True, file=_STANDARD_ERROR)
        try:
            task()
        except Exception as error:  # whatever it is, the other pictures are wanted all the same
            failed.append(name)
            print(f"  FAILED: {type(error).__name__}: {error}", end="")
        finally:
            faulthandler.cancel_dump_traceback_later()
        print(f"  {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        print(f"{len(failed)} failed: {', '.join(failed)}", flush=True)
    return len(failed)
