import os
import pickle
import resource
import zipfile
from dataclasses import replace

import pytest
import torch

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError, TrainingError
from engine.runs import checkpoint
from engine.runs.checkpoint import NOT_EVALUATED, Saved
from engine.training.optimizer import adamw


@pytest.fixture
def saved(toy_model):
    model = toy_model(n_layer=1)
    optimizer = adamw(model, TrainConfig())
    model(torch.arange(16)[None], torch.arange(16)[None]).backward()
    optimizer.step()
    return Saved(
        args=model.args,
        model=model.state_dict(),
        optimizer=optimizer.state_dict(),
        iter_num=40,
        best_val_loss=1.75,
        evaluated=35,
        config=TrainConfig(dataset="toy").as_dict(),
        tokenizer={"kind": "char", "chars": list("abcdefghijklmnopqrstuvwxyzäöü\n")},
    )


@pytest.fixture
def path(tmp_path, saved):
    checkpoint.save(saved, tmp_path / "ckpt.pt")
    return tmp_path / "ckpt.pt"


def same(one, other):
    """Say whether two nests of containers, tensors and values are equal."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def refused(path):
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(path).build_model()
    assert told.value.exit_code == 3
    assert str(path) in str(told.value) or told.value.code == "checkpoint_mismatch"
    assert told.value.cause
    assert told.value.fix
    assert "\n" not in told.value.message + told.value.cause
    return told.value.code


@pytest.mark.parametrize("changes", [{}, {"best_val_loss": None}, {"optimizer": None}, {"evaluated": NOT_EVALUATED}])
def test_what_is_saved_comes_back(tmp_path, saved, changes):
    before = replace(saved, **changes)
    checkpoint.save(before, tmp_path / "ckpt.pt")
    after = checkpoint.load(tmp_path / "ckpt.pt")
    for name in Saved.__slots__:
        assert same(getattr(before, name), getattr(after, name)), name
    tokens = torch.arange(12)[None]
    assert torch.equal(before.build_model().eval().logits(tokens), after.build_model().eval().logits(tokens))
    assert [p.name for p in tmp_path.iterdir()] == ["ckpt.pt"]


def test_the_keys_are_nanogpts(path):
    content = torch.load(path, weights_only=True)
    assert content.keys() >= {"model", "optimizer", "model_args", "iter_num", "best_val_loss", "config"}
    assert content["model_args"].keys() == {
        "n_layer",
        "n_head",
        "n_embd",
        "block_size",
        "bias",
        "vocab_size",
        "dropout",
    }
    assert content["config"]["dataset"] == "toy"


def nanogpt_file(path, saved, prefix="", **changes):
    """Write what nanoGPT's train.py writes."""
    content = {
        "model": {prefix + name: tensor for name, tensor in saved.model.items()},
        "optimizer": saved.optimizer,
        "model_args": saved.args.as_dict(),
        "iter_num": 250,
        "best_val_loss": torch.tensor(1.5),
        "config": {"dataset": "shakespeare_char", "backend": "nccl", "compile": True, "device": "cuda:1"},
    }
    torch.save(content | changes, path)
    return path


@pytest.mark.parametrize("prefix", ["", "_orig_mod.", "module.", "module._orig_mod."])
@pytest.mark.parametrize("old_format", [False, True])
def test_a_file_of_nanogpts_own_is_read(tmp_path, saved, prefix, old_format):
    path = tmp_path / "ckpt.pt"
    buffers = {prefix + "transformer.h.0.attn.bias": torch.ones(1, 1, 16, 16)}
    weights = {prefix + name: tensor for name, tensor in saved.model.items()} | buffers
    nanogpt_file(path, saved, model=weights)
    if old_format:
        torch.save(torch.load(path, weights_only=True), path, _use_new_zipfile_serialization=False)
    found = checkpoint.load(path)
    assert (found.iter_num, found.evaluated, found.best_val_loss, found.tokenizer) == (250, 250, 1.5, None)
    assert found.config["dataset"] == "shakespeare_char"
    tokens = torch.arange(12)[None]
    assert torch.equal(found.build_model().eval().logits(tokens), saved.build_model().eval().logits(tokens))
    with pytest.raises(CheckpointError) as told:
        found.load_tokenizer()  # 30 tokens of a dataset that is not here
    assert told.value.code == "tokenizer_unknown"


