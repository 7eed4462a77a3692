"""Deprecated import paths: moved modules and names are found under former paths.

`moved_modules.txt` lists them, a line each: `former.module new.module`, or `former.module:Name new.module:Name`.
Published metrics and users' extensions import the former paths; each use warns with the new one.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any


@cache
def moved_paths() -> dict[str, str]:
    """Return {former path: new path}; a path with a colon is a name inside a module."""
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    return dict(line.split() for line in text.splitlines() if line and not line.startswith("#"))


def former_names(module: str) -> Callable[[str], Any]:
    """Return a `__getattr__` for `module` that resolves names which have moved.

    It warns (FutureWarning) with the new path.
    """

    def getattr_moved(name: str) -> Any:
        if name.startswith("__") or _is_submodule(module, name):  # `from package import module` looks here first
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        target = moved_paths().get(f"{module}:{name}")
        if target is None and module in moved_paths():
            target = f"{moved_paths()[module]}:{name}"
        if target is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        new_module, _, new_name = target.partition(":")
        try:
            value = getattr(import_module(new_module), new_name)
        except AttributeError:
            raise AttributeError(f"module {module!r} has no attribute {name!r}") from None
        warnings.warn(f"{module}.{name} has moved to {new_module}.{new_name}", FutureWarning, stacklevel=2)
        return value

    return getattr_moved


def _is_submodule(package: str, name: str) -> bool:
    path = vars(sys.modules[package]).get("__path__")
    spec = PathFinder.find_spec(f"{package}.{name}", path) if path else None
    return spec is not None and spec.origin is not None


class _MovedModules(MetaPathFinder, Loader):
    """Import hook for former module paths that no real module has taken.

    First in `sys.meta_path`: a folder with nothing but bytecode would otherwise be imported as a namespace package.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith("jaso_") or fullname not in moved_paths():
            return None
        real = PathFinder.find_spec(fullname, path)
        if real is not None and real.origin is not None:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__getattr__"] = former_names(module.__name__)


def install() -> None:
    """Install the import hook for former module paths."""
    if not any(isinstance(finder, _MovedModules) for finder in sys.meta_path):
        sys.meta_path.insert(0, _MovedModules())
