"""Downloads against a server on this machine that does all a server can do wrong: the right text, or a clear error."""

import hashlib
import itertools
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.core.errors import DataError
from engine.core.events import Progress, Turn
from engine.core.jobs import Control
from engine.core.paths import home
from engine.text import download as module
from engine.text.catalogue import CatalogueFile, catalogue
from engine.text.download import download, kept, safe_redirect

TEXT = b"".join(b"Line %d of a text, to be or not.\n" % n for n in range(12_000))


@pytest.fixture(autouse=True)
def _at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(module, "PAUSES", (0.0, 0.0, 0.0))


class Server(BaseHTTPRequestHandler):
    """What it does wrong is the path it is asked for; `asked` has the path and the Range of each request."""

    asked: list[tuple[str, str]]
    resumes = True

    def do_GET(self):
        begin = self.headers.get("Range", "")
        self.asked.append((self.path, begin))
        start = int(begin[6:-1]) if begin and self.resumes else 0
        getattr(self, "do_" + self.path.strip("/").split("/")[0].replace("-", "_"))(start)

    def answer(self, body, start=0, length=None, status=None):
        self.send_response(status or (206 if start else 200))
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(TEXT) - 1}/{len(TEXT)}")
        self.end_headers()
        self.wfile.write(body)

    def do_text(self, start):
        self.answer(TEXT[start:], start)

    def do_cuts(self, start):
        self.answer(TEXT[start : start + 150_000], start, length=len(TEXT) - start)

    def do_always_cuts_at_the_same_place(self, start):
        self.answer(TEXT[:150_000], length=len(TEXT))

    def do_stalls_once(self, start):
        if start:
            return self.do_text(start)
        self.answer(TEXT[:150_000], length=len(TEXT))
        self.wfile.flush()
        self.server.released.wait(10)
        return None

    def do_stalls(self, start):
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        self.server.released.wait(10)

    def do_says_more(self, start):
        self.answer(TEXT[start:], start, length=len(TEXT) - start + 999)

    def do_says_less(self, start):
        self.answer(TEXT[start : start + 200_000], start, length=min(200_000, len(TEXT) - start))

    def do_no_length(self, start):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(TEXT)

    def do_endless(self, start):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(TEXT)
        except OSError:
            pass

    def do_wrong_bytes(self, start):
        self.answer(TEXT[start:-1] + b"!", start)

    def do_another_part(self, start):
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes 7-{len(TEXT) - 1}/{len(TEXT)}")
        self.end_headers()
        self.wfile.write(TEXT)

    def do_busy_twice(self, start):
        busy = len(self.asked) <= 2
        self.answer(b"busy" if busy else TEXT[start:], start, status=503 if busy else None)

    def do_busy(self, start):
        self.answer(b"busy", status=503)

    def do_missing(self, start):
        self.answer(b"no such page", status=404)

    def do_moved(self, start):
        self.redirect("/text")

    def do_round(self, start):
        self.redirect("/round")

    def do_to_a_file(self, start):
        self.redirect("file:///etc/passwd")

    def do_drops(self, start):
        self.close_connection = True

    def redirect(self, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    Server.asked, Server.resumes = [], True
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        running.released = threading.Event()
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.released.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def entry(server):
    def at(path, content=TEXT):
        url = f"http://127.0.0.1:{server.server_port}/{path}"
        sha256 = hashlib.sha256(content).hexdigest()
        file = CatalogueFile(url=url, sha256=sha256, bytes=len(content))
        return replace(catalogue()["shakespeare"], files=(file,))

    return at


def bring(entry, control=None):
    return [event for event in download(entry, control or Control()) if isinstance(event, Progress)]


def failure(entry):
    with pytest.raises(DataError) as caught:
        bring(entry)
    assert caught.value.code == "download_failed"
    assert "shakespeare_complete" in caught.value.fix
    assert "--from" in caught.value.fix
    assert not kept(entry.files[0]).exists()
    return caught.value.cause


def there(entry):
    return [path.name for path in (home() / "downloads").iterdir()]


def test_a_text_comes_whole_and_only_once(entry):
    told = bring(entry("text"))
    assert kept(entry("text").files[0]).read_bytes() == TEXT
    assert told[-1].done == told[-1].total == len(TEXT)
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert bring(entry("text")) == []
    assert Server.asked == [("/text", "")]
    assert there(entry("text")) == [kept(entry("text").files[0]).name]


WHOLE = ["says-more", "no-length", "moved", "busy-twice"]
IN_PARTS = ["cuts", "says-less", "stalls-once"]  # which only a server that resumes can make whole


@pytest.mark.parametrize(
    ("path", "resumes"), [*itertools.product(WHOLE, (True, False)), *((path, True) for path in IN_PARTS)]
)
def test_the_right_text_comes_all_the_same(entry, monkeypatch, path, resumes):
    monkeypatch.setattr(module, "TIMEOUT", 0.3)
    Server.resumes = resumes
    bring(entry(path))
    assert kept(entry(path).files[0]).read_bytes() == TEXT
    assert there(entry(path)) == [kept(entry(path).files[0]).name]


def test_each_attempt_goes_on_where_the_last_broke_off_and_is_counted(entry):
    told = bring(entry("cuts"))
    starts = [int(begin[6:-1] or 0) if begin else 0 for _, begin in Server.asked]
    assert starts == [n * 150_000 for n in range(len(starts))]
    assert len(starts) == -(-len(TEXT) // 150_000)
    assert told[-1].what.endswith(f"attempt {len(starts)}")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("wrong-bytes", "SHA-256"),
        ("endless", "SHA-256"),
        ("missing", "404"),
        ("busy", "503"),
        ("drops", "network"),
        ("always-cuts-at-the-same-place", "network"),
        ("stalls", "network"),
        ("round", "on and on"),
        ("to-a-file", "not safe"),
    ],
)
def test_what_brings_nothing_is_told(entry, monkeypatch, path, told):
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    Server.resumes = path != "always-cuts-at-the-same-place"
    assert told in failure(entry(path))


