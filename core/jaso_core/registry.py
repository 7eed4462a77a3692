"""Registry of pluggable components: sources, cleaning steps, prompts, metrics …

A component is one Python file in the group's package (or in an extension folder) and one YAML of the same name in
configs/<group>/. The YAML's keys are the fields of the dataclass that the file registers as its options.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from jaso_core.config import to_settings
from jaso_core.errors import RequestError, did_you_mean

T = TypeVar("T")

EXTENSIONS_VARIABLE = "JASO_EXTENSIONS"


@dataclass(frozen=True)
class NoOptions:
    """Options of a component that has none."""


@dataclass(frozen=True)
class Entry(Generic[T]):
    """A registered component: `make` is called with an instance of `options`."""

    name: str
    make: Callable[[Any], T]
    options: type
    doc: str
    file: Path
    line: int


class Registry(Generic[T]):
    """Components of one config group, by name.

    All modules of the packages are imported at the first look-up.
    """

    def __init__(self, group: str, *packages: str) -> None:
        self.group = group
        self.packages = packages
        self._entries: dict[str, Entry[T]] = {}
        self._loaded_for: str | None = None

    def register(self, name: str, options: type = NoOptions) -> Callable[[Callable[[Any], T]], Callable[[Any], T]]:
        """Return a decorator that registers a factory under `name`.

        The decorated class or function takes an instance of `options` and returns the component.
        """

        def add(make: Callable[[Any], T]) -> Callable[[Any], T]:
            file = Path(inspect.getsourcefile(make) or "?")
            existing = self._entries.get(name)
            if existing is not None and existing.file.resolve() != file.resolve():
                raise RequestError(f"{self.group} '{name}' is defined twice: {existing.file} and {file}", "rename one")
            line = inspect.getsourcelines(make)[1]
            self._entries[name] = Entry(name, make, options, inspect.getdoc(make) or "", file, line)
            return make

        return add

    def names(self) -> list[str]:
        """Return all names, sorted."""
        self._load()
        return sorted(self._entries)

    def get(self, name: str) -> Entry[T]:
        """Return the entry of a name. RequestError with a suggestion for an unknown name."""
        self._load()
        if name not in self._entries:
            raise RequestError(f"{self.group} '{name}' is unknown", did_you_mean(name, self.names()))
        return self._entries[name]

    def build(self, node: Mapping[str, Any], where: str) -> T:
        """Build the component of a config node: {"name": …, option: value, …}.

        `where` is the node's key, for messages.
        """
        entry = self.get(str(node.get("name")))
        options: Any = to_settings({k: v for k, v in node.items() if k != "name"}, entry.options, where)
        return entry.make(options)

    def _load(self) -> None:
        extensions = os.environ.get(EXTENSIONS_VARIABLE, "")
        if self._loaded_for == extensions:
            return
        for name in self.packages:
            package = importlib.import_module(name)
            for module in pkgutil.walk_packages(package.__path__, f"{name}."):
                importlib.import_module(module.name)
        for folder in extension_folders():
            for file in sorted((folder / self.group).glob("*.py")):
                _import_file(f"jaso_extension_{self.group}_{file.stem}", file)
        self._loaded_for = extensions


def extension_folders() -> list[Path]:
    """Return the folders in $JASO_EXTENSIONS, which is separated like $PATH.

    A folder holds <group>/*.py and configs/<group>/*.yaml. RequestError when one does not exist.
    """
    folders = [Path(part).resolve() for part in os.environ.get(EXTENSIONS_VARIABLE, "").split(os.pathsep) if part]
    for folder in folders:
        if not folder.is_dir():
            raise RequestError(f"{EXTENSIONS_VARIABLE}: {folder}: no such folder", "mend or unset the variable")
    return folders


def _import_file(name: str, file: Path) -> None:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RequestError(f"{file}: cannot be imported", "it must be a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except RequestError:
        raise
    except Exception as error:
        line = error.lineno if isinstance(error, SyntaxError) else traceback.extract_tb(error.__traceback__)[-1].lineno
        raise RequestError(f"{file}:{line}: {type(error).__name__}: {error}", "mend the extension") from error
