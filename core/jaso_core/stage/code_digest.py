"""Code digest: a hash over source modules, part of a request.

Other code may give another result for the same settings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.stage.manifest import read_manifest
from jaso_core.stage.own_files import STATE


def code_digest(modules: Iterable[str], files: Iterable[Path] = ()) -> str:
    """Return the first 12 digits of a SHA-256 over the sources of modules and `files`.

    Modules are given by dotted names; a package includes all modules below it. ModuleNotFoundError for a name that is
    none: a module that has moved must not drop out of the digest in silence.
    """
    sources = {source for name in modules for source in _sources(name)} | set(files)
    sha = hashlib.sha256()
    for source in sorted(sources):
        sha.update(source.read_bytes())
    return sha.hexdigest()[:12]


def _sources(name: str) -> list[Path]:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no module named {name!r}", name=name)
    folders = spec.submodule_search_locations or ()
    return [Path(spec.origin), *(file for folder in folders for file in Path(folder).rglob("*.py"))]


def equal_code(out: Path, key: str, current: str, equal: frozenset[str]) -> str:
    """Return the code digest to request for the folder `out`.

    It is `current`, or the one that the folder's request holds under `key` if that is in `equal`: digests of former
    code that gave the same bytes, as after a rename. What such code wrote need not be written again.
    """
    try:
        finished, state = read_manifest(out), out / STATE / "request.json"
        request = finished.request if finished else read_json(state)["request"] if state.is_file() else {}
        former = request.get(key)
        return former if former in equal else current
    except (RequestError, LookupError, TypeError, AttributeError):  # a damaged folder; the stage reports it
        return current
