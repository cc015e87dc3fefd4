import pytest

from engine.cli.config_file import read_config_file
from engine.core.errors import SettingError
from tests.engine.cli.hands import TOY, config_of, json_lines

WITHOUT_EFFECT = {"wandb_log": "", "wandb_run_name": ""}
LIKE_NANOGPTS = '''
# train a miniature character-level model
"""Good for debugging."""
import time

out_dir = 'out-char'
eval_interval = 250 # keep frequent
wandb_log = False # override
wandb_run_name = 'mini-' + str(time.time())
dataset = 'shakespeare_char'
gradient_accumulation_steps = 5 * 8
batch_size = 64
n_layer = 6
learning_rate = 1e-3
max_iters = 5000
lr_decay_iters = max_iters # make equal to max_iters usually
min_lr = learning_rate / 10
beta2 = 0.99
dropout = 0
compile = False
'''


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Return a function that writes a configuration file; gives its name where one stands."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()

    def write(text):
        (tmp_path / "config" / "x.py").write_text(text, "utf-8")
        return "config/x.py"

    return write


def test_plain_assignments_are_read(written):
    settings = read_config_file(written(LIKE_NANOGPTS), WITHOUT_EFFECT)
    assert settings == {
        "out_dir": "out-char",
        "eval_interval": 250,
        "dataset": "shakespeare_char",
        "gradient_accumulation_steps": 40,
        "batch_size": 64,
        "n_layer": 6,
        "learning_rate": 1e-3,
        "max_iters": 5000,
        "lr_decay_iters": 5000,
        "min_lr": 1e-4,
        "beta2": 0.99,
        "dropout": 0.0,
        "compile": False,
    }


def test_a_flag_goes_over_the_file_and_the_file_over_a_preset(written):
    name = written("n_layer = 3\nbatch_size = 12\nweight_decay = -0.0")
    config = config_of(f"{name} --preset=tiny --batch_size=5")
    assert (config.n_layer, config.batch_size, config.n_embd) == (3, 5, 128)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("n_layer = input()", "n_layer = input()"),
        ("n_layer = 9 ** 9", "n_layer = 9 ** 9"),
        ("n_layer = 'a' * 10", "n_layer = 'a' * 10"),
        ("n_layer = 1 // 0", "n_layer = 1 // 0"),
        ("n_layer = later", "n_layer = later"),
        ("if True:\n    n_layer = 3", "'if True:'"),
        ("def f(): pass", "'def f():"),
        ("open('evil', 'w')", "open('evil', 'w')"),
        ("n_layr = 3", "Did you mean n_layer?"),
        ("n_layer = 'two'", "must be a whole number"),
        ("n_layer = 2.5", "must be a whole number"),
        ("n_layer =", "is no Python"),
        ("n_layer = 3\0", "is no Python"),
        ("n_layer = " + "-" * 5000 + "3", "is no P"),
    ],
)
def test_what_would_have_to_be_run_is_refused_by_its_line(written, tmp_path, line, says):
    with pytest.raises(SettingError) as refused:
        read_config_file(written(f"batch_size = 2\n{line}\n"), {})
    assert says in refused.value.message
    assert "config/x.py" in refused.value.message
    assert refused.value.fix
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("place", ["nowhere.py", "/dev/zero.py", "folder.py"])
def test_a_file_that_is_none_is_told(tmp_path, monkeypatch, place, engine):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.py").mkdir()
    code, _, errors = engine("train", place)
    assert code == 2
    assert f"The configuration file {place} cannot be read." in errors


@pytest.mark.usefixtures("toy_dataset")
def test_a_run_is_made_of_a_file(written, engine):
    name = written("dataset = 'toy'\nmax_iters = 2\nout_dir = 'made'\n")
    code, out, _ = engine("train", name, *TOY[1:], "--json")
    rows = json_lines(out)
    assert code == 0
    assert (rows[0]["max_iters"], rows[0]["run_dir"].rsplit("/", 1)[1]) == (2, "made")


def test_one_file_is_read_wherever_it_stands_and_no_other_word(written, engine):
    name = written("n_layer = 3")
    assert config_of(f"--n_head=2 {name}").n_layer == 3
    for words in (("estimate", name, "other.py"), ("sample", name), ("train", "toy")):
        code, _, errors = engine(*words)
        assert (code, f"Nothing is expected at '{words[-1]}'" in errors) == (2, True)
