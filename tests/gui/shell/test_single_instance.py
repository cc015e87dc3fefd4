import subprocess
import sys

from PySide6.QtNetwork import QLocalServer, QLocalSocket

from gui.shell.single_instance import FirstInstance, raise_first, server_name
from tests.patience import PATIENCE_MS, PATIENCE_S

SECOND_START = (
    "import sys; from gui.shell.single_instance import raise_first; sys.exit(0 if raise_first(sys.argv[1:]) else 3)"
)


def test_without_a_first_window_nobody_is_raised(qapp):
    assert not raise_first()


def test_a_second_start_raises_the_first_and_hands_over_its_paths(qtbot):
    first = FirstInstance()
    with qtbot.waitSignal(first.raised) as told:
        second = subprocess.Popen([sys.executable, "-c", SECOND_START, "/a/ckpt.pt", "ä.txt"])
    assert told.args == [["/a/ckpt.pt", "ä.txt"]]
    assert second.wait(PATIENCE_S) == 0
    first.close()
    assert not raise_first()


def test_each_data_folder_has_its_own_window(qtbot, tmp_path, monkeypatch):
    first = FirstInstance()
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "another"))
    assert not raise_first()
    first.close()


def test_what_a_crash_left_behind_keeps_nobody_out(qtbot, monkeypatch):
    crashed = QLocalServer()
    assert crashed.listen(server_name())
    first = FirstInstance()
    with qtbot.waitSignal(first.raised):
        assert raise_first()
    first.close()
    crashed.close()


def test_other_talk_is_not_listened_to(qtbot):
    first, heard = FirstInstance(), []
    first.raised.connect(heard.append)
    socket = QLocalSocket()
    socket.connectToServer(server_name())
    assert socket.waitForConnected(PATIENCE_MS)
    socket.write(b"no json\n{}\n")
    socket.flush()
    with qtbot.waitSignal(first.raised):
        assert raise_first(["x"])
    assert heard == [["x"]]
    socket.close()
    first.close()
