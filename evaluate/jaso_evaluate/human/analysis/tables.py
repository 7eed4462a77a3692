"""Render a rating round as human.md, human.html and human.csv."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from jaso_core.report.escape import escape_markdown, one_line
from jaso_core.report.marks import ARROWS
from jaso_core.report.number_format import NONE, digits, number, p_value, span
from jaso_core.report.tables import Table, markdown
from jaso_evaluate.human.analysis.long_table import long_table
from jaso_evaluate.human.ratings import Ratings
from jaso_evaluate.human.schema import Analysis, MetricAgreement
from jaso_evaluate.report import page
from jaso_evaluate.rubric import TOTAL, RubricNode
from jaso_evaluate.schema import PartScore

_MAX_QUESTIONS = 20
_MAX_CHARACTERS = 400
_RELIABLE, _TENTATIVE = 0.8, 0.667


class _Bar(TypedDict):
    run: str
    value: str
    at: float
    low: float
    high: float


class _ShownText(TypedDict):
    id: str
    run: str
    sd: str
    totals: dict[str, str]
    question: str
    answer: str


@dataclass(frozen=True)
class Section:
    """A heading, a paragraph and a table; the first column is a name, others numbers."""

    title: str
    lead: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def render(analysis: Analysis, ratings: Ratings) -> dict[str, str]:
    """Return {"md", "html", "csv"}: the file's text by its suffix."""
    sections = [part for part in _sections(analysis) if part.rows]
    html = page(
        "human.html.j2",
        analysis=analysis,
        sections=sections,
        bars=_bars(analysis),
        lead=_lead(analysis),
        texts=_texts(analysis),
    )
    return {"md": _markdown(analysis, sections), "html": html, "csv": long_table(ratings)}


def _lead(analysis: Analysis) -> str:
    n = analysis["n"]
    return (
        f"{n['raters']} raters, {n['items']:,} items in {n['groups']:,} groups, {n['runs']} runs, "
        f"{n['scored_rows']:,} scored rows. 95 % intervals: bootstrap over {analysis['resampled']}, "
        f"{analysis['resamples']:,} resamples, seed {analysis['seed']}."
    )


def _sections(analysis: Analysis) -> list[Section]:
    return [
        _runs(analysis),
        _questions(analysis),
        _pairs(analysis),
        _agreement(analysis),
        _raters(analysis),
        _metrics(analysis),
    ]


def _label(analysis: Analysis, name: str) -> str:
    return "합계 (total)" if name == TOTAL else str(analysis["rubric"]["criteria"][name]["label"])


def _runs(analysis: Analysis) -> Section:
    names = list(analysis["rubric"]["criteria"])
    rows = [
        [row["run"], _estimate(row["final"]), *(_estimate(row["criteria"][name]) for name in names)]
        for row in sorted(analysis["runs"], key=lambda row: -(row["final"]["value"] or 0.0))
    ]
    rows.append(["all runs", *(number(analysis["criteria"][name], 2) for name in (TOTAL, *names))])
    lowest, highest = _scale(analysis["rubric"])
    lead = f"Final score: sum over the criteria, mean over raters, then over items; from {lowest} to {highest}."
    return Section("Final scores", lead, ["run", "final", *(_label(analysis, n) for n in names)], rows)


def _questions(analysis: Analysis) -> Section:
    runs = [row["run"] for row in analysis["runs"]]
    rows = [
        [
            _truncate(q["question"], 80),
            str(q["items"]),
            *(number(q["final"][run], 2) for run in runs),
            ", ".join(q["best"]),
            ", ".join(q["worst"]),
        ]
        for q in analysis["questions"][:_MAX_QUESTIONS]
    ]
    more = len(analysis["questions"]) - _MAX_QUESTIONS
    between = analysis["between_items"]
    lead = "Final scores of each question." + (f" {more} more stand in human.json." if more > 0 else "")
    if between is not None:
        lead += (
            f" Two items put the runs in orders that correlate by {number(between['spearman'], 2)} (Spearman, mean "
            f"over all pairs of {between['items']} items)."
        )
    return Section("By question", lead, ["question", "items", *runs, "best", "worst"], rows)


def _pairs(analysis: Analysis) -> Section:
    rows = [
        [
            f"{row['first']} − {row['second']}",
            f"{number(row['difference'], 2)} {span(row['ci95'], 2)}",
            p_value(row["p"]),
            p_value(row["p_holm"]),
            "yes" if row["p_holm"] is not None and row["p_holm"] < 0.05 else "no",
            NONE if row["groups_needed"] is None else f"{row['groups_needed']:,}",
        ]
        for row in analysis["pairs"]
    ]
    lead = (
        "p: sign-flip test paired over groups of items. Groups needed: to tell this difference, if it is real, with "
        "power 0.8 after the correction; from a spread of few groups it is a guess."
    )
    return Section("Pairs of runs", lead, ["pair", "difference", "p", "p Holm", "told apart", "groups needed"], rows)


def _agreement(analysis: Analysis) -> Section:
    rows = [
        [
            _label(analysis, name),
            f"{number(entry['ordinal'], 2)} {span(entry['ordinal_ci95'], 2)}",
            number(entry["nominal"], 2),
            number(entry["interval"], 2),
            NONE if entry["exact"] is None else f"{100 * entry['exact']:.0f} %",
            _reliability(entry["ordinal"]),
        ]
        for name, entry in analysis["agreement"].items()
    ]
    lead = (
        "Krippendorff's α: 1 is agreement, 0 is chance; from .80 reliable, from .667 for tentative conclusions "
        "(Krippendorff 2004). Its interval is over groups of items. Exact: pairs of raters with the same score."
    )
    return Section("Agreement", lead, ["criterion", "α ordinal", "α nominal", "α interval", "exact", ""], rows)


