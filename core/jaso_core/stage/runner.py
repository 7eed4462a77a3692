"""Stage runner: fills a folder once, resumes, and repeats only after a change.

- complete, same request: nothing is done, and a line says so;
- complete, but configuration or input changed: made again, and the changed keys are named (refused for work that is
  too dear to lose by a typo);
- interrupted: resumed from `<out>/.state`, where the stage keeps what it had finished.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, cast

from jaso_core import __version__
from jaso_core.config import flatten
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, sha256_file, write_json
from jaso_core.stage import manifest as manifests
from jaso_core.stage.command import current_command
from jaso_core.stage.folder import check_no_foreign_files, clear, declare, lock, read_request
from jaso_core.stage.manifest import FileEntry, Manifest, read_manifest
from jaso_core.stage.own_files import STATE, check_path
from jaso_core.stage.schema import Timings


class Outcome(Enum):
    """Result of `run_stage`."""

    UNCHANGED = "unchanged"
    MADE = "made"
    REMADE = "remade"
    CONTINUED = "continued"


@dataclass
class StageRun:
    """Context of a running stage: output paths, and values for the manifest."""

    stage: str
    out: Path
    continued: bool
    counts: dict[str, Any] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)
    licences: set[str] = field(default_factory=set)
    timings: dict[str, float] = field(default_factory=dict)
    _rows: dict[str, int | None] = field(default_factory=dict)

    @property
    def scratch(self) -> Path:
        """Scratch directory; survives SIGKILL, removed on success."""
        folder = self.out / STATE / "work"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def add(self, name: str, rows: int | None = None) -> Path:
        """Declare a file (relative to `out`) of the finished folder; return its path."""
        if name not in self._rows:
            declare(self.out, name)
        self._rows[name] = rows
        return self.out / name

    def add_tree(self, name: str) -> None:
        """Declare every file below the folder `name`."""
        for path in sorted((self.out / name).rglob("*")):
            if path.is_file():
                self.add(path.relative_to(self.out).as_posix())

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Add the seconds of the block to the manifest's timings."""
        started = time.monotonic()
        yield
        self.timings[what] = round(self.timings.get(what, 0.0) + time.monotonic() - started, 3)

    def entries(self) -> dict[str, FileEntry]:
        """Return hash, size and rows of all declared files, sorted by name."""
        return {
            name: FileEntry(sha256_file(self.out / name), (self.out / name).stat().st_size, rows)
            for name, rows in sorted(self._rows.items())
        }

    def draft(self) -> Manifest:
        """Return the manifest as far as it is known: without files."""
        return _manifest(self, read_json(self.out / STATE / "request.json"), {})


def request_of(settings: object) -> dict[str, Any]:
    """Return the settings that determine the result.

    All fields but `out`, those marked volatile (speed, display), and implied ones at their default.
    """
    if not is_dataclass(settings):
        raise TypeError("settings must be a dataclass")
    return {
        f.name: _to_plain(getattr(settings, f.name))
        for f in fields(settings)
        if f.name != "out"
        and not f.metadata.get("volatile")
        and not (f.metadata.get("implied") and getattr(settings, f.name) == _default(f))
    }


def volatile(default: Any) -> Any:
    """Return a dataclass field whose value does not affect the result."""
    return field(default=default, metadata={"volatile": True})


def implied(default: Any) -> Any:
    """Return a dataclass field that a request leaves out while it has its default.

    For an option that is younger than finished folders, whose requests lack it.
    """
    return field(default=default, metadata={"implied": True})


def _default(option: Field[Any]) -> Any:
    return option.default if option.default_factory is MISSING else option.default_factory()


