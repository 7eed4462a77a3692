"""Studies that are narrowed to what a corpus has fields for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from jaso_core.errors import RequestError
from jaso_core.prompts import PROMPTS
from jaso_pipeline.study.plan.spec import Level, Spec, combinations, label, levels, without_cells

FIELDS = ("question", "answer", "summary", "occupation", "experience", "role", "company")
"""Fields of an example that a corpus may lack."""


def fit_to_corpus(
    spec: Spec, corpus: Path, compose: Callable[[Sequence[str]], Mapping[str, Any]]
) -> tuple[Spec, str | None]:
    """Leave out the levels whose prompts need fields that no training example has.

    `compose`: from overrides to the configuration of `jaso pipeline`. Returns what is left, and a note that names the
    others. RequestError where fewer than two cells are left.
    """
    lacking = lacking_fields(corpus)
    left_out = {
        (level.factor, level.label): sorted(missing)
        for factor_levels in levels(spec).values()
        for level in factor_levels
        if (missing := lacking & _needs(level, compose))
    }
    if not left_out:
        return spec, None
    fields = ", ".join(sorted({name for names in left_out.values() for name in names}))
    names = ", ".join(name for _, name in left_out)
    gone = [label(cell) for cell in combinations(spec) if any((o.factor, o.label) in left_out for o in cell)]
    narrowed = without_cells(replace(spec, factors=_without(spec, left_out)), gone)
    if len(combinations(narrowed)) < 2:
        raise RequestError(
            f"corpus={corpus}: has no {fields}, which all levels of '{spec.name}' but one read ({names})",
            "give a corpus with these fields, or another study",
        )
    return narrowed, f"left out, as the corpus has no {fields}: {names}"


def lacking_fields(corpus: Path) -> set[str]:
    """Return the fields that no training example of a preprocess folder has."""
    file = corpus / "examples" / "train.parquet"
    if not file.is_file():
        return set()  # the training says what is wrong with it
    table = pq.read_table(file, columns=list(FIELDS))
    return {name for name in FIELDS if table.column(name).null_count == table.num_rows}


def _needs(level: Level, compose: Callable[[Sequence[str]], Mapping[str, Any]]) -> set[str]:
    if not any(override.split("=")[0].split(".")[0].lstrip("+") == "prompt" for override in level.overrides):
        return set()
    prompt = PROMPTS.build(compose(level.overrides)["prompt"], "prompt")
    return {*prompt.reads, prompt.writes}


def _without(spec: Spec, left_out: Collection[tuple[str, str]]) -> dict[str, Any]:
    """Return the factors without these levels, in the form that the study has them."""
    factors: dict[str, Any] = {}
    for (factor, values), factor_levels in zip(spec.factors.items(), levels(spec).values(), strict=True):
        stays = [(factor, level.label) not in left_out for level in factor_levels]
        if isinstance(values, Mapping):
            factors[factor] = {name: values[name] for name, kept in zip(values, stays, strict=True) if kept}
        else:
            factors[factor] = [value for value, kept in zip(values, stays, strict=True) if kept]
    return factors
