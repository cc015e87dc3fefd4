"""Starting from a model: GPT-2 in Hugging Face's form as transformers writes it, another run, or nothing usable."""

import json
import os
import warnings
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.cli.main import main
from engine.cli.options import Parser
from engine.cli.run_options import add_run_options, config_from
from engine.core.errors import CheckpointError, SettingError
from engine.core.events import Advice, Started, Step
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.runs import checkpoint
from engine.runs.checkpoint import NOT_EVALUATED
from engine.runs.folder import RunFolder
from engine.runs.pretrained import cropped, read_model
from engine.runs.start_model import starting_settings
from engine.training.trainer import Trainer


@pytest.fixture
def transformers(monkeypatch):
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pytest.importorskip("transformers", reason="`make test` installs it")


@pytest.fixture
def gpt2_folder(transformers, tmp_path):
    """Return a folder with a tiny GPT-2 of random weights, and the model itself."""

    def make(name="hub", **changes):
        shape = {"vocab_size": 50257, "n_positions": 32, "n_embd": 16, "n_layer": 2, "n_head": 2}
        torch.manual_seed(5)
        model = transformers.GPT2LMHeadModel(
            transformers.GPT2Config(**shape | {"activation_function": "gelu"} | changes)
        ).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.05 * torch.randn_like(parameter))  # biases and norms too
        model.save_pretrained(tmp_path / name)
        return tmp_path / name, model

    return make


def change_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def parsed(*arguments):
    parser = Parser(prog="train")
    add_run_options(parser)
    return config_from(parser.parse_args(list(arguments)))


