import gzip
import itertools
import tarfile

import pytest

from engine.core.untrusted_archives import MOST_MEMBERS, OverBudgetError, StoppedError, opened_archive


def member(name, content=b"", **details):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for detail, value in details.items():
        setattr(info, detail, value)
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def pax(**records):
    return tarfile.TarInfo.create_pax_global_header(records)


def written(path, *blocks):
    path.write_bytes(gzip.compress(b"".join(blocks), compresslevel=1))
    return path


def read_through(path, stopping=lambda: False):
    with opened_archive(path, stopping) as archive:
        found = {each.name: b"".join(archive.pieces(each)) for each in archive}
        archive.require_end()
    return found


END = bytes(2 * tarfile.BLOCKSIZE)


def test_what_is_in_order_is_read(tmp_path):
    path = written(tmp_path / "a", member("a", b"x" * 700), member("b"), member("c" * 200, b"y"), END)
    with tarfile.open(tmp_path / "b", "w:gz") as made:
        made.add(path, "p" * 300)
    assert read_through(path) == {"a": b"x" * 700, "b": b"", "c" * 200: b"y"}
    assert read_through(tmp_path / "b") == {"p" * 300: path.read_bytes()}


BOMBS = {
    "a size of 2^87": [member("a", size=2**87)],
    "a size below nothing": [member("a", size=-5)],
    "a size in a record": [pax(size=str(2**95)), member("a"), member("b")],
    "4 GB of zeros": [member("a", size=2**32), bytes(2**20)],
    "many that are 1 GB each": [member(str(n), size=2**30, type=tarfile.DIRTYPE) for n in range(10)],
    "a name of 4 GB": [member("././@LongLink", size=2**32, type=tarfile.GNUTYPE_LONGNAME), bytes(2**20)],
    "a record of 4 GB": [member("pax", size=2**32, type=tarfile.XHDTYPE), bytes(2**20)],
    "names without end": [member("././@LongLink", b"a\0", type=tarfile.GNUTYPE_LONGNAME)] * 3000,
    "more files than there are": [member("a")] * (MOST_MEMBERS + 1) + [END],
    "zeros after the end": [member("a"), END, bytes(2**22)],
}


@pytest.mark.parametrize("blocks", BOMBS.values(), ids=BOMBS)
def test_what_claims_more_than_there_can_be_is_refused(tmp_path, blocks):
    with pytest.raises((OverBudgetError, tarfile.TarError, EOFError, ValueError)) as refused:
        read_through(written(tmp_path / "a", *blocks))
    assert str(refused.value)


def test_a_stop_is_heard_at_any_piece(tmp_path):
    path = written(tmp_path / "a", *[member(str(n), bytes(50_000)) for n in range(20)], END)
    for heard in (0, 3, 20):
        asked = itertools.count()
        with pytest.raises(StoppedError):
            read_through(path, lambda asked=asked, heard=heard: next(asked) >= heard)
