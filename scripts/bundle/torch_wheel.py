"""Whether a wheel of torch has a name: looked up in its Python files, its stubs, and the texts of its libraries."""

from __future__ import annotations

import ast
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

CPU, PYTHON = "torch/lib/libtorch_cpu.dylib", "torch/lib/libtorch_python.dylib"
"""Of a Mac's wheel: the operators, and what is made known to Python."""

_ALSO_IN = {
    "torch": ("torch/_C/_VariableFunctions.pyi", "torch/_C/__init__.pyi"),
    "torch.Tensor": ("torch/_tensor.py", "torch/_C/__init__.pyi"),
    "torch.nn.functional": ("torch/nn/functional.pyi", "torch/_C/_nn.pyi"),
}
"""Files that define a module's or a class's names beside its own."""


class TorchWheel:
    """A wheel of torch for a Mac."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self._files = frozenset(self._archive.namelist())
        self._names: dict[str, frozenset[str]] = {}

    def where(self, name: str) -> str | None:
        """Return where a dotted name was found, or None where the wheel lacks it."""
        parts = name.split(".")
        if parts[:2] == ["torch", "ops"]:
            return self._where_operator(*parts[2:4])
        if parts[:2] == ["torch", "_C"]:
            return self._where_text(parts[2], PYTHON) if len(parts) > 2 else PYTHON
        return self._where_attribute("torch", parts[1:])

    def _where_operator(self, namespace: str = "", operator: str = "") -> str | None:
        """Find an operator, or any of a namespace, by the text it is registered under."""
        if not namespace:
            return "torch/_ops.py"
        return self._where_text(f"{namespace}::{operator}", CPU, whole=bool(operator))

    def _where_text(self, text: str, library: str, whole: bool = True) -> str | None:
        found = _stands_in(self._libraries[library], text.encode(), b"\0(." if whole else b"")
        return f"a text in {library}" if found else None

    @cached_property
    def _libraries(self) -> dict[str, bytes]:
        return {library: self._archive.read(library) for library in (CPU, PYTHON)}

    def _where_attribute(self, module: str, parts: list[str]) -> str | None:
        """Find an attribute in the files of a module, and what is asked of it in those of its own or its class."""
        if not parts:
            return self._file_of(module)
        inner = f"{module}.{parts[0]}"
        if self._file_of(inner):
            return self._where_attribute(inner, parts[1:])
        own = self._file_of(module)
        for file in (*([own] if own else []), *_ALSO_IN.get(module, ())):
            if parts[0] in self._defined(file):
                return self._where_member(inner, file, parts[1:]) if parts[1:] else self._found_in(file, parts[0])
        return None

    def _where_member(self, owner: str, file: str, parts: list[str]) -> str | None:
        """Find what is asked of a class or an object by its name in the files that define it."""
        named = re.compile(rf"\b{re.escape(parts[0])}\b")
        files = _ALSO_IN.get(owner, (file,))
        return next((self._found_in(each, parts[0]) for each in files if named.search(self._text(each))), None)

    def _found_in(self, file: str, name: str) -> str | None:
        """Return where a name was found; a stub promises what the library has to hold."""
        if not file.endswith(".pyi"):
            return file
        text = self._where_text(name, PYTHON) or self._where_text(name, CPU)
        return f"{file} and {text}" if text else None

    def _file_of(self, module: str) -> str | None:
        path = module.replace(".", "/")
        return next(
            (file for file in (f"{path}/__init__.py", f"{path}.py", f"{path}.pyi") if file in self._files), None
        )

    def _text(self, file: str) -> str:
        return self._archive.read(file).decode("utf-8")

    def _defined(self, file: str) -> frozenset[str]:
        """Return the names that a file gives, those inside of its functions and classes left out."""
        if file not in self._names:
            self._names[file] = frozenset()  # what imports all of each other ends here
            body = ast.parse(self._text(file)).body if file in self._files else []
            self._names[file] = frozenset(name for node in _statements(body) for name in self._given(node, file))
        return self._names[file]

    def _given(self, node: ast.AST, file: str) -> Iterable[str]:
        """Return the names that a statement of a file gives."""
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            source = self._file_of(_imported(node, file))
            return self._defined(source) if source and not source.endswith(".pyi") else ()
        return _given(node)


def _imported(node: ast.ImportFrom, file: str) -> str:
    """Return the module that a statement of a file imports from."""
    folders = file.split("/")[: -node.level] if node.level else []
    return ".".join([*folders, *([node.module] if node.module else [])])


def _stands_in(content: bytes, text: bytes, followed_by: bytes) -> bool:
    """Return whether a text stands in a library, not as a part of a longer word."""
    at = content.find(text)
    while at >= 0:
        before, after = content[at - 1 : at], content[at + len(text) : at + len(text) + 1]
        if not (before.isalnum() or before in (b"_", b":")) and (not followed_by or after in followed_by):
            return True
        at = content.find(text, at + 1)
    return False


def _statements(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield statements and those that they hold, but for functions and classes."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from _statements(list(ast.iter_child_nodes(node)))


def _given(node: ast.AST) -> list[str]:
    """Return the names that a statement gives."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [each.asname or each.name for each in node.names]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []
