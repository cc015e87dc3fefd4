import pytest

from engine.core.errors import SettingError
from engine.exports.formats import FORMATS, checked_outtype, export_format, suggested_name


def test_a_format_is_found_by_its_name():
    assert [export_format(form.name) for form in FORMATS] == list(FORMATS)


@pytest.mark.parametrize(("ask", "name", "meant"), [(export_format, "guf", "gguf"), (checked_outtype, "f61", "f16")])
def test_an_unknown_one_is_refused_with_the_nearest(ask, name, meant):
    with pytest.raises(SettingError, match=f"Did you mean {meant}"):
        ask(name)


@pytest.mark.parametrize(
    ("run", "form", "name"),
    [
        ("my run/2", "gguf", "my-run-2-f16.gguf"),
        ("my run/2", "nanogpt", "my-run-2-nanogpt"),
        ("...", "huggingface", "model-huggingface"),
    ],
)
def test_an_export_is_offered_under_a_name_that_any_system_takes(run, form, name):
    assert suggested_name(run, form) == name
