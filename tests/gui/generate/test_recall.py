"""What is remembered of each checkpoint."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.config import SampleConfig
from gui.generate.recall import from_memory, memory_key, to_memory


@given(st.builds(SampleConfig, start=st.text(), seed=st.integers(0, 2**31), top_p=st.floats(0, 1)))
def test_what_is_remembered_comes_back(config):
    assert from_memory(to_memory(config)) == config


@pytest.mark.parametrize("kept", [None, "", "{", "[1]", '"x"', '{"temperature": "hot"}', '{"color": 1}', 7])
def test_an_unusable_memory_is_none(kept):
    assert from_memory(kept) is None


def test_checkpoints_have_memories_of_their_own():
    assert memory_key(Path("/a/best.pt")) != memory_key(Path("/b/best.pt"))
