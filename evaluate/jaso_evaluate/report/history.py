"""Stages that ran before this page and for it: commands, times and counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaso_core.report.number_format import seconds

Facts = Mapping[str, Any]


def stages(facts: Facts) -> list[dict[str, Any]]:
    """Return the stages that ran: a name, a command, facts as (label, value).

    Those before this evaluation, and the evaluation.
    """
    entries = [
        {"name": "crawl", "command": crawl["command"], "lines": _source_lines(crawl)}
        for crawl in facts.get("crawl", [])
    ]
    for name in ("preprocess", "train"):
        part = facts.get(name)
        if part:
            lines = _data_lines(part) if name == "preprocess" else _train_lines(part)
            entries.append({"name": name, "command": part.get("command", ""), "lines": lines})
    if facts["what"] == "evaluate":
        examples = facts["examples"]
        lines = [
            ("examples", f"{examples['evaluated']:,} of {examples['in_split']:,} in the {facts['split']} split"),
            ("generation", ", ".join(f"{k} {v}" for k, v in facts["generate"].items())),
            ("device", facts["model"]["device"]),
        ]
        lines += [("left out", f"{reason}: {count:,}") for reason, count in examples["left_out"].items()]
        entries.append({"name": "evaluate", "command": "", "lines": lines})
    return entries


def _source_lines(part: Facts) -> list[tuple[str, str]]:
    lines = [("time", seconds(part.get("seconds")))]
    counts = part.get("counts", {})
    if "documents" in counts:
        lines.append(("documents", f"{counts['documents']:,}"))
    rejected = counts.get("rejected") or {}
    if rejected:
        lines.append(("rejected", ", ".join(f"{reason} {count:,}" for reason, count in rejected.items())))
    return [*lines, ("licences", "; ".join(part["licences"]))] if part.get("licences") else lines


def _data_lines(part: Facts) -> list[tuple[str, str]]:
    stats = part.get("stats", {})
    lines = [("time", seconds(part.get("seconds")))]
    documents = stats.get("documents")
    if isinstance(documents, Mapping):
        lines.append(("documents", f"{documents['kept']:,} kept of {documents['read']:,} read"))
    examples = stats.get("examples")
    if isinstance(examples, Mapping):
        lines.append(("examples", ", ".join(f"{split} {count:,}" for split, count in examples.items())))
    if part.get("licences"):
        lines.append(("licences", "; ".join(part["licences"])))
    return lines


def _train_lines(part: Facts) -> list[tuple[str, str]]:
    steps = [entry["step"] for entry in part.get("log", []) if "step" in entry]
    lines = [("time", seconds(part.get("seconds"))), ("steps", f"{max(steps):,}" if steps else "–")]
    training = part.get("counts", {}).get("training", {})
    if training:
        lines.append(("examples", f"{training['examples']:,}, {training['truncated_examples']:,} of them cut"))
        left_out = training["incomplete_examples"] + training["too_long_prompts"]
        lines += [("left out", f"{left_out:,}")] if left_out else []
    return lines


def dropped(facts: Facts) -> list[tuple[str, str]]:
    """Return (reason, count) of what preprocessing dropped, the greatest first."""
    reasons = facts.get("preprocess", {}).get("stats", {}).get("dropped", {})
    return [(str(r), f"{c:,}") for r, c in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))]
