"""Provenance of a trained model: base model, training data and their licences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.io.shapes import read_json_as
from jaso_core.licences import NONE, Licence, Verdict, combine_licences, read_licence
from jaso_core.modeling.checkpoint import model_folder, read_prompt_file
from jaso_core.stage.data_description import DataDescription, describe
from jaso_core.stage.manifest import Manifest, read_manifest
from jaso_core.stage.schema import PreprocessStats
from jaso_train.publish.licence_text import split_licence
from jaso_train.publish.release import public_name

RECORD = "data"
"""Key among the counts of a train folder's manifest: `data_terms` at the time of training."""


@dataclass(frozen=True)
class Provenance:
    """Licences and names of the base model and of the training data.

    `base_licence`: None from scratch, NONE where the base names none; `base_name`: on the hub, or its folder's. `data`:
    licences of the training data, NONE for documents without one; `known`: whether they could be read, from
    `data_folder`.
    """

    base_licence: str | None
    base_name: str | None
    data: tuple[str, ...]
    sources: tuple[str, ...]
    known: bool
    data_folder: str

    def licences(self) -> set[str]:
        """Return the named licences of base and data."""
        return {name for name in (*self._base(), *self.data) if name != NONE}

    def terms(self) -> dict[str, Any]:
        """Return the licences that a card shows."""
        return {"base": self.base_licence, "data": list(self.data)}

    def refusal(self) -> Verdict | None:
        """Return why the model may not be passed on, and which part forbids it.

        None when it may. `local` as in `Verdict`.
        """
        base = f"the base model {self.base_name}"
        data = f"the training data (source {', '.join(self.sources) or 'unknown'})"
        verdicts = []
        if self.base_licence is not None:
            verdicts.append((base, combine_licences(self._base())))
        verdicts.append((data, combine_licences(self.data)))
        verdicts.append(("base and data", self._combined_verdict()))
        barring = [(subject, verdict) for subject, verdict in verdicts if not verdict.allowed]
        barring.sort(key=lambda pair: pair[1].local)  # what forbids even a local copy comes first
        if not barring:
            return None
        subject, first = barring[0]
        return Verdict(False, f"{subject}: {first.why}", local=first.local)

    def conditions(self) -> tuple[str, ...]:
        """Return the conditions that users of the model must keep, from known licences."""
        conditions = [condition for licence in self._read() for condition in licence.conditions]
        return tuple(dict.fromkeys(conditions))

    def card_licence(self) -> dict[str, str]:
        """Return the licence keys of a card's front matter.

        {} leaves them as they are: the base's alone.
        """
        if not all(read_licence(name).redistribution.allowed for name in self.data):
            return {"license": "unknown"}
        known = [licence for licence in self._read() if licence.redistribution.allowed]
        alike = next((licence for licence in known if licence.share_alike), None)
        if alike is not None and self._combined_verdict().allowed and alike.hub not in ("cc", "other"):
            return {"license": alike.hub}
        base = read_licence(self.base_licence)
        narrower = any(licence.non_commercial for licence in known) and not base.non_commercial
        if base.redistribution.allowed and narrower:
            return {"license": "other", "license_name": "terms-of-base-and-data"}
        return {}

    def _read(self) -> list[Licence]:
        return [read_licence(name) for name in (*self._base(), *self.data)]

    def _base(self) -> tuple[str, ...]:
        return (self.base_licence,) if self.base_licence is not None else ()

    def _combined_verdict(self) -> Verdict:
        return combine_licences((*self._base(), *self.data))


def provenance(folder: Path, manifest: Manifest, data: str | None) -> Provenance:
    """Return the provenance of the train folder `folder`.

    `data`: where its preprocess folder is now, None where it has not moved. RequestError when `data` is another folder
    than the one that the model was trained on.
    """
    body = read_prompt_file(model_folder(folder))
    licence, name = _base_terms(body, manifest) if body.get("base") else (None, None)
    entry = manifest.inputs["input"]
    data_folder = Path(data or entry["path"])
    recorded = manifest.counts.get(RECORD)
    if recorded is None or data is not None:
        manifest_of_data = read_manifest(data_folder) if data_folder.is_dir() else None
        if manifest_of_data is not None and manifest_of_data.content_hash() == entry["sha256"]:
            recorded = data_terms(data_folder, manifest_of_data)
        elif data is not None:
            raise RequestError(f"data={data}: is not the folder that {folder} was trained on", "give that one")
    terms = recorded or {"licences": [NONE], "sources": []}
    return Provenance(
        licence, name, tuple(terms["licences"]), tuple(terms["sources"]), recorded is not None, str(data_folder)
    )


def data_terms(folder: Path, manifest: Manifest) -> dict[str, list[str]]:
    """Return {"licences": […], "sources": […]} of a preprocess folder.

    NONE is among the licences where documents have none.
    """
    stats = read_json_as(folder / "stats.json", PreprocessStats) if (folder / "stats.json").is_file() else {}
    # A folder without these counts may hold documents without a licence.
    counted = _names(stats, "licences") or (NONE,)
    return {"licences": sorted({*manifest.licences, *counted}), "sources": list(_names(stats, "source"))}


def about_data(folder: Path) -> DataDescription:
    """Return what cards say of the data of a preprocess folder."""
    path = folder / "stats.json"
    return describe(read_json_as(path, PreprocessStats) if path.is_file() else {})


def _base_terms(prompt: Mapping[str, Any], manifest: Manifest) -> tuple[str, str]:
    """Return licence and name of the base; NONE where it names no licence."""
    if "licence" in prompt:
        licence, name = prompt["licence"], prompt["base_model"]
    else:
        # A folder of jaso before these fields: the manifest has "MIT (owner/name)", or nothing.
        licence, name = split_licence(manifest.licences[0]) if manifest.licences else (None, None)
    return licence or NONE, name or public_name(str(prompt["base"]))


def _names(stats: Mapping[str, Any], part: str) -> tuple[str, ...]:
    counts = stats.get(part)
    return tuple(str(name) for name in counts) if isinstance(counts, dict) else ()
