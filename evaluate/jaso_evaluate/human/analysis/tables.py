"""The numbers of a round for people: human.md, human.html, human.csv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaso_evaluate.human.analysis.long_table import long_table
from jaso_evaluate.human.ratings import Ratings
from jaso_evaluate.human.rubric import TOTAL
from jaso_evaluate.report import page
from jaso_evaluate.report.number_format import NONE, digits, number, p_value, span

Found = Mapping[str, Any]

_MOST_QUESTIONS = 20
_LONGEST = 400
_RELIABLE, _TENTATIVE = 0.8, 0.667


@dataclass(frozen=True)
class Section:
    """A heading, a paragraph, and a table of texts; the first column is a name, the others are numbers."""

    title: str
    lead: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def render(found: Found, ratings: Ratings) -> dict[str, str]:
    """{"md", "html", "csv"}: the file's text by its suffix."""
    sections = [part for part in _sections(found) if part.rows]
    html = page(
        "human.html.j2", found=found, sections=sections, bars=_bars(found), lead=_lead(found), texts=_texts(found)
    )
    return {"md": _markdown(found, sections), "html": html, "csv": long_table(ratings)}


def _lead(found: Found) -> str:
    n = found["n"]
    return (
        f"{n['raters']} raters, {n['items']:,} items in {n['groups']:,} groups, {n['runs']} runs, "
        f"{n['scored_rows']:,} scored rows. 95 % intervals: bootstrap over {found['resampled']}, "
        f"{found['resamples']:,} resamples, seed {found['seed']}."
    )


def _sections(found: Found) -> list[Section]:
    return [_runs(found), _questions(found), _pairs(found), _agreement(found), _raters(found), _metrics(found)]


def _label(found: Found, name: str) -> str:
    return "합계 (total)" if name == TOTAL else str(found["rubric"]["criteria"][name]["label"])


def _runs(found: Found) -> Section:
    names = list(found["rubric"]["criteria"])
    rows = [
        [row["run"], _estimate(row["final"]), *(_estimate(row["criteria"][name]) for name in names)]
        for row in sorted(found["runs"], key=lambda row: -(row["final"]["value"] or 0.0))
    ]
    rows.append(["all runs", *(number(found["criteria"][name], 2) for name in (TOTAL, *names))])
    lowest, highest = (sum(c[end] for c in found["rubric"]["criteria"].values()) for end in ("lowest", "highest"))
    lead = f"Final score: sum over the criteria, mean over raters, then over items; from {lowest} to {highest}."
    return Section("Final scores", lead, ["run", "final", *(_label(found, n) for n in names)], rows)


def _questions(found: Found) -> Section:
    runs = [row["run"] for row in found["runs"]]
    rows = [
        [
            _short(q["question"], 80),
            str(q["items"]),
            *(number(q["final"][run], 2) for run in runs),
            ", ".join(q["best"]),
            ", ".join(q["worst"]),
        ]
        for q in found["questions"][:_MOST_QUESTIONS]
    ]
    more = len(found["questions"]) - _MOST_QUESTIONS
    between = found["between_items"]
    lead = "Final scores of each question." + (f" {more} more stand in human.json." if more > 0 else "")
    if between is not None:
        lead += (
            f" Two items put the runs in orders that correlate by {number(between['spearman'], 2)} (Spearman, mean "
            f"over all pairs of {between['items']} items)."
        )
    return Section("By question", lead, ["question", "items", *runs, "best", "worst"], rows)


def _pairs(found: Found) -> Section:
    rows = [
        [
            f"{row['first']} − {row['second']}",
            f"{number(row['difference'], 2)} {span(row['ci95'], 2)}",
            p_value(row["p"]),
            p_value(row["p_holm"]),
            "yes" if row["p_holm"] is not None and row["p_holm"] < 0.05 else "no",
            NONE if row["groups_needed"] is None else f"{row['groups_needed']:,}",
        ]
        for row in found["pairs"]
    ]
    lead = (
        "p: sign-flip test paired over groups of items. Groups needed: to tell this difference, if it is real, with "
        "power 0.8 after the correction; from a spread of few groups it is a guess."
    )
    return Section("Pairs of runs", lead, ["pair", "difference", "p", "p Holm", "told apart", "groups needed"], rows)


