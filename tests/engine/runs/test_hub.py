"""The download of GPT-2 from a hub that stands on this machine: it announces a sum, and breaks off when told to."""

import hashlib
import json
import os
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from engine.core.errors import DataError
from engine.core.events import Progress
from engine.core.init_from import GPT2_BLOCK, GPT2_SHAPES
from engine.core.jobs import Control, events_of
from engine.runs import hub
from engine.runs.model_files import gpt2_folder

WEIGHTS = os.urandom(3_500_000)
CONFIG = json.dumps({"model_type": "gpt2", **GPT2_SHAPES["gpt2"], "n_positions": GPT2_BLOCK}).encode()


class Hub(ThreadingHTTPServer):
    """Says what it holds; `cut` bytes of the weights are sent at most, `sha256` is what it announces."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.cut = len(WEIGHTS)
        self.sha256 = f'"{hashlib.sha256(WEIGHTS).hexdigest()}"'
        self.config = CONFIG
        self.sent = WEIGHTS
        self.asked = []
        self.answers = {"HEAD": 302, "config": 200, "weights": 200}


class Handler(BaseHTTPRequestHandler):
    """Answers as the hub does: a redirect with the sum at HEAD, ranges at GET."""

    def do_HEAD(self):
        self.send_response(self.server.answers["HEAD"])
        self.send_header("Location", self.path)
        self.send_header("X-Linked-Size", str(len(WEIGHTS)))
        self.send_header("X-Linked-Etag", self.server.sha256)
        self.end_headers()

    def do_GET(self):
        if self.path.endswith("config.json"):
            self._send(self.server.answers["config"], self.server.config, len(self.server.config))
            return
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        rest = self.server.sent[start:]
        status = self.server.answers["weights"]
        self._send(206 if asked and status == 200 else status, rest[: self.server.cut], len(rest))

    def _send(self, status, content, length):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "no-cache"))
    with Hub() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setattr(hub, "HUB", f"http://127.0.0.1:{running.server_port}")
        yield running
        running.shutdown()
        thread.join()


def bring(control=None):
    control = control or Control()
    return list(events_of(hub.ensure_here("gpt2", control), control))


def kept():
    return sorted(path.name for path in gpt2_folder("gpt2").glob("*"))


def refused(words):
    with pytest.raises(DataError) as told:
        bring()
    assert told.value.code == "download_failed"
    assert words in told.value.cause
    assert "--init_from=" in told.value.fix
    assert "model.safetensors" not in kept()


def test_what_came_is_kept_once_its_sum_is_the_announced_one(server):
    events = bring()
    assert (gpt2_folder("gpt2") / "model.safetensors").read_bytes() == WEIGHTS
    assert kept() == ["config.json", "model.safetensors"]
    assert all(isinstance(event, Progress) for event in events)
    assert events[-1].done == events[-1].total == len(WEIGHTS)
    assert bring() == []
    assert server.asked == [None]


def test_it_goes_on_where_it_broke_off(server):
    server.cut = 1_200_000
    refused("broke off")
    server.cut = len(WEIGHTS)
    bring()
    assert (gpt2_folder("gpt2") / "model.safetensors").read_bytes() == WEIGHTS
    assert server.asked[1] is not None


def test_a_stop_keeps_what_came(server):
    control = Control()
    job = hub.ensure_here("gpt2", control)
    next(job)
    control.stop()
    list(job)
    assert [name for name in kept() if name.endswith(".part")]
    bring()
    assert kept() == ["config.json", "model.safetensors"]


def test_other_bytes_than_announced_are_thrown_away(server):
    server.sent = bytes(len(WEIGHTS))
    refused("SHA-256")
    assert kept() == ["config.json"]


@pytest.mark.parametrize("said", ["", '"abc"', '"' + "g" * 64 + '"'])
def test_without_a_sum_nothing_is_brought(server, said):
    server.sha256 = said
    refused("checksum")
    assert server.asked == []


@pytest.mark.parametrize("config", [b"", b"<html>", json.dumps({"n_layer": 3}).encode()])
def test_a_config_of_another_model_is_refused(server, config):
    server.config = config
    refused("config.json")


def test_without_a_network_the_other_way_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(hub, "HUB", "http://127.0.0.1:9")
    refused("network")


def test_a_copy_in_hugging_faces_cache_will_do(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "models--openai-community--gpt2" / "snapshots" / "607a"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"")
    (folder / "config.json").write_bytes(CONFIG)
    assert gpt2_folder("gpt2") == folder
    assert bring() == []


@pytest.mark.parametrize("init_from", ["scratch", "resume", "/a/folder"])
def test_nothing_else_is_ever_asked_of_the_network(init_from):
    assert list(hub.ensure_here(init_from, Control())) == []


@pytest.mark.parametrize("request_for", ["HEAD", "config", "weights"])
def test_a_hub_that_refuses_is_told_by_its_answer_and_what_came_before_stays(server, request_for):
    server.cut = 1_200_000
    refused("broke off")
    (part,) = gpt2_folder("gpt2").glob("*.part")
    before = part.read_bytes()
    server.answers[request_for] = 503
    refused("The hub answered 503.")
    assert part.read_bytes() == before


def test_what_came_whole_but_unchecked_is_not_asked_for_again(server):
    folder = gpt2_folder("gpt2")
    folder.mkdir(parents=True)
    (folder / f"{hashlib.sha256(WEIGHTS).hexdigest()}.part").write_bytes(WEIGHTS)
    bring()
    assert server.asked == []
    assert kept() == ["config.json", "model.safetensors"]


def test_a_disk_without_room_for_the_rest_is_told_before_anything_is_brought(server, monkeypatch):
    free = len(WEIGHTS) - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    refused("the disk has not that much room")
    assert server.asked == []
