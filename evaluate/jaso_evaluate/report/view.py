"""Template values of the report: title, lead, headline and warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jaso_core.records import Prediction
from jaso_core.report.number_format import digits, number, p_value, span
from jaso_evaluate.report.degeneration import CURES, degeneration_sentence
from jaso_evaluate.schema import BaselineDifference, Score, Scores

BITS = "bits_per_character"
_BASELINES = {
    f"{BITS}_untrained": "the same model before training",
    f"{BITS}_ngram5": "a character 5-gram of the same training texts",
}

Facts = Mapping[str, Any]


def title(facts: Facts) -> str:
    """Return the title of the page."""
    return "Evaluation" if facts["what"] == "evaluate" else f"Scores of {facts['predictions']}"


def lead(scores: Scores, facts: Facts) -> str:
    """Return one sentence under the title."""
    count = f"{scores['n']:,} texts in {facts['scoring']['groups']:,} groups"
    if facts["what"] != "evaluate":
        return f"{count}, scored against their references."
    model = facts["model"]
    size = f"{model['parameters'] / 1e6:.1f} M parameters"
    return (
        f"{count} of the {facts['split']} split, written by a {model['class']} ({size}, "
        f"{model['vocabulary']:,} tokens) with prompt format {facts['prompt_format']}."
    )


def headline(scores: Scores, facts: Facts) -> dict[str, Any] | None:
    """Return bits per character and its baselines; None when not measured."""
    main = scores["metrics"].get(BITS)
    if main is None or main["value"] is None:
        return None
    decimals = digits(main["ci95"])
    difference_from = {d["second"]: d for d in facts["scoring"]["differences"] if d["first"] == BITS}
    return {
        "value": number(main["value"], decimals),
        "interval": span(main["ci95"], decimals),
        "n": f"{main['n']:,}",
        "baselines": [
            _baseline(scores["metrics"][name], what, difference_from.get(name))
            for name, what in _BASELINES.items()
            if name in scores["metrics"]
        ],
    }


def _baseline(entry: Score, what: str, difference: BaselineDifference | None) -> dict[str, Any]:
    baseline = {"what": what, "value": number(entry["value"], digits(entry["ci95"])), "verdict": "unsure", "text": ""}
    if difference is None or difference["ci95"] is None:
        return {**baseline, "text": "no interval: one group of texts only"}
    low, high = difference["ci95"]
    decimals = digits(difference["ci95"])
    verdict = "better" if high < 0 else "worse" if low > 0 else "unsure"
    clause = "excludes 0" if verdict != "unsure" else "includes 0: no difference shown"
    text = (
        f"{number(difference['value'], decimals)} bits/character, 95 % interval {span((low, high), decimals)} "
        f"{clause}, p\N{NO-BREAK SPACE}{_equals(p_value(difference['p']))}"
    )
    return {**baseline, "verdict": verdict, "text": text}


def _equals(p: str) -> str:
    return (p if p.startswith("<") else f"= {p}").replace(" ", "\N{NO-BREAK SPACE}")


def alarm(facts: Facts) -> dict[str, Any] | None:
    """Return the red card of degenerate texts; None where there are none."""
    degeneration = facts.get("degeneration")
    sentence = degeneration_sentence(degeneration) if degeneration else None
    return {"sentence": sentence, "cures": CURES} if sentence else None


def warnings(predictions: Sequence[Prediction], scores: Scores, facts: Facts) -> list[str]:
    """Return what a reader of the numbers has to know."""
    n = scores["n"]
    messages = [f"Metric {skip['metric']} was left out: {skip['reason']}." for skip in facts["scoring"]["skipped"]]
    for reason, count in facts.get("examples", {}).get("left_out", {}).items():
        messages.append(f"Examples left out, {reason}: {count:,}.")
    truncated = sum(bool(p.meta.get("truncated")) for p in predictions)
    if truncated:
        messages.append(f"References longer than the model takes: {truncated:,} of {n:,}; bits are of their beginning.")
    unknown = sum(int(p.meta.get("unknown") or 0) for p in predictions)
    if unknown:
        messages.append(f"Reference tokens that the tokenizer does not know: {unknown:,}; their bits are too few.")
    cut = sum(p.meta.get("stop") == "length" for p in predictions)
    if cut:
        messages.append(f"Texts cut at the token limit before they ended: {cut:,} of {n:,}.")
    empty = sum(not p.prediction.strip() for p in predictions)
    if empty:
        messages.append(f"Empty texts: {empty:,} of {n:,}.")
    if facts["scoring"]["groups"] < 20:
        messages.append(f"Groups of texts: only {facts['scoring']['groups']}; the intervals are rough, or missing.")
    return messages
