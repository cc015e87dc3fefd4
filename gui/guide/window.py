"""The window of the help book: search and contents on the left, the page on the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QLineEdit, QSplitter, QTextBrowser, QTreeWidget, QTreeWidgetItem, QWidget

from gui.kit import theme
from gui.kit.book import Page, found, page, pages
from gui.kit.parts import column, kept, label
from gui.kit.plain import plain_tip
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Size, Space, Type

_KEY = Qt.ItemDataRole.UserRole


class GuideWindow(QWidget):
    """The help book."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("guide_window")
        self.setWindowTitle("Understudy Help")
        role(self, "page")
        self._search = QLineEdit()
        self._search.setObjectName("guide_search")
        self._search.setAccessibleName("Search the help book")
        self._search.setPlaceholderText("Search")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._list_pages)
        self._contents = quiet(QTreeWidget())
        self._contents.setObjectName("guide_contents")
        self._contents.setAccessibleName("Contents")
        self._contents.setHeaderHidden(True)
        self._contents.setRootIsDecorated(False)
        self._contents.setIndentation(Space.M)
        self._contents.currentItemChanged.connect(lambda item, _: self._turn_to(item))
        self._nothing = label("Nothing found", "secondary")
        self._text = quiet(QTextBrowser())
        self._text.setObjectName("guide_text")
        self._text.setAccessibleName("Page of the help book")
        self._text.setOpenExternalLinks(True)
        self._page: Page | None = None
        self._lay_out()
        self._list_pages("")
        close = QShortcut(QKeySequence.StandardKey.Close, self)
        close.activated.connect(self.close)

    def open_at(self, key: str) -> None:
        """Show the book at the page with a key: a chapter, a setting or the code of a fault."""
        if self._search.text():
            self._search.clear()
        self._choose(key)
        self.show()
        self.raise_()
        self.activateWindow()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if theme.restyles(event) and self._page is not None:
            self._show(self._page)

    def _lay_out(self) -> None:
        side = role(QWidget(), "clear")
        left = column(side, spacing=Space.S)
        left.addWidget(self._search)
        left.addWidget(self._nothing)
        left.addWidget(self._contents, 1)
        halves = role(QSplitter(Qt.Orientation.Horizontal), "gap")
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(Space.M)
        halves.addWidget(side)
        halves.addWidget(self._text)
        halves.setSizes([Size.SIDEBAR + Space.XXL, Size.MEASURE])
        halves.setStretchFactor(1, 1)
        kept(halves, "guide_splitter")
        column(self, margin=Space.L).addWidget(halves)
        self.resize(Size.WINDOW_LEAST[0] + Size.LABEL // 2, Size.WINDOW_LEAST[1])

    def _list_pages(self, search: str) -> None:
        """List the pages that match, under the parts they belong to; turn to the first when one is searched for."""
        shown = found(search) if search.strip() else list(pages())
        self._contents.blockSignals(True)
        self._contents.clear()
        parts: dict[str, QTreeWidgetItem] = {}
        for each in shown:
            if each.part not in parts:
                parts[each.part] = QTreeWidgetItem(self._contents, [each.part])
                parts[each.part].setFlags(Qt.ItemFlag.ItemIsEnabled)
                parts[each.part].setFont(0, theme.current().font(bold=True))
            item = QTreeWidgetItem(parts[each.part], [each.title])
            item.setToolTip(0, plain_tip(each.title))
            item.setData(0, _KEY, each.key)
        self._contents.expandAll()
        self._contents.blockSignals(False)
        self._nothing.setVisible(not shown)
        if shown:
            self._choose(shown[0].key)

    def _choose(self, key: str) -> None:
        for at in range(self._contents.topLevelItemCount()):
            part = self._contents.topLevelItem(at)
            for child in (part.child(i) for i in range(part.childCount())) if part else ():
                if child is not None and child.data(0, _KEY) == key:
                    self._contents.setCurrentItem(child)
                    self._contents.scrollToItem(child)

    def _turn_to(self, item: QTreeWidgetItem | None) -> None:
        wanted = page(str(item.data(0, _KEY))) if item is not None else None
        if wanted is not None:
            self._page = wanted
            self._show(wanted)

    def _show(self, wanted: Page) -> None:
        self._text.document().setDefaultFont(theme.current().font())
        self._text.setMarkdown(wanted.markdown)
        self._text.document().setDocumentMargin(Space.M)
        self._text.document().setIndentWidth(Space.L)
        _set_type(self._text.document())


def _set_type(document: QTextDocument) -> None:
    """Return headings and paragraphs the type sizes and distances of the window."""
    sizes = {1: Type.TITLE, 2: Type.HEADLINE}
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        level = block.blockFormat().headingLevel()
        spaced = QTextBlockFormat()
        spaced.setTopMargin(Space.L if level > 1 else 0)
        spaced.setBottomMargin(Space.XS if level > 1 or block.textList() else Space.S)
        cursor.mergeBlockFormat(spaced)
        if level:
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            form = QTextCharFormat()
            form.setFont(theme.current().font(sizes.get(level, Type.BODY), bold=True))
            cursor.setCharFormat(form)
        block = block.next()
