"""One window for each data folder: a second start raises the first and hands it what it was asked to open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from engine.core.paths import home
from engine.core.untrusted_json import parsed

_PATIENCE_MS = 2000
_GREETING_MS = 100


def server_name() -> str:
    """Return the name under which the window over this data folder listens."""
    return "understudy-" + hashlib.sha256(str(home()).encode()).hexdigest()[:16]


def raise_first(paths: Sequence[str] = ()) -> bool:
    """Ask the window that runs already to come forward and open these paths; return whether there was one."""
    socket = QLocalSocket()
    socket.connectToServer(server_name())
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    socket.write(json.dumps(list(paths)).encode() + b"\n")
    written = socket.waitForBytesWritten(_PATIENCE_MS)
    socket.disconnectFromServer()
    return written


class FirstInstance(QObject):
    """Listens for later starts.

    Signals:
        raised(paths): somebody started the application again, with these paths to open.
    """

    raised = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        QLocalServer.removeServer(server_name())  # what a crash left behind
        self._server.listen(server_name())

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _greet(self) -> None:
        """Read the one line of each start that has called; it writes at once, so that waiting is short."""
        while (socket := self._server.nextPendingConnection()) is not None:
            if socket.canReadLine() or socket.waitForReadyRead(_GREETING_MS):
                self._answer(bytes(socket.readLine().data()))
            socket.close()

    def _answer(self, line: bytes) -> None:
        try:
            paths = parsed(line)
        except ValueError:
            return  # no start of ours
        if isinstance(paths, list):
            self.raised.emit([path for path in paths if isinstance(path, str)])
