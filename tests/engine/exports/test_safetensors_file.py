"""Files that the package safetensors reads: what is written is what it finds."""

import torch
from safetensors import safe_open

from engine.exports.safetensors_file import write_safetensors


def test_the_package_safetensors_reads_what_was_written(tmp_path):
    path, draw = tmp_path / "model.safetensors", torch.Generator().manual_seed(1)
    weights = {"a.weight": torch.randn(3, 5, generator=draw), "b": torch.randn(7, generator=draw)}
    weights["turned"] = weights["a.weight"].t()
    assert list(write_safetensors(path, weights)) == [60, 88, 148]
    with safe_open(path, "pt") as file:
        assert file.metadata() == {"format": "pt"}
        assert set(file.keys()) == set(weights)
        assert all(torch.equal(file.get_tensor(name), tensor) for name, tensor in weights.items())


def test_numbers_begin_at_a_multiple_of_eight_bytes(tmp_path):
    for length in range(1, 9):
        path = tmp_path / f"{length}.safetensors"
        list(write_safetensors(path, {"n" * length: torch.zeros(1)}))
        header = int.from_bytes(path.read_bytes()[:8], "little")
        assert header % 8 == 0
        assert path.stat().st_size == 8 + header + 4
