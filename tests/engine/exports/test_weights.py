"""A checkpoint's weights as other programs want them."""

import pytest
import torch

from engine.core.errors import CheckpointError
from engine.exports.weights import TABLES, tokens_of, whole_weights
from engine.runs import checkpoint
from engine.tokens.tokenizer import CharTokenizer


@pytest.mark.parametrize("bias", [True, False])
def test_every_layer_and_norm_has_a_bias_and_no_table_has(checkpoint_of, bias):
    saved = checkpoint.load(checkpoint_of("char", bias=bias))
    weights = whole_weights(saved, 20)
    assert "lm_head.weight" not in weights
    names = {name.removesuffix(".weight") for name in weights if name.endswith(".weight") and name not in TABLES}
    assert {f"{name}.bias" for name in names} == {name for name in weights if name.endswith(".bias")}
    assert len(weights) == len(TABLES) + 2 * len(names)
    for name, tensor in weights.items():
        kept = saved.model.get(name)
        assert torch.equal(tensor, kept[:20] if name == TABLES[0] else kept) if kept is not None else not tensor.any()
        assert tensor.dtype == torch.float32


def test_a_model_has_a_row_for_each_token_that_means_something(checkpoint_of, tokenizer_of):
    saved = checkpoint.load(checkpoint_of("char"))
    tokenizer = tokenizer_of("char")
    assert tokens_of(saved, tokenizer) == tokenizer.token_count == saved.args.vocab_size
    with pytest.raises(CheckpointError) as refused:
        tokens_of(saved, CharTokenizer([*tokenizer.chars, "§"]))
    assert refused.value.code == "tokenizer_changed"
