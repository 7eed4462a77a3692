"""What the gate found, as one line and as a page of Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jaso_evaluate.report.number_format import NONE, p_value

Found = Mapping[str, Any]

_NAMED = 3
_LONGEST = 600
"""Characters of a text that are shown."""

_ARROWS = {True: "↑", False: "↓", None: ""}
_VERDICTS = {"equal": "as it was", "within": "within what is allowed", "better": "better: bless it"}
_PAIRED = (
    "By the paired test{}: a loss fails that is above the floor and that the test does not take for chance (p after "
    "Holm at most {{level:g}})."
)
_LIMITS = {
    "tight": "The same environment as the baseline's: any loss beyond the tolerance is a real one.",
    "floor": _PAIRED.format(", the model is the same"),
    "retrained": _PAIRED.format(", and the model was trained anew, hence the higher floor"),
}


def summary(found: Found) -> str:
    """The outcome in one line: what failed, by how much, and which stage gave something else first."""
    measures = found["measures"]
    failed = [m for m in measures if m["fails"]]
    if found["passed"]:
        better = [m for m in measures if m["verdict"] == "better"]
        unguarded = [m["name"] for m in measures if m["verdict"] == "new"]
        parts = [f"passed: none of {len(measures)} measures is worse than the baseline's"]
        parts += [_several("better, bless it", better, _moved)] if better else []
        parts += [f"not in the baseline yet: {_names(unguarded)}"] if unguarded else []
        parts += [f"{found['texts_changed']:,} texts changed"] if found["texts_changed"] else []
        return "; ".join(parts)
    parts = []
    for verdict in ("worse", "out of bounds", "no value", "missing", "not comparable"):
        some = [m for m in failed if m["verdict"] == verdict]
        if some:
            parts.append(_several(verdict, some, _moved if verdict in ("worse", "out of bounds") else _named))
    if found["examples"]["changed"]:
        parts.append(f"other examples: {_examples(found['examples'])}")
    return "; ".join([*parts, f"first change: {_first(found['first_change'])}"])


def markdown(found: Found) -> str:
    """regress.md."""
    title = "passed" if found["passed"] else "failed"
    lines = [f"# Regression gate: {title}", "", _cell(found["summary"]), "", _mode(found), ""]
    lines += [f"- {_cell(note)}" for note in found["notes"]]
    for heading, body in (
        ("Measures", _measures(found["measures"])),
        ("What changed first", _change(found)),
        ("Examples", [f"{_cell(_examples(found['examples']))}.", *_example_lists(found["examples"])]),
        ("Texts that changed most", _texts(found)),
    ):
        lines += ["", f"## {heading}", "", *body]
    return "\n".join(lines).rstrip() + "\n"


def _mode(found: Found) -> str:
    text = _LIMITS[found["limit"]].format(level=found["level"])
    return f"{text} Environment: {_cell('; '.join(found['environment']) or 'no difference')}."


def _measures(measures: Sequence[Found]) -> list[str]:
    """The failed first, then as they came."""
    lines = [
        "| measure | baseline | run | change [95 %] | p (Holm) | allowed loss | texts | verdict |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for m in sorted(measures, key=lambda m: not m["fails"]):
        verdict = f"**{m['verdict']}**" if m["fails"] else str(_VERDICTS.get(m["verdict"], m["verdict"]))
        name = f"{_cell(m['name'])} {_ARROWS[m['higher_is_better']]}".strip()
        cells: list[str] = [
            f"{name} ({_cell(m['unit'])})" if m["unit"] else name,
            _number(m["baseline"]),
            _number(m["run"]),
            _signed(m["change"], m["ci95"]),
            NONE if m["p_holm"] is None else p_value(m["p_holm"]),
            _number(m["allowed"]),
            f"{m['n']:,}" if m["n"] else NONE,
            f"{verdict} ({_cell(m['note'])})" if m["note"] else verdict,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _change(found: Found) -> list[str]:
    change = found["first_change"]
    if change is None:
        return [f"No stage's files differ, as far as they are known ({', '.join(found['steps'])})."]
    lines: list[str] = [f"**{change['step']}** gave something else:", ""]
    for file in change["files"]:
        rows = _rows(*(file["rows"] or (None, None)))
        lines.append(f"- `{_code(file['name'])}` {file['what']}{rows}")
    causes = [*change["request"], *(f"version: {line}" for line in change["versions"])]
    if causes:
        lines += ["", "It was asked for something else, or by other versions:", ""]
        lines += [f"- `{_code(line)}`" for line in causes]
    else:
        lines += [
            "",
            "It was asked for the same with the same input and versions: its code changed, or the environment.",
        ]
    return lines + [f"- not compared: {_cell(name)}" for name in change["unknown"]]


def _rows(before: int | None, after: int | None) -> str:
    return f", {_number(before)} → {_number(after)} rows" if before != after else ""


def _example_lists(examples: Found) -> list[str]:
    lines = []
    for key, what in (("gone", "gone"), ("new", "new"), ("other_reference", "with another reference")):
        if examples[key]["count"]:
            lines += ["", f"{what}: {', '.join(f'`{_code(i)}`' for i in examples[key]['first'])}"]
    return lines


def _texts(found: Found) -> list[str]:
    if not found["texts"]:
        return ["None."]
    lines = [f"{found['texts_changed']:,} of {found['examples']['common']:,} texts changed."]
    for text in found["texts"]:
        scores = ", ".join(f"{s['name']} {_number(s['baseline'])} → {_number(s['run'])}" for s in text["scores"])
        lines += ["", f"### `{_code(text['id'])}`", "", f"{_cell(scores or 'no score changed')}; "
                  f"{text['distance']:,} characters apart"]  # fmt: skip
        for what in ("question", "reference", "baseline", "run"):
            if text[what] is not None:
                lines += ["", f"{what}:", "", *_block(text[what])]
    return lines


def _block(text: str) -> list[str]:
    """An indented block, in which nothing is markup and no text can end the block."""
    more = f" … (and {len(text) - _LONGEST:,} more characters)" if len(text) > _LONGEST else ""
    shown = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text[:_LONGEST])
    return [f"    {line}" for line in (shown + more or "(empty)").split("\n")]


def _several(verdict: str, measures: Sequence[Found], tell: Callable[[Found], str]) -> str:
    return f"{len(measures)} {verdict} ({_names([tell(m) for m in measures])})"


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _named(m: Found) -> str:
    return f"{m['name']}, {m['note']}" if m["note"] else str(m["name"])


def _moved(m: Found) -> str:
    return f"{m['name']} {_number(m['baseline'])} → {_number(m['run'])}, {_signed(m['change'], m['ci95'])}"


def _first(change: Found | None) -> str:
    if change is None:
        return "none that the manifests know"
    files = _names([file["name"] for file in change["files"]])
    causes = [*change["request"], *change["versions"]]
    return f"{change['step']} ({files}{'; ' + _names(causes) if causes else ''})"


def _examples(examples: Found) -> str:
    parts = [f"{examples['common']:,} in both with the same reference"]
    named = (("gone", "gone"), ("new", "new"), ("other_reference", "with another reference"))
    return ", ".join(parts + [f"{examples[key]['count']:,} {what}" for key, what in named if examples[key]["count"]])


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:,.6g}"


def _signed(value: float | None, ci95: Sequence[float] | None) -> str:
    if value is None:
        return NONE
    return f"{value:+.4g}" + (f" [{ci95[0]:+.4g}, {ci95[1]:+.4g}]" if ci95 and ci95[0] is not None else "")


def _cell(text: str) -> str:
    """Text that is no markup and no table border."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """For between backticks, in a table or a list."""
    return " ".join(text.split()).replace("`", "'").replace("|", "¦")
