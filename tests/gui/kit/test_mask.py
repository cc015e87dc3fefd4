"""The mask that comes out of noise."""

import numpy as np
import pytest
from PySide6.QtGui import QImage

from gui.kit.icons import app_icon
from gui.kit.mask import mask_in_noise

SIDE = 128


def pixels(picture):
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    return np.array(image.constBits()).reshape(image.height(), image.width(), 4).astype(int)


@pytest.fixture
def whole(qapp):
    return pixels(app_icon().pixmap(SIDE, SIDE))


def test_it_is_the_icon_itself_once_it_is_clear(whole):
    assert np.abs(pixels(mask_in_noise(1.0, SIDE)) - whole).max() <= 4


def test_it_comes_nearer_to_the_icon_step_by_step(whole):
    away = [np.abs(pixels(mask_in_noise(clarity, SIDE)) - whole).mean() for clarity in (0.0, 0.5, 0.9, 1.0)]
    assert away == sorted(away, reverse=True)
    assert away[0] > 5


def test_the_curtain_around_it_stays_whole_and_nothing_leaves_the_icon(whole):
    noise = pixels(mask_in_noise(0.0, SIDE))
    assert np.array_equal(noise[..., 3] > 0, whole[..., 3] > 0)
    assert np.abs(noise[: SIDE // 8] - whole[: SIDE // 8]).max() <= 4


def test_the_noise_is_always_the_same_and_sharp_on_any_screen(qapp):
    assert np.array_equal(pixels(mask_in_noise(0.3, SIDE)), pixels(mask_in_noise(0.3, SIDE)))
    assert mask_in_noise(0.3, 40, 2.0).size().width() == 80


def test_in_a_row_it_has_no_margin(qapp):
    bare = mask_in_noise(1.0, 40, 2.0, margin=False)
    assert (bare.width(), bare.height(), bare.devicePixelRatio()) == (80, 80, 2.0)
    assert pixels(bare)[40, 1, 3] == 255
    assert pixels(mask_in_noise(1.0, 40, 2.0))[40, 1, 3] == 0
