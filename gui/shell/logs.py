"""What goes wrong inside is written to files in the folder of logs; a person sees a sentence, not a traceback."""

from __future__ import annotations

import faulthandler
import logging
import sys
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from engine.core.paths import logs_dir, usual_logs_dir
from engine.core.version import __version__

_BYTES = 1_000_000
_log = logging.getLogger(__name__)


def keep_log() -> None:
    """Keep understudy.log (each start, every error nobody foresaw) and crash.log (where a crash of the process was).

    Where they cannot be written they stand in the platform's folder of logs; where that fails too there are none.
    """
    sys.excepthook = _log_exception
    logging.getLogger().setLevel(logging.INFO)
    for folder in (logs_dir(), usual_logs_dir()):
        with suppress(OSError):
            _write_to(folder)
            break
    _log.info("Understudy %s started", __version__)


def log_folder() -> Path:
    """Return the folder that the log is written to; while there is none, the one it belongs in."""
    kept = (each for each in logging.getLogger().handlers if isinstance(each, RotatingFileHandler))
    return next((Path(each.baseFilename).parent for each in kept), logs_dir())


def _write_to(folder: Path) -> None:
    """Write both logs in a folder; raises OSError when it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    # faulthandler writes to the open file itself when the process is dying: it stays open
    faulthandler.enable((folder / "crash.log").open("a", encoding="utf-8"))
    handler = RotatingFileHandler(folder / "understudy.log", maxBytes=_BYTES, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def _log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.error("an error nobody foresaw", exc_info=(kind, error, trace))
