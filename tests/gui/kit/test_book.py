"""The help book: its pages, and what is found in them."""

from engine.core.config import explanations
from engine.core.errors import Fix, OutOfMemoryError, TrainingError
from engine.runs.folder import _run_exists
from gui.kit.book import advice_of, found, pages
from gui.train.notes import note_of


def test_every_setting_and_every_key_has_its_page_once():
    keys = [each.key for each in pages()]
    assert len(keys) == len(set(keys))
    assert {f"setting/{name}" for name in explanations()} <= set(keys)
    assert {"01-start-small", "out_of_memory", "overfitting"} <= set(keys)


def test_search_puts_titles_first_and_wants_every_word():
    assert found("overfitting")[0].key in ("05-overfitting", "overfitting")
    assert all("dropout" in (each.markdown + each.title + each.key).casefold() for each in found("dropout"))
    assert found("memory batch")
    assert found("guide's commands") == found("guide’s commands") != []
    assert not found("memory xylophone")


def test_an_error_is_told_in_the_window_without_flags():
    told = _run_exists("/runs/x")
    assert advice_of(told) == ""
    assert [fix.label for fix in note_of(told).fixes] == ["Resume It", "Use a New Folder", "Replace It"]
    disk = TrainingError("Full.", fix="Make room on the disk, then go on with --init_from=resume: it is whole.")
    assert advice_of(disk) == "Make room on the disk, then go on with Resume in the Runs tab: it is whole."
    cpu = TrainingError("Wrong.", fix="Run on the processor: --device=cpu. Or update macOS.")
    assert advice_of(cpu) == "Run on the processor: set device to cpu. Or update macOS."
    kept = OutOfMemoryError("x", fix="Close large programs. Or --batch_size=1.", fixes=[Fix("Halve", "restart")])
    assert advice_of(kept) == "Close large programs."
