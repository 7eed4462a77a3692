"""Sentences of a verdict, made from its fields."""

from __future__ import annotations

from collections.abc import Sequence

from jaso_core.report.number_format import digits, signed_number, span
from jaso_evaluate.comparison.schema import PairVerdict, Verdict, Win
from jaso_evaluate.report.degeneration import degeneration_sentence


def verdict_sentences(verdict: Verdict) -> list[str]:
    """Return who is better, by how much, and what to distrust.

    The first sentence is the verdict.
    """
    tested = len(verdict["measures"])
    if not tested:
        return [f"No verdict: none of the primary measures could be tested ({', '.join(verdict['lacking'])})."]
    sentences = [_headline(verdict), *(_pair_sentence(pair, tested) for pair in verdict["pairs"] if pair["wins"])]
    if hints := verdict.get("hints"):
        listing = "; ".join(f"{win['winner']} in {_win(win)}" for win in hints)
        sentences.append(f"Only a hint (p between 1 and 5 %), which more texts may confirm: {listing}.")
    for system in verdict["degenerate"]:
        sentences.append(f"Distrust {system['run']}: {degeneration_sentence(system['degeneration'])}.")
    if verdict["lacking"]:
        sentences.append(f"Not measured: {', '.join(verdict['lacking'])}.")
    return sentences


def _headline(verdict: Verdict) -> str:
    systems = list(dict.fromkeys(name for pair in verdict["pairs"] for name in (pair["first"], pair["second"])))
    count = f"{len(verdict['measures'])} primary measure{'s' if len(verdict['measures']) > 1 else ''}"
    if verdict["best"] is not None:
        others = [name for name in systems if name != verdict["best"]]
        return f"{verdict['best']} is better than {_list(others)}: better in some of {count}, worse in none."
    if not any(pair["wins"] for pair in verdict["pairs"]):
        if verdict.get("hints"):
            return f"No winner between {_list(systems)} in {count}."
        return f"No difference is shown between {_list(systems)} in {count}."
    if len(systems) == 2:
        return f"Neither of {_list(systems)} is better: each is better in some of {count}."
    return f"None of {_list(systems)} is better than all others in {count}."


def _pair_sentence(pair: PairVerdict, tested: int) -> str:
    winners = list(dict.fromkeys(win["winner"] for win in pair["wins"]))
    clauses = []
    for winner in winners:
        wins = [win for win in pair["wins"] if win["winner"] == winner]
        loser = wins[0]["loser"]
        clauses.append(f"{winner} is better than {loser} in {len(wins)} of {tested}: {'; '.join(map(_win, wins))}")
    return f"{', and '.join(clauses)}."


def _win(win: Win) -> str:
    decimals = digits(win["ci95"], win["unit"])
    interval = f" {span(win['ci95'], decimals)}" if win["ci95"] is not None else ""
    return f"{win['measure']} by {signed_number(win['difference'], decimals)}{interval} {win['unit']}"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
