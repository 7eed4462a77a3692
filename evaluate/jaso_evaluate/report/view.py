"""What the report says, as plain values for its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jaso_core.occupations import korean_name
from jaso_core.records import Prediction
from jaso_evaluate.report.numbers import digits, number, p_value, seconds, span

BITS = "bits_per_character"
_BASELINES = {
    f"{BITS}_untrained": "the same model before training",
    f"{BITS}_ngram5": "a character 5-gram of the same training texts",
}
_ARROWS = {True: ("↑", "higher is better"), False: ("↓", "lower is better"), None: ("", "described, not judged")}
_PART_MEASURES = (BITS, "chrf", "rouge1_kiwi", "bleu_char", "length_characters")

Facts = Mapping[str, Any]


def title(facts: Facts) -> str:
    """Of the page."""
    return "Evaluation" if facts["what"] == "evaluate" else f"Scores of {facts['predictions']}"


def lead(scores: Facts, facts: Facts) -> str:
    """One sentence under the title."""
    count = f"{scores['n']:,} texts in {facts['scoring']['groups']:,} groups"
    if facts["what"] != "evaluate":
        return f"{count}, scored against their references."
    model = facts["model"]
    size = f"{model['parameters'] / 1e6:.1f} M parameters"
    return (
        f"{count} of the {facts['split']} split, written by a {model['class']} ({size}, "
        f"{model['vocabulary']:,} tokens) with prompt format {facts['prompt_format']}."
    )


def headline(scores: Facts, facts: Facts) -> dict[str, Any] | None:
    """Bits a character and what they are compared with; None when they were not measured."""
    main = scores["metrics"].get(BITS)
    if main is None or main["value"] is None:
        return None
    decimals = digits(main["ci95"])
    found = {d["second"]: d for d in facts["scoring"]["differences"] if d["first"] == BITS}
    return {
        "value": number(main["value"], decimals),
        "interval": span(main["ci95"], decimals),
        "n": f"{main['n']:,}",
        "baselines": [
            _baseline(scores["metrics"][name], what, found.get(name))
            for name, what in _BASELINES.items()
            if name in scores["metrics"]
        ],
    }


def _baseline(entry: Facts, what: str, difference: Facts | None) -> dict[str, Any]:
    shown = {"what": what, "value": number(entry["value"], digits(entry["ci95"])), "verdict": "unsure", "text": ""}
    if difference is None or difference["ci95"] is None:
        return {**shown, "text": "no interval: one group of texts only"}
    low, high = difference["ci95"]
    decimals = digits(difference["ci95"])
    verdict = "better" if high < 0 else "worse" if low > 0 else "unsure"
    clause = "excludes 0" if verdict != "unsure" else "includes 0: no difference shown"
    text = (
        f"{number(difference['value'], decimals)} bits/character, 95 % interval {span((low, high), decimals)} "
        f"{clause}, p\N{NO-BREAK SPACE}{_equals(p_value(difference['p']))}"
    )
    return {**shown, "verdict": verdict, "text": text}


def _equals(p: str) -> str:
    return (p if p.startswith("<") else f"= {p}").replace(" ", "\N{NO-BREAK SPACE}")


def score_rows(scores: Facts) -> list[dict[str, Any]]:
    """The rows of the score table."""
    rows = []
    for name, entry in scores["metrics"].items():
        decimals = digits(entry["ci95"], entry["unit"])
        arrow, meaning = _ARROWS[entry["higher_is_better"]]
        rows.append(
            {
                "name": name,
                "value": number(entry["value"], decimals),
                "interval": span(entry["ci95"], decimals),
                "unit": entry["unit"],
                "arrow": arrow,
                "meaning": meaning,
                "n": f"{entry['n']:,}",
                "signature": entry["signature"],
            }
        )
    return rows


def part_tables(scores: Facts, facts: Facts) -> list[dict[str, Any]]:
    """Scores by occupation and by experience, where the texts have them."""
    tables = []
    for key, parts in facts["scoring"]["by"].items():
        first = next(iter(parts.values()))
        names = [name for name in _PART_MEASURES if name in first]
        rows = [
            {
                "name": korean_name(part),
                "n": f"{max(entries[name]['n'] for name in names):,}",
                "cells": [_cell(entries[name], scores["metrics"][name]["unit"]) for name in names],
            }
            for part, entries in parts.items()
            if names
        ]
        tables.append({"key": key, "measures": names, "rows": rows})
    return tables


def _cell(entry: Facts, unit: str) -> dict[str, str]:
    decimals = digits(entry["ci95"], unit)
    return {"value": number(entry["value"], decimals), "interval": span(entry["ci95"], decimals)}


def stages(facts: Facts) -> list[dict[str, Any]]:
    """What ran before and in this evaluation: a name, a command, some facts as (label, value)."""
    found = [
        {"name": "crawl", "command": crawl["command"], "lines": _source_lines(crawl)}
        for crawl in facts.get("crawl", [])
    ]
    for name in ("preprocess", "train"):
        part = facts.get(name)
        if part:
            lines = _data_lines(part) if name == "preprocess" else _train_lines(part)
            found.append({"name": name, "command": part.get("command", ""), "lines": lines})
    if facts["what"] == "evaluate":
        examples = facts["examples"]
        lines = [
            ("examples", f"{examples['evaluated']:,} of {examples['in_split']:,} in the {facts['split']} split"),
            ("generation", ", ".join(f"{k} {v}" for k, v in facts["generate"].items())),
            ("device", facts["model"]["device"]),
        ]
        lines += [("left out", f"{reason}: {count:,}") for reason, count in examples["left_out"].items()]
        found.append({"name": "evaluate", "command": "", "lines": lines})
    return found


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
    """(reason, count) of what preprocessing left out, the greatest first."""
    reasons = facts.get("preprocess", {}).get("stats", {}).get("dropped", {})
    return [(str(r), f"{c:,}") for r, c in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))]


def warnings(predictions: Sequence[Prediction], scores: Facts, facts: Facts) -> list[str]:
    """What a reader of the numbers has to know."""
    n = scores["n"]
    found = [f"Metric {skip['metric']} was left out: {skip['reason']}." for skip in facts["scoring"]["skipped"]]
    for reason, count in facts.get("examples", {}).get("left_out", {}).items():
        found.append(f"Examples left out, {reason}: {count:,}.")
    truncated = sum(bool(p.meta.get("truncated")) for p in predictions)
    if truncated:
        found.append(f"References longer than the model takes: {truncated:,} of {n:,}; bits are of their beginning.")
    unknown = sum(int(p.meta.get("unknown") or 0) for p in predictions)
    if unknown:
        found.append(f"Reference tokens that the tokenizer does not know: {unknown:,}; their bits are too few.")
    cut = sum(p.meta.get("stop") == "length" for p in predictions)
    if cut:
        found.append(f"Texts cut at the token limit before they ended: {cut:,} of {n:,}.")
    empty = sum(not p.prediction.strip() for p in predictions)
    if empty:
        found.append(f"Empty texts: {empty:,} of {n:,}.")
    if facts["scoring"]["groups"] < 20:
        found.append(f"Groups of texts: only {facts['scoring']['groups']}; the intervals are rough, or missing.")
    return found
