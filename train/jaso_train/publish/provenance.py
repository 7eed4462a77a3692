"""What a trained model was made of, and under which terms: its base model and its training data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.licences import NON_COMMERCIAL, NONE, Verdict, combine_licences, parse_licence
from jaso_core.modeling.checkpoint import PROMPT_FILE, model_folder
from jaso_core.stage.manifest import Manifest, read_manifest
from jaso_train.publish.release import public_name

RECORD = "data"
"""Among the counts of a train folder's manifest: what `data_terms` told when it was trained."""


@dataclass(frozen=True)
class Provenance:
    """`base_licence`: None from scratch, NONE where the base names none; `base_name`: on the hub, or its folder's.
    `data`: licences of the training data, NONE for documents without one; `known`: whether they could be found, at
    `place`."""

    base_licence: str | None
    base_name: str | None
    data: tuple[str, ...]
    sources: tuple[str, ...]
    known: bool
    place: str

    def licences(self) -> set[str]:
        """Those that are told, of base and data."""
        return {name for name in (*self._base(), *self.data) if name != NONE}

    def terms(self) -> dict[str, Any]:
        """All of it that a card shows."""
        return {"base": self.base_licence, "data": list(self.data)}

    def refusal(self) -> Verdict | None:
        """Why the model may not be passed on, naming what bars it; None when it may. `local` as in `Verdict`."""
        base = f"the base model {self.base_name}"
        data = f"the training data (source {', '.join(self.sources) or 'unknown'})"
        found = []
        if self.base_licence is not None:
            found.append((base, combine_licences(self._base())))
        found.append((data, combine_licences(self.data)))
        found.append(("base and data", self._together()))
        barring = [(who, each) for who, each in found if not each.allowed]
        barring.sort(key=lambda pair: pair[1].local)  # what bars even a copy comes first
        if not barring:
            return None
        who, first = barring[0]
        return Verdict(False, f"{who}: {first.why}", local=first.local)

    def conditions(self) -> tuple[str, ...]:
        """What whoever gets the model must keep to, from the licences that are known."""
        found = [parse_licence(name) for name in (*self._base(), *self.data)]
        return tuple(dict.fromkeys(condition for terms in found if terms for condition in terms.conditions))

    def card_licence(self) -> dict[str, str]:
        """The licence keys of a card's head, where they are not the base's alone; {} leaves the head as it is."""
        base = parse_licence(self.base_licence) if self.base_licence else None
        data = [parse_licence(name) for name in self.data]
        if None in data:
            return {"license": "unknown"}
        every = [terms for terms in (base, *data) if terms]
        alike = next((terms for terms in every if terms.share_alike), None)
        if alike is not None and self._together().allowed and alike.hub not in ("cc", "other"):
            return {"license": alike.hub}
        if base and any(NON_COMMERCIAL in t.conditions for t in every) and NON_COMMERCIAL not in base.conditions:
            return {"license": "other", "license_name": "terms-of-base-and-data"}
        return {}

    def _base(self) -> tuple[str, ...]:
        return (self.base_licence,) if self.base_licence is not None else ()

    def _together(self) -> Verdict:
        return combine_licences((*self._base(), *self.data))


def provenance(folder: Path, manifest: Manifest, data: str | None) -> Provenance:
    """Of the train folder `folder`. `data`: where its preprocess folder lies now, None for where it lay.

    RequestError when `data` is another folder than the one that the model was trained on.
    """
    body = read_json(model_folder(folder) / PROMPT_FILE)
    licence, name = _base_terms(manifest, str(body["base"])) if body.get("base") else (None, None)
    entry = manifest.inputs["input"]
    place = Path(data or entry["path"])
    recorded = manifest.counts.get(RECORD)
    if recorded is None or data is not None:
        found = read_manifest(place) if place.is_dir() else None
        if found is not None and found.content_hash() == entry["sha256"]:
            recorded = data_terms(place, found)
        elif data is not None:
            raise RequestError(f"data={data}: is not the folder that {folder} was trained on", "give that one")
    told = recorded or {"licences": [NONE], "sources": []}
    return Provenance(licence, name, tuple(told["licences"]), tuple(told["sources"]), recorded is not None, str(place))


def data_terms(folder: Path, manifest: Manifest) -> dict[str, list[str]]:
    """{"licences": […], "sources": […]} of a preprocess folder, NONE among the licences where documents have none."""
    stats = read_json(folder / "stats.json") if (folder / "stats.json").is_file() else {}
    # A folder that does not count them may hold documents without one.
    counted = _names(stats, "licences") or (NONE,)
    return {"licences": sorted({*manifest.licences, *counted}), "sources": list(_names(stats, "source"))}


def _base_terms(manifest: Manifest, base: str) -> tuple[str, str]:
    """Licence and name of the base, of what `jaso train` tells: "MIT (owner/name)"."""
    told = manifest.licences[0] if manifest.licences else NONE
    return told.partition(" (")[0], hub_name(told) or public_name(base)


def hub_name(licence: str | None) -> str | None:
    """The model's name as its licence tells it, "… (skt/kogpt2-base-v2)"; never a path of this machine."""
    inside = (licence or "").partition(" (")[2].rstrip(")")
    return inside if "/" in inside and " " not in inside else None


def _names(stats: Mapping[str, Any], part: str) -> tuple[str, ...]:
    found = stats.get(part)
    return tuple(str(name) for name in found) if isinstance(found, dict) else ()
