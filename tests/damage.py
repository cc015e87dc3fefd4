"""A home with one of each file that Understudy writes, and what can become of them: hypothesis draws the damage."""

import gzip
import io
import json
import os
import re
import shutil
import tarfile
from pathlib import Path

import torch
from hypothesis import settings
from hypothesis import strategies as st

DEEP = 3000
"""Lists in one another: more than a reader by recursion bears."""

NASTY = [
    *(None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, -(2**70), 10**19, int("9" * 401), 0.5, 1e308, -1e308, 5e-324),
    *(
        "",
        "x",
        "\0",
        "\ud800",
        "../..",
        "/dev/zero",
        "~nobody/x",
        *("", "x", "\0", "\ud800", "../..", "/dev/zero", "~nobody/x", "a" * 300),
        *("<img src='file:///dev/zero'>", "\x1b[2J\n"),
        "<img src='file:///dev/zero'>",
        "\x1b[2J\n",
    ),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1e400", "nan", "char", "resume", "gpt2"),
    *([], ["x"], [[]], {}, {"x": 1}, [None] * 100, {"kind": "char", "chars": ["a"]}, {"kind": "gpt2"}),
]
"""Values that a member of JSON may be found with."""

RAW = ["NaN", "Infinity", "1e400", "-1e400", "9" * 5000, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP, "", "}", '"\\ud800']
"""What no value of Python is written as."""

_MARK = "raw-json-goes-here"


def homes():
    """Return how many homes each test damages: ten, and in `make proofs` five hundred."""
    most = settings().max_examples
    return most if most > 100 else most // 5


def files_in(home):
    """Return the files of a home in one order."""
    return sorted(path for path in home.rglob("*") if path.is_file())


@st.composite
def damages(draw, home, heeded=""):
    """Draw what becomes of one to four files, the first of which is heeded: functions by the path of a file.

    `heeded` is a pattern of paths in the home.
    """
    names = [str(path.relative_to(home)) for path in files_in(home)]
    first = draw(st.sampled_from([name for name in names if re.search(heeded, name)]))
    others = draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
    return [(name, draw(_damage_to(home / name, in_a_folder="/" in name))) for name in dict.fromkeys([first, *others])]


def _damage_to(path, in_a_folder):
    """Return a strategy of what can become of a file."""
    suffix = path.suffix
    known = {".json": _in_json, ".jsonl": _in_lines, ".pt": _in_checkpoint, ".gz": _in_archive, ".lock": _in_json}
    ways = [_in_bytes(path), _another_thing(in_a_folder)]
    return st.one_of(*([known[suffix](path)] * 3 if suffix in known else []), *ways)


# any file


@st.composite
def _in_bytes(draw, path):
    """Change bytes: some flipped, cut, doubled, or of another kind."""
    size = path.stat().st_size
    kind = draw(st.sampled_from(["flip", "cut", "insert", "zeros", "empty", "twice"]))
    places = draw(st.lists(st.integers(0, max(0, size - 1)), min_size=1, max_size=4))
    more = draw(st.binary(min_size=1, max_size=20))

    def change(file):
        data = bytearray(file.read_bytes())
        if kind == "flip":
            for at in places:
                if at < len(data):
                    data[at] ^= more[0] or 1
        elif kind == "insert":
            data[places[0] : places[0]] = more
        data = {"cut": data[: places[0]], "zeros": bytes(len(data)), "empty": b"", "twice": data * 2}.get(kind, data)
        file.write_bytes(data)

    return _told(change, f"{kind} at {places} {more!r}")


def _another_thing(in_a_folder):
    """Put something else in its place, or let nobody read it or what it is in."""

    def instead(make):
        def change(file):
            file.unlink()
            make(file)

        return change

    def shut(place):
        return lambda file: place(file).chmod(0)

    ways = {
        "gone": instead(lambda file: None),
        "a folder": instead(Path.mkdir),
        "a pipe": instead(os.mkfifo),
        "a link to /dev/zero": instead(lambda file: file.symlink_to("/dev/zero")),
        "a link to nothing": instead(lambda file: file.symlink_to("nothing")),
        "a link to itself": instead(lambda file: file.symlink_to(file.name)),
        "not to be read": shut(lambda file: file),
    }
    if in_a_folder:
        ways["in a folder not to be opened"] = shut(lambda file: file.parent)
        ways["in a folder that is a file"] = _folder_to_file
    return st.sampled_from([_told(change, name) for name, change in ways.items()])


def _folder_to_file(file):
    folder = file.parent
    shutil.rmtree(folder)
    folder.write_bytes(b"{}")


# JSON


