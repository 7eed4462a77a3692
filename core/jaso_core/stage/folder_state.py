"""State of a stage folder: complete, out of date, changed or broken off."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_core.io.files import sha256_file
from jaso_core.stage.manifest import Manifest, find_damage, read_manifest

_DIGITS = 12  # of a digest: enough to differ
_MAX_REASONS = 3


class FolderStates:
    """States of stage folders; every byte is read once."""

    def __init__(self) -> None:
        self._damage: dict[Path, list[str]] = {}
        self._digests: dict[Path, str | None] = {}
        self._outdated: dict[Path, list[str]] = {}

    def describe(self, folder: Path) -> str:
        """Return the state in a line, with what has changed."""
        try:
            manifest = read_manifest(folder)
        except RequestError:
            return "its manifest.json is not jaso's"
        if manifest is None:
            return "broken off; the same command continues it"
        damage = self._find_damage(folder, manifest)
        if damage:
            return f"{manifest.stage}, changed since it was made ({'; '.join(damage[:_MAX_REASONS])})"
        reasons = self.outdated(folder, manifest)
        if reasons:
            return f"{manifest.stage}, out of date ({'; '.join(reasons[:_MAX_REASONS])}); {_cure(manifest.stage)}"
        missing = [entry["path"] for entry in manifest.inputs.values() if not existing_paths(folder, entry["path"])]
        gone = f"; gone: {', '.join(missing[:_MAX_REASONS])}" if missing else ""
        return f"{manifest.stage}, complete{_contents(manifest)}{gone}"

    def outdated(self, folder: Path, manifest: Manifest) -> list[str]:
        """Return a line for each input that is no longer what the folder was made from.

        An input that was removed or cannot be found is none: nothing contradicts the folder.
        """
        key = folder.resolve()
        if key not in self._outdated:
            self._outdated[key] = []  # ends a circle of inputs
            self._outdated[key] = [
                f"{name} {entry['path']} {reason}"
                for name, entry in manifest.inputs.items()
                if (reason := self._input_change(folder, entry)) is not None
            ]
        return self._outdated[key]

    def _input_change(self, folder: Path, entry: Mapping[str, str]) -> str | None:
        paths = existing_paths(folder, entry["path"])
        if not paths:
            return None
        equal = [path for path in paths if self._digest(path) == entry["sha256"]]
        if equal:
            return self._change_inside(equal[0])
        digest = self._digest(paths[0])
        if digest is None:
            return "is not complete"
        return f"has changed: {entry['sha256'][:_DIGITS]} → {digest[:_DIGITS]}"

    def _change_inside(self, path: Path) -> str | None:
        """Return what is wrong with an input whose manifest is the one that was read."""
        manifest = read_manifest(path) if path.is_dir() else None
        if manifest is None:
            return None
        damage = self._find_damage(path, manifest)
        if damage:
            return f"was changed ({damage[0]})"
        return "is out of date" if self.outdated(path, manifest) else None

    def _digest(self, path: Path) -> str | None:
        """Return the digest of a file or complete folder, as a fingerprint has it."""
        key = path.resolve()
        if key not in self._digests:
            if key.is_relative_to("/proc") or key.is_relative_to("/sys"):
                self._digests[key] = None  # "files" that never end, such as /proc/kmsg, which a stranger may name
            elif path.is_file():
                self._digests[key] = sha256_file(path)
            else:
                manifest = _read_or_none(path)
                self._digests[key] = None if manifest is None else manifest.content_hash()
        return self._digests[key]

    def _find_damage(self, folder: Path, manifest: Manifest) -> list[str]:
        key = folder.resolve()
        if key not in self._damage:
            self._damage[key] = find_damage(folder, manifest, deep=True)
        return self._damage[key]


def existing_paths(folder: Path, path: str) -> list[Path]:
    """Return the existing paths that an input's path may mean, the likeliest first.

    A relative one was typed in a folder that no manifest names. It is likely above the output: to
    /a/runs/x/train, "runs/x/preprocess" is /a/runs/x/preprocess, from wherever the state is asked for.
    """
    if Path(path).is_absolute():
        return [Path(path)] if _exists(Path(path)) else []
    return [base / path for base in (*folder.resolve().parents, Path.cwd()) if _exists(base / path)]


def _exists(path: Path) -> bool:
    """Return whether a path exists; False where that may not be asked."""
    try:
        return path.exists()
    except OSError:  # too long a name, a folder without permission
        return False


def _read_or_none(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except RequestError:
        return None


def _cure(stage: str) -> str:
    return "the same command makes it again" + (", with again=true" if stage == "train" else "")


def _contents(manifest: Manifest) -> str:
    parts = [f"{name} {entry.rows:,}" for name, entry in manifest.files.items() if entry.rows is not None]
    if manifest.stage == "crawl" and manifest.counts.get("forgotten"):
        parts.append(f"forgotten {manifest.counts['forgotten']:,}")
    return f" ({', '.join(parts)})" if parts else ""
