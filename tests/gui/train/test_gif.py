"""Pictures as a GIF: in their order, for their times, on their ground, again and again."""

import io

from PIL import Image
from PySide6.QtGui import QColor, QImage, QPainter

from gui.train.gif import Gif


def picture(color, words="", size=(60, 30)):
    made = QImage(*size, QImage.Format.Format_RGB32)
    made.fill(QColor(color))
    painter = QPainter(made)
    painter.drawText(5, 20, words)
    painter.end()
    return made


def test_pictures_come_in_their_order_for_their_times(qapp):
    shown = [picture("white", words) for words in ("a", "b", "c")]
    made = Gif(shown[0], shown[-1])
    for each in shown:
        made.add(each)
    with Image.open(io.BytesIO(made.written([100, 200, 300]))) as gif:
        assert (gif.n_frames, gif.info["loop"]) == (3, 0)
        for at, ms in enumerate((100, 200, 300)):
            gif.seek(at)
            assert gif.info["duration"] == ms
            black = sum(sum(pixel) < 200 for pixel in gif.convert("RGB").get_flattened_data())
            assert black == sum(
                sum(shown[at].pixelColor(x, y).getRgb()[:3]) < 200 for x in range(60) for y in range(30)
            )


def test_the_ground_keeps_its_color_among_many_others(qapp):
    many = picture("#262629", size=(61, 30))
    for x in range(20, 61):
        for y in range(30):
            many.setPixelColor(x, y, QColor(x * 4, y * 8, (x * y) % 256))
    made = Gif(many)
    made.add(many)
    with Image.open(io.BytesIO(made.written([100]))) as gif:
        assert gif.convert("RGB").getpixel((0, 0)) == (0x26, 0x26, 0x29)
        assert gif.size == (61, 30)