def _paths(value, so_far=()):
    """Yield where each value in a value of JSON is; of a long list a few."""
    yield so_far
    members = value.items() if isinstance(value, dict) else enumerate(value[:5]) if isinstance(value, list) else ()
    for key, each in members:
        yield from _paths(each, (*so_far, key))


def _replaced(value, path, new):
    """Return a value of JSON with another one at a place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(copy[path[0]], path[1:], new)
    return copy


@st.composite
def _edits(draw, value):
    """Draw a change of a value of JSON: a function that returns the text of the changed one."""
    path = draw(st.sampled_from(list(_paths(value))))
    raw = draw(st.none() | st.sampled_from(RAW))
    new = _MARK if raw is not None else draw(st.sampled_from(NASTY))
    text = json.dumps(_replaced(value, path, new)).replace(f'"{_MARK}"', raw or "")
    if path and draw(st.integers(0, 9)) == 0:  # the name instead of the value
        text = json.dumps(value).replace(json.dumps(path[-1]), json.dumps(str(new)[:50]))
    return text


@st.composite
def _in_json(draw, path):
    """Change one value in a file of JSON."""
    text = draw(_edits(json.loads(path.read_text("utf-8"))))
    return _told(lambda file: file.write_text(text, "utf-8"), text[:2000])


@st.composite
def _in_lines(draw, path):
    """Change one value in one or each line of a file of JSON Lines."""
    lines = path.read_text("utf-8").splitlines()
    at = draw(st.integers(0, len(lines) - 1))
    text = draw(_edits(json.loads(lines[at])))
    lines[at : at + 1] = [text] * draw(st.sampled_from([1, 1, 3]))
    whole = "\n".join(lines) + "\n"
    return _told(lambda file: file.write_text(whole, "utf-8"), f"line {at}: {text[:1500]}")


# checkpoints and archives


@st.composite
def _in_checkpoint(draw, path):
    """Change one value of what is saved, as a checkpoint that is whole."""
    saved = torch.load(path, weights_only=True)
    parts = {name: value for name, value in saved.items() if name not in ("model", "optimizer")}
    parts |= {"model": list(saved["model"]), "optimizer": list(saved["optimizer"] or ())}
    where = draw(st.sampled_from([each for each in _paths(parts) if each]))
    new = draw(st.sampled_from([*NASTY, float("nan"), float("inf"), torch.zeros(2), torch.zeros(0), torch.tensor(3)]))

    def change(file):
        content = torch.load(file, weights_only=True)
        place, key = content, where[0]
        if where[0] in ("model", "optimizer"):
            if len(where) == 1:
                place[where[0]] = new
            else:
                names = list(place[where[0]])
                place[where[0]][names[where[1]]] = new
        else:
            for step in where[:-1]:
                place = place[step]
            key = where[-1]
            if isinstance(place, tuple):
                return
            place[key] = new
        torch.save(content, file)

    return _told(change, f"{where} is {new!r}"[:300])


@st.composite
def _in_archive(draw, path):
    """Change one value of the settings in an archive, whose sums are made right again, or of its manifest."""
    with tarfile.open(path) as archive:
        members = {each.name: archive.extractfile(each).read() for each in archive}
    texts = [name for name in members if name.endswith(".json") and "/data/" not in name and "/resources/" not in name]
    chosen = draw(st.sampled_from(texts))
    text = draw(_edits(json.loads(members[chosen])))
    old = draw(st.booleans())

    def change(file):
        content = members | {chosen: text.encode("utf-8", "surrogatepass")}
        manifest = next(name for name in members if name.count("/") == 1 and name.endswith("understudy.json"))
        if chosen != manifest or old:
            try:
                without = json.loads(content[manifest])
                without.pop("sums", None)
                content[manifest] = json.dumps(without).encode()
            except (ValueError, RecursionError, AttributeError):
                pass
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as made:
            for name, data in content.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                made.addfile(info, io.BytesIO(data))
        file.write_bytes(gzip.compress(packed.getvalue(), 1))

    return _told(change, f"{chosen}: {text[:1500]}")


class _Told:
    """A change that says in its name what it is."""

    def __init__(self, change, words):
        self._change, self._words = change, words

    def __call__(self, file):
        self._change(file)

    def __repr__(self):
        return f"<{self._words}>"


_told = _Told


def damaged_copy(home, copy, changes):
    """Make a copy of a home and damage it; what an earlier change took away is left alone."""
    shutil.copytree(home, copy)
    for name, change in changes:
        if (copy / name).is_file() and not (copy / name).is_symlink():
            change(copy / name)


def removed(folder):
    """Remove a folder, also one that nobody may open."""
    for place, folders, _ in os.walk(folder, onerror=lambda _: None):
        for each in folders:
            path = Path(place, each)
            if not path.is_symlink():
                path.chmod(0o755)
    shutil.rmtree(folder)
