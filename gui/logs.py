"""What goes wrong inside is written to files in the folder of logs; a person sees a sentence, not a traceback."""

from __future__ import annotations

import faulthandler
import logging
import sys
from logging.handlers import RotatingFileHandler
from types import TracebackType

from engine import __version__
from engine.paths import logs_dir

_BYTES = 1_000_000
_log = logging.getLogger(__name__)


def keep_log() -> None:
    """Keep understudy.log (each start, every error nobody foresaw) and crash.log (where a crash of the process was)."""
    logs_dir().mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(logs_dir() / "understudy.log", maxBytes=_BYTES, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
    sys.excepthook = _log_exception
    # faulthandler writes to the open file itself when the process is dying: it stays open
    faulthandler.enable((logs_dir() / "crash.log").open("a", encoding="utf-8"))
    _log.info("Understudy %s started", __version__)


def _log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.error("an error nobody foresaw", exc_info=(kind, error, trace))
