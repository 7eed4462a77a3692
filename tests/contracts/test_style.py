"""What can be held of docs/style.md: names of modules, first lines of docstrings, and a name that says nothing.

`LONG_FIRST_LINES` is what is left of the time before the rule. Its numbers may only shrink: a file that is mended
loses its line there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from support import ROOT

PACKAGES = ("api", "core", "crawl", "evaluate", "pipeline", "preprocess", "synthetic", "train")
FILES = sorted(str(path.relative_to(ROOT)) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
WIDEST = 80
"""Columns of a docstring's first line."""
BANNED = {
    "door", "former", "harvest", "likeness", "look", "manners", "near", "obtain", "order", "pace", "say", "settling",
    "shelf", "verbs", "world",
}  # fmt: skip
"""Names of modules that do not tell what is in them; style.md has the words to take."""
LONG_FIRST_LINES = {
    "crawl/jaso_crawl/sites/eduss/source.py": 1,
    "crawl/jaso_crawl/sources/aihub_interview.py": 1,
    "crawl/jaso_crawl/sources/csv_file.py": 1,
    "crawl/jaso_crawl/sources/sample.py": 1,
}
"""By file, how many docstrings begin with a longer line. Texts of registered components (`jaso list`) count too."""


def first_lines(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line number and first line of every docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node.body[0].lineno, text.splitlines()[0]


def bindings(tree: ast.Module, name: str) -> list[int]:
    """Lines that bind a name, but for fields of a class, which are keys of JSON."""
    fields = {
        id(line.target)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for line in node.body
        if isinstance(line, ast.AnnAssign)
    }
    lines = []
    for node in ast.walk(tree):
        stored = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name
        argument = isinstance(node, ast.arg) and node.arg == name
        defined = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name
        imported = isinstance(node, ast.alias) and (node.asname or node.name) == name
        if (stored or argument or defined or imported) and id(node) not in fields:
            lines.append(getattr(node, "lineno", 0))
    return lines


@cache
def parsed(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def test_every_package_is_looked_at() -> None:
    assert {file.split("/")[0] for file in FILES} == set(PACKAGES)


def test_a_module_has_the_name_of_its_concept() -> None:
    modules = {part.removesuffix(".py") for file in FILES for part in Path(file).parts}
    assert modules & BANNED == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_first_line_of_a_docstring_is_short(package: str) -> None:
    for file in (file for file in FILES if file.startswith(f"{package}/")):
        long = [f"{file}:{number}: {line}" for number, line in first_lines(parsed(file)) if len(line) > WIDEST]
        assert len(long) <= LONG_FIRST_LINES.get(file, 0), "\n".join(long)


def test_only_files_that_exist_are_excused() -> None:
    assert set(LONG_FIRST_LINES) <= set(FILES)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_value_is_called_found(package: str) -> None:
    files = (file for file in FILES if file.startswith(f"{package}/"))
    assert [f"{file}:{line}" for file in files for line in bindings(parsed(file), "found")] == []


def test_the_checks_see_what_they_look_for() -> None:
    tree = ast.parse(
        'def f(found):\n    "' + "x" * 81 + '"\n    for found in x:\n        pass\n\n\n'
        "class A:\n    found: int\n\n\nif (found := 1):\n    import a as found\n"
    )
    assert sorted(bindings(tree, "found")) == [1, 3, 11, 12]
    assert [(number, len(line)) for number, line in first_lines(tree)] == [(2, 81)]
