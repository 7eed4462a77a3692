"""`jaso export-model`: a trained model for others, on a disk or on the hub, where the licences of its base and of its
data allow it.

Only what lies in model/ goes out. Logs, checkpoints and the manifest stay here.
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
from jaso_core.modeling.checkpoint import PROMPT_FILE, model_folder
from jaso_core.stage.manifest import Manifest, read_manifest
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_train.publish.provenance import Provenance, provenance
from jaso_train.publish.release import check_plain, copy_file, finish_card, paths_of

_BRANCH = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)*", re.ASCII)
_OLD_WEIGHTS = ["model*.safetensors", "model.safetensors.index.json"]
"""On the hub, of an earlier push with other shards: what is not pushed again goes."""


@dataclass(frozen=True)
class ExportModelSettings:
    """`data`: where the preprocess folder of the training lies now, if it was moved. `hub`: owner/name to push to;
    `private` and `revision` (a branch, made where it is not there) are of the hub."""

    out: str = REQUIRED
    input: str = REQUIRED
    data: str | None = None
    hub: str | None = None
    private: bool = True
    revision: str = "main"
    seed: int = 0


def settings(config: Mapping[str, Any], *, strict: bool = True) -> ExportModelSettings:
    """Checks the configuration."""
    checked = to_settings(config if strict else pick(config, ExportModelSettings), ExportModelSettings)
    check_name(checked.hub)
    if not _BRANCH.fullmatch(checked.revision):
        raise RequestError(f"config key 'revision': '{checked.revision}' is no branch's name", "write revision=main")
    return checked


def run(settings: ExportModelSettings) -> Outcome:
    """Fills settings.out, and the hub where it is named."""
    folder = Path(settings.input)
    manifest = check_input(folder)
    origin = provenance(folder, manifest, settings.data)
    check_sharing(folder, origin, settings)
    request = {key: value for key, value in request_of(settings).items() if key not in ("input", "data", "seed")}
    if settings.hub is None:
        request = {}  # private and revision are the hub's
    else:
        check_token(settings.hub)

    def work(stage: StageRun) -> None:
        _work(settings, stage, manifest, origin)

    # The card tells the terms of the data, so they are part of what is asked for.
    request["terms"] = origin.terms()
    return run_stage("export-model", Path(settings.out), request, {"input": folder}, work)


def check_input(folder: Path) -> Manifest:
    """The manifest of a train folder. RequestError for anything else; its files' hashes are checked by the stage."""
    if not folder.exists():
        raise RequestError(f"{folder}: no such folder", "check the path")
    manifest = read_manifest(folder)
    if manifest is None or manifest.stage != "train":
        made = f"`jaso {manifest.stage}` wrote it" if manifest else "no complete folder of `jaso train`"
        raise RequestError(f"{folder}: {made}", "give a folder that `jaso train` wrote")
    for name in ("config.json", "tokenizer.json", PROMPT_FILE, "README.md"):
        if f"model/{name}" not in manifest.files or not (folder / "model" / name).is_file():
            raise RequestError(f"{folder}: has no model/{name}", "train the model once more")
    return manifest


def check_sharing(folder: Path, origin: Provenance, settings: ExportModelSettings) -> None:
    """RequestError where a licence bars it. What nobody knows the terms of may lie on the user's own disk, and in a
    private place on the hub as long as nothing that is known bars it."""
    refused = origin.refusal()
    if refused is not None and not refused.local:
        raise RequestError(
            f"{folder}: may not be passed on: {refused.why}",
            "train on data, and from a base, whose licences allow it",
        )
    if settings.hub is not None and not origin.known:
        raise RequestError(
            f"{folder}: the terms of its training data are not known: {origin.place} is gone or was changed",
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
    """RequestError when nobody is logged in: better before half a gigabyte is copied than after."""
    from huggingface_hub import get_token

    if get_token() is None:
        raise RequestError(f"hub={hub}: you are not logged in", "run `hf auth login`, or set HF_TOKEN")


def _work(settings: ExportModelSettings, stage: StageRun, manifest: Manifest, origin: Provenance) -> None:
    folder, out = Path(settings.input), model_folder(stage.out)
    paths = paths_of(folder, manifest)
    stage.licences.update(origin.licences())
    names = [name for name in manifest.files if name.startswith("model/") and name != "model/README.md"]
    for name in names:
        copy_file(folder / name, stage.add(name), paths, origin.base_name)
    card = stage.add("model/README.md")
    copy_file(folder / "model/README.md", card, paths, origin.base_name)
    finish_card(card, origin.card_licence(), origin.conditions(), _called(settings))
    with stage.timed("check_seconds"):
        check_plain(out)
    say(f"export-model: plain transformers reads {out}")
    if settings.hub is not None:
        stage.counts["pushed"] = push(out, settings.hub, private=settings.private, revision=settings.revision)


def _called(settings: ExportModelSettings) -> str | None:
    """What the card's code says between the brackets of `from_pretrained`."""
    if settings.hub is None:
        return None
    return f'"{settings.hub}"' + (f', revision="{settings.revision}"' if settings.revision != "main" else "")


def push(model: Path, hub: str, *, private: bool, revision: str) -> dict[str, str]:
    """Makes the model on the hub as the folder `model` is; where, on which branch and as which commit.

    Files that are there already are not sent again. RequestError when it is there and public although private=true;
    WorkError when the hub refuses or is not reached.
    """
    from huggingface_hub import HfApi

    with hub_errors(hub):
        api = HfApi()
        api.create_repo(hub, private=private, exist_ok=True)
        secret = bool(api.repo_info(hub).private)  # of one that was there before, whatever is asked for now
        if private and not secret:
            raise RequestError(f"hub={hub}: is public", "make it private on the hub, or say private=false")
        if revision != "main":
            api.create_branch(hub, branch=revision, exist_ok=True)
        done = api.upload_folder(
            repo_id=hub, folder_path=model, revision=revision, delete_patterns=_OLD_WEIGHTS,
            commit_message="Model of jaso train",
        )  # fmt: skip
    say(f"export-model: pushed to {hub} ({'private' if secret else 'public'}, {revision}, commit {done.oid[:12]})")
    return {"hub": hub, "revision": revision, "commit": done.oid}
