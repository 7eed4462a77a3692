"""report.html of a train folder: one file without scripts, network or a model."""

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
    """Render the page of a train folder; equal files give equal bytes.

    `manifest` replaces one that is not written yet. RequestError when a file is absent or damaged.
    """
    run = read_train_folder(folder, manifest)
    samples_by_prompt = samples.choose(run.log, run.best_step)
    return page(
        "report.html.j2",
        title=view.title(run),
        lead=view.lead(run),
        tiles=view.tiles(run),
        warnings=view.warnings(run),
        curves=plots.curves(run),
        moved=plots.change_by_block(run.freeze["blocks"]),
        frozen=view.freeze_tables(run),
        samples=samples_by_prompt,
        every=run.option("trainer.sample_every", 0),
        best=run.best_step,
        data=view.data(run),
        tokenizer=view.tokenizer(run.tokenizer),
        command=run.manifest.command,
        origin=view.origin(run),
        options=view.options(run.manifest.request),
        versions=run.manifest.versions,
    )


def write_report(stage: StageRun) -> None:
    """Add report.html to a folder before its manifest is written.

    `training_report` will render the same page from the finished folder.
    """
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