def run_stage(
    stage: str,
    out: Path,
    request: Mapping[str, Any],
    inputs: Mapping[str, Path],
    work: Callable[[StageRun], None],
    again: str | None = None,
    *,
    may_replace: bool = True,
) -> Outcome:
    """Complete `out` for `request` and `inputs`; call `work` only when needed.

    `again` is a reason to run even in a complete folder, whose files stay valid until the new ones are there.
    RequestError: `out` is a foreign folder or another command's, another process writes it, an input is not complete,
    or `out` is complete for another request and not `may_replace`.
    """
    requested = {
        "stage": stage,
        "jaso": __version__,
        "request": _to_plain(request),
        "inputs": {name: manifests.fingerprint(path) for name, path in inputs.items()},
    }
    check_no_foreign_files(out)
    _check_same_stage(stage, out)
    # Without the lock, since a complete folder is only read; `_prepare` checks again under the lock.
    if again is None and _is_unchanged(out, requested):
        say(f"{stage}: {out} is complete, nothing to do")
        if (out / STATE).is_dir():  # of an interrupted refresh that is no longer requested
            with suppress(RequestError), lock(out):
                pass  # removes it, unless a process still works there
        return Outcome.UNCHANGED
    if not may_replace:
        refuse_replacement(stage, out, requested)
    with lock(out):
        outcome = _prepare(out, requested, again)
        # Before the work: after a kill it says which request the unfinished files are for.
        write_json(out / STATE / "request.json", requested)
        run = StageRun(stage, out, continued=outcome is Outcome.CONTINUED)
        started = time.monotonic()
        work(run)
        run.timings["total_seconds"] = round(time.monotonic() - started, 3)
        _finish(run, requested, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    say(f"{stage}: {out} is complete ({run.timings['total_seconds']:.1f} s)")
    return outcome


def _check_same_stage(stage: str, out: Path) -> None:
    """Raise RequestError when another command made `out`: it may be this one's input."""
    finished = read_manifest(out)
    if finished is not None and finished.stage != stage:
        raise RequestError(f"{out}: holds what `jaso {finished.stage}` made", "give another out=, or remove the folder")


def refuse_replacement(stage: str, out: Path, requested: Mapping[str, Any]) -> None:
    """Raise RequestError when `out` is complete for another request.

    `requested` without "inputs": only the settings are compared, as long as the inputs are not made.
    """
    finished = read_manifest(out)
    if finished is None or finished.stage != stage:
        return
    before = {key: value for key, value in _finished_request(finished).items() if key in requested}
    reasons = changes(before, requested)
    if reasons:
        what = f"{out}: holds a finished `jaso {stage}` of another request ({'; '.join(reasons[:5])})"
        raise RequestError(what, "give another out=, or again=true to replace it")


def _finish(run: StageRun, requested: Mapping[str, Any], finished_at: str) -> None:
    made = _manifest(run, requested, run.entries())
    made.timings["finished_at"] = finished_at
    check_path(run.out, manifests.NAME)
    made.write(run.out)


def _manifest(run: StageRun, requested: Mapping[str, Any], files: Mapping[str, FileEntry]) -> Manifest:
    return Manifest(
        stage=run.stage,
        request=requested["request"],
        inputs=requested["inputs"],
        files=files,
        counts=run.counts,
        seeds=run.seeds,
        licences=tuple(sorted(run.licences)),
        versions=manifests.versions(),
        timings=cast(Timings, dict(run.timings)),
        command=current_command(),
    )


def _is_unchanged(out: Path, requested: Mapping[str, Any]) -> bool:
    finished = read_manifest(out)
    return finished is not None and not (
        changes(_finished_request(finished), requested) or manifests.find_damage(out, finished)
    )


def _finished_request(finished: Manifest) -> dict[str, Any]:
    return {
        "stage": finished.stage,
        "jaso": finished.versions.get("jaso"),
        "request": finished.request,
        "inputs": finished.inputs,
    }


def _prepare(out: Path, requested: Mapping[str, Any], again: str | None) -> Outcome:
    """Leave in `out` only what the coming work may build upon; called under the lock."""
    finished = read_manifest(out)
    begun = read_request(out)
    # Complete and unchanged, but `again`: the files stay valid until the new ones replace them.
    if again is not None and _is_unchanged(out, requested):
        say(f"{requested['stage']}: {out} is brought up to date ({again})")
        return Outcome.CONTINUED if begun is not None else Outcome.REMADE
    # Complete, for another request or damaged.
    if finished is not None:
        reasons = changes(_finished_request(finished), requested) + manifests.find_damage(out, finished)
        say(f"{requested['stage']}: {out} is made again, because {'; '.join(reasons[:5])}")
        clear(out, list(finished.files))
        return Outcome.REMADE
    # Neither complete nor begun.
    if begun is None:
        clear(out, [])
        return Outcome.MADE
    # Interrupted: resumed for the same request only.
    reasons = changes(begun, requested)
    if not reasons:
        say(f"{requested['stage']}: {out} was broken off, continuing")
        return Outcome.CONTINUED
    say(f"{requested['stage']}: {out} was broken off with another request ({'; '.join(reasons[:5])}); starting anew")
    clear(out, [])
    return Outcome.MADE


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return a line "key: old → new" for each difference of two requests.

    Inputs are compared by content, not by path.
    """
    old, new = _flatten_request(before), _flatten_request(after)
    return [
        f"{key}: {_shorten(old.get(key))} → {_shorten(new.get(key))}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def _flatten_request(state: Mapping[str, Any]) -> dict[str, object]:
    # 12 digits of the hash are enough to differ, and fit on a line of `changes`.
    inputs = {f"{name} (input)": value["sha256"][:12] for name, value in state.get("inputs", {}).items()}
    return {**flatten(state["request"]), **inputs, "stage": state["stage"], "jaso version": state.get("jaso")}


def _shorten(value: object) -> str:
    text = "(none)" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _to_plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return request_of(value)
    if isinstance(value, Mapping):
        return {str(key): _to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value
