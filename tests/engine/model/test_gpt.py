import math

import pytest
import torch

from engine.machine.device import Device
from engine.model.fitting import fit
from engine.model.gpt import GPT, causal_mask


def nanogpt_shapes(args):
    """Return the names and shapes of nanoGPT's state_dict, by the rule of its model.py."""
    width = args.n_embd

    def with_bias(name, weight):
        shapes = {f"{name}.weight": weight}
        return shapes | ({f"{name}.bias": weight[:1]} if args.bias else {})

    shapes = {"transformer.wte.weight": (args.vocab_size, width), "transformer.wpe.weight": (args.block_size, width)}
    for layer in range(args.n_layer):
        block = f"transformer.h.{layer}"
        shapes |= with_bias(f"{block}.ln_1", (width,))
        shapes |= with_bias(f"{block}.attn.c_attn", (3 * width, width))
        shapes |= with_bias(f"{block}.attn.c_proj", (width, width))
        shapes |= with_bias(f"{block}.ln_2", (width,))
        shapes |= with_bias(f"{block}.mlp.c_fc", (4 * width, width))
        shapes |= with_bias(f"{block}.mlp.c_proj", (width, 4 * width))
    return shapes | with_bias("transformer.ln_f", (width,)) | {"lm_head.weight": (args.vocab_size, width)}


@pytest.mark.parametrize("bias", [True, False])
def test_names_shapes_and_order_are_nanogpts(toy_args, bias):
    args = toy_args(n_layer=3, bias=bias)
    ours = {name: tuple(tensor.shape) for name, tensor in GPT(args).state_dict().items()}
    assert list(ours.items()) == list(nanogpt_shapes(args).items())


def test_the_token_table_is_the_output_layer(toy_model, toy_args):
    for model in (toy_model(), GPT.empty(toy_args())):
        assert model.transformer.wte.weight is model.lm_head.weight
        assert len([name for name, _ in model.named_parameters() if "wte" in name or "lm_head" in name]) == 1


def test_an_empty_model_draws_no_random_numbers_and_takes_any_weights(toy_args, toy_model):
    full = toy_model()
    state = torch.get_rng_state()
    model = GPT.empty(toy_args())
    assert torch.equal(torch.get_rng_state(), state)
    model.load_state_dict(full.state_dict())
    tokens = torch.arange(10)[None]
    assert torch.equal(model.eval().logits(tokens), full.logits(tokens))
    assert model.transformer.wte.weight is model.lm_head.weight


def test_weights_begin_as_gpt2s(toy_args):
    torch.manual_seed(0)
    args = toy_args(n_layer=4, n_embd=128, vocab_size=500)
    for name, parameter in GPT(args).requires_grad_(False).named_parameters():
        if parameter.dim() == 1:
            assert torch.equal(parameter, torch.full_like(parameter, 0.0 if name.endswith("bias") else 1.0))
        else:
            std = 0.02 / math.sqrt(2 * args.n_layer) if name.endswith("c_proj.weight") else 0.02
            assert float(parameter.std()) == pytest.approx(std, rel=0.05)
            assert abs(float(parameter.mean())) < std / 10


@pytest.mark.parametrize("explicit", [False, True])
def test_no_position_sees_a_later_one(toy_model, explicit):
    model = toy_model()
    model.use_explicit_mask(explicit)
    tokens = torch.randint(30, (1, 16), generator=torch.Generator().manual_seed(1))
    before = model.logits(tokens)
    for place in range(1, 16):
        changed = tokens.clone()
        changed[0, place] = (changed[0, place] + 1) % 30
        after = model.logits(changed)
        assert torch.allclose(before[:, :place], after[:, :place], atol=1e-5)
        assert not torch.allclose(before[:, place], after[:, place], atol=1e-3)


def test_the_explicit_mask_is_the_kernels_own_rule(toy_model):
    model = toy_model()
    tokens = torch.randint(30, (3, 16), generator=torch.Generator().manual_seed(2))
    by_rule = model.logits(tokens)
    model.use_explicit_mask()
    assert all(block.attn.explicit_mask for block in model.transformer.h)
    assert torch.allclose(model.logits(tokens), by_rule, atol=1e-5)


def test_the_mask_lets_each_position_look_at_itself_and_before():
    mask = causal_mask(5, torch.device("cpu"))
    assert all(bool(mask[at, seen]) == (seen <= at) for at in range(5) for seen in range(5))


