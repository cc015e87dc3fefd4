import re
from pathlib import Path

from gui.kit.book import pages
from scripts.site import book

ROOT = Path(__file__).resolve().parents[2]


def test_every_page_of_the_help_book_is_on_the_site():
    site = book()
    for page in pages():
        text = "\n".join(site.values())
        assert re.search(rf"^##? {re.escape(page.title)}$", text, re.MULTILINE), page.key
    assert site["01-start-small"] == ROOT.joinpath("resources", "guide", "01-start-small.md").read_text("utf-8")


def test_the_sites_menu_has_every_page_of_the_book():
    menu = ROOT.joinpath("mkdocs.yml").read_text("utf-8")
    assert set(re.findall(r"book/(\S+)\.md", menu)) == set(book())
