"""The picture that is about to be shared, small: still or moving, to be dragged to where it is wanted."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QMovie, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from gui.kit import motion
from gui.kit.plain import PlainLabel
from gui.kit.theme import Size
from gui.train.share_files import SharedFile

_LESS = 0.58
"""How large it is beside what is shared: a sheet over the smallest window has room for it."""


class SharePreview(PlainLabel):
    """Shows a picture; one that moves is played, unless motion is reduced.

    Signals:
        drag_asked(): it is being dragged out.
    """

    drag_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("share_preview")
        self.setAccessibleName("Preview")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedSize(*(round(side * _LESS) for side in Size.PICTURE))
        self._pressed: QPoint | None = None
        self._movie: QMovie | None = None

    def show_file(self, file: SharedFile, says: str) -> None:
        """Show a picture; `says` is what a screen reader says of it."""
        self._stop()
        self.setAccessibleDescription(says)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._show(file.still)
        if file.ending == "gif" and not motion.is_reduced():
            self._movie = QMovie(self)
            data = QBuffer(self._movie)
            data.setData(QByteArray(file.data))
            data.open(QIODevice.OpenModeFlag.ReadOnly)
            self._movie.setDevice(data)
            self._movie.frameChanged.connect(self._show_frame)
            self._movie.start()

    @property
    def is_playing(self) -> bool:
        """Whether it moves."""
        return self._movie is not None

    def _stop(self) -> None:
        if self._movie is not None:
            self._movie.stop()
            self._movie.deleteLater()
            self._movie = None

    def _show_frame(self) -> None:
        if self._movie is not None:
            self._show(self._movie.currentImage())

    def _show(self, image: QImage) -> None:
        """Show an image as sharp as the screen is."""
        ratio = self.devicePixelRatioF()
        wanted = QSize(round(self.width() * ratio), round(self.height() * ratio))
        mode = Qt.TransformationMode.SmoothTransformation
        picture = QPixmap.fromImage(image.scaled(wanted, Qt.AspectRatioMode.KeepAspectRatio, mode))
        picture.setDevicePixelRatio(ratio)
        self.setPixmap(picture)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take note of where a drag may begin."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin a drag once the hand has moved far enough."""
        far = QApplication.startDragDistance()
        if self._pressed is not None and (event.position().toPoint() - self._pressed).manhattanLength() >= far:
            self._pressed = None
            self.drag_asked.emit()

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:
        """Begin none."""
        self._pressed = None
