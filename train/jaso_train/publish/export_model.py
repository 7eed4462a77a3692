"""`jaso export-model`: export a trained model to a folder or to the hub.

Only where the licences of its base and of its data allow it. Only model/ is exported. Logs, checkpoints and the
manifest stay here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.hf_hub import check_name, check_online, hub_errors
from jaso_core.io.shapes import read_jsonl_as
from jaso_core.modeling.checkpoint import PROMPT_FILE, model_folder
from jaso_core.stage.former_packing import describe_wrong_loss
from jaso_core.stage.manifest import Manifest, read_manifest
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_core.stage.schema import LogRow
from jaso_train.publish.provenance import Provenance, provenance
from jaso_train.publish.release import check_plain, complete_card, copy_scrubbed, path_scrubber

_BRANCH = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)*", re.ASCII)
_OLD_WEIGHTS = ["model*.safetensors", "model.safetensors.index.json"]
"""Weights on the hub from an earlier push with other shards: deleted unless pushed again."""


@dataclass(frozen=True)
class ExportModelSettings:
    """Settings of the export: `input`, a train folder; `hub`, owner/name to push to.

    `data`: where the preprocess folder of the training is now, if it was moved. `private` and `revision` (a branch,
    created where it does not exist) are of the hub.
    """

    out: str = REQUIRED
    input: str = REQUIRED
    data: str | None = None
    hub: str | None = None
    private: bool = True
    revision: str = "main"
    seed: int = 0


def settings(config: Mapping[str, Any], *, strict: bool = True) -> ExportModelSettings:
    """Check the configuration."""
    checked = to_settings(config if strict else pick(config, ExportModelSettings), ExportModelSettings)
    check_name(checked.hub)
    if not _BRANCH.fullmatch(checked.revision):
        raise RequestError(f"config key 'revision': '{checked.revision}' is no branch's name", "write revision=main")
    return checked


def run(settings: ExportModelSettings) -> Outcome:
    """Write the model into settings.out, and push it where `hub` is set."""
    folder = Path(settings.input)
    manifest = check_input(folder)
    origin = provenance(folder, manifest, settings.data)
    check_sharing(folder, origin, settings)
    request = {key: value for key, value in request_of(settings).items() if key not in ("input", "data", "seed")}
    if settings.hub is None:
        request = {}  # private and revision are options of the hub
    else:
        check_token(settings.hub)

    def work(stage: StageRun) -> None:
        _work(settings, stage, manifest, origin)

    # The card lists the terms of the data, so they are part of the request.
    request["terms"] = origin.terms()
    return run_stage("export-model", Path(settings.out), request, {"input": folder}, work)


def check_input(folder: Path) -> Manifest:
    """Return the manifest of a train folder.

    RequestError for anything else; its files' hashes are checked by the stage.
    """
    if not folder.exists():
        raise RequestError(f"{folder}: no such folder", "check the path")
    manifest = read_manifest(folder)
    if manifest is None or manifest.stage != "train":
        reason = f"`jaso {manifest.stage}` wrote it" if manifest else "no complete folder of `jaso train`"
        raise RequestError(f"{folder}: {reason}", "give a folder that `jaso train` wrote")
    for name in ("config.json", "tokenizer.json", PROMPT_FILE, "README.md"):
        if f"model/{name}" not in manifest.files or not (folder / "model" / name).is_file():
            raise RequestError(f"{folder}: has no model/{name}", "train the model once more")
    return manifest


def check_sharing(folder: Path, origin: Provenance, settings: ExportModelSettings) -> None:
    """Raise RequestError where a licence forbids the export.

    A model with unknown terms may be copied to the user's disk, and to a private repository on the hub as long as no
    known term forbids it.
    """
    refused = origin.refusal()
    if refused is not None and not refused.local:
        raise RequestError(
            f"{folder}: may not be passed on: {refused.why}",
            "train on data, and from a base, whose licences allow it",
        )
    if settings.hub is not None and not origin.known:
        raise RequestError(
            f"{folder}: the terms of its training data are not known: {origin.data_folder} is gone or was changed",
            "say data=<the preprocess folder that it was trained on>, or leave hub= out",
        )
    if settings.hub is not None and refused is not None and not settings.private:
        raise RequestError(
            f"{folder}: may not be made public: {refused.why}",
            "say private=true for a copy that only you see, or leave hub= out for one on your own disk",
        )
    if settings.hub is not None:
        check_online(settings.hub)
    if refused is not None:
        say(f"export-model: {refused.why}; the copy is for yourself, do not pass it on")


def check_token(hub: str) -> None:
    """Raise RequestError without a hub login, before half a gigabyte is copied."""
    from huggingface_hub import get_token

    if get_token() is None:
        raise RequestError(f"hub={hub}: you are not logged in", "run `hf auth login`, or set HF_TOKEN")


def _work(settings: ExportModelSettings, stage: StageRun, manifest: Manifest, origin: Provenance) -> None:
    folder, out = Path(settings.input), model_folder(stage.out)
    scrubber = path_scrubber(folder, manifest)
    stage.licences.update(origin.licences())
    names = [name for name in manifest.files if name.startswith("model/") and name != "model/README.md"]
    for name in names:
        copy_scrubbed(folder / name, stage.add(name), scrubber, origin.base_name)
    card = stage.add("model/README.md")
    copy_scrubbed(folder / "model/README.md", card, scrubber, origin.base_name)
    faults = _former_faults(folder, manifest)
    for fault in faults:
        say(f"export-model: {folder}: {fault}")
    complete_card(card, origin.card_licence(), origin.conditions(), _from_pretrained_args(settings), faults)
    with stage.timed("check_seconds"):
        check_plain(out)
    say(f"export-model: plain transformers reads {out}")
    if settings.hub is not None:
        stage.counts["pushed"] = push(out, settings.hub, private=settings.private, revision=settings.revision)


def _former_faults(folder: Path, manifest: Manifest) -> list[str]:
    """Return what is wrong with a training by a former version, or its card."""
    faults = [fault for fault in [describe_wrong_loss(folder)] if fault is not None]
    # Since the weights' step is recorded, the card tells the figures of that step.
    if "saved_step" not in manifest.counts and "log.jsonl" in manifest.files:
        rows = [row for row in read_jsonl_as(folder / "log.jsonl", LogRow) if "validation_bits_per_character" in row]
        if rows and min(rows, key=lambda row: row["validation_bits_per_character"]).get("step") == 0:
            faults.append("its card tells the figures of step 0, not those of these weights: train it once more")
    return faults


def _from_pretrained_args(settings: ExportModelSettings) -> str | None:
    """Return the arguments of `from_pretrained` in the card's code."""
    if settings.hub is None:
        return None
    return f'"{settings.hub}"' + (f', revision="{settings.revision}"' if settings.revision != "main" else "")


def push(model: Path, hub: str, *, private: bool, revision: str) -> dict[str, str]:
    """Upload the folder `model` to the hub; return name, branch and commit.

    Files that are there already are not sent again. RequestError when the repository exists and is public although
    private=true; WorkError when the hub refuses or is not reached.
    """
    from huggingface_hub import HfApi

    with hub_errors(hub):
        api = HfApi()
        api.create_repo(hub, private=private, exist_ok=True)
        is_private = bool(api.repo_info(hub).private)  # an existing repository keeps its visibility
        if private and not is_private:
            raise RequestError(f"hub={hub}: is public", "make it private on the hub, or say private=false")
        if revision != "main":
            api.create_branch(hub, branch=revision, exist_ok=True)
        done = api.upload_folder(
            repo_id=hub, folder_path=model, revision=revision, delete_patterns=_OLD_WEIGHTS,
            commit_message="Model of jaso train",
        )  # fmt: skip
    say(f"export-model: pushed to {hub} ({'private' if is_private else 'public'}, {revision}, commit {done.oid[:12]})")
    return {"hub": hub, "revision": revision, "commit": done.oid}
