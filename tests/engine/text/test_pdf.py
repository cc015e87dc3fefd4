from tests.engine.text.made_files import pdf, refusal, text_of


def test_a_pdf_gives_its_pages(tmp_path):
    pages = ["First page.", "Second page."]
    assert text_of(pdf(tmp_path / "a.pdf", pages)) == "First page.\n\nSecond page.\n\n"


def test_a_pdf_of_pictures_is_refused_with_the_way_out(tmp_path):
    assert "OCR" in refusal(pdf(tmp_path / "a.pdf", ["", ""])).fix