def test_weights_of_16_bits_are_read(tmp_path, saved):
    for dtype in (torch.float16, torch.bfloat16):
        nanogpt_file(tmp_path / "ckpt.pt", saved, model={name: t.to(dtype) for name, t in saved.model.items()})
        model = checkpoint.load(tmp_path / "ckpt.pt").build_model()
        assert {p.dtype for p in model.parameters()} == {torch.float32}
        expected = saved.model["transformer.wpe.weight"].to(dtype).float()
        assert torch.equal(model.transformer.wpe.weight, expected)


@pytest.mark.parametrize("lacking", ["lm_head.weight", "transformer.wte.weight"])
def test_a_file_with_one_of_the_tied_weights_is_read(tmp_path, saved, lacking):
    weights = {name: tensor for name, tensor in saved.model.items() if name != lacking}
    nanogpt_file(tmp_path / "ckpt.pt", saved, model=weights)
    model = checkpoint.load(tmp_path / "ckpt.pt").build_model()
    assert torch.equal(model.lm_head.weight, saved.model["lm_head.weight"])


def test_an_output_layer_of_its_own_is_refused(tmp_path, saved):
    nanogpt_file(tmp_path / "ckpt.pt", saved, model=saved.model | {"lm_head.weight": saved.model["lm_head.weight"] + 1})
    with pytest.raises(CheckpointError, match="differs from") as told:
        checkpoint.load(tmp_path / "ckpt.pt")
    assert told.value.code == "checkpoint_foreign"


def test_a_file_from_before_there_was_a_bias_setting_is_read(tmp_path, saved):
    shape = {name: value for name, value in saved.args.as_dict().items() if name not in ("bias", "dropout")}
    nanogpt_file(tmp_path / "ckpt.pt", saved, model_args=shape)
    assert checkpoint.load(tmp_path / "ckpt.pt").args == replace(saved.args, dropout=0.0)


def test_a_setting_of_the_model_that_is_not_nanogpts_is_named(tmp_path, saved):
    nanogpt_file(tmp_path / "ckpt.pt", saved, model_args=saved.args.as_dict() | {"use_rmsnorm": True})
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(tmp_path / "ckpt.pt")
    assert "use_rmsnorm" in told.value.cause


def test_a_missing_weight_is_named(tmp_path, saved):
    name = "transformer.h.0.attn.c_attn.weight"
    nanogpt_file(tmp_path / "ckpt.pt", saved, model={n: t for n, t in saved.model.items() if n != name})
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(tmp_path / "ckpt.pt").build_model()
    assert name in told.value.cause


def test_nanogpts_sign_of_no_evaluation_is_none(tmp_path, saved):
    nanogpt_file(tmp_path / "ckpt.pt", saved, best_val_loss=1e9)
    assert checkpoint.load(tmp_path / "ckpt.pt").best_val_loss is None


def test_the_tokenizer_is_the_runs_own_else_its_datasets_else_gpt2s(saved, toy_dataset):
    assert saved.load_tokenizer().decode([0, 28]) == "aü"
    of_dataset = replace(
        saved,
        tokenizer=None,
        config={"dataset": "toy"},
        args=replace(saved.args, vocab_size=toy_dataset.vocab_size),
    )
    assert of_dataset.load_tokenizer().decode(of_dataset.load_tokenizer().encode("the king")) == "the king"
    for vocab_size in (50257, 50304):
        gpt2 = replace(saved, tokenizer=None, config={}, args=replace(saved.args, vocab_size=vocab_size))
        assert gpt2.load_tokenizer().kind == "gpt2"


