import pypdf
import pytest

from engine.text.pdf import _joined
from tests.engine.text.made_files import account_and_text, pdf, refusal, text_of


def test_a_pdf_gives_its_pages(tmp_path):
    pages = ["First page.", "Second page."]
    assert text_of(pdf(tmp_path / "a.pdf", pages)) == "First page.\n\nSecond page.\n\n"


def test_a_pdf_of_pictures_is_refused_with_the_way_out(tmp_path):
    assert "OCR" in refusal(pdf(tmp_path / "a.pdf", ["", ""])).fix


def test_ligatures_and_words_divided_at_line_ends_are_mended(tmp_path):
    lines = ") Tj 0 -14 Td (".join(["A well-known off", "exam-", "ple of a well-", "known Jean-", "Paul"])
    account, text = account_and_text(pdf(tmp_path / "a.pdf", [lines]))
    assert text == "A well-known off\nexample of a well-known Jean-\nPaul\n\n"
    assert "2 words" in account.sentences()[1]


def test_ligatures_become_letters(tmp_path):
    path = pdf(tmp_path / "a.pdf", [r"o\002ce \001re"], signs="/fi /ffi")
    assert text_of(path) == "office fire\n\n"


@pytest.mark.parametrize(("password", "reads"), [("", True), ("secret", False)])
def test_a_pdf_that_only_forbids_printing_is_read_and_a_locked_one_refused(tmp_path, password, reads):
    writer = pypdf.PdfWriter(pdf(tmp_path / "open.pdf", ["Some words."]))
    writer.encrypt(password, "owner", algorithm="AES-256")
    path = tmp_path / "a.pdf"
    writer.write(path)
    if reads:
        assert text_of(path) == "Some words.\n\n"
    else:
        assert "password" in refusal(path).cause


def test_a_damaged_page_is_a_question_and_the_rest_is_read(tmp_path):
    path = pdf(tmp_path / "a.pdf", ["First page.", "Second page."])
    path.write_bytes(path.read_bytes().replace(b"/Contents 6 0 R", b"/Contents /odd "))
    account, text = account_and_text(path, allow_loss=True)
    assert text == "First page.\n\n"
    assert account.lost.total() <= 1


def test_numbers_of_pages_at_their_feet_are_no_text(tmp_path):
    pages = [f"Words of {number}) Tj 0 -14 Td ({foot}" for number, foot in enumerate((1, 2, 13, 14, 99), 1)]
    account, text = account_and_text(pdf(tmp_path / "a.pdf", pages))
    assert text.split() == [
        "Words",
        "of",
        "1",
        "Words",
        "of",
        "2",
        "Words",
        "of",
        "3",
        "13",
        "Words",
        "of",
        "4",
        "Words",
        "of",
        "5",
        "99",
    ]
    assert account.dropped == {"page numbers": 3}


@pytest.mark.parametrize(
    "text", ["x" * 300_000, "ab-\ncd " * 40_000, "a-" * 100_000], ids=["word", "divided", "hyphens"]
)
def test_mending_takes_no_more_time_than_a_page_is_long(text):
    """What is quadratic would not end."""
    assert len(_joined(text)) <= len(text)
