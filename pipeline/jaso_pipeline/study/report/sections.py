"""What the report says, as blocks: question, tables, claims, costs, what would change it, samples, how to repeat it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jaso_evaluate.comparison.view import ARROWS, TIED, signed_number
from jaso_evaluate.report.number_format import NONE, digits, number, p_value, seconds, span
from jaso_evaluate.statistics.intervals import LEVEL
from jaso_pipeline.study.report.document import Block, Cell, Code, Figure, Heading, Items, Sample, Table, Text
from jaso_pipeline.study.report.results import CONTRARY, FOUND, OPEN

Found = Mapping[str, Any]

_SAMPLES = 6
_LONGEST = 500


def blocks(found: Found, figures: Mapping[str, Figure]) -> list[Block]:
    """In the order in which a reader asks."""
    parts: list[Block] = _begin(found)
    parts += [Heading("Answers"), *_claims(found), *_best(found), *figures.values()]
    parts += [Heading("All measures"), *tables(found), *_formers(found)]
    parts += [Heading("What it cost"), _costs(found)]
    parts += [Heading("What would change this"), Items(list(_doubts(found)))]
    samples = list(_samples(found))
    parts += [Heading("Texts that differ most"), *samples] if samples else []
    parts += [
        Heading("The same by hand"),
        Text("One cell; the others differ in their overrides."),
        Code(found["commands"]),
    ]
    parts += [Items([f"{name} {version}" for name, version in found["versions"].items()])]
    signatures = [f"{one['name']}: {one['facts']['signature']}" for one in found["measures"] if one["facts"]]
    return [*parts, Heading("Signatures"), Items(signatures)]


def summary(found: Found, figure: Figure | None) -> list[Block]:
    """The answers and the tables alone, for a page about several studies."""
    return [*_begin(found), *_claims(found), *_best(found), *([figure] if figure else []), *tables(found)]


def _begin(found: Found) -> list[Block]:
    absent = [Text(f"Not complete, and in no table: {'; '.join(found['absent'])}.")] if found["absent"] else []
    return [Text(found["asks"]), Text(_about(found)), *absent]


def _about(found: Found) -> str:
    corpus = found["corpus"]
    synthetic = corpus.get("source") == "sample"
    made = ", ".join(f"{value:,} {key}" for key, value in corpus.get("request", {}).items() if key != "seed" and value)
    what = f"Synthetic corpus ({made}); its numbers say how jaso works, not how a model writes." if synthetic else ""
    shares = corpus.get("examples", {})
    examples = ", ".join(f"{count:,} {split}" for split, count in shares.items())
    used = sorted({seed for cell in found["cells"] for seed in cell["seeds"]})
    seeds = f"seeds {used[0]} to {used[-1]}" if len(used) > 1 else f"seed {used[0]}"
    seeds += ", no two cells the same" if len({tuple(cell["seeds"]) for cell in found["cells"]}) > 1 else ""
    given = f" With {' '.join(found['given'])}." if found["given"] else ""
    model = ", ".join(f"{key} {value}" for key, value in found["model"].items() if key in _TOLD)
    return f"{what} Examples: {examples}. Model: {model}. Each cell with {seeds}, size {found['size']}.{given}".strip()


_TOLD = ("name", "hidden_size", "layers", "path")


def _claims(found: Found) -> Iterator[Block]:
    claims = found["claims"]
    if not claims:
        return
    rows = []
    for one in claims:
        decimals = digits(one["ci95"], one.get("unit", ""))
        gap = NONE if one["difference"] is None else signed_number(one["difference"], decimals)
        verdict = f"{one['verdict']}: {one['note']}" if "note" in one else one["verdict"]
        rows.append(
            [
                Cell(f"{one['better']} is better than {one['than']} in {one['measure']}", _aside(one["because"])),
                Cell(gap, span(one["ci95"], decimals) if one["ci95"] else ""),
                Cell(p_value(one["p_holm"])),
                Cell(verdict, _expected(one), strong=one["verdict"] in (FOUND, CONTRARY)),
            ]
        )
    tested = sum(one["p"] is not None for one in claims)
    corrected = f" after Holm's correction for {tested} claims" if tested > 1 else ""
    caption = (
        f"Differences with 95 % intervals, p by paired tests{corrected}; a claim is found where p < {LEVEL} and the "
        "difference has its sign."
    )
    yield Table(["claim", "difference", "p (Holm)", "verdict"], rows, caption)


def _best(found: Found) -> Iterator[Block]:
    """The sweet spot of a curve, as a set that holds 95 % of the resamples."""
    if found["best"] is None:
        return
    shares = found["best"]["shares"]
    told = ", ".join(f"{label} in {100 * share:.0f} %" for label, share in shares.items() if share >= 0.005)
    spot = " or ".join(found["best"]["set"])
    yield Text(
        f"Best {found['factors'][0]} by {found['primary']}: {spot} (95 %). Of 10,000 draws of groups, the best is "
        f"{told}."
    )


def _expected(claim: Found) -> str:
    return _aside({True: "planted: expected", False: "nothing planted", None: ""}[claim["expected"]])


def _aside(text: str) -> str:
    return f"({text})" if text else ""


def tables(found: Found) -> Iterator[Block]:
    """One of all measures for each set of cells with the same references."""
    families = found["families"]
    shown = [one for one in found["measures"] if one["facts"]]
    absent = [one["name"] for one in found["measures"] if not one["facts"]]
    for number_, family in enumerate(families):
        cells = [cell for cell in found["cells"] if cell["family"] == number_]
        head = ["cell", *(f"{one['name']} {ARROWS[one['facts']['higher_is_better']]}".strip() for one in shown)]
        rows = [[Cell(cell["label"]), *(_value(cell, one) for one in shown)] for cell in cells]
        yield Table(head, rows, _caption(family, len(families)))
    units = ", ".join(f"{one['name']} in {one['facts']['unit']}" for one in shown)
    yield Text(f"Units: {units}." + (f" Not measured here: {', '.join(absent)}." if absent else ""))
    if len(families) > 1:
        yield Text(
            "Cells with other references stand in tables of their own: a summary is easier or harder to meet than an "
            "answer, and a text is no better for that."
        )


def _caption(family: Found, count: int) -> str:
    comparison = family["comparison"]
    if comparison is None:
        return f"{family['members'][0]}: alone with its references, so that nothing is compared."
    which = f" ({', '.join(family['members'])})" if count > 1 else ""
    return (
        f"{comparison['n']:,} examples in {comparison['groups']:,} groups{which}; 95 % intervals by group. Bold: "
        f"better than every other; {TIED}: not told from the best (p < {LEVEL} after Holm's correction for the pairs)."
    )


def _value(cell: Found, measure: Found) -> Cell:
    one = cell["values"].get(measure["name"])
    if one is None:
        return Cell(NONE)
    decimals = digits(one["ci95"], measure["facts"]["unit"])
    tied = TIED if one.get("standing") == "tied" else ""
    return Cell(
        number(one["value"], decimals) + tied,
        span(one["ci95"], decimals) if one["ci95"] else "",
        one.get("standing") == "best",
    )


def _formers(found: Found) -> Iterator[Block]:
    """The table of the earlier work, in its own layout, each number with ours behind it."""
    cells = {cell["label"]: cell for cell in found["cells"]}
    units = {one["name"]: one["facts"]["unit"] for one in found["measures"] if one["facts"]}
    for table in found["former"]:
        rows = []
        for label, values in table["rows"].items():
            row = [Cell(label)]
            for value, measure in zip(values, table["measures"], strict=True):
                ours = cells.get(label, {}).get("values", {}).get(measure) if measure else None
                text = NONE if value is None else f"{value:g}"
                row.append(
                    Cell(text, f"ours {number(ours['value'], digits(ours['ci95'], units[measure]))}" if ours else "")
                )
            rows.append(row)
        ours_are = ", ".join(f"{c}: {m}" for c, m in zip(table["columns"], table["measures"], strict=True) if m)
        yield Table(
            ["", *table["columns"]], rows, f"{table['title']} ({table['source']}). {table['units']} Ours: {ours_are}."
        )


_COSTS = (
    "Means over the seeds; memory is the highest peak, on a CPU that of the worker with all that it ran before. Times "
    "are of the machine that ran it."
)


def _costs(found: Found) -> Block:
    head = ["cell", "examples", "steps", "tokens", "trained", "training", "tokens/s", "memory", "evaluation"]
    rows = []
    for cell in found["cells"]:
        cost = cell["cost"]
        share = ""
        if cost["trainable"] is not None and cost["parameters"]:
            share = f"{100 * cost['trainable'] / cost['parameters']:.1f} % of {cost['parameters']:,}"
        rows.append(
            [
                Cell(cell["label"]), Cell(f"{cost['examples']:,}"), Cell(f"{cost['steps']:,}"),
                Cell(f"{cost['tokens']:,.0f}"),
                Cell(share or NONE), Cell(seconds(cost["train_seconds"])), Cell(f"{cost['tokens_per_second']:,.0f}"),
                Cell(f"{cost['memory'] / 2**20:,.0f} MiB"), Cell(seconds(cost["evaluate_seconds"])),
            ]
        )  # fmt: skip
    return Table(head, rows, _COSTS)


def _doubts(found: Found) -> Iterator[str]:
    """Seeds, power, and what the comparisons themselves note."""
    if len(found["seeds"]) == 1:
        yield (
            "One seed: another training of the same cell may differ by more than the intervals, which hold the texts "
            "to chance and not the training. seeds=3 or more measure that."
        )
    elif len(found["seeds"]) < 5:
        yield f"{len(found['seeds'])} seeds: their spread is a rough guess, which the intervals allow for."
    for one in found["claims"]:
        yield from _power(one)
    notes = dict.fromkeys(
        note for family in found["families"] if family["comparison"] for note in family["comparison"]["notes"]
    )
    yield from _together(notes)
    if found["corpus"].get("source") == "sample":
        yield "A corpus of people's letters: what the synthetic one plants is simpler than what people write."


def _together(notes: Iterable[str]) -> Iterator[str]:
    """Notes that say the same of several runs, as one."""
    runs: dict[str, list[str]] = {}
    for note in notes:
        run, _, what = note.partition(": ")
        runs.setdefault(what or note, []).append(run)
    for what, some in runs.items():
        yield what if some == [what] else f"{some[0]}: {what}" if len(some) == 1 else f"{len(some)} runs: {what}"


def _power(claim: Found) -> Iterator[str]:
    if claim["verdict"] != OPEN:
        return
    least, needed = (claim.get(key) or {} for key in ("detectable", "needed"))
    name = f"{claim['better']} and {claim['than']} in {claim['measure']}"
    if least.get("0.8") is not None:
        yield f"{name}: a difference of {least['0.8']:.3g} is found in 80 of 100 such studies."
    if needed.get("0.8"):
        yield f"{name}: to tell the difference seen here takes some {needed['0.8']['examples']:,} examples."


def _samples(found: Found) -> Iterator[Block]:
    for family in found["families"]:
        if family["comparison"] is None:
            continue
        for text in family["comparison"]["texts"]["texts"][: max(1, _SAMPLES // len(found["families"]))]:
            yield Sample(
                _short(text["prompt"] or ""), _short(text["reference"]),
                [(one["run"], _short(one["text"])) for one in text["predictions"]],
            )  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … ({len(text):,} characters)"
