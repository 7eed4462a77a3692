"""Compare several trainings: differing options, and start, best and last results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaso_core.config import flatten
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.report.number_format import count
from jaso_train.report.folder import BEST, LOSS, TrainFolder, series, value_at

_LOGGED = ("step", "epoch", "num_input_tokens_seen", "loss", "learning_rate", "grad_norm", LOSS, BEST)
_DECIDING = ("torch", "transformers", "tokenizers", "jaso")
ABSENT = None
"""Value of a key that is not in a run's configuration."""


@dataclass(frozen=True)
class Run:
    """A train folder and its name in tables."""

    label: str
    folder: TrainFolder

    @property
    def data(self) -> str:
        """The hash of the training data."""
        return str(self.folder.manifest.inputs["input"]["sha256"])


def compare(runs: Sequence[Run], order_by: str | None = None, *, different_data: bool = False) -> dict[str, Any]:
    """Return the content of curves.json, except the vocabularies.

    Keys: `differs` (keys), `runs` (in their order), `same`, `notes`. RequestError when the runs saw different data, or
    when `order_by` is a key that no run has or that is the same in all.
    """
    _check_data(runs, different_data)
    configs = {run.label: flatten(run.folder.manifest.request) for run in runs}
    differs = differing(list(configs.values()))
    if order_by is not None:
        differs = [_check_order_key(order_by, differs, configs), *(key for key in differs if key != order_by)]
    ordered = sorted(runs, key=lambda run: [_rank(configs[run.label].get(key, ABSENT)) for key in differs])
    first = configs[ordered[0].label]
    return {
        "differs": differs,
        "runs": [_entry(run, configs[run.label], differs) for run in ordered],
        "same": {key: value for key, value in first.items() if key not in differs},
        "notes": [*_about_texts(runs, configs), *_about_versions(runs), *_about_equals(runs, configs)],
    }


def differing(configs: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the keys whose values differ, in the order of first use, seed last."""
    keys = dict.fromkeys(key for config in configs for key in config)
    differing_keys = [
        key for key in keys if any(config.get(key, ABSENT) != configs[0].get(key, ABSENT) for config in configs)
    ]
    return sorted(differing_keys, key=lambda key: key == "seed")


def _check_order_key(key: str, differs: Sequence[str], configs: Mapping[str, Mapping[str, object]]) -> str:
    if key in differs:
        return key
    same = next((config[key] for config in configs.values() if key in config), ABSENT)
    subject = f"config key 'order_by': '{key}'"
    if any(key in config for config in configs.values()):
        raise RequestError(f"{subject} is {same} in all runs", did_you_mean(key, list(differs)))
    raise RequestError(f"{subject} is no key of these runs", did_you_mean(key, list(differs)))


def _rank(value: object) -> tuple[int, float, str]:
    """Sort numbers by size, then words alphabetically, then absent values."""
    if value is ABSENT:
        return 2, 0.0, ""
    if isinstance(value, int | float):
        return 0, float(value), ""
    return 1, 0.0, str(value)


def _check_data(runs: Sequence[Run], different_data: bool) -> None:
    other = next((run for run in runs if run.data != runs[0].data), None)
    if other is not None and not different_data:
        raise RequestError(
            f"{other.label}: trained on other data than {runs[0].label} ({other.data[:12]}, not {runs[0].data[:12]})",
            "compare trainings on the same data, or give different_data=true",
        )


def _entry(run: Run, config: Mapping[str, object], differs: Sequence[str]) -> dict[str, Any]:
    folder = run.folder
    bits, loss = series(folder.log, BEST), series(folder.log, LOSS)
    report = folder.tokenizer
    tokenizer = folder.manifest.files.get("model/tokenizer.json")
    return {
        "label": run.label,
        "data": run.data,
        "command": folder.manifest.command,
        "config": {key: config.get(key, ABSENT) for key in differs},
        "parameters": folder.freeze["parameters"],
        "trained": folder.freeze["trained"],
        "steps": folder.counts.get("steps"),
        "tokens_seen": folder.counts.get("tokens_seen"),
        "train_seconds": folder.manifest.timings.get("train_seconds"),
        "tokenizer": {
            "name": folder.option("tokenizer.name"),
            "sha256": tokenizer.sha256 if tokenizer else None,
            "tokens": folder.model.get("vocab_size"),
            "fertility": report["fertility"] if report else None,
            "unknown_share": report["unknown"]["share"] if report else None,
        },
        "start": _point(bits, loss, bits[0][0] if bits else None),
        "best": _point(bits, loss, folder.best_step),
        "last": _point(bits, loss, bits[-1][0] if bits else None),
        "log": [{key: row[key] for key in _LOGGED if key in row} for row in folder.log if "samples" not in row],
    }


def _point(bits: list[tuple[int, float]], loss: list[tuple[int, float]], step: int | None) -> dict[str, Any]:
    return {"step": step, "bits_per_character": value_at(bits, step), "loss": value_at(loss, step)}


def _about_texts(runs: Sequence[Run], configs: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Note differences of texts: bits a character need the same characters."""
    notes = []
    if len({run.data for run in runs}) > 1:
        notes.append("the runs were trained and validated on different data: their numbers are of different texts")
    prompts = {str(configs[run.label].get("prompt.name")) for run in runs}
    if len(prompts) > 1:
        notes.append(f"prompt formats differ ({', '.join(sorted(prompts))}): what is learned and measured differs")
    measured = [run.folder.counts.get("validation", {}) for run in runs]
    used = [(counts.get("examples"), counts.get("characters")) for counts in measured]
    limited = [run for run, counts in zip(runs, measured, strict=True) if counts.get("not_drawn")]
    seeds = [configs[run.label].get("seed") for run in limited]
    if len(set(used)) > 1:
        sizes = "; ".join(f"{count(examples)} in {_several(who)}" for examples, who in _by_examples(runs, used).items())
        notes.append(
            f"validated on different examples ({sizes}): the curves are not of the same texts; those that are too long "
            "are left out, raise trainer.max_length to compare them"
        )
    elif len(set(seeds)) > 1:
        notes.append(
            "validated on different draws of the validation split (another seed draws others): "
            "raise trainer.validation_limit to compare them"
        )
    return notes


def _by_examples(runs: Sequence[Run], used: Sequence[tuple[int | None, int | None]]) -> dict[int | None, list[str]]:
    labels: dict[int | None, list[str]] = {}
    for run, (examples, _) in zip(runs, used, strict=True):
        labels.setdefault(examples, []).append(run.label)
    return labels


def _several(names: Sequence[str]) -> str:
    listed = ", ".join(names[:3])
    return listed if len(names) <= 3 else f"{listed} and {len(names) - 3} more"


def _about_versions(runs: Sequence[Run]) -> list[str]:
    notes = []
    for name in _DECIDING:
        versions = {str(run.folder.manifest.versions.get(name, "none")) for run in runs}
        if len(versions) > 1:
            notes.append(f"versions of {name} differ: {', '.join(sorted(versions))}")
    return notes


def _about_equals(runs: Sequence[Run], configs: Mapping[str, Mapping[str, object]]) -> list[str]:
    return [
        f"{run.label} has the same configuration as {other.label}"
        for index, run in enumerate(runs)
        for other in runs[:index]
        if configs[run.label] == configs[other.label] and run.data == other.data
    ]
