"""How a stage fills a folder: once, wholly, and again only when something changed.

- complete and asked for the same: nothing is done, and said so;
- complete, but config or input changed: made anew, and the changed keys are named;
- broken off: continued from `<out>/.state`, where the stage keeps what it had finished.
"""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from jaso_core import __version__
from jaso_core.config import flatten
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, sha256_file, write_json
from jaso_core.stage import manifest as manifests
from jaso_core.stage.folder import STATE, clear, declare, lock, refuse_foreign
from jaso_core.stage.manifest import FileEntry, Manifest, read_manifest


class Outcome(Enum):
    """What `run_stage` found and did."""

    UNCHANGED = "unchanged"
    MADE = "made"
    REMADE = "remade"
    CONTINUED = "continued"


@dataclass
class StageRun:
    """What a stage's work writes to, and what it wants to have in the manifest."""

    stage: str
    out: Path
    continued: bool
    counts: dict[str, Any] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)
    licences: set[str] = field(default_factory=set)
    timings: dict[str, Any] = field(default_factory=dict)
    _rows: dict[str, int | None] = field(default_factory=dict)

    @property
    def scratch(self) -> Path:
        """A folder that outlives a kill and goes when the stage is complete."""
        folder = self.out / STATE / "work"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def add(self, name: str, rows: int | None = None) -> Path:
        """Declares a file (relative to `out`) of the finished folder; returns where to write it."""
        if name not in self._rows:
            declare(self.out, name)
        self._rows[name] = rows
        return self.out / name

    def add_tree(self, name: str) -> None:
        """Declares every file below the folder `name`."""
        for path in sorted((self.out / name).rglob("*")):
            if path.is_file():
                self.add(path.relative_to(self.out).as_posix())

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Adds the seconds of the block to the manifest's timings."""
        started = time.monotonic()
        yield
        self.timings[what] = round(self.timings.get(what, 0.0) + time.monotonic() - started, 3)

    def entries(self) -> dict[str, FileEntry]:
        """Hashes of all declared files, in the order of their names."""
        return {
            name: FileEntry(sha256_file(self.out / name), (self.out / name).stat().st_size, rows)
            for name, rows in sorted(self._rows.items())
        }


def request_of(settings: object) -> dict[str, Any]:
    """The settings that decide the result: all fields but `out` and those marked volatile (speed, display)."""
    if not is_dataclass(settings):
        raise TypeError("settings must be a dataclass")
    return {
        f.name: _plain(getattr(settings, f.name))
        for f in fields(settings)
        if f.name != "out" and not f.metadata.get("volatile")
    }


def volatile(default: Any) -> Any:
    """A dataclass field that may change without the result becoming another."""
    return field(default=default, metadata={"volatile": True})


def run_stage(
    stage: str,
    out: Path,
    request: Mapping[str, Any],
    inputs: Mapping[str, Path],
    work: Callable[[StageRun], None],
    again: str | None = None,
) -> Outcome:
    """Brings `out` to completeness for `request` and `inputs`; calls `work` only when something is to be done.

    `again` is a reason to do it even in a complete folder, whose files stay valid until the new ones are there.
    RequestError: `out` is a foreign folder or another command's, another process writes it, or an input is not
    complete.
    """
    wanted = {
        "stage": stage,
        "jaso": __version__,
        "request": _plain(request),
        "inputs": {name: manifests.fingerprint(path) for name, path in inputs.items()},
    }
    refuse_foreign(out)
    _refuse_other(stage, out)
    if again is None and _unchanged(out, wanted):
        say(f"{stage}: {out} is complete, nothing to do")
        if (out / STATE).is_dir():  # the rest of a refresh that was broken off and is no longer asked for
            with suppress(RequestError), lock(out):
                pass  # which takes it away, unless somebody is still at work there
        return Outcome.UNCHANGED
    with lock(out):
        outcome = _prepare(out, wanted, again)
        write_json(out / STATE / "request.json", wanted)
        run = StageRun(stage, out, continued=outcome is Outcome.CONTINUED)
        started = time.monotonic()
        work(run)
        run.timings["total_seconds"] = round(time.monotonic() - started, 3)
        run.timings["finished_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        _finish(run, wanted)
    say(f"{stage}: {out} is complete ({run.timings['total_seconds']:.1f} s)")
    return outcome


def _refuse_other(stage: str, out: Path) -> None:
    """RequestError when `out` holds what another command made: it may be what this one reads."""
    finished = read_manifest(out)
    if finished is not None and finished.stage != stage:
        raise RequestError(f"{out}: holds what `jaso {finished.stage}` made", "give another out=, or remove the folder")


def _finish(run: StageRun, wanted: Mapping[str, Any]) -> None:
    Manifest(
        stage=run.stage,
        request=wanted["request"],
        inputs=wanted["inputs"],
        files=run.entries(),
        counts=run.counts,
        seeds=run.seeds,
        licences=tuple(sorted(run.licences)),
        versions=manifests.versions(),
        timings=run.timings,
        command=f"{sys.argv[0]} {shlex.join(sys.argv[1:])}",
    ).write(run.out)


def _unchanged(out: Path, wanted: Mapping[str, Any]) -> bool:
    finished = read_manifest(out)
    return finished is not None and not (changes(_request(finished), wanted) or manifests.damage(out, finished))


def _request(finished: Manifest) -> dict[str, Any]:
    return {
        "stage": finished.stage,
        "jaso": finished.versions.get("jaso"),
        "request": finished.request,
        "inputs": finished.inputs,
    }


def _prepare(out: Path, wanted: Mapping[str, Any], again: str | None) -> Outcome:
    """Leaves in `out` only what the coming work may build upon; called under the lock."""
    finished = read_manifest(out)
    state = out / STATE / "request.json"
    if again is not None and _unchanged(out, wanted):
        say(f"{wanted['stage']}: {out} is brought up to date ({again})")
        return Outcome.CONTINUED if state.is_file() else Outcome.REMADE
    if finished is not None:
        reasons = changes(_request(finished), wanted) + manifests.damage(out, finished)
        say(f"{wanted['stage']}: {out} is made again, because {'; '.join(reasons[:5])}")
        clear(out, list(finished.files))
        return Outcome.REMADE
    if not state.is_file():
        clear(out, [])
        return Outcome.MADE
    reasons = changes(read_json(state), wanted)
    if not reasons:
        say(f"{wanted['stage']}: {out} was broken off, continuing")
        return Outcome.CONTINUED
    say(f"{wanted['stage']}: {out} was broken off with another request ({'; '.join(reasons[:5])}); starting anew")
    clear(out, [])
    return Outcome.MADE


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Lines of the form "key: old → new", one for each that differs; inputs differ by content, not by path."""
    old, new = _comparable(before), _comparable(after)
    return [
        f"{key}: {_short(old.get(key))} → {_short(new.get(key))}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def _comparable(state: Mapping[str, Any]) -> dict[str, object]:
    inputs = {f"{name} (input)": value["sha256"][:12] for name, value in state["inputs"].items()}
    return {**flatten(state["request"]), **inputs, "stage": state["stage"], "jaso version": state["jaso"]}


def _short(value: object) -> str:
    text = "(none)" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return request_of(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value
