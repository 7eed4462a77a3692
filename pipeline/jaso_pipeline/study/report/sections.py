"""Sections of the study report as blocks.

Question, tables, claims, costs, what would change them, samples, how to repeat it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from jaso_core.report.marks import ARROWS, TIED
from jaso_core.report.number_format import NONE, digits, number, p_value, seconds, signed_number, span
from jaso_core.report.tables import Cell, Table
from jaso_evaluate.comparison.verdict.sentences import verdict_sentences
from jaso_evaluate.schema import LEVEL
from jaso_pipeline.study.report.document import Block, Code, Figure, Heading, Items, Sample, Text, Verdict
from jaso_pipeline.study.report.results import CONTRARY, FOUND, OPEN
from jaso_pipeline.study.report.schema import CellResult, ClaimResult, Family, MeasureFacts, StudyResults

_MAX_SAMPLES = 6
_MAX_CHARACTERS = 500


def blocks(results: StudyResults, figures: Mapping[str, Figure]) -> list[Block]:
    """Return all blocks of the report, in the order of a reader's questions."""
    parts: list[Block] = [*verdicts(results), *_introduction(results)]
    parts += [Heading("Answers"), *_claims(results), *_best_level(results), *figures.values()]
    parts += [Heading("All measures"), *tables(results), *_prior_tables(results)]
    parts += [Heading("What it cost"), _costs(results)]
    parts += [Heading("What would change this"), Items(list(_limitations(results)))]
    samples = list(_samples(results))
    parts += [Heading("Texts that differ most"), *samples] if samples else []
    parts += [
        Heading("The same by hand"),
        Text("One cell; the others differ in their overrides."),
        Code(results["commands"]),
    ]
    parts += [Items([f"{name} {version}" for name, version in results["versions"].items()])]
    signatures = [
        f"{measure['name']}: {measure['facts']['signature']}" for measure in results["measures"] if measure["facts"]
    ]
    return [*parts, Heading("Signatures"), Items(signatures)]


def verdicts(results: StudyResults) -> list[Verdict]:
    """Return who is better, for each set of cells.

    Where their primary measures were compared.
    """
    compared = [family["comparison"]["verdict"] for family in results["families"] if family["comparison"]]
    return [
        Verdict(verdict_sentences(verdict), bool(verdict["degenerate"])) for verdict in compared if verdict["measures"]
    ]


def summary(results: StudyResults, figure: Figure | None) -> list[Block]:
    """Return the answers and tables alone, for a page about several studies."""
    return [
        *_introduction(results),
        *_claims(results),
        *_best_level(results),
        *([figure] if figure else []),
        *tables(results),
    ]


def _introduction(results: StudyResults) -> list[Block]:
    absent = [Text(f"Not complete, and in no table: {'; '.join(results['absent'])}.")] if results["absent"] else []
    return [Text(results["asks"]), Text(_setup_sentence(results)), *absent]


def _setup_sentence(results: StudyResults) -> str:
    corpus = results["corpus"]
    synthetic = corpus.get("source") == "sample"
    sizes = ", ".join(f"{value:,} {key}" for key, value in corpus.get("request", {}).items() if key != "seed" and value)
    what = f"Synthetic corpus ({sizes}); its numbers say how jaso works, not how a model writes." if synthetic else ""
    shares = corpus.get("examples", {})
    examples = ", ".join(f"{count:,} {split}" for split, count in shares.items())
    used = sorted({seed for cell in results["cells"] for seed in cell["seeds"]})
    seeds = f"seeds {used[0]} to {used[-1]}" if len(used) > 1 else f"seed {used[0]}"
    seeds += ", no two cells the same" if len({tuple(cell["seeds"]) for cell in results["cells"]}) > 1 else ""
    extra = f" With {' '.join(results['given'])}." if results["given"] else ""
    model = ", ".join(f"{key} {value}" for key, value in results["model"].items() if key in _MODEL_KEYS)
    return (
        f"{what} Examples: {examples}. Model: {model}. Each cell with {seeds}, size {results['size']}.{extra}".strip()
    )


