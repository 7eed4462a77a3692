"""Former import paths: published metrics and users' extensions still find what they import, with a warning."""

from __future__ import annotations

from importlib import import_module

import pytest

from jaso_core.moved_modules import moved_paths


@pytest.mark.parametrize("former", sorted(path for path in moved_paths() if ":" not in path))
def test_a_former_module_is_still_importable(former: str) -> None:
    module, target = import_module(former), import_module(moved_paths()[former])
    names = [name for name, value in vars(target).items() if getattr(value, "__module__", "") == target.__name__]
    if names and not hasattr(target, "__path__"):
        with pytest.warns(FutureWarning, match=f"has moved to {moved_paths()[former]}"):
            assert getattr(module, names[0]) is getattr(target, names[0])


@pytest.mark.parametrize("former", sorted(path for path in moved_paths() if ":" in path))
def test_a_former_name_is_still_importable(former: str) -> None:
    module, name = former.split(":")
    new_module, new_name = moved_paths()[former].split(":")
    with pytest.warns(FutureWarning, match=f"{name} has moved to {new_module}.{new_name}"):
        assert getattr(import_module(module), name) is getattr(import_module(new_module), new_name)


def test_what_never_was_there_is_not_found() -> None:
    with pytest.raises(ImportError):
        from jaso_core.stage import Nothing  # type: ignore[attr-defined]  # noqa: F401
    with pytest.raises(ModuleNotFoundError):
        import_module("jaso_core.no_such_module")
