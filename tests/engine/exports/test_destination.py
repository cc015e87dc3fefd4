import pytest

from engine.core.errors import SettingError
from engine.exports.formats import FORMATS, suggested_name


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_others_wrote_is_never_replaced(tmp_path, checkpoint_of, overwrite, exported):
    source = checkpoint_of("char")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "novel.txt").write_text("Chapter 1", "utf-8")
    (tmp_path / "novel.gguf").write_text("Chapter 1", "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    for form, name in (("huggingface", "theirs"), ("nanogpt", "link"), ("gguf", "novel.gguf"), ("nanogpt", "run-char")):
        with pytest.raises(SettingError) as told:
            exported(source, form, tmp_path / name, overwrite=overwrite)
        assert told.value.code == ("dest_foreign" if overwrite else "dest_exists")
    assert (tmp_path / "theirs" / "novel.txt").read_text("utf-8") == "Chapter 1"
    assert (tmp_path / "novel.gguf").read_text("utf-8") == "Chapter 1"


@pytest.mark.parametrize("form", [form.name for form in FORMATS])
def test_an_earlier_export_is_replaced_only_when_asked(tmp_path, checkpoint_of, form, exported):
    source, dest = checkpoint_of("char"), tmp_path / "out.gguf"
    exported(source, form, dest)
    before = dest.stat().st_ino
    with pytest.raises(SettingError):
        exported(source, form, dest)
    assert dest.stat().st_ino == before
    exported(source, form, dest, overwrite=True)
    assert dest.stat().st_ino != before
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["out.gguf", "run-char"]


def test_a_file_in_a_folder_gets_the_runs_name(tmp_path, checkpoint_of, exported):
    (tmp_path / "models").mkdir()
    done = exported(checkpoint_of("char"), "gguf", tmp_path / "models", outtype="q8_0")
    assert done.path == str(tmp_path / "models" / "run-char-q8_0.gguf")
    assert suggested_name("A run: of mine/", "huggingface") == "A-run-of-mine-huggingface"