_MODEL_KEYS = ("name", "hidden_size", "layers", "path")


def _claims(results: StudyResults) -> Iterator[Block]:
    claims = results["claims"]
    if not claims:
        return
    rows = []
    for claim in claims:
        decimals = digits(claim["ci95"], claim.get("unit", ""))
        gap = NONE if claim["difference"] is None else signed_number(claim["difference"], decimals)
        verdict = f"{claim['verdict']}: {claim['note']}" if "note" in claim else claim["verdict"]
        rows.append(
            [
                Cell(
                    f"{claim['better']} is better than {claim['than']} in {claim['measure']}",
                    _in_brackets(claim["because"]),
                ),
                Cell(gap, span(claim["ci95"], decimals) if claim["ci95"] else ""),
                Cell(p_value(claim["p_holm"])),
                Cell(verdict, _expected(claim), strong=claim["verdict"] in (FOUND, CONTRARY)),
            ]
        )
    tested = sum(claim["p"] is not None for claim in claims)
    corrected = f" after Holm's correction for {tested} claims" if tested > 1 else ""
    caption = (
        f"Differences with 95 % intervals, p by paired tests{corrected}; a claim is found where p < {LEVEL} and the "
        "difference has its sign."
    )
    yield Table(["claim", "difference", "p (Holm)", "verdict"], rows, caption)


def _best_level(results: StudyResults) -> Iterator[Block]:
    """Describe the best level of a curve, as a set that holds 95 % of the resamples."""
    if results["best"] is None:
        return
    shares = results["best"]["shares"]
    shares_text = ", ".join(f"{label} in {100 * share:.0f} %" for label, share in shares.items() if share >= 0.005)
    spot = " or ".join(results["best"]["set"])
    yield Text(
        f"Best {results['factors'][0]} by {results['primary']}: {spot} (95 %). Of 10,000 draws of groups, the best is "
        f"{shares_text}."
    )


def _expected(claim: ClaimResult) -> str:
    return _in_brackets({True: "planted: expected", False: "nothing planted", None: ""}[claim["expected"]])


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


def tables(results: StudyResults) -> Iterator[Block]:
    """Yield one table of all measures per set of cells with the same references."""
    families = results["families"]
    measures = {measure["name"]: measure["facts"] for measure in results["measures"] if measure["facts"]}
    absent = [measure["name"] for measure in results["measures"] if not measure["facts"]]
    for number_, family in enumerate(families):
        cells = [cell for cell in results["cells"] if cell["family"] == number_]
        head = [
            "cell",
            *(f"{name} {ARROWS[facts['higher_is_better']]}".strip() for name, facts in measures.items()),
        ]
        rows = [[Cell(cell["label"]), *(_value(cell, *measure) for measure in measures.items())] for cell in cells]
        yield Table(head, rows, _caption(family, len(families)))
    units = ", ".join(f"{name} in {facts['unit']}" for name, facts in measures.items())
    yield Text(f"Units: {units}." + (f" Not measured here: {', '.join(absent)}." if absent else ""))
    if len(families) > 1:
        yield Text(
            "Cells with other references stand in tables of their own: a summary is easier or harder to meet than an "
            "answer, and a text is no better for that."
        )


def _caption(family: Family, count: int) -> str:
    comparison = family["comparison"]
    if comparison is None:
        return f"{family['members'][0]}: alone with its references, so that nothing is compared."
    which = f" ({', '.join(family['members'])})" if count > 1 else ""
    return (
        f"{comparison['n']:,} examples in {comparison['groups']:,} groups{which}; 95 % intervals by group. Bold: "
        f"better than every other; {TIED}: not told from the best (p < {LEVEL} after Holm's correction for the pairs)."
    )


def _value(cell: CellResult, name: str, facts: MeasureFacts) -> Cell:
    value = cell["values"].get(name)
    if value is None:
        return Cell(NONE)
    decimals = digits(value["ci95"], facts["unit"])
    tied = TIED if value.get("standing") == "tied" else ""
    return Cell(
        number(value["value"], decimals) + tied,
        span(value["ci95"], decimals) if value["ci95"] else "",
        value.get("standing") == "best",
    )


