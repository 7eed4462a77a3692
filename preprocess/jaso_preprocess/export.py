"""`jaso export`: the examples as a Hugging Face dataset with its card.

On a disk or on the Hub, where licences allow. Only the examples and the card are exported; what was dropped, what was
changed and the keys of masking never are. Of the examples `role` and `company`, which no step masks, stay here, and
ids, which may be addresses of pages, are replaced by pseudonyms.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.files import sha256_file
from jaso_core.io.hf_hub import check_name, check_online, hub_errors
from jaso_core.io.shapes import read_json_as
from jaso_core.licences import NONE, Verdict, combine_licences
from jaso_core.masking.pseudonyms import EXPORT_SCHEMA, Pseudonyms
from jaso_core.records import SPLITS
from jaso_core.stage.data_description import describe
from jaso_core.stage.manifest import FileEntry, Manifest, read_manifest
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_core.stage.schema import PreprocessStats
from jaso_preprocess.card import write_card
from jaso_preprocess.card.readme import readme
from jaso_preprocess.card.tables import get_mapping


@dataclass(frozen=True)
class ExportSettings:
    """Settings of `jaso export`. `hub`: owner/name to push to; `title`: of the card."""

    out: str = REQUIRED
    input: str = REQUIRED
    title: str | None = None
    hub: str | None = None
    private: bool = True
    seed: int = 0


def settings(config: Mapping[str, Any], *, strict: bool = True) -> ExportSettings:
    """Validate the configuration."""
    checked = to_settings(config if strict else pick(config, ExportSettings), ExportSettings)
    check_name(checked.hub)
    return checked


def run(settings: ExportSettings) -> Outcome:
    """Write settings.out, and push to the Hub where `hub` is set."""
    folder = Path(settings.input)
    request = {key: value for key, value in request_of(settings).items() if key not in ("input", "seed")}
    request["columns"] = EXPORT_SCHEMA.names  # an export of a former version, with more of them, is made again
    check_input(folder)
    check_sharing(folder, settings.hub)
    return run_stage("export", Path(settings.out), request, {"input": folder}, lambda stage: _work(settings, stage))


def check_input(folder: Path) -> Manifest:
    """Return the manifest of a preprocess folder; RequestError for any other folder."""
    if not folder.exists():
        raise RequestError(f"{folder}: no such folder", "check the path")
    manifest = read_manifest(folder)
    if manifest is None or manifest.stage != "preprocess":
        reason = f"`jaso {manifest.stage}` wrote it" if manifest else "no complete folder of `jaso preprocess`"
        raise RequestError(f"{folder}: {reason}", "give a folder that `jaso preprocess` wrote")
    return manifest


def check_sharing(folder: Path, hub: str | None) -> None:
    """Check that the licences allow the export.

    RequestError where a licence bars it, or where the Hub is requested and cannot be used.
    """
    counts = licences(folder)
    verdict = combine_licences(None if name == NONE else name for name in counts)
    if not verdict.allowed and (hub is not None or not verdict.local):
        raise RequestError(f"{folder}: {_refusal(folder, verdict, counts)}", _hint(verdict))
    if hub is not None:
        check_online(hub)
    if not verdict.allowed:
        say(f"export: {verdict.why}; the folder is for your own disk, do not pass it on")


def licences(folder: Path) -> dict[str, int | None]:
    """Return {licence: documents}, with "(none)" for documents without one.

    A folder whose stats.json does not count them may hold documents without a licence, and "(none)" says so.
    """
    documents_by_licence: dict[str, int | None] = dict.fromkeys(check_input(folder).licences)
    counts = get_mapping(read_json_as(folder / "stats.json", PreprocessStats), "licences")
    documents_by_licence.update({str(name): count for name, count in counts.items()})
    return documents_by_licence if counts else {**documents_by_licence, NONE: None}


def _refusal(folder: Path, verdict: Verdict, counts: Mapping[str, int | None]) -> str:
    sources = ", ".join(get_mapping(read_json_as(folder / "stats.json", PreprocessStats), "source")) or "unknown"
    barred = next((name for name in counts if verdict.why.startswith(f"{name}: ")), None)
    number = counts.get(barred) if barred else None
    share = f"{number:,} documents may not be passed on" if number else "may not be passed on"
    return f"{share} (source {sources}): {verdict.why}"


def _hint(verdict: Verdict) -> str:
    if not verdict.local:
        return "run `jaso preprocess` on the sources that are open, without this one"
    return (
        "leave hub= out for a copy on your own disk, or import the texts with the licence= that their owners gave you"
    )


def _work(settings: ExportSettings, stage: StageRun) -> None:
    folder = Path(settings.input)
    manifest = check_input(folder)
    stats = read_json_as(folder / "stats.json", PreprocessStats)
    stage.licences.update(manifest.licences)
    if columns := get_mapping(stats, "columns"):
        say(f"export: further columns stay in {folder}, as they may tell who wrote: {', '.join(columns)}")
    title = (
        settings.title
        or describe(stats).about.get("title")
        or (settings.hub or Path(settings.out).resolve().name).split("/")[-1]
    )
    about = {**about_of(manifest, title), "exported": True}
    # The manifest's own digest of all files is in the export's manifest; the digests that it is made of are not.
    pseudonyms = Pseudonyms({name: entry.sha256 for name, entry in manifest.files.items()})
    for split in SPLITS:
        name = f"examples/{split}.parquet"
        pseudonyms.write(folder / name, stage.add(name, _entry(manifest, name).rows))
    corpus = dataset(Path(settings.out), stage.scratch, manifest)
    _save(corpus, stage)
    write_card(stats, about, stage.add)
    stage.counts["examples"] = {split: len(rows) for split, rows in corpus.items()}
    if settings.hub is not None:
        push(corpus, readme(stats, {**about, "hub": settings.hub}), settings.hub, private=settings.private)
        stage.counts["pushed"] = settings.hub


def _save(corpus: Any, stage: StageRun) -> None:
    """Save dataset/ for `datasets.load_from_disk`.

    Each file is declared before it is moved to its path.
    """
    temporary = stage.scratch / "dataset"
    shutil.rmtree(temporary, ignore_errors=True)
    corpus.save_to_disk(temporary)
    for path in sorted(path for path in temporary.rglob("*") if path.is_file()):
        target = stage.add(f"dataset/{path.relative_to(temporary).as_posix()}")
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)


def about_of(manifest: Manifest, title: str) -> dict[str, Any]:
    """Return the facts of a finished preprocess folder for the card."""
    return {
        "title": title,
        "inputs": [Path(entry["path"]).name for entry in manifest.inputs.values()],
        "config": manifest.request,
        "seed": manifest.request.get("seed"),
        "versions": manifest.versions,
        "command": manifest.command,
        "made": str(manifest.timings.get("finished_at", ""))[:10] or None,
    }


def dataset(folder: Path, scratch: Path, manifest: Manifest) -> Any:
    """Load the `datasets.DatasetDict` of the examples below `folder`.

    Splits without examples are left out.
    """
    import datasets  # type: ignore[import-untyped, unused-ignore]

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    features = datasets.Features({name: datasets.Value("string") for name in EXPORT_SCHEMA.names})
    corpus = datasets.DatasetDict()
    for split in SPLITS:
        path, entry = folder / "examples" / f"{split}.parquet", _entry(manifest, f"examples/{split}.parquet")
        if not entry.rows:  # the library writes a split without rows and then cannot read it
            say(f"export: {split} has no examples and is left out")
            continue
        loaded = datasets.Dataset.from_parquet(
            str(path), split=split, features=features, cache_dir=str(scratch / "cache")
        )
        # The library's own fingerprint follows from paths and times, ours from the bytes: equal data, equal files.
        digest = sha256_file(path)
        corpus[split] = datasets.Dataset(loaded.data, info=loaded.info, split=split, fingerprint=digest[:16])
    return corpus


def _entry(manifest: Manifest, name: str) -> FileEntry:
    if name not in manifest.files:
        raise RequestError(f"{name} is not in the input's manifest", "give a folder that `jaso preprocess` wrote")
    return manifest.files[name]


def push(corpus: Any, card: str, hub: str, *, private: bool) -> None:
    """Create the dataset on the Hub and push it, the card first.

    The library then adds its files to the card's header. RequestError when the dataset exists and is public although
    private=true; WorkError when the Hub refuses or is not reached.
    """
    from huggingface_hub import HfApi

    with hub_errors(hub):
        api = HfApi()
        api.create_repo(hub, repo_type="dataset", private=private, exist_ok=True)
        if private and not api.repo_info(hub, repo_type="dataset").private:
            raise RequestError(f"hub={hub}: is public", "make it private on the hub, or say private=false")
        api.upload_file(path_or_fileobj=card.encode(), path_in_repo="README.md", repo_id=hub, repo_type="dataset")
        corpus.push_to_hub(hub, private=private)
    say(f"export: pushed to {hub} ({'private' if private else 'public'})")
