import torch

from engine.exports import nanogpt
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.training.trainer import Trainer


def test_nanogpts_checkpoint_has_its_keys_and_none_of_ours(tmp_path, checkpoint_of, tokenizer_of, exported):
    source = checkpoint_of("char")
    exported(source, "nanogpt", tmp_path / "out")
    content = torch.load(tmp_path / "out" / "ckpt.pt", weights_only=True)
    assert list(content) == ["model", "optimizer", "model_args", "iter_num", "best_val_loss", "config"]
    assert content["config"]["dataset"] == "toy"
    assert "patience" not in content["config"]
    saved = checkpoint.load(source)
    assert all(torch.equal(content["model"][name], saved.model[name]) for name in saved.model)
    assert (tmp_path / "out" / "meta.pkl").exists()


def test_nanogpts_settings_are_typed_as_its_configurator_demands(tmp_path, checkpoint_of):
    content = nanogpt.content(checkpoint.load(checkpoint_of("char")))
    assert type(content["config"]["dropout"]) is float
    assert type(content["config"]["grad_clip"]) is float


def test_nanogpt_goes_on_with_adamw_where_a_run_was_trained_with_muon(tmp_path, toy_config):
    config = toy_config(optimizer="muon")
    for _ in Trainer(config).run():
        pass
    saved = checkpoint.load(RunFolder(config.out_dir).checkpoint)
    assert saved.optimizer["momentum"]
    content = nanogpt.content(saved)
    assert list(content["optimizer"]) == ["state", "param_groups"]
    model = saved.build_model()
    parameters = list(model.parameters())
    groups = [[p for p in parameters if p.dim() >= 2], [p for p in parameters if p.dim() < 2]]
    optimizer = torch.optim.AdamW([{"params": group} for group in groups], lr=1e-3)
    optimizer.load_state_dict(content["optimizer"])
    model(torch.arange(8)[None], torch.arange(8)[None]).backward()
    optimizer.step()
    assert {p.shape for p in optimizer.state} == {p.shape for p in parameters}