def _prior_tables(results: StudyResults) -> Iterator[Block]:
    """Yield the tables of prior work in their own layout, ours behind each number."""
    cells = {cell["label"]: cell for cell in results["cells"]}
    units = {measure["name"]: measure["facts"]["unit"] for measure in results["measures"] if measure["facts"]}
    for table in results["former"]:
        rows = []
        for label, values in table["rows"].items():
            row = [Cell(label)]
            for value, measure in zip(values, table["measures"], strict=True):
                text = NONE if value is None else f"{value:g}"
                ours = cells[label]["values"].get(measure) if measure and label in cells else None
                decimals = digits(ours["ci95"], units[measure]) if ours and measure else 0
                row.append(Cell(text, f"ours {number(ours['value'], decimals)}" if ours else ""))
            rows.append(row)
        ours_are = ", ".join(f"{c}: {m}" for c, m in zip(table["columns"], table["measures"], strict=True) if m)
        yield Table(
            ["", *table["columns"]], rows, f"{table['title']} ({table['source']}). {table['units']} Ours: {ours_are}."
        )


_COSTS = (
    "Means over the seeds; memory is the highest peak, on a CPU that of the worker with all that it ran before. Times "
    "are of the machine that ran it."
)


def _costs(results: StudyResults) -> Block:
    head = ["cell", "examples", "steps", "tokens", "trained", "training", "tokens/s", "memory", "evaluation"]
    rows = []
    for cell in results["cells"]:
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


def _limitations(results: StudyResults) -> Iterator[str]:
    """Yield limitations: seeds, statistical power, notes of the comparisons."""
    if len(results["seeds"]) == 1:
        yield (
            "One seed: another training of the same cell may differ by more than the intervals, which hold the texts "
            "to chance and not the training. seeds=3 or more measure that."
        )
    elif len(results["seeds"]) < 5:
        yield f"{len(results['seeds'])} seeds: their spread is a rough guess, which the intervals allow for."
    for claim in results["claims"]:
        yield from _power(claim)
    notes = dict.fromkeys(
        note for family in results["families"] if family["comparison"] for note in family["comparison"]["notes"]
    )
    yield from _merge_notes(notes)
    if results["corpus"].get("source") == "sample":
        yield "A corpus of people's letters: what the synthetic one plants is simpler than what people write."


def _merge_notes(notes: Iterable[str]) -> Iterator[str]:
    """Merge equal notes of several runs into one."""
    runs: dict[str, list[str]] = {}
    for note in notes:
        run, _, what = note.partition(": ")
        runs.setdefault(what or note, []).append(run)
    for what, names in runs.items():
        yield what if names == [what] else f"{names[0]}: {what}" if len(names) == 1 else f"{len(names)} runs: {what}"


def _power(claim: ClaimResult) -> Iterator[str]:
    if claim["verdict"] != OPEN:
        return
    detectable, needed = (claim.get("detectable") or {}).get("0.8"), (claim.get("needed") or {}).get("0.8")
    name = f"{claim['better']} and {claim['than']} in {claim['measure']}"
    if detectable is not None:
        yield f"{name}: a difference of {detectable:.3g} is found in 80 of 100 such studies."
    if needed is not None:
        yield f"{name}: to tell the difference seen here takes some {needed['examples']:,} examples."


def _samples(results: StudyResults) -> Iterator[Block]:
    for family in results["families"]:
        if family["comparison"] is None:
            continue
        for text in family["comparison"]["texts"]["texts"][: max(1, _MAX_SAMPLES // len(results["families"]))]:
            yield Sample(
                _truncate(text["prompt"]), _truncate(text["reference"]),
                [(prediction["run"], _truncate(prediction["text"])) for prediction in text["predictions"]],
            )  # fmt: skip


def _truncate(text: str | None) -> str:
    text = text or ""
    return text if len(text) <= _MAX_CHARACTERS else f"{text[:_MAX_CHARACTERS]} … ({len(text):,} characters)"
