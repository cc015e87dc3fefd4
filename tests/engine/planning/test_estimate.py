import json
import subprocess
import sys

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from engine.core.config import TrainConfig
from engine.model import loss, shape
from engine.model.attention import WholeAttention, causal_attention
from engine.model.gpt import GPT
from engine.model.shape import parameter_count
from engine.planning import estimate
from engine.planning.estimate import flops_per_iter, memory_estimate, training_flops_per_iter
from engine.planning.presets import preset
from engine.training.learner import model_args
from engine.training.optimizer import adamw

GPT2, CHAR = 50304, 65


def test_the_parts_add_up():
    parts = memory_estimate(preset("small").config(), GPT2).as_dict()
    total = parts.pop("total")
    assert list(parts) == ["weights", "gradients", "optimizer", "activations", "logits", "teacher"]
    assert sum(parts.values()) == total
    assert parts.pop("teacher") == 0
    assert min(parts.values()) > 0


def test_the_blocks_of_logits_are_the_losss_own():
    x, weight = torch.empty(1, 1), torch.empty(2**30, 1, device="meta")
    assert len(loss._blocks(x.expand(shape.SMALLEST_BLOCK, 1), weight)) == 1
    assert len(loss._blocks(x.expand(shape.SMALLEST_BLOCK + 1, 1), weight)) == 2


def test_weights_and_moments_are_what_torch_holds():
    config = TrainConfig(n_layer=2, n_head=2, n_embd=32, block_size=8)
    model = GPT(model_args(config, 70))
    optimizer = adamw(model, config)
    parts = memory_estimate(config, 70)
    assert parts.weights == sum(p.nbytes for p in model.parameters())
    moments = [s[key] for s in optimizer.state_dict()["state"].values() for key in ("exp_avg", "exp_avg_sq")]
    assert parts.optimizer == sum(m.nbytes for m in moments)


def test_a_model_wider_than_its_batch_peaks_with_every_gradient():
    wide = TrainConfig(n_layer=4, n_head=4, n_embd=256, block_size=8, batch_size=1, dtype="float32")
    parts = memory_estimate(wide, CHAR)
    assert parts.gradients == 4 * parameter_count(wide, CHAR).total


