"""Privates of other libraries are used in core/compat only, where a test checks what each use does."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from support import ROOT

FILES = sorted(
    str(path.relative_to(ROOT))
    for package in ("api", "core", "crawl", "evaluate", "pipeline", "preprocess", "synthetic", "train")
    for path in (ROOT / package).rglob("*.py")
)
COMPAT = "core/jaso_core/compat/"
DOCUMENTED = {"_asdict", "_exit", "_fields", "_replace"}
"""Of named tuples, and `os._exit`: public in spite of their names."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def private_uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of every private attribute that is read, set or asked for by name (`getattr`)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("attr"):
            for name in node.args[1:2]:
                if isinstance(name, ast.Constant) and isinstance(name.value, str) and is_private(name.value):
                    yield node.lineno, name.value


def own_privates(tree: ast.Module) -> Iterator[str]:
    """Private names that a module defines: functions, classes, variables, attributes of `self`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        ):
            yield node.attr


def test_privates_of_libraries_are_in_compat_only() -> None:
    assert len(FILES) > 100
    trees = {
        file: ast.parse((ROOT / file).read_text(encoding="utf-8")) for file in FILES if not file.startswith(COMPAT)
    }
    own = {name for tree in trees.values() for name in own_privates(tree)} | DOCUMENTED
    uses = [
        f"{file}:{line}: {name}" for file, tree in trees.items() for line, name in private_uses(tree) if name not in own
    ]
    assert uses == [], "take the public API, or a function in core/jaso_core/compat with a test of what it does"


def test_the_check_sees_what_it_looks_for() -> None:
    tree = ast.parse(
        "import lib\n\n\nclass A(lib.B):\n    def f(self):\n        self._own = lib._read\n        lib.C._set = 1\n"
        "        return self._own, getattr(lib, '_named', ()), self._inherited, self.__class__\n"
    )
    own = set(own_privates(tree))
    assert sorted(name for _, name in private_uses(tree) if name not in own) == [
        "_inherited",
        "_named",
        "_read",
        "_set",
    ]
