from tests.engine.text.made_files import epub, text_of


def test_a_book_gives_its_chapters_in_reading_order(tmp_path):
    pages = [f"<html><head><title>x</title></head><body><p>Chapter {n}: é</p></body></html>" for n in range(3)]
    text = text_of(epub(tmp_path / "a.epub", pages, spine=[2, 0, 1]))
    assert [line for line in text.splitlines() if line] == ["Chapter 2: é", "Chapter 0: é", "Chapter 1: é"]