def kept_for_the_way_back(config, vocab, attend=None):
    """Return the bytes that autograd keeps of a forward pass through the layers, weights and masks of MPS apart."""
    model = GPT(model_args(config, vocab)).train()
    if attend:
        model.attend_by(attend)
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights and (tensor.is_floating_point() or tensor.dtype == torch.int16):
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    x = torch.randn(config.batch_size, config.block_size, config.n_embd, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        y = x
        for block in model.transformer.h:
            y = block(y)
    assert y.requires_grad
    return sum(kept.values())


@pytest.mark.parametrize(("n_head", "n_embd", "dropout"), [(2, 64, 0.0), (4, 64, 0.0), (2, 128, 0.0), (2, 64, 0.2)])
def test_a_layers_activations_are_what_autograd_keeps(n_head, n_embd, dropout):
    config = TrainConfig(
        n_layer=3, n_head=n_head, n_embd=n_embd, block_size=32, batch_size=4, dtype="float32", dropout=dropout
    )
    layer = estimate._Iteration(config, CHAR, "cpu", narrow=False).layer()
    # the first layer reads the embeddings in place of a residual sum, and nobody keeps the last one's
    kept = kept_for_the_way_back(config, CHAR, causal_attention if dropout else None)
    assert kept == pytest.approx(3 * layer, rel=0.02)


@pytest.mark.parametrize("n_head", [2, 8])
def test_on_mps_a_layer_keeps_its_attention_weights(n_head):
    config = TrainConfig(n_layer=3, n_head=n_head, n_embd=64, block_size=64, batch_size=4, dtype="float32", dropout=0.0)
    layer = estimate._Iteration(config, CHAR, "mps", narrow=False).layer()
    assert kept_for_the_way_back(config, CHAR, WholeAttention()) == pytest.approx(3 * layer, rel=0.03)


@pytest.mark.parametrize("name", ["batch_size", "block_size", "n_layer", "n_embd"])
def test_more_of_anything_takes_more(name):
    config = TrainConfig()
    more = TrainConfig.of(config.as_dict(), {name: 2 * getattr(config, name)})
    assert memory_estimate(more, 5000).total > memory_estimate(config, 5000).total
    assert memory_estimate(more, 5000).activations > memory_estimate(config, 5000).activations


def test_accumulation_holds_every_gradient_but_takes_no_more_for_more_steps():
    once, twice, often = (TrainConfig(gradient_accumulation_steps=n) for n in (1, 2, 8))
    on_top = memory_estimate(twice, 5000).total - memory_estimate(once, 5000).total
    assert on_top == 4 * parameter_count(once, 5000).total
    assert memory_estimate(often, 5000) == memory_estimate(twice, 5000)


def test_dropout_keeps_little_on_the_cpu_and_every_weight_elsewhere():
    without, config = (TrainConfig(dtype="float32", block_size=512, dropout=p) for p in (0.0, 0.1))
    weights = config.n_layer * config.batch_size * config.n_head * config.block_size**2
    on_top = {
        d: memory_estimate(config, 5000, d).total - memory_estimate(without, 5000, d).total for d in ("cpu", "cuda")
    }
    assert on_top["cuda"] > 3 * 4 * weights
    assert weights < on_top["cpu"] < 4 * weights


def test_dropout_in_the_layers_alone_saves_the_mask_of_the_token_vectors():
    config = TrainConfig(dtype="float32", dropout=0.1)
    layers = config.changed({"dropout_at": "layers"})
    stream = config.batch_size * config.block_size * config.n_embd
    for device in ("mps", "cuda"):
        saved = memory_estimate(config, 5000, device).activations - memory_estimate(layers, 5000, device).activations
        assert saved == stream


@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_mps_makes_gradients_of_the_attention_weights_it_keeps(dropout):
    config = TrainConfig(dtype="float32", block_size=2048, dropout=dropout)
    weights = config.batch_size * config.n_head * config.block_size**2
    kept = config.n_layer * (5 if dropout else 4) * weights
    coming = (3 if dropout else 2) * 4 * weights
    assert kept + coming < memory_estimate(config, 5000, "mps").activations < 1.3 * (kept + coming)


def test_on_mps_gradients_are_kept_whether_they_are_accumulated_or_not():
    once, often = (memory_estimate(TrainConfig(gradient_accumulation_steps=n), 5000, "mps") for n in (1, 8))
    assert once == often
    assert once.gradients >= 4 * parameter_count(TrainConfig(), 5000).total


def test_logits_never_exist_whole():
    large = TrainConfig(batch_size=64, block_size=1024, dtype="float32")
    assert memory_estimate(large, GPT2).logits < 100 * 2**20


def test_a_model_that_teaches_holds_its_weights_and_what_it_expects():
    config = TrainConfig(n_layer=2, n_head=2, n_embd=64, block_size=64, batch_size=4, dtype="float32")
    alone, taught = (memory_estimate(config.changed({"generations": n}), GPT2) for n in (1, 2))
    assert taught.weights == alone.weights > 0
    assert taught.teacher == taught.weights + 4 * 4 * 64 * 64 + taught.logits
    assert taught.logits > 0
    assert taught.total - alone.total == taught.teacher


def test_an_open_dtype_counts_the_one_that_takes_more():
    of = {d: memory_estimate(preset("small").config(dtype=d), CHAR).total for d in ("auto", "float32", "bfloat16")}
    assert of["auto"] >= of["float32"] > of["bfloat16"]


def test_operations_are_those_of_the_matrix_products():
    config = TrainConfig(n_layer=2, n_head=2, n_embd=64, block_size=32, batch_size=3, dtype="float32", dropout=0.0)
    model = GPT(model_args(config, 100))
    tokens = torch.zeros(3, 32, dtype=torch.long)
    with FlopCounterMode(display=False) as counted:  # attention on the CPU is a kernel that it does not know
        model(tokens, tokens).backward()
    attention = 3 * 2 * config.n_layer * config.block_size * config.n_embd * config.tokens_per_iter
    assert flops_per_iter(config, 100) - attention == counted.get_total_flops()
    forward = flops_per_iter(config, 100, taught=True) - flops_per_iter(config, 100)
    assert 3 * forward == flops_per_iter(config, 100)


def test_the_operations_of_several_models_are_their_mean():
    config = TrainConfig(optimizer="muon")
    one, two, four = (training_flops_per_iter(config.changed({"generations": n}), 512) for n in (1, 2, 4))
    plain, taught = (flops_per_iter(config, 512, taught=each) for each in (False, True))
    assert two - one == (taught - plain) // 2
    assert four - one == (taught - plain) * 3 // 4


# against real processes

CONFIGURATIONS = [
    ("tiny", GPT2, "float32", 1),
    ("tiny", GPT2, "float32", 8),
    ("tiny", GPT2, "float32", 16),
    ("tiny", GPT2, "bfloat16", 1),
    ("tiny", GPT2, "bfloat16", 8),
    ("tiny", CHAR, "float32", 16),
    ("tiny", CHAR, "bfloat16", 16),
    ("small", GPT2, "float32", 4),
    ("small", GPT2, "bfloat16", 4),
    ("small", CHAR, "float32", 1),
    ("small", CHAR, "float32", 16),
    ("small", CHAR, "bfloat16", 4),
    ("medium-m4", GPT2, "float32", 6),
    ("medium-m4", CHAR, "bfloat16", 6),
    ("medium", GPT2, "float32", 2),
    ("medium", GPT2, "bfloat16", 2),
    ("medium", CHAR, "float32", 8),
    ("large", GPT2, "float32", 1),
    ("large", GPT2, "bfloat16", 1),
    ("large", CHAR, "float32", 1),
]


def measured_and_estimated(name, dataset, dtype, batch_size):
    """Train a few updates in a process of its own: the bytes it took at its peak, and what was foretold."""
    flags = [f"--dtype={dtype}", f"--batch_size={batch_size}", f"--dataset={dataset}", "--device=cpu", "--iters=2"]
    command = [sys.executable, "-m", "engine", "bench", f"--preset={name}", *flags, "--json"]
    root = estimate.__file__.rsplit("/engine/", 1)[0]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    result = json.loads(told.stdout)
    return result["peak_memory_bytes"] - result["process_bytes"], result["estimate_bytes"]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "vocab", "dtype", "batch_size"), CONFIGURATIONS)
def test_the_estimate_is_within_a_tenth_of_the_peak(name, vocab, dtype, batch_size):
    dataset = {GPT2: "shakespeare_complete", CHAR: "shakespeare_char"}[vocab]
    measured, estimated = measured_and_estimated(name, dataset, dtype, batch_size)
    assert estimated == pytest.approx(measured, rel=0.10)


# each moment by the formulas that its description gives, for a shape of which all sizes differ

B, T, C, L, NH, V = 3, 16, 8, 5, 2, 10
N, E = B * T, V * C


def moments_of(device, *, narrow=False, dropout=0.0, optimizer="adamw", accumulation=1):
    config = TrainConfig(
        n_layer=L,
        n_head=NH,
        n_embd=C,
        block_size=T,
        batch_size=B,
        dropout=dropout,
        optimizer=optimizer,
        gradient_accumulation_steps=accumulation,
    )
    return config, estimate._Iteration(config, V, device, narrow)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("dropout", [0, 1])
@pytest.mark.parametrize("device", ["cpu", "mps", "cuda"])
def test_activations_are_those_of_the_description(device, dropout, narrow):
    _, it = moments_of(device, narrow=narrow, dropout=0.1 * dropout)
    a, rows = 2 if narrow else 4, B * NH * T
    attention = {
        "cpu": dropout * rows * (T + T),  # Q is more than T
        "mps": rows * T * (a + dropout),
        "cuda": 3 * a * dropout * rows * T,
    }[device]
    masks = dropout * (4 if device == "cpu" else 2) * N * C
    layer = 8 * N * C + 10 * a * N * C + 4 * (4 + NH) * N + attention + masks
    assert it.layer() == layer
    embedded = 4 * N * C + dropout * (2 if device == "cpu" else 1) * N * C
    block = a * N * V  # all rows at once
    room = estimate.NARROW_WORKSPACE if narrow else estimate.WORKSPACE
    more = int(estimate.HOLES * (embedded + L * layer) + estimate.BLOCK_HOLES * block) + room if device == "cpu" else 0
    loss = it.in_loss()
    copies = narrow * 2 * 12 * L * C * C
    assert loss.activations == embedded + L * layer + (3 * a + 4 * narrow) * N * C + copies + more
    assert loss.logits == block + narrow * 2 * E
    entering = it.entering_backward()
    assert entering.activations == embedded + L * layer + 8 * a * N * C + narrow * 2 * 8 * L * C * C + more
    assert it.leaving_backward().activations == embedded + layer + 8 * a * N * C + more
    weights = a * B * NH * T * T
    attending = it.in_attention()
    coming = (3 if dropout else 2) * weights + (4 + 4 * a) * N * C - (4 + 5 * a) * N * C
    assert attending.activations == embedded + L * layer + coming + narrow * 2 * 4 * L * C * C + more
    assert it.updating().activations == 4 * L * C * C * (3 * 8 + 3 * 2) + more


@pytest.mark.parametrize("accumulation", [1, 4])
@pytest.mark.parametrize("device", ["cpu", "mps", "cuda"])
def test_gradients_and_moments_are_those_of_the_description(device, accumulation):
    config, it = moments_of(device, accumulation=accumulation)
    whole = parameter_count(config, V).total
    long = device == "mps"
    kept = 4 * whole if long or accumulation > 1 else 0
    assert it.in_loss().gradients == 4 * E + kept
    assert it.entering_backward().gradients == 4 * (4 * C * C + (0 if long else E)) + kept
    assert it.in_attention().gradients == 4 * C * C + kept
    apart = E if device == "cuda" else 0
    assert it.leaving_backward().gradients == (16 * C * C if long else 4 * (whole + apart)) + kept
    assert it.updating().gradients == (0 if long else 4 * whole) + kept
    assert (it.in_loss().weights, it.in_loss().optimizer) == (4 * whole, 8 * whole)
    _, muon = moments_of(device, optimizer="muon")
    assert muon.in_loss().optimizer == 8 * whole - 4 * 12 * L * C * C
    assert len(muon.moments()) == len(it.moments()) + 1 == (5 if long else 4)


def test_the_peak_is_the_highest_moment():
    config, it = moments_of("cuda", optimizer="muon")
    assert memory_estimate(config.changed({"dtype": "float32"}), V, "cuda").total == max(m.total for m in it.moments())


def test_an_iterations_operations_are_those_of_the_description():
    config, _ = moments_of("cpu", accumulation=4)
    forward = 2 * (12 * L * C * C + V * C) + 2 * T * C * L
    assert flops_per_iter(config, V) == 3 * forward * 4 * N
