"""report.html of a train folder: one file without scripts, network or a model."""

from __future__ import annotations

from pathlib import Path

from jaso_core.io.files import atomic_text
from jaso_core.stage.manifest import Manifest
from jaso_train.report import plots, sample_texts, view
from jaso_train.report.folder import read_train_folder
from jaso_train.report.page import page

REPORT = "report.html"


def training_report(folder: Path, manifest: Manifest | None = None) -> str:
    """Render the page of a train folder; equal files give equal bytes.

    `manifest` replaces one that is not written yet. RequestError when a file is absent or damaged.
    """
    run = read_train_folder(folder, manifest)
    samples_by_prompt = sample_texts.choose(run.log, run.best_step)
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


def write_report(folder: Path, manifest: Manifest, path: Path) -> None:
    """Write report.html at `path`, before the folder's manifest is written.

    `manifest`: as far as it is known. `training_report` will render the same page from the finished folder.
    """
    text = training_report(folder, manifest)
    with atomic_text(path) as stream:
        stream.write(text)
