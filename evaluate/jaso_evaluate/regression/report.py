"""Report of the regression gate: one line for the console, a page of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jaso_core.report.escape import escape_code, escape_markdown, one_line
from jaso_core.report.marks import ARROWS
from jaso_core.report.number_format import NONE, p_value
from jaso_core.report.tables import Table
from jaso_core.report.tables import markdown as markdown_table

JsonObject = Mapping[str, Any]

_MAX_NAMES = 3
_MAX_CHARACTERS = 600
"""Characters of a text that are shown."""

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


def summary(gate: JsonObject) -> str:
    """Return the outcome in one line.

    What failed, by how much, and which stage changed first.
    """
    measures = gate["measures"]
    failed = [m for m in measures if m["fails"]]
    if gate["passed"]:
        better = [m for m in measures if m["verdict"] == "better"]
        unblessed = [m["name"] for m in measures if m["verdict"] == "new"]
        parts = [f"passed: none of {len(measures)} measures is worse than the baseline's"]
        parts += [_list_measures("better, bless it", better, _describe_change)] if better else []
        parts += [f"not in the baseline yet: {_names(unblessed)}"] if unblessed else []
        parts += [f"{gate['texts_changed']:,} texts changed"] if gate["texts_changed"] else []
        return "; ".join(parts)
    parts = []
    for verdict in ("worse", "out of bounds", "no value", "missing", "not comparable"):
        matching = [m for m in failed if m["verdict"] == verdict]
        if matching:
            parts.append(
                _list_measures(
                    verdict, matching, _describe_change if verdict in ("worse", "out of bounds") else _describe_name
                )
            )
    if gate["examples"]["changed"]:
        parts.append(f"other examples: {_examples(gate['examples'])}")
    return "; ".join([*parts, f"first change: {_describe_first_change(gate['first_change'])}"])


def markdown(gate: JsonObject) -> str:
    """Render regress.md."""
    title = "passed" if gate["passed"] else "failed"
    lines = [f"# Regression gate: {title}", "", _escape(gate["summary"]), "", _mode(gate), ""]
    lines += [f"- {_escape(note)}" for note in gate["notes"]]
    for heading, body in (
        ("Measures", _measures(gate["measures"])),
        ("What changed first", _change(gate)),
        ("Examples", [f"{_escape(_examples(gate['examples']))}.", *_example_lists(gate["examples"])]),
        ("Texts that changed most", _texts(gate)),
    ):
        lines += ["", f"## {heading}", "", *body]
    return "\n".join(lines).rstrip() + "\n"


def _mode(gate: JsonObject) -> str:
    text = _LIMITS[gate["limit"]].format(level=gate["level"])
    return f"{text} Environment: {_escape('; '.join(gate['environment']) or 'no difference')}."


def _measures(measures: Sequence[JsonObject]) -> list[str]:
    """Render the table of measures: failed ones first, then in their order."""
    head = ["measure", "baseline", "run", "change [95 %]", "p (Holm)", "allowed loss", "texts", "verdict"]
    rows = []
    for m in sorted(measures, key=lambda m: not m["fails"]):
        verdict = f"**{m['verdict']}**" if m["fails"] else str(_VERDICTS.get(m["verdict"], m["verdict"]))
        name = f"{_escape(m['name'])} {ARROWS[m['higher_is_better']]}".strip()
        rows.append(
            [
                f"{name} ({_escape(m['unit'])})" if m["unit"] else name,
                _number(m["baseline"]),
                _number(m["run"]),
                _format_change(m["change"], m["ci95"]),
                p_value(m["p_holm"]),
                _number(m["allowed"]),
                f"{m['n']:,}" if m["n"] else NONE,
                f"{verdict} ({_escape(m['note'])})" if m["note"] else verdict,
            ]
        )
    return markdown_table(Table(head, rows, align="lrrrrrrl"), str, layout="compact").split("\n")


def _change(gate: JsonObject) -> list[str]:
    change = gate["first_change"]
    if change is None:
        return [f"No stage's files differ, as far as they are known ({', '.join(gate['steps'])})."]
    lines: list[str] = [f"**{change['step']}** gave something else:", ""]
    for file in change["files"]:
        rows = _rows(*(file["rows"] or (None, None)))
        lines.append(f"- `{_escape_code(file['name'])}` {file['what']}{rows}")
    causes = [*change["request"], *(f"version: {line}" for line in change["versions"])]
    if causes:
        lines += ["", "It was asked for something else, or by other versions:", ""]
        lines += [f"- `{_escape_code(line)}`" for line in causes]
    else:
        lines += [
            "",
            "It was asked for the same with the same input and versions: its code changed, or the environment.",
        ]
    return lines + [f"- not compared: {_escape(name)}" for name in change["unknown"]]


def _rows(before: int | None, after: int | None) -> str:
    return f", {_number(before)} → {_number(after)} rows" if before != after else ""


def _example_lists(examples: JsonObject) -> list[str]:
    lines = []
    for key, what in (("gone", "gone"), ("new", "new"), ("other_reference", "with another reference")):
        if examples[key]["count"]:
            lines += ["", f"{what}: {', '.join(f'`{_escape_code(i)}`' for i in examples[key]['first'])}"]
    return lines


def _texts(gate: JsonObject) -> list[str]:
    if not gate["texts"]:
        return ["None."]
    lines = [f"{gate['texts_changed']:,} of {gate['examples']['common']:,} texts changed."]
    for text in gate["texts"]:
        scores = ", ".join(f"{s['name']} {_number(s['baseline'])} → {_number(s['run'])}" for s in text["scores"])
        lines += ["", f"### `{_escape_code(text['id'])}`", "", f"{_escape(scores or 'no score changed')}; "
                  f"{text['distance']:,} characters apart"]  # fmt: skip
        for what in ("question", "reference", "baseline", "run"):
            if text[what] is not None:
                lines += ["", f"{what}:", "", *_block(text[what])]
    return lines


def _block(text: str) -> list[str]:
    """Indent a text as a block: nothing in it is markup or can end the block."""
    more = f" … (and {len(text) - _MAX_CHARACTERS:,} more characters)" if len(text) > _MAX_CHARACTERS else ""
    printable = "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text[:_MAX_CHARACTERS]
    )
    return [f"    {line}" for line in (printable + more or "(empty)").split("\n")]


def _list_measures(verdict: str, measures: Sequence[JsonObject], tell: Callable[[JsonObject], str]) -> str:
    return f"{len(measures)} {verdict} ({_names([tell(m) for m in measures])})"


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_NAMES:,} more" if len(names) > _MAX_NAMES else ""
    return ", ".join(names[:_MAX_NAMES]) + more


def _describe_name(m: JsonObject) -> str:
    return f"{m['name']}, {m['note']}" if m["note"] else str(m["name"])


def _describe_change(m: JsonObject) -> str:
    return f"{m['name']} {_number(m['baseline'])} → {_number(m['run'])}, {_format_change(m['change'], m['ci95'])}"


def _describe_first_change(change: JsonObject | None) -> str:
    if change is None:
        return "none that the manifests know"
    files = _names([file["name"] for file in change["files"]])
    causes = [*change["request"], *change["versions"]]
    return f"{change['step']} ({files}{'; ' + _names(causes) if causes else ''})"


def _examples(examples: JsonObject) -> str:
    parts = [f"{examples['common']:,} in both with the same reference"]
    named = (("gone", "gone"), ("new", "new"), ("other_reference", "with another reference"))
    return ", ".join(parts + [f"{examples[key]['count']:,} {what}" for key, what in named if examples[key]["count"]])


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:,.6g}"


def _format_change(value: float | None, ci95: Sequence[float] | None) -> str:
    if value is None:
        return NONE
    return f"{value:+.4g}" + (f" [{ci95[0]:+.4g}, {ci95[1]:+.4g}]" if ci95 and ci95[0] is not None else "")


def _escape(text: str) -> str:
    """Escape text for a table cell: no markup, no border."""
    return escape_markdown(one_line(text), special="\\`*_{}[]<>#|")


def _escape_code(text: str) -> str:
    """Escape text for between backticks, in a table or a list."""
    return escape_code(one_line(text), bar="¦")