def test_a_failure_for_good_is_not_tried_again_and_others_are_a_few_times(entry):
    failure(entry("missing"))
    assert len(Server.asked) == 1
    Server.asked.clear()
    failure(entry("busy"))
    assert len(Server.asked) == len(module.PAUSES) + 1


def test_no_network_is_told(entry):
    there = entry("text")
    assert "network" in failure(replace(there, files=(replace(there.files[0], url="http://127.0.0.1:1/text"),)))


def test_a_stop_keeps_what_has_come_and_the_next_time_goes_on(entry):
    control = Control()
    job = download(entry("text"), control)
    next(item for item in job if isinstance(item, Progress))
    control.stop()
    list(job)
    assert not kept(entry("text").files[0]).exists()
    done = kept(entry("text").files[0]).with_suffix(".part").stat().st_size
    assert done > 0
    bring(entry("text"))
    assert kept(entry("text").files[0]).read_bytes() == TEXT
    assert Server.asked[-1][1] == f"bytes={done}-" or done == len(TEXT)


def test_a_stop_does_not_wait_for_a_server_that_says_nothing(entry):
    control = Control()
    job = download(entry("stalls"), control)
    assert next(job) is Turn.NEXT
    control.stop()
    assert list(job) == []


def test_remains_that_belong_to_another_text_are_thrown_away(entry):
    part = kept(entry("text").files[0]).with_suffix(".part")
    part.parent.mkdir()
    part.write_bytes(b"something else" * 1000)
    bring(entry("text"))
    assert kept(entry("text").files[0]).read_bytes() == TEXT
    part.write_bytes(b"too long" * len(TEXT))
    kept(entry("text").files[0]).unlink()
    bring(entry("text"))
    assert kept(entry("text").files[0]).read_bytes() == TEXT


def test_a_server_that_sends_another_part_is_asked_for_all(entry):
    part = kept(entry("another-part").files[0]).with_suffix(".part")
    part.parent.mkdir()
    part.write_bytes(TEXT[:5000])
    bring(entry("another-part"))
    assert kept(entry("another-part").files[0]).read_bytes() == TEXT


def test_a_kept_text_that_was_damaged_is_brought_again(entry):
    bring(entry("text"))
    kept(entry("text").files[0]).write_bytes(b"damaged")
    bring(entry("text"))
    assert kept(entry("text").files[0]).read_bytes() == TEXT


def test_a_folder_that_cannot_be_written_is_told_of(entry):
    (home() / "downloads").write_text("in the way")
    with pytest.raises(DataError) as caught:
        bring(entry("text"))
    assert "kept" in caught.value.cause


@pytest.mark.parametrize(
    "to",
    ["http://a.example/x", "HTTP://a.example/x", "file:///x", "ftp://a.example/x", "https://:443/x", "javascript:x"],
)
def test_from_https_no_redirect_leads_to_anything_less_safe(to):
    with pytest.raises(ValueError):
        safe_redirect("https://a.example/text", to)


def test_redirects_within_https_are_followed():
    assert safe_redirect("https://a.example/text", "/b") == "https://a.example/b"
    assert safe_redirect("https://a.example/text", "https://b.example/c") == "https://b.example/c"


def test_all_files_of_a_text_come_and_are_counted_as_one(entry):
    whole = entry("text")
    both = replace(whole, files=(whole.files[0], replace(whole.files[0], sha256="0" * 64)))
    seen = []
    with pytest.raises(DataError):
        seen.extend(download(both, Control()))
    assert kept(both.files[0]).read_bytes() == TEXT  # a second that is not what it should be costs not the first


def test_files_of_a_text_are_counted_together(entry):
    one = entry("text").files[0]
    both = replace(entry("text"), files=(one, CatalogueFile(url=one.url + "/more", sha256=one.sha256, bytes=one.bytes)))
    kept(one).parent.mkdir(parents=True)
    kept(one).write_bytes(b"damaged")
    progress = bring(both)
    assert {event.total for event in progress} == {2 * len(TEXT)}
    assert progress[-1].done == len(TEXT)  # the second is the same file, so it is there already