def test_the_logits_are_those_of_transformers(gpt2_folder):
    folder, theirs = gpt2_folder()
    saved = read_model(str(folder))
    tokens = torch.randint(50257, (2, 32), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        ours = saved.build_model().eval().logits(tokens)
        assert (ours - theirs(tokens).logits).abs().max() < 1e-4
        short = cropped(saved, 8).build_model().eval().logits(tokens[:, :8])
    assert torch.allclose(short, ours[:, :8], atol=1e-5)
    assert saved.load_tokenizer().kind == "gpt2"


def test_a_run_fine_tunes_it_and_goes_on(gpt2_folder, tmp_path, toy_text):
    folder, _ = gpt2_folder()
    (tmp_path / "toy.txt").write_text(toy_text, "utf-8")
    prepare(str(tmp_path / "toy.txt"), name="words", tokenizer="gpt2")
    flags = ["--dataset=words", "--block_size=16", "--batch_size=2", "--max_iters=3", "--device=cpu", "--dtype=float32"]
    flags += ["--sample_tokens=0", "--log_interval=1", "--eval_iters=1", f"--out_dir={tmp_path / 'tuned'}"]
    config = parsed(f"--init_from={folder}", *flags)
    assert (config.n_layer, config.n_embd, config.bias) == (2, 16, True)
    assert (config.learning_rate, config.decay_lr) == (3e-5, False)
    events = list(Trainer(config).run())
    started = next(event for event in events if isinstance(event, Started))
    assert started.parameters == 50257 * 16 + 16 * 16 + 2 * (12 * 16**2 + 13 * 16) + 2 * 16
    first = next(event.loss for event in events if isinstance(event, Step))
    tuned = checkpoint.load(tmp_path / "tuned" / "ckpt.pt")
    before = cropped(read_model(str(folder)), 16)
    moved = (tuned.model["lm_head.weight"] - before.model["lm_head.weight"]).abs().max()
    assert 0 < moved < 1e-3  # three small steps away from where it began
    assert main(["train", "--init_from=resume", f"--out_dir={tmp_path / 'tuned'}", "--max_iters=5"]) == 0
    assert checkpoint.load(tmp_path / "tuned" / "ckpt.pt").iter_num == 5
    assert abs(first - 10.82) < 2.0


def test_a_run_of_ours_is_a_model_to_start_from(toy_run, toy_config, tmp_path):
    trained = checkpoint.load(toy_run.best)
    config = toy_config(out_dir=str(tmp_path / "second"), init_from=str(toy_run.path), max_iters=1, learning_rate=1e-9)
    list(Trainer(config).run())
    second = checkpoint.load(tmp_path / "second" / "ckpt.pt")
    assert second.iter_num == 1
    name = "transformer.h.0.mlp.c_fc.weight"
    assert torch.allclose(second.model[name], trained.model[name], atol=1e-6)


def test_an_export_of_ours_comes_back(toy_run, tmp_path, capsys):
    for form in ("huggingface", "nanogpt"):
        wanted = ["export", "--out_dir", str(toy_run.path), "--format", form, str(tmp_path / form)]
        assert main(wanted) == 0
        back, run = read_model(str(tmp_path / form)), checkpoint.load(toy_run.checkpoint)
        tokens = torch.arange(10)[None]
        ours, theirs = (saved.build_model().eval().logits(tokens) for saved in (run, back))
        assert torch.allclose(ours, theirs, atol=1e-5)
        if form == "huggingface":
            assert back.tokenizer == run.tokenizer


def test_the_shape_is_the_models(gpt2_folder):
    folder, _ = gpt2_folder()
    with pytest.raises(SettingError) as told:
        starting_settings(str(folder), {"n_layer": 4, "block_size": 64, "learning_rate": 1e-3})
    assert set(told.value.problems) == {"n_layer", "block_size"}
    assert starting_settings(str(folder), {"block_size": 8, "learning_rate": 1e-4})["learning_rate"] == 1e-4


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "llama"},
        {"activation_function": "relu"},
        {"layer_norm_epsilon": 1e-3},
        {"scale_attn_by_inverse_layer_idx": True},
        {"n_inner": 100},
        {"n_layer": "two"},
        {"n_head": 3},
        {"n_layer": 3},
        {"n_embd": 32},
        {"n_positions": 64},
        {"vocab_size": 10**7},
    ],
    ids=str,
)
def test_what_this_engine_cannot_compute_is_refused_by_name(gpt2_folder, changes):
    folder, _ = gpt2_folder()
    change_config(folder, **changes)
    with pytest.raises(CheckpointError) as told:
        read_model(str(folder)).build_model()
    assert told.value.code in ("model_foreign", "checkpoint_mismatch")
    assert any(word in told.value.cause for word in ("config.json", "transformer.h.2", "size mismatch"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_damaged_weights_are_told(gpt2_folder, content):
    folder, _ = gpt2_folder()
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError) as told:
        read_model(str(folder))
    assert told.value.code == "model_foreign"


def test_weights_in_several_files_are_one_model(gpt2_folder):
    folder, model = gpt2_folder()
    whole = read_model(str(folder)).model
    model.save_pretrained(folder, max_shard_size="100KB")
    (folder / "model.safetensors").unlink()
    assert (folder / "model.safetensors.index.json").exists()
    assert all(torch.equal(tensor, whole[name]) for name, tensor in read_model(str(folder)).model.items())


@pytest.mark.parametrize("init_from", ["gtp2", "nowhere", "Resume", ""])
def test_a_slip_of_the_pen_is_refused(init_from):
    with pytest.raises(SettingError) as told:
        parsed(f"--init_from={init_from}")
    assert "init_from" in told.value.problems


def test_a_place_without_a_model_is_told(tmp_path):
    with pytest.raises(CheckpointError) as told:
        parsed(f"--init_from={tmp_path}/empty")
    assert "config.json" in told.value.cause


def test_a_text_in_tokens_of_another_kind_is_learned_in_the_models(gpt2_folder, toy_config, toy_text):
    folder, _ = gpt2_folder()
    shape = {"n_layer": 2, "n_head": 2, "n_embd": 16, "bias": True, "max_iters": 1}
    config = toy_config(init_from=str(folder), **shape)
    events = list(Trainer(config).run())
    data = dataset(RunFolder(config.out_dir).read_config().dataset)
    assert (data.tokenizer, data.train_bytes + data.val_bytes) == ({"kind": "gpt2"}, len(toy_text.encode()))
    assumed = [event.what for event in events if isinstance(event, Advice) and event.code == "tokenizer_assumed"]
    assert ["50,257" in what for what in assumed] == [True]  # the folder holds weights alone


@pytest.mark.parametrize("vocab_size", [50257, 50264])
def test_tokens_of_another_language_are_refused_however_many_they_are(gpt2_folder, toy_config, vocab_size):
    folder, _ = gpt2_folder(vocab_size=vocab_size)
    words = {f"Ġmot{n}": n for n in range(vocab_size)}
    (folder / "vocab.json").write_text(json.dumps(words), "utf-8")
    with pytest.raises(CheckpointError) as told:
        list(Trainer(toy_config(init_from=str(folder), n_layer=2, bias=True)).run())
    assert told.value.code == "model_foreign"
    assert "tokenizer" in told.value.cause


def hub_folder(path):
    path.mkdir()
    shape = {"n_layer": 1, "n_head": 1, "n_embd": 8, "n_positions": 8, "vocab_size": 50257}
    (path / "config.json").write_text(json.dumps({"model_type": "gpt2", **shape}))
    return path


def test_weights_in_a_form_that_is_not_read_are_named(tmp_path):
    folder = hub_folder(tmp_path / "hub")
    (folder / "pytorch_model.bin").write_bytes(b"PK")
    with pytest.raises(CheckpointError) as told:
        read_model(str(folder))
    assert told.value.code == "model_foreign"
    assert "pytorch_model.bin" in told.value.cause
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")
    with pytest.raises(CheckpointError) as told:
        read_model(str(folder))
    assert "Git LFS pointer" in told.value.cause


def test_a_run_of_ours_begins_anew_from_its_best(toy_run):
    saved = checkpoint.load(toy_run.best)
    toy_run.best.unlink()
    changed = replace(saved, model={name: tensor + 1 for name, tensor in saved.model.items()})
    checkpoint.save(changed, toy_run.best)
    model = read_model(str(toy_run.path))
    assert (model.iter_num, model.best_val_loss, model.evaluated) == (0, None, NOT_EVALUATED)
    assert model.optimizer is None
    assert all(torch.equal(tensor, changed.model[name]) for name, tensor in model.model.items())
    toy_run.best.unlink()
    assert all(torch.equal(tensor, saved.model[name]) for name, tensor in read_model(str(toy_run.path)).model.items())
    assert read_model(str(toy_run.checkpoint)).iter_num == 0


def test_a_published_model_drops_nothing_and_masks_of_older_files_are_left_out(gpt2_folder):
    folder, _ = gpt2_folder()
    whole = read_model(str(folder))
    assert (whole.args.dropout, whole.args.bias, whole.iter_num) == (0.0, True, 0)
    weights = load_file(folder / "model.safetensors")
    names = [f"transformer.h.{n}.attn.{name}" for n in (0, 1) for name in ("bias", "masked_bias")]
    masks = {name: torch.ones(1, 1, 4, 4) for name in names}
    save_file(weights | masks, folder / "model.safetensors")
    again = read_model(str(folder))
    assert again.model.keys() == whole.model.keys()
    again.build_model()


def test_a_model_that_reads_less_keeps_its_first_positions(toy_run):
    saved = read_model(str(toy_run.path))
    less = cropped(saved, 5)
    name = "transformer.wpe.weight"
    assert less.args.block_size == 5
    assert torch.equal(less.model[name], saved.model[name][:5])
    assert less.model.keys() == saved.model.keys()
    less.build_model()
