"""What a package asks torch for: every name of torch in its source, read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

Places = dict[str, list[str]]
"""Dotted names, as "torch.ops.aten.gelu_backward", with the files that use them."""


def names_in(package: Path, tensor_attributes: frozenset[str]) -> Places:
    """Return the names of torch that the files of a package use.

    What is asked of a value counts as a method of torch.Tensor where that has one of the name: more than is meant, and
    nothing is missed.
    """
    found: Places = {}
    for path in sorted(package.rglob("*.py")):
        for name in set(_names(ast.parse(path.read_text("utf-8")), tensor_attributes)):
            found.setdefault(name, []).append(path.relative_to(package).as_posix())
    return found


def _names(module: ast.Module, tensor_attributes: frozenset[str]) -> Iterator[str]:
    roots = _imports(module)
    yield from (name for name in roots.values() if "." in name)
    _add_aliases(module, roots)
    if not roots:
        return
    parts = {node.value for node in ast.walk(module) if isinstance(node, ast.Attribute)}
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node not in parts and (dotted := _dotted(node, roots)):
            yield dotted
        if isinstance(node, ast.Call):
            yield from _called(node, roots, tensor_attributes)


def _called(call: ast.Call, roots: dict[str, str], tensor_attributes: frozenset[str]) -> Iterator[str]:
    """Yield what a call asks of a value that may be a tensor, or of torch by a text."""
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr in tensor_attributes and not _dotted(function, roots):
        yield f"torch.Tensor.{function.attr}"
    if isinstance(function, ast.Name) and function.id in ("getattr", "hasattr") and len(call.args) > 1:
        of, text = call.args[:2]
        dotted = _dotted(of, roots)
        if dotted and isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield f"{dotted}.{text.value}"


def _imports(module: ast.Module) -> dict[str, str]:
    """Return what names of torch are called in a module."""
    roots = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for each in node.names:
                if each.name.split(".")[0] == "torch":
                    roots[each.asname or "torch"] = each.name if each.asname else "torch"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "torch":
            roots |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return roots


def _add_aliases(module: ast.Module, roots: dict[str, str]) -> None:
    """Add what a module calls by a name of its own: `operators = torch.ops.aten`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
            dotted = _dotted(node.value, roots)
            targets = [target.id for target in node.targets if isinstance(target, ast.Name)]
            roots.update({target: dotted for target in targets if dotted})


def _dotted(node: ast.expr, roots: dict[str, str]) -> str:
    """Return the whole name of a chain that begins with torch, or nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in roots:
        return ""
    return ".".join([roots[node.id], *parts])
