"""report.html of a train folder: one file without scripts or network, made from the folder's files, without a model."""

from __future__ import annotations

from pathlib import Path

from jaso_core.io.files import atomic_text, read_json
from jaso_core.stage import manifest as manifests
from jaso_core.stage.command import current_command
from jaso_core.stage.folder import STATE
from jaso_core.stage.manifest import Manifest
from jaso_core.stage.runner import StageRun
from jaso_train.report import plots, view
from jaso_train.report import sample_texts as samples
from jaso_train.report.folder import read_train_folder
from jaso_train.report.page import page

REPORT = "report.html"


def training_report(folder: Path, manifest: Manifest | None = None) -> str:
    """The page of a train folder. Equal files give equal bytes.

    `manifest` stands for one that is not written yet. RequestError when a file is absent or damaged.
    """
    found = read_train_folder(folder, manifest)
    written = samples.choose(found.log, found.best_step)
    return page(
        "report.html.j2",
        title=view.title(found),
        lead=view.lead(found),
        tiles=view.tiles(found),
        warnings=view.warnings(found),
        curves=plots.curves(found),
        moved=plots.moved(found.freeze["blocks"]),
        frozen=view.frozen(found),
        samples=written,
        every=found.option("trainer.sample_every", 0),
        best=found.best_step,
        data=view.data(found),
        tokenizer=view.tokenizer(found.tokenizer),
        command=found.manifest.command,
        origin=view.origin(found),
        options=view.options(found.manifest.request),
        versions=found.manifest.versions,
    )


def write_report(stage: StageRun) -> None:
    """Adds report.html to a folder of which all but the manifest is there, as `training_report` will make it again."""
    state = read_json(stage.out / STATE / "request.json")
    manifest = Manifest(
        stage=stage.stage,
        request=state["request"],
        inputs=state["inputs"],
        files={},
        counts=stage.counts,
        seeds=stage.seeds,
        licences=tuple(sorted(stage.licences)),
        versions=manifests.versions(),
        timings=stage.timings,
        command=current_command(),  # as the manifest will have it
    )
    text = training_report(stage.out, manifest)
    with atomic_text(stage.add(REPORT)) as stream:
        stream.write(text)
