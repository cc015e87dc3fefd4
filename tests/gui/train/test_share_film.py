"""The animated picture: it begins with noise and ends with verse, is as large as allowed, and can be stopped."""

import io

import pytest
from PIL import Image

from gui.train import share_film
from gui.train.share_film import Film, film
from tests.gui.train.test_share_pictures import VERSE, run_of


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(share_film, "RATIO", 0.5)


def made(run, **how):
    *shares, last = film(run, dark=False, stopped=lambda: False, **how)
    assert shares == sorted(shares) or how
    assert all(0 < share < 1 for share in shares)
    assert isinstance(last, Film)
    return last


def frames(of):
    with Image.open(io.BytesIO(of.data)) as picture:
        for at in range(picture.n_frames):
            picture.seek(at)
            yield picture.convert("RGB"), picture.info


def test_each_moment_is_a_frame_and_the_last_one_stands_longest(qapp):
    of = made(run_of("qx;; z", "the kin", VERSE))
    found = [info["duration"] for _, info in frames(of)]
    assert of.moments == len(found) == 3
    assert found[:2] == [1500, 1500]
    assert found[2] == max(found) > 1500
    assert of.ms == sum(found)


def test_it_is_shown_again_and_again_on_the_ground_of_its_theme(qapp):
    for picture, info in frames(made(run_of("qx;; z", VERSE))):
        assert info["loop"] == 0
        assert picture.getpixel((0, 0)) == (255, 255, 255)


def test_of_a_long_run_as_many_moments_are_shown_as_the_replay_has(qapp):
    of = made(run_of(*[f"words {n}" for n in range(200)]))
    assert of.moments == 66


def test_what_would_be_too_large_has_fewer_moments(qapp):
    run = run_of(*[f"{n} {VERSE}" for n in range(12)])
    whole = made(run)
    small = made(run, most_bytes=len(whole.data) // 2)
    assert len(small.data) <= len(whole.data) // 2
    assert 2 <= small.moments < whole.moments
    ends = [list(frames(each)) for each in (whole, small)]
    assert ends[0][0][0].tobytes() == ends[1][0][0].tobytes()
    assert ends[0][-1][0].tobytes() == ends[1][-1][0].tobytes()


def test_it_is_the_same_each_time(qapp):
    run = run_of("qx;; z", "the kin", VERSE)
    assert made(run) == made(run)


def test_once_stopped_nothing_comes_of_it(qapp):
    asked = iter([False, False, True])
    told = list(film(run_of(*"abcdef"), dark=False, stopped=lambda: next(asked)))
    assert len(told) == 2
    assert not any(isinstance(each, Film) for each in told)