@pytest.mark.parametrize("tenth", range(10))
def test_a_file_cut_anywhere_is_refused(path, tenth):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * tenth // 10])
    assert refused(path) == "checkpoint_damaged"


def test_one_flipped_byte_in_any_tensor_is_found(path):
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        records = [info for info in archive.infolist() if "/data/" in info.filename and info.file_size > 64]
    assert len(records) >= 5
    for info in records[:: len(records) // 5]:
        broken = bytearray(content)
        broken[info.header_offset + 30 + len(info.filename) + info.file_size // 2 + 64] ^= 1
        path.write_bytes(broken)
        assert refused(path) == "checkpoint_damaged"


@pytest.mark.parametrize(
    "content",
    [b"", bytes(5000), b"PK\x03\x04" + bytes(300), b"To be, or not to be", pickle.dumps({"model": 1})],
    ids=["empty", "zeros", "half a zip", "text", "a pickle"],
)
def test_what_is_no_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "ckpt.pt"
    path.write_bytes(content)
    assert refused(path) in ("checkpoint_damaged", "checkpoint_foreign")


def test_a_folder_and_nothing_at_all_are_refused(tmp_path):
    assert refused(tmp_path) == "checkpoint_missing"
    assert refused(tmp_path / "none.pt") == "checkpoint_missing"


def test_a_damaged_file_names_the_runs_other_checkpoint(path):
    best = path.with_name("best.pt")
    checkpoint.keep_as(path, best)
    path.unlink()  # the two may be one file
    path.write_bytes(b"broken")
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(path)
    assert "best" in told.value.fix
    assert told.value.fixes[0].changes == {"resume_from": "best"}
    assert checkpoint.load(best).iter_num == 40


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("zipped", [True, False])
def test_opening_a_file_runs_nothing_from_it(tmp_path, saved, zipped):
    path, sprung = tmp_path / "ckpt.pt", tmp_path / "sprung"
    content = {"model": saved.model, "model_args": {}, "iter_num": 0, "config": {"x": Trap(sprung)}}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert refused(path) == "checkpoint_damaged"
    assert not sprung.exists()
    torch.load(path, weights_only=False)["config"]["x"].close()
    assert sprung.exists()  # the trap is a real one


@pytest.mark.parametrize(
    "changes",
    [
        {"model_args": None},
        {"model_args": {"n_layer": 1}},
        {"model_args": {"n_layer": 10**9}},
        {"model_args": {"n_head": 3}},
        {"model_args": {"n_embd": -16}},
        {"model_args": {"vocab_size": 2.5}},
        {"model": None},
        {"model": []},
        {"iter_num": "many"},
        {"iter_num": -4},
        {"config": None},
        {"config": 7},
        {"best_val_loss": "low"},
        {"optimizer": 5},
    ],
    ids=str,
)
def test_keys_that_hold_something_else_are_refused(tmp_path, saved, changes):
    if isinstance(shape := changes.get("model_args"), dict) and shape != {"n_layer": 1}:
        changes = {"model_args": saved.args.as_dict() | shape}
    nanogpt_file(tmp_path / "ckpt.pt", saved, **changes)
    assert refused(tmp_path / "ckpt.pt") == "checkpoint_foreign"


@pytest.mark.parametrize("content", [[1, 2], torch.ones(3), {"model": {}}], ids=["list", "tensor", "half"])
def test_other_things_of_torchs_are_refused(tmp_path, content):
    torch.save(content, tmp_path / "ckpt.pt")
    assert refused(tmp_path / "ckpt.pt") == "checkpoint_foreign"


@pytest.mark.parametrize("wrong", ["missing", "shape", "extra", "not a tensor"])
def test_weights_that_do_not_fit_are_refused(tmp_path, saved, wrong):
    weights = dict(saved.model)
    if wrong == "missing":
        del weights["transformer.wpe.weight"]
    elif wrong == "extra":
        weights["transformer.h.1.ln_1.weight"] = torch.ones(16)
    else:
        weights["transformer.wpe.weight"] = torch.ones(3, 16) if wrong == "shape" else [1.0]
    nanogpt_file(tmp_path / "ckpt.pt", saved, model=weights)
    assert refused(tmp_path / "ckpt.pt") in ("checkpoint_mismatch", "checkpoint_foreign")


def failed_save(saved, path, code="not_saved"):
    with pytest.raises(TrainingError) as told:
        checkpoint.save(saved, path)
    assert told.value.code == code
    assert path.name in told.value.message
    assert str(path.parent) in told.value.message + told.value.cause
    assert told.value.fix


def test_a_folder_that_cannot_be_written_is_told(tmp_path, saved):
    (tmp_path / "file").write_bytes(b"")
    failed_save(saved, tmp_path / "file" / "ckpt.pt")
    failed_save(saved, tmp_path / "missing" / "ckpt.pt")


def test_a_disk_that_fills_up_leaves_the_previous_checkpoint_whole(path, saved):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = path.read_bytes()
    for limit in (0, 1000, len(before) // 2, len(before) - 100):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            failed_save(replace(saved, iter_num=99), path, "disk_full")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert path.read_bytes() == before
        assert [p.name for p in path.parent.iterdir()] == ["ckpt.pt"]
    assert checkpoint.load(path).iter_num == 40


def test_the_best_stays_when_the_latest_is_written_anew(path, saved):
    best = path.with_name("best.pt")
    checkpoint.keep_as(path, best)
    checkpoint.save(replace(saved, iter_num=50), path)
    assert checkpoint.load(best).iter_num == 40
    checkpoint.keep_as(path, best)
    assert checkpoint.load(best).iter_num == 50
    assert {p.name for p in path.parent.iterdir()} == {"ckpt.pt", "best.pt"}


def test_the_best_is_copied_where_a_disk_knows_no_links(path, monkeypatch):
    def no_links(*_):
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(checkpoint.os, "link", no_links)
    best = path.with_name("best.pt")
    checkpoint.keep_as(path, best)
    assert best.read_bytes() == path.read_bytes()
    assert best.stat().st_ino != path.stat().st_ino


def test_a_best_that_cannot_be_kept_is_told(path, tmp_path):
    (tmp_path / "best.pt").mkdir()
    with pytest.raises(TrainingError) as told:
        checkpoint.keep_as(path, tmp_path / "best.pt")
    assert told.value.code == "not_saved"
    assert checkpoint.load(path).iter_num == 40


# weights and tokenizer


@pytest.mark.parametrize("wrong", [torch.inf, -torch.inf, torch.nan])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_weights_that_are_no_numbers_are_told_at_loading(path, saved, wrong, dtype):
    model = {name: tensor.to(dtype) for name, tensor in saved.model.items()}
    model["transformer.ln_f.weight"][3] = wrong
    best = path.with_name("best.pt")
    checkpoint.save(saved, best)
    checkpoint.save(replace(saved, model=model), path)
    with pytest.raises(CheckpointError, match="no numbers") as told:
        checkpoint.load(path)
    assert told.value.code == "checkpoint_broken"
    assert [fix.changes for fix in told.value.fixes] == [{"resume_from": "best"}]


def test_weights_of_16_bits_whose_sum_is_too_large_for_them_are_numbers(path, saved):
    large = {name: torch.full_like(tensor, 60_000).half() for name, tensor in saved.model.items()}
    checkpoint.save(replace(saved, model=large), path)
    assert checkpoint.load(path).iter_num == 40


@pytest.mark.parametrize(
    "tokenizer",
    [
        {"kind": "char", "chars": list("abc")},
        {"kind": "gpt2"},
        {"kind": "char", "chars": list("aa")},
        {"kind": "words"},
        {},
        "gpt2",
    ],
    ids=str,
)
def test_a_tokenizer_that_is_not_the_models_is_told_at_loading(path, saved, tokenizer):
    checkpoint.save(replace(saved, tokenizer=tokenizer), path)
    with pytest.raises(CheckpointError, match="okenizer") as told:
        checkpoint.load(path)
    assert told.value.code == "bad_tokenizer"
    assert told.value.cause


def test_what_nothing_tells_is_said_to_be_assumed(saved, toy_dataset):
    assert saved.known_tokenizer().assumed == ""
    args = replace(saved.args, vocab_size=toy_dataset.vocab_size)
    nanogpts = replace(saved, tokenizer=None, config={"dataset": "toy"}, args=args)
    assert "dataset toy" in nanogpts.known_tokenizer().assumed
    larger = replace(nanogpts, args=replace(args, vocab_size=640))
    with pytest.raises(CheckpointError, match="640 tokens") as told:
        larger.known_tokenizer()
    assert f"its dataset 'toy' has {toy_dataset.vocab_size} tokens" in told.value.cause


def test_what_a_kill_left_of_a_kept_checkpoint_is_in_nobodys_way(path):
    (path.parent / f".best.pt.{os.getpid()}.tmp").write_bytes(b"half")
    checkpoint.keep_as(path, path.parent / "best.pt")
    assert path.samefile(path.parent / "best.pt")
    assert sorted(each.name for each in path.parent.iterdir()) == ["best.pt", "ckpt.pt"]


@pytest.mark.parametrize(("iter_num", "is_read"), [(0, True), (2**63 - 1, True), (2**63, False), (-1, False)])
def test_iterations_are_counted_from_nothing_to_what_64_bits_hold(tmp_path, saved, iter_num, is_read):
    path = nanogpt_file(tmp_path / "ckpt.pt", saved, iter_num=iter_num)
    if is_read:
        assert checkpoint.load(path).iter_num == iter_num
    else:
        assert refused(path) == "checkpoint_foreign"


@pytest.mark.parametrize("seconds", [12.5, -3.0])
def test_a_run_has_trained_for_no_less_than_nothing(tmp_path, saved, seconds):
    checkpoint.save(replace(saved, seconds=seconds), tmp_path / "ckpt.pt")
    assert checkpoint.load(tmp_path / "ckpt.pt").seconds == max(0.0, seconds)


def test_a_file_that_does_not_say_when_it_was_evaluated_was_so_where_it_stands(tmp_path, saved):
    assert checkpoint.load(nanogpt_file(tmp_path / "ckpt.pt", saved, iter_num=40)).evaluated == 40


@pytest.mark.parametrize("groups", [None, (), {}, "", [1]])
def test_groups_of_parameters_are_a_list_of_dictionaries(tmp_path, saved, groups):
    path = nanogpt_file(tmp_path / "ckpt.pt", saved, optimizer={"state": {}, "param_groups": groups})
    assert refused(path) == "checkpoint_foreign"


def test_a_glance_reads_no_more_than_the_head(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1  # in a tensor
    path.write_bytes(content)
    assert checkpoint.glance(path).iter_num == 40
    assert refused(path) == "checkpoint_damaged"
    assert not checkpoint.is_whole(path)
    assert not checkpoint.is_whole(path.with_name("none.pt"))


def test_a_checkpoint_is_safe_on_the_disk_before_it_has_its_name(tmp_path, saved, monkeypatch):
    path, synced = tmp_path / "ckpt.pt", []
    monkeypatch.setattr(checkpoint.os, "fsync", lambda file: synced.append((os.fstat(file).st_ino, path.exists())))
    checkpoint.save(saved, path)
    assert synced == [(path.stat().st_ino, False), (tmp_path.stat().st_ino, True)]
    synced.clear()
    checkpoint.keep_as(path, tmp_path / "best.pt")
    assert synced == [(tmp_path.stat().st_ino, True)]
