"""How a scene is looked at: light or dark, at what size, how large its text is, how fine the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.shell.window import MainWindow

SIZES = ((1100, 720), (960, 640), (1680, 1050))


@dataclass(frozen=True, slots=True)
class Look:
    """How a scene is looked at; its name stands in the picture's. `text` is how much larger than usual it is."""

    dark: bool
    size: tuple[int, int]
    scale: int
    text: float = 1.0

    def __str__(self) -> str:
        larger = "" if self.text == 1 else f"-text{self.text * 100:.0f}"
        return f"{'dark' if self.dark else 'light'}-{self.size[0]}-{self.scale}x{larger}"

    def theme(self) -> str:
        """Return what the sizes of a window share."""
        larger = "" if self.text == 1 else f", text at {self.text:.0%}"
        return f"{'dark' if self.dark else 'light'}{larger}"

    def put_on(self, window: MainWindow) -> None:
        """Let a window look so."""
        from PySide6.QtWidgets import QApplication

        from gui.kit import theme

        colors = theme.DARK if self.dark else theme.LIGHT
        QApplication.setPalette(theme.palette_of(theme.Theme(self.dark, colors)))
        if theme.current().scale != self.text:
            window.set_text_scale(self.text)
        window.resize(*self.size)


LOOKS = [
    Look(dark, size, 1, text)
    for text, sizes in ((1.0, SIZES), (1.5, SIZES[:2]))
    for dark in (False, True)
    for size in sizes
]
LOOKS += [Look(dark, SIZES[0], 2) for dark in (False, True)]  # how fine the screen is changes no layout
FOR_THE_README = Look(False, SIZES[0], 2)
FOR_A_FILM = Look(False, SIZES[0], 1)
