"""Looking for a newer version: only a sound answer counts, and only https."""

import json

import pytest

from engine import __version__
from engine.core.errors import DataError
from engine.support.updates import feed, release_job, release_of


def answer(tag, page="https://example.org/releases/1"):
    return json.dumps({"tag_name": tag, "html_url": page, "body": "…"})


def test_a_newer_release_is_told_with_its_page():
    release = release_of(answer("v99.0.1"))
    assert (release.version, release.newer, release.page) == ("99.0.1", True, "https://example.org/releases/1")


@pytest.mark.parametrize("tag", [__version__, f"v{__version__}", "0.0.9"])
def test_the_same_or_an_older_one_is_not_newer(tag):
    assert not release_of(answer(tag)).newer


def test_versions_are_compared_as_numbers():
    major, minor, patch = __version__.split(".")
    assert release_of(answer(f"v{major}.{int(minor) + 10}.0")).newer
    assert release_of(answer(f"v{major}.{minor}.{int(patch) + 10}")).newer


@pytest.mark.parametrize(
    "told",
    [
        "",
        "<html>",
        "[]",
        "{}",
        json.dumps({"tag_name": "v1.0.0"}),
        answer("latest"),
        answer("v9.0.0", "http://example.org"),
        answer("v9.0.0", "file:///etc/passwd"),
        answer("v9.0.0", "javascript:alert(1)"),
    ],
)
def test_any_other_answer_is_refused_kindly(told):
    with pytest.raises(DataError) as raised:
        release_of(told)
    assert raised.value.code == "no_release_feed"


def test_an_address_that_is_not_secure_is_never_asked():
    with pytest.raises(DataError, match="could not be found out"):
        list(release_job("http://localhost:9/latest"))


def test_no_feed_is_named_that_does_not_exist():
    assert feed() == ""
