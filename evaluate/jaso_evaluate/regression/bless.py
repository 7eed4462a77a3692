"""`jaso bless`: make a run the baseline of later runs, with the reason why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError, WorkError
from jaso_core.stage.manifest import fingerprint
from jaso_core.stage.runner import Outcome
from jaso_evaluate.regression.baseline import REASONS, RunRecord, read_baseline, read_run, write_baseline

_MIN_LENGTH = 6
_EMPTY_WORDS = frozenset(
    (
        "update", "updated", "baseline", "baselines", "bless", "blessed", "new", "newest", "latest", "refresh",
        "change", "changed", "changes", "fix", "fixed", "the", "a", "again", "my", "metrics", "scores", "regress",
        "갱신", "업데이트", "변경", "수정", "새", "기준",
    )
)  # fmt: skip
"""Words that only repeat that something was blessed."""

_MAX_CHANGES = 5


@dataclass(frozen=True)
class BlessSettings:
    """Settings of `jaso bless`.

    `run`: a folder that `jaso evaluate` or `jaso score` wrote. `reason`: why its numbers are right. `seed` is every
    command's; nothing is drawn here.
    """

    out: str = REQUIRED
    run: str = REQUIRED
    reason: str = REQUIRED
    seed: int = 0


def settings(config: Mapping[str, Any], *, strict: bool = True) -> BlessSettings:
    """Validate the configuration. RequestError when the reason says nothing."""
    checked = to_settings(config if strict else pick(config, BlessSettings), BlessSettings)
    reason = " ".join(checked.reason.split())
    words = set(re.findall(r"\w+", reason.lower()))
    if len(reason) < _MIN_LENGTH or not words - _EMPTY_WORDS or len(set("".join(words))) < 4:
        raise RequestError(
            f"config key 'reason': {reason!r} does not say why the numbers may change",
            "name the cause, as in reason='answers are cut at whole sentences now'",
        )
    return replace(checked, reason=reason)


def run(settings: BlessSettings) -> Outcome:
    """Write the baseline settings.out; blessing the same run again changes nothing."""
    folder, out = Path(settings.run), Path(settings.out)
    fingerprint(folder)
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / REASONS).is_file()):
        raise RequestError(f"{out}: holds what `jaso bless` did not make", "give out= a new folder, or a baseline's")
    record = read_run(folder)
    before = _read_former(out)
    if not write_baseline(record, out, settings.reason):
        say(f"bless: {out} holds this run already, nothing to do")
        return Outcome.UNCHANGED
    texts = f"{len(record.lines):,} texts, {len(record.metrics)} measures"
    say(f"bless: {out} now holds {texts}; reason: {settings.reason}")
    if before is None:
        return Outcome.MADE
    for line in _changes(before, record):
        say(f"bless: {line}")
    return Outcome.REMADE


def _read_former(out: Path) -> RunRecord | None:
    """Read the baseline to be replaced; None where it is no longer what was blessed."""
    try:
        return read_baseline(out) if (out / REASONS).is_file() else None
    except WorkError as error:
        say(f"bless: {error.what}")
        return None


def _changes(before: RunRecord, after: RunRecord) -> list[str]:
    """Return the first few changes that the blessing lets pass."""
    lines = []
    for name in dict.fromkeys([*before.metrics, *after.metrics]):
        old, new = (record.metrics[name]["value"] if name in record.metrics else None for record in (before, after))
        if old != new or (name in before.metrics) != (name in after.metrics):
            lines.append(f"{name} {_format_value(name, before, old)} → {_format_value(name, after, new)}")
    if len(lines) > _MAX_CHANGES:
        lines[_MAX_CHANGES:] = [f"and {len(lines) - _MAX_CHANGES:,} more measures"]
    return lines


def _format_value(name: str, record: RunRecord, value: float | None) -> str:
    return f"{value:g}" if value is not None else "no value" if name in record.metrics else "(none)"