def _reliability(value: float | None) -> str:
    if value is None:
        return "not defined: no variation, or no two scores of a text"
    return "reliable" if value >= _RELIABLE else "tentative" if value >= _TENTATIVE else "not reliable"


def _raters(analysis: Analysis) -> Section:
    rows = [
        [
            row["rater"],
            str(row["n"]),
            f"{number(row['mean'], 2)} ({number(row['sd'], 2)})",
            f"{number(row['severity'], 2)} {span(row['severity_ci95'], 2)}",
            f"{number(row['drift_per_10'], 2)} (p {p_value(row['drift_p'])})",
            NONE if row["self_exact"] is None else f"{100 * row['self_exact']:.0f} % ({row['repeated']} texts)",
            f"{number(row['commonest_share'], 2)}, {row['longest_run']}"
            + (" straight-lining" * row["straight_lining"]),
        ]
        for row in analysis["raters"]
    ]
    lead = (
        "Severity: difference from the other raters' mean on the same texts; below 0 is severe. Drift: its change over "
        "10 rows of the sheet. Same again: equal scores on texts seen twice. Sameness: share of the commonest set of "
        "scores, and the longest run of one set."
    )
    head = ["rater", "texts", "mean (SD)", "severity", "drift", "same again", "sameness"]
    return Section("Raters", lead, head, rows)


def _metrics(analysis: Analysis) -> Section:
    has_judge = any("judge" in row for row in analysis["metrics"])
    rows = [
        [
            f"{row['metric']} {ARROWS[row['higher_is_better']]}".strip(),
            f"{number(row['tau'], 2)} {span(row['ci95'], 2)}",
            str(row["n"]),
            NONE
            if row["systems"] is None
            else f"{number(row['systems']['tau'], 2)} (p {p_value(row['systems']['p'])})",
            *([_judge_alpha(row)] if has_judge else []),
        ]
        for row in analysis["metrics"]
    ]
    lead = (
        "Kendall's τ-b with the raters' mean total: above 0, the metric agrees (where lower is better it is turned "
        f"round). {analysis['systems']}"
    )
    head = ["metric", "τ over texts", "texts", "τ over runs"]
    if has_judge:
        lead += " α: Krippendorff's, interval, of a judge as one more rater beside the raters' mean on its criterion."
        head.append("α as a rater")
    return Section("Which metric agrees with the raters", lead, head, rows)


def _judge_alpha(row: MetricAgreement) -> str:
    if "judge" not in row or row["judge"]["alpha"] is None:
        return NONE
    bounds = row["judge"]["ci95"]
    return f"{number(row['judge']['alpha'], 2)} {span(bounds, 2) if bounds else ''}".strip()


def _estimate(entry: PartScore) -> str:
    decimals = max(2, digits(entry["ci95"]))
    return f"{number(entry['value'], decimals)} {span(entry['ci95'], decimals) if entry['ci95'] else ''}".strip()


def _bars(analysis: Analysis) -> list[_Bar]:
    """Return final scores and their intervals in % of the scale."""
    lowest, highest = _scale(analysis["rubric"])

    def percent(value: float) -> float:
        return float(round(100 * (value - lowest) / (highest - lowest), 2))

    bars: list[_Bar] = []
    for row in sorted(analysis["runs"], key=lambda row: -(row["final"]["value"] or 0.0)):
        value = row["final"]["value"]
        if value is not None:
            bounds = row["final"]["ci95"] or [value]
            low, high = percent(bounds[0]), percent(bounds[-1])
            bars.append({"run": row["run"], "value": number(value, 2), "at": percent(value), "low": low, "high": high})
    return bars


def _scale(rubric: RubricNode) -> tuple[int, int]:
    """Lowest and highest possible total."""
    criteria = rubric["criteria"].values()
    return sum(c["lowest"] for c in criteria), sum(c["highest"] for c in criteria)


def _texts(analysis: Analysis) -> list[_ShownText]:
    """Return the least agreed texts, truncated to a readable length."""
    return [
        {
            "id": row["id"],
            "run": row["run"],
            "sd": number(row["sd"], 2),
            "totals": {name: number(value, 0) for name, value in row["totals"].items()},
            "question": row["question"],
            "answer": _truncate(row["answer"], _MAX_CHARACTERS * 3),
        }
        for row in analysis["least_agreed"]
    ]


def _truncate(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} …"


def _markdown(analysis: Analysis, sections: Sequence[Section]) -> str:
    parts = ["# Human scores", _lead(analysis), f"**{analysis['verdict']['sentence']}**"]
    parts += ["\n".join(f"- {_escape(note)}" for note in analysis["notes"])] if analysis["notes"] else []
    for part in sections:
        parts += [f"## {part.title}", part.lead, markdown(Table(part.head, part.rows), _escape)]
    if analysis["least_agreed"]:
        parts.append("## Least agreed texts")
        parts.append(
            "\n".join(
                f"- {_escape(row['id'])} ({_escape(row['run'])}), SD {row['sd']}: "
                f"{_escape(', '.join(row['totals'].values()))}. {_escape(_truncate(row['answer'], _MAX_CHARACTERS))}"
                for row in _texts(analysis)
            )
        )
    return "\n\n".join(parts) + "\n"


def _escape(text: str) -> str:
    """Escape text for one line of Markdown: no table's bar, no tag, no link."""
    return escape_markdown(one_line(text), special="\\`*_[]|", entities="<>")
