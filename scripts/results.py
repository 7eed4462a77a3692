"""docs/results.md from finished studies, what each asked, found and measured; and the tour's table from `make matrix`.

    python scripts/results.py runs/studies
    python scripts/results.py runs/matrix docs/tour.md docs/ko/tour.md

Run it where docs/ is. Reads <studies>/*/report.json and figures; writes docs/results.md and docs/results/*.svg, or what
stands in the pages between the two comments with the word "matrix".
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from jaso_core.config import config_folder
from jaso_core.console import result
from jaso_core.errors import RequestError
from jaso_core.io.files import atomic_text, read_json
from jaso_pipeline.study.report.document import Block, Code, Figure, Heading, Text, markdown, markdown_part
from jaso_pipeline.study.report.sections import summary, tables

DOCS = Path("docs")
FIGURE = "primary.svg"
MATRIX, SHOWN = "prompts_x_freezing", ("bits_per_character", "rougeL_kiwi_character", "chrf", "field_match", "rep_4")
PLACE = re.compile(r"(<!-- matrix:.*?-->\n).*?(<!-- /matrix -->)", re.DOTALL)


def write_results(studies: Path) -> None:
    """Writes the page; studies stand in the order of their files."""
    names = sorted(path.stem for path in (config_folder() / "study").glob("*.yaml"))
    there = [name for name in names if (studies / name / "report.json").is_file()]
    if not there:
        raise RequestError(f"{studies}: holds no report of a study", "run `jaso study <name> out=…` first")
    told: list[Block] = [
        Text(
            "Made from reports of finished studies by scripts/results.py; do not edit. All of it is the synthetic "
            "corpus and models that are trained in seconds: it shows that what was planted is found, that what was "
            "not is not, and what a report says. It does not show how a model writes that people would use: see "
            "kogpt2.md."
        )
    ]
    for name in there:
        told += _study(name, studies)
    with atomic_text(DOCS / "results.md") as stream:
        stream.write(markdown("Results", told))
    result(str(DOCS / "results.md"))


def write_table(matrix: Path, pages: Sequence[Path]) -> None:
    """The table of the small matrix, into `pages`, and its figure."""
    found = read_json(matrix / MATRIX / "report.json")
    _copy_figure(matrix / MATRIX, "matrix")
    few = {**found, "measures": [one for one in found["measures"] if one["name"] in SHOWN]}
    table = markdown_part(list(tables(few)))
    for page in pages:
        text, places = PLACE.subn(lambda there: f"{there[1]}\n{table}\n{there[2]}", page.read_text(encoding="utf-8"))
        if places != 1:
            raise RequestError(
                f"{page}: no place for the matrix", "put <!-- matrix: … --> and <!-- /matrix --> around it"
            )
        with atomic_text(page) as stream:
            stream.write(text)
        result(str(page))


def _study(name: str, studies: Path) -> list[Block]:
    found = read_json(studies / name / "report.json")
    figure = None
    if _copy_figure(studies / name, name):
        figure = Figure(f"results/{name}.svg", f"{found['title']}: {found['primary']}", Markup(""))
    size = [] if found["size"] == "smallest" else [f"size={found['size']}"]
    seeds = [f"seeds={len(found['seeds'])}"] if len(found["seeds"]) > 1 else []
    command = shlex.join(["jaso", "study", name, *size, *seeds, *found["given"], "out=runs/studies"])
    return [Heading(found["title"]), Code([command]), *summary(found, figure)]


def _copy_figure(study: Path, name: str) -> bool:
    """Whether the study has one."""
    source = study / FIGURE
    if source.is_file():
        (DOCS / "results").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, DOCS / "results" / f"{name}.svg")
    return source.is_file()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    folder, *pages = map(Path, sys.argv[1:])
    write_table(folder, pages) if pages else write_results(folder)