def test_earlier_tokens_matter(toy_model):
    model = toy_model()
    tokens = torch.randint(30, (1, 16), generator=torch.Generator().manual_seed(4))
    changed = tokens.clone()
    changed[0, 0] = (changed[0, 0] + 1) % 30
    assert not torch.allclose(model.logits(tokens)[:, -1], model.logits(changed)[:, -1], atol=1e-3)


def test_the_loss_is_that_of_the_logits(toy_model):
    model = toy_model()
    draw = torch.Generator().manual_seed(6)
    tokens, targets = torch.randint(30, (2, 3, 9), generator=draw)
    with torch.no_grad():
        expected = torch.nn.functional.cross_entropy(model.logits(tokens).flatten(0, 1), targets.flatten())
        assert float(model(tokens, targets)) == pytest.approx(float(expected), rel=1e-5)


def test_dropout_acts_in_training_only(toy_model):
    model = toy_model(dropout=0.5)
    tokens = torch.arange(16)[None]
    assert torch.equal(model.logits(tokens), model.logits(tokens))
    model.train()
    assert not torch.allclose(model.logits(tokens), model.logits(tokens))


@pytest.mark.parametrize("p", [0.0, 0.5])
def test_dropout_in_the_layers_alone_leaves_token_vectors_whole(toy_model, p):
    model = toy_model(dropout=0.5).train()
    model.drop_embeddings(p)
    block, seen = model.transformer.h[0], {"tokens": [], "layer": []}
    block.ln_1.register_forward_hook(lambda _module, given, _out: seen["tokens"].append(given[0]))
    block.register_forward_hook(lambda _module, _given, out: seen["layer"].append(out))
    for _ in range(2):
        model.logits(torch.arange(16)[None])
    assert {name: torch.equal(*twice) for name, twice in seen.items()} == {
        "tokens": not p,
        "layer": False,
    }


def reference_loss(weights, args, tokens, targets):
    """Return the loss by nanoGPT's formulas, written out with nothing but elementary operations."""

    def linear(x, name):
        y = x @ weights[f"{name}.weight"].t()
        return y + weights[f"{name}.bias"] if args.bias else y

    def norm(x, name):
        y = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True, correction=0) + 1e-5).sqrt()
        y = y * weights[f"{name}.weight"]
        return y + weights[f"{name}.bias"] if args.bias else y

    x = weights["transformer.wte.weight"][tokens] + weights["transformer.wpe.weight"][: tokens.shape[1]]
    for layer in range(args.n_layer):
        block = f"transformer.h.{layer}"
        q, k, v = (
            part.unflatten(2, (args.n_head, -1)).transpose(1, 2)
            for part in linear(norm(x, f"{block}.ln_1"), f"{block}.attn.c_attn").split(args.n_embd, dim=2)
        )
        scores = q @ k.transpose(2, 3) / math.sqrt(k.shape[-1])
        scores = scores.masked_fill(torch.ones_like(scores[0, 0]).triu(1).bool(), -math.inf)
        x = x + linear((scores.softmax(3) @ v).transpose(1, 2).flatten(2), f"{block}.attn.c_proj")
        wide = linear(norm(x, f"{block}.ln_2"), f"{block}.mlp.c_fc")
        x = x + linear(wide * 0.5 * (1 + torch.erf(wide / math.sqrt(2))), f"{block}.mlp.c_proj")
    logits = norm(x, "transformer.ln_f") @ weights["transformer.wte.weight"].t()
    return -logits.log_softmax(2).gather(2, targets[..., None]).mean()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("fitted", [True, False], ids=["as the CPU likes it", "as it is"])
def test_loss_and_gradients_are_those_of_nanogpts_formulas(toy_model, bias, fitted):
    model = toy_model(bias=bias).double()
    if fitted:
        fit(model, Device())
    weights = {name: p.detach().clone().requires_grad_() for name, p in model.named_parameters()}
    tokens, targets = torch.randint(30, (2, 3, 13), generator=torch.Generator().manual_seed(8))
    loss, expected = model(tokens, targets), reference_loss(weights, model.args, tokens, targets)
    loss.backward()
    expected.backward()
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-12)
    for name, parameter in model.named_parameters():
        assert torch.allclose(parameter.grad, weights[name].grad, rtol=1e-8, atol=1e-11), name
