import json

from engine.text.catalogue import catalogue, first_samples
from scripts import gallery


def test_each_text_is_trained_once_and_kept_as_it_comes(tmp_path, monkeypatch):
    made = []

    def sample_of(entry, minutes, texts):
        made.append((entry.name, minutes, texts))
        return {"bits_per_byte": 2.0}

    monkeypatch.setattr(gallery, "sample_of", sample_of)
    monkeypatch.setattr(gallery, "shipped", lambda *parts: tmp_path / parts[-1])
    gallery.main(["--minutes", "2", "--texts", "there", "--only", "names", "alice"])
    gallery.main(["--only", "grimm"])
    assert made == [("names", 2.0, "there"), ("alice", 2.0, "there"), ("grimm", gallery.MINUTES, None)]
    assert json.loads((tmp_path / "samples.json").read_text()).keys() == {"names", "alice", "grimm"}
    made.clear()
    gallery.main([])
    assert {name for name, *_ in made} == catalogue().keys() - set(gallery.LEFT_OUT)


def test_the_file_of_a_text_is_found_in_a_folder_by_its_size(tmp_path):
    alice = catalogue()["alice"]
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").write_bytes(b"x" * alice.files[0].bytes)
    assert gallery.place_of(alice, tmp_path) == tmp_path / "b"
    assert gallery.place_of(catalogue()["chess_openings"], tmp_path) == tmp_path


def test_what_is_kept_can_be_shown():
    for name, sample in first_samples().items():
        assert sample.text.startswith(catalogue()[name].beginning)
        assert sample.iterations > 0
