"""What engine/ asks torch for is in a Mac's torch: the file that says so, and how it is made."""

import zipfile
from pathlib import Path

import pytest

from scripts.bundle.recipe import ROOT
from scripts.bundle.torch_names import asked_by, problems_of_code, problems_of_file, recorded, torch_pin
from scripts.bundle.torch_wheel import CPU, PYTHON, TorchWheel


@pytest.fixture(scope="module")
def asked():
    return asked_by(ROOT / "engine")


def test_a_mac_has_all_that_the_engine_takes_for_granted(asked):
    assert problems_of_code(asked, recorded()) == []


def test_the_file_is_of_the_locked_version():
    assert f'"{torch_pin()}"' in ROOT.joinpath("scripts", "bundle", "mac_torch.json").read_text("utf-8")


def test_the_file_knows_what_a_mac_lacks_and_what_it_has():
    names = recorded()
    assert names["torch.ops.mkldnn"] is None
    assert "libtorch_cpu" in names["torch.ops.aten.gelu_backward"]
    assert "libtorch_python" in names["torch._fused_adamw_"]
    assert names["torch.mps.synchronize"] == "torch/mps/__init__.py"


# -- what is asked for -----------------------------------------------------------------------------------------------


@pytest.fixture
def asks(tmp_path):
    """Return what a module of some source asks for."""

    def ask(source, name="planted.py"):
        tmp_path.joinpath(name).write_text(source, "utf-8")
        return asked_by(tmp_path)

    return ask


PLANTED = {
    "import torch\nlinear = torch.ops.mkldnn._linear_pointwise.default\n": "torch.ops.mkldnn._linear_pointwise.default",
    "import torch\noperators = torch.ops.mkldnn\noperators._linear_pointwise()\n": "torch.ops.mkldnn._linear_pointwise",
    "import torch\nlinear = getattr(torch.ops.mkldnn, '_linear_pointwise')\n": "torch.ops.mkldnn._linear_pointwise",
    "from torch import ops\nlinear = ops.mkldnn._linear_pointwise\n": "torch.ops.mkldnn._linear_pointwise",
    "import torch\ndef f():\n    return torch._C._never_heard_of()\n": "torch._C._never_heard_of",
    "from torch._C import _never_heard_of\n": "torch._C._never_heard_of",
    "import torch.backends.mkl as mkl\nmkl.never_heard_of\n": "torch.backends.mkl.never_heard_of",
    "from torch.nn import functional as F\nF.never_heard_of(1)\n": "torch.nn.functional.never_heard_of",
}


@pytest.mark.parametrize(("source", "name"), PLANTED.items())
def test_a_name_that_is_planted_is_a_problem(asks, asked, source, name):
    found = asks(source)
    assert name in found
    assert any(name in line for line in problems_of_code({**asked, **found}, recorded()))


def test_a_method_of_a_tensor_is_asked_for_where_torch_is(asks):
    assert asks("import torch\nx.addmm_(y)\nx.no_method_of_tensors()\n") == {"torch.Tensor.addmm_": ["planted.py"]}
    assert asks("import numpy\nx.addmm_(y)\n") == {}


def test_one_module_may_ask_whether_there_is_what_a_mac_lacks(asks):
    names = {"torch.ops.mkldnn.f": None}
    source = "import torch\ntorch.ops.mkldnn.f\n"
    assert problems_of_code(asks(source, "abilities.py"), names) == []
    (told,) = problems_of_code(asks(source, "packing.py"), names)
    assert "packing.py is not in the Mac's torch" in told


def test_a_name_that_nobody_asks_for_any_more_is_a_problem():
    (told,) = problems_of_code({}, {"torch.mm": "torch/__init__.py"})
    assert told.startswith("torch.mm is asked for no more")


# -- what a wheel has ------------------------------------------------------------------------------------------------

FILES = {
    "torch/__init__.py": "from torch.functional import *\nfrom torch._tensor import Tensor\n",
    "torch/functional.py": "def split(): ...\n",
    "torch/_tensor.py": "class Tensor:\n    def norm(self): ...\n",
    "torch/_C/__init__.pyi": "class TensorBase:\n    def addmm_(): ...\n    def promised(): ...\nfloat32: dtype\n",
    "torch/_C/_VariableFunctions.pyi": "def mm(): ...\ndef only_promised(): ...\n",
    "torch/backends/__init__.py": "",
    "torch/backends/mkl/__init__.py": "if True:\n    def is_available(): ...\n",
    "torch/cuda/__init__.py": "from .memory import *\n",
    "torch/cuda/memory.py": "def empty_cache(): ...\n",
    CPU: b"\0aten::mm\0float32\0aten::mm_backward(Tensor a)\0at::native::mkldnn::f\0",
    PYTHON: b"\0mm\0addmm_\0_mps_emptyCache\0",
}


@pytest.fixture
def wheel(tmp_path):
    path = tmp_path / "torch.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    return TorchWheel(path)


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("torch.ops.aten.mm", CPU),
        ("torch.ops.aten.mm_backward.default", CPU),
        ("torch.ops.aten.mm_", None),
        ("torch.ops.mkldnn", None),
        ("torch.ops.mkldnn.f", None),
        ("torch.mm", PYTHON),
        ("torch.only_promised", None),
        ("torch.float32", CPU),
        ("torch.split", "torch/__init__.py"),
        ("torch.cuda.empty_cache", "torch/cuda/__init__.py"),
        ("torch.is_available", None),
        ("torch.backends.mkl.is_available", "torch/backends/mkl/__init__.py"),
        ("torch.backends.mkl", "torch/backends/mkl/__init__.py"),
        ("torch.Tensor.norm", "torch/_tensor.py"),
        ("torch.Tensor.addmm_", PYTHON),
        ("torch.Tensor.promised", None),
        ("torch._C._mps_emptyCache", PYTHON),
        ("torch._C._mps_empty", None),
    ],
)
def test_a_name_is_found_where_it_is_and_nowhere_else(wheel, name, where):
    found = wheel.where(name)
    assert found is None if where is None else found.endswith(where)


def test_a_wheel_that_has_something_else_than_the_file_says_is_a_problem(wheel):
    (told,) = problems_of_file(wheel, {"torch.split": "torch/__init__.py", "torch.ops.aten.gone": CPU})
    assert told.startswith("torch.ops.aten.gone in the Mac's torch: nowhere")
    assert Path(CPU).name in told
