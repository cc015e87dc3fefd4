import hashlib
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.datasets import catalogue
from engine.download import download, kept
from engine.errors import DataError
from engine.events import Progress
from engine.jobs import Control

TEXT = b"To be, or not to be.\n" * 20_000


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")
    return tmp_path


@pytest.fixture
def server():
    """A server on this machine: /text gives the text, /cut breaks off, anything else is not found."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200 if self.path in ("/text", "/cut") else 404)
            self.send_header("Content-Length", str(len(TEXT)))
            self.end_headers()
            self.wfile.write(TEXT if self.path == "/text" else TEXT[:70_000])

        def log_message(self, *args):
            pass

    asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.asked = asked
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def entry(server):
    def at(path, content=TEXT):
        url = f"http://127.0.0.1:{server.server_port}{path}"
        sha256 = hashlib.sha256(content).hexdigest()
        return replace(catalogue()["shakespeare"], url=url, sha256=sha256, bytes=len(content))

    return at


def failure(entry):
    with pytest.raises(DataError) as caught:
        list(download(entry, Control()))
    assert caught.value.code == "download_failed"
    assert "shakespeare_complete" in caught.value.fix
    assert "--from" in caught.value.fix
    assert not list(kept(entry).parent.glob("*"))
    return caught.value


def test_a_text_comes_whole_and_only_once(entry, server):
    told = [event for event in download(entry("/text"), Control()) if isinstance(event, Progress)]
    assert kept(entry("/text")).read_bytes() == TEXT
    assert told[-1].done == told[-1].total == len(TEXT)
    assert list(download(entry("/text"), Control())) == []
    assert server.asked == ["/text"]


def test_a_kept_text_that_was_damaged_is_brought_again(entry, server):
    list(download(entry("/text"), Control()))
    kept(entry("/text")).write_bytes(b"damaged")
    list(download(entry("/text"), Control()))
    assert kept(entry("/text")).read_bytes() == TEXT


def test_another_text_is_refused(entry):
    assert "SHA-256" in failure(entry("/text", content=TEXT[:-1] + b"!")).cause
    assert "SHA-256" in failure(entry("/text", content=TEXT[:100])).cause


def test_what_a_server_refuses_is_told(entry):
    assert "404" in failure(entry("/missing")).cause


def test_a_connection_that_breaks_off_is_told(entry):
    assert "network" in failure(entry("/cut")).cause


def test_no_network_is_told(entry):
    assert "network" in failure(replace(entry("/text"), url="http://127.0.0.1:1/text")).cause


def test_a_stop_leaves_nothing(entry):
    control = Control()
    job = download(entry("/text"), control)
    next(job)
    control.stop()
    list(job)
    assert not list(kept(entry("/text")).parent.glob("*"))