def _agreement(found: Found) -> Section:
    rows = [
        [
            _label(found, name),
            f"{number(entry['ordinal'], 2)} {span(entry['ordinal_ci95'], 2)}",
            number(entry["nominal"], 2),
            number(entry["interval"], 2),
            NONE if entry["exact"] is None else f"{100 * entry['exact']:.0f} %",
            _reliability(entry["ordinal"]),
        ]
        for name, entry in found["agreement"].items()
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


def _raters(found: Found) -> Section:
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
        for row in found["raters"]
    ]
    lead = (
        "Severity: difference from the other raters' mean on the same texts; below 0 is severe. Drift: its change over "
        "10 rows of the sheet. Same again: equal scores on texts seen twice. Sameness: share of the commonest set of "
        "scores, and the longest run of one set."
    )
    head = ["rater", "texts", "mean (SD)", "severity", "drift", "same again", "sameness"]
    return Section("Raters", lead, head, rows)


def _metrics(found: Found) -> Section:
    arrows = {True: " ↑", False: " ↓", None: ""}
    rows = [
        [
            f"{row['metric']}{arrows[row['higher_is_better']]}",
            f"{number(row['tau'], 2)} {span(row['ci95'], 2)}",
            str(row["n"]),
            NONE
            if row["systems"] is None
            else f"{number(row['systems']['tau'], 2)} (p {p_value(row['systems']['p'])})",
        ]
        for row in found["metrics"]
    ]
    lead = (
        "Kendall's τ-b with the raters' mean total: above 0, the metric agrees (where lower is better it is turned "
        f"round). {found['systems']}"
    )
    return Section(
        "Which metric agrees with the raters", lead, ["metric", "τ over texts", "texts", "τ over runs"], rows
    )


def _estimate(entry: Found) -> str:
    decimals = max(2, digits(entry["ci95"]))
    return f"{number(entry['value'], decimals)} {span(entry['ci95'], decimals) if entry['ci95'] else ''}".strip()


def _bars(found: Found) -> list[dict[str, Any]]:
    """Final scores and their intervals as places from 0 to 100."""
    criteria = found["rubric"]["criteria"].values()
    lowest, highest = (sum(c[end] for c in criteria) for end in ("lowest", "highest"))

    def place(value: float) -> float:
        return float(round(100 * (value - lowest) / (highest - lowest), 2))

    return [
        {
            "run": row["run"],
            "value": number(row["final"]["value"], 2),
            "at": place(row["final"]["value"]),
            "low": place((row["final"]["ci95"] or [row["final"]["value"]])[0]),
            "high": place((row["final"]["ci95"] or [row["final"]["value"]])[-1]),
        }
        for row in sorted(found["runs"], key=lambda row: -(row["final"]["value"] or 0.0))
        if row["final"]["value"] is not None
    ]


def _texts(found: Found) -> list[dict[str, Any]]:
    """The least agreed texts, cut to a readable length."""
    return [
        {
            **row,
            "totals": {name: number(value, 0) for name, value in row["totals"].items()},
            "sd": number(row["sd"], 2),
            "answer": _short(row["answer"], _LONGEST * 3),
        }
        for row in found["least_agreed"]
    ]


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} …"


def _markdown(found: Found, sections: Sequence[Section]) -> str:
    parts = ["# Human scores", _lead(found), f"**{found['verdict']['sentence']}**"]
    parts += ["\n".join(f"- {_md(note)}" for note in found["notes"])] if found["notes"] else []
    for part in sections:
        rule = ["---", *("---:" for _ in part.head[1:])]
        table = [part.head, rule, *part.rows]
        parts += [f"## {part.title}", part.lead]
        parts.append("\n".join("| " + " | ".join(_md(cell) for cell in row) + " |" for row in table))
    if found["least_agreed"]:
        parts.append("## Least agreed texts")
        parts.append(
            "\n".join(
                f"- {_md(row['id'])} ({_md(row['run'])}), SD {row['sd']}: {_md(', '.join(row['totals'].values()))}. "
                f"{_md(_short(row['answer'], _LONGEST))}"
                for row in _texts(found)
            )
        )
    return "\n\n".join(parts) + "\n"


def _md(text: str) -> str:
    """One line in which nothing is markup: not a table's bar, not a tag, not a link."""
    text = " ".join(text.split())
    for char in "\\`*_[]|<>":
        text = text.replace(char, f"\\{char}") if char not in "<>" else text.replace(char, f"&{'lg'[char == '>']}t;")
    return text
