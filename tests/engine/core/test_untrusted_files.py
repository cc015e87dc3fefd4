import os
import socket

import pytest

from engine.core.untrusted_files import opened, read_bytes, reason, require_content
from tests.as_anyone import shut


def test_a_plain_file_is_opened(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    with opened(tmp_path / "a") as file:
        assert file.read() == b"abc"
    os.symlink(tmp_path / "a", tmp_path / "b")
    assert read_bytes(tmp_path / "b") == b"abc"


def test_no_more_is_read_than_is_asked_for(tmp_path):
    (tmp_path / "a").write_bytes(bytes(100))
    assert len(read_bytes(tmp_path / "a", longest=100)) == 100
    with pytest.raises(OSError, match="longer than 99 bytes"):
        read_bytes(tmp_path / "a", longest=99)


def a_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))  # a whole path may be too long for one
    return path


@pytest.mark.parametrize(
    "made",
    [
        lambda path: (path.mkdir(), path)[1],
        lambda path: (os.mkfifo(path), path)[1],
        a_socket,
        lambda path: path / "gone",
        lambda path: "/dev/zero",
        lambda path: "/dev/null",
        lambda path: "a\0b",
        lambda path: "\ud800",
        lambda path: "x" * 5000,
    ],
)
def test_what_is_no_plain_file_is_refused_at_once_in_words(tmp_path, made):
    path = made(tmp_path / "it")
    with pytest.raises(OSError) as refused:
        opened(path)
    assert reason(refused.value).startswith(f"{path}: ")


def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    with shut(tmp_path / "a"), pytest.raises(PermissionError):
        opened(tmp_path / "a")


def test_a_pointer_of_git_lfs_is_named_for_what_it_is(tmp_path):
    (tmp_path / "a.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")
    (tmp_path / "b.bin").write_bytes(b"version")
    for read in (read_bytes, require_content):
        with pytest.raises(OSError, match="Git LFS pointer"):
            read(tmp_path / "a.bin")
        read(tmp_path / "b.bin")
