"""Copies of a state on the CPU, made with few waits for the device that has it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class HostCopies:
    """Makes copies on the CPU: what is one tensor in several places stays one.

    Each fetch waits for all that the device was asked for, so what stands in one piece there is fetched in one piece.
    """

    def __init__(self) -> None:
        self._copies: dict[tuple[int, torch.Size, tuple[int, ...], torch.dtype], Tensor] = {}
        self._fetched: dict[int, Tensor] = {}

    def of(self, tree: Any) -> Any:
        """Return nested dictionaries, lists and tuples with copies of their tensors."""
        if isinstance(tree, Tensor):
            return self._of_tensor(tree.detach())
        if isinstance(tree, dict):
            return {key: self.of(value) for key, value in tree.items()}
        return type(tree)(self.of(value) for value in tree) if isinstance(tree, list | tuple) else tree

    def _of_tensor(self, tensor: Tensor) -> Tensor:
        place = tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype
        if place not in self._copies:
            there = tensor if tensor.device.type == "cpu" else self._fetch(tensor)
            self._copies[place] = there.clone()
        return self._copies[place]

    def _fetch(self, tensor: Tensor) -> Tensor:
        """Return a tensor of a device as it stands in all that it stands in there, fetched once."""
        storage = tensor.untyped_storage()
        if (key := storage.data_ptr()) not in self._fetched:
            whole = tensor.as_strided((storage.nbytes() // tensor.element_size(),), (1,), 0)
            self._fetched[key] = whole.to("cpu")
        return self._fetched[key].as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())
