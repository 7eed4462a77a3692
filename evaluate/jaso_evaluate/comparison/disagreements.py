"""Texts that the runs disagree on most, read from their prediction files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jaso_core.io.files import read_jsonl, sha256_file
from jaso_core.records import Prediction
from jaso_core.stage.manifest import read_manifest
from jaso_evaluate.comparison.compare import mean_score
from jaso_evaluate.comparison.inputs import ScoredRun
from jaso_evaluate.comparison.schema import DisputedText, DisputedTexts, MeasureRow
from jaso_evaluate.comparison.systems import System

_DEFAULT_MEASURES = ("chrf", "rouge1_kiwi", "bleu_char", "rouge1_character", "bleu_ko_mecab")
_MAX_CHARACTERS = 3000
"""Characters of a text in comparison.json and on the page; the rest is cut off.

The predictions hold the whole text.
"""


def disagreements(
    systems: Sequence[System], rows: Sequence[MeasureRow], measure: str | None, count: int
) -> tuple[DisputedTexts, list[str]]:
    """Return {"by", "texts"} with the widest score spread between systems; and notes.

    At most `count` texts, the widest spread first. A system of several seeds has the mean of its seeds' scores and the
    text of its first run.
    """
    names = [row["name"] for row in rows]
    by = measure or next((name for name in _DEFAULT_MEASURES if name in names), None)
    if count == 0:
        return {"by": None, "texts": []}, []
    if by is None or by not in names:
        expected = measure or f"one of {', '.join(_DEFAULT_MEASURES)}"
        return {"by": None, "texts": []}, [f"no texts side by side: {expected} is not among the compared measures"]
    spreads = _spreads(systems, by)
    if not spreads:
        return {"by": by, "texts": []}, [f"no texts side by side: no text has a score of its own by {by} in every run"]
    chosen = sorted(spreads, key=lambda example: (-spreads[example], example))[:count]
    predictions, notes = {}, []
    for system in systems:
        run = system.runs[0]
        predictions[system.name], reason = _read_texts(run, set(chosen))
        notes += [f"{run.label}: its texts are not shown, {reason}"] if reason else []
    texts = [_entry(example, spreads[example], systems, by, predictions) for example in chosen]
    return {"by": by, "texts": texts if any(predictions.values()) else []}, notes


def _spreads(systems: Sequence[System], by: str) -> dict[str, float]:
    """Return largest minus smallest score of each text that all systems score."""
    spreads = {}
    for example in systems[0].runs[0].lines:
        if all(example in run.lines for system in systems for run in system.runs):
            scores = [mean_score(system, by, example) for system in systems]
            values = [score for score in scores if score is not None]
            if len(values) == len(scores):
                spreads[example] = max(values) - min(values)
    return spreads


def _read_texts(run: ScoredRun, ids: set[str]) -> tuple[dict[str, Prediction], str]:
    """Read the predictions of a run by id, or return the reason why there are none."""
    path, reason = _predictions_file(run.folder)
    if path is None:
        return {}, reason
    rows = (Prediction.from_json(obj, where) for where, obj in read_jsonl(path))
    return {p.id: p for p in rows if p.id in ids}, ""


def _predictions_file(folder: Path) -> tuple[Path | None, str]:
    """Find predictions.jsonl of `jaso evaluate`, or what `jaso score` read, unchanged."""
    manifest = read_manifest(folder)
    if manifest is None:
        return None, "the folder has no manifest"
    if "predictions.jsonl" in manifest.files:
        return folder / "predictions.jsonl", ""
    entry = manifest.inputs.get("predictions")
    if entry is None:
        return None, "the folder does not say where its predictions are"
    path = Path(entry["path"])
    if not path.is_file():
        return None, f"{path.name} is no longer where it was scored"
    if sha256_file(path) != entry["sha256"]:
        return None, f"{path.name} was changed since it was scored"
    return path, ""


def _entry(
    example: str, spread: float, systems: Sequence[System], by: str, predictions: Mapping[str, Mapping[str, Prediction]]
) -> DisputedText:
    prediction = next((texts[example] for texts in predictions.values() if example in texts), None)
    meta = prediction.meta if prediction is not None else {}
    return {
        "id": example,
        "spread": round(spread, 6),
        "occupation": None if meta.get("occupation") is None else str(meta["occupation"]),
        "prompt": None if prediction is None else _truncate(str(meta.get("question") or prediction.prompt or "")),
        "reference": None if prediction is None else _truncate(prediction.reference),
        "predictions": [
            {
                "run": system.name,
                "score": mean_score(system, by, example),
                "text": _truncate(predictions[system.name][example].prediction)
                if example in predictions[system.name]
                else None,
            }
            for system in systems
        ],
    }


def _truncate(text: str) -> str:
    return (
        text
        if len(text) <= _MAX_CHARACTERS
        else f"{text[:_MAX_CHARACTERS]} … (and {len(text) - _MAX_CHARACTERS:,} more characters)"
    )
