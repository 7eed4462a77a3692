"""Tokenizer sensitivity: does the winner change with the tokenizer?

Measures that are alike but for their tokens are set beside each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.comparison.schema import MeasureRow, TokenizerFamily
from jaso_evaluate.scoring.text_rows import round_score
from jaso_evaluate.statistics.agreement import tau_b

Floats = NDArray[np.float64]

_TOKENIZER = re.compile(r"(?:^|(?<=\|))tok:([^|]*)\|?")


def panel(rows: Sequence[MeasureRow]) -> list[TokenizerFamily]:
    """Return winners and rank agreement of each family with two or more tokenizers.

    A family is what has the same signature when "tok:…" is removed from it, and the same name up to the first "_".
    `winner_changes`: no run wins under all tokenizers. `tau`: Kendall's tau-b of each two rankings of the runs, None
    where all runs are equal.
    """
    families: dict[tuple[str, str], list[MeasureRow]] = {}
    for row in rows:
        if row["higher_is_better"] is not None and _complete(row) and _TOKENIZER.search(row["signature"]):
            # rouge1_kiwi, "tok:kiwi|v:1" and rouge1_char, "tok:char|v:1" → the same key ("rouge1", "v:1")
            key = (row["name"].split("_")[0], _TOKENIZER.sub("", row["signature"]))
            families.setdefault(key, []).append(row)
    return [_family(name, members) for (name, _), members in families.items() if len(members) > 1]


def _complete(row: MeasureRow) -> bool:
    return all(cell["value"] is not None for cell in row["cells"])


def _family(name: str, rows: Sequence[MeasureRow]) -> TokenizerFamily:
    winners = [_winners(row) for row in rows]
    return {
        "family": name,
        "measures": [
            {
                "name": row["name"],
                "tokenizer": _tokenizer(row["signature"]),
                "winners": won,
                "told_apart": any(cell["standing"] == "best" for cell in row["cells"]),
            }
            for row, won in zip(rows, winners, strict=True)
        ],
        "winner_changes": not set.intersection(*map(set, winners)),
        "tau": [
            {"first": a["name"], "second": b["name"], "tau": round_score(tau_b(_values(a), _values(b)))}
            for a, b in combinations(rows, 2)
        ],
    }


def _tokenizer(signature: str) -> str:
    match = _TOKENIZER.search(signature)
    return match[1] if match else ""


def _values(row: MeasureRow) -> Floats:
    return np.array([cell["value"] for cell in row["cells"]], dtype=float)


def _winners(row: MeasureRow) -> list[str]:
    best = (max if row["higher_is_better"] else min)(_values(row))
    return [cell["run"] for cell in row["cells"] if cell["value"] == best]
