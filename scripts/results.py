"""docs/results.md from finished studies: what each asked, found and measured.

    python scripts/results.py runs/studies

Reads <studies>/*/report.json and figures; writes docs/results.md and docs/results/*.svg.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from markupsafe import Markup

from jaso_core.config import config_folder
from jaso_core.errors import RequestError
from jaso_core.files import atomic_text, read_json
from jaso_core.say import result
from jaso_pipeline.study.blocks import Block, Code, Figure, Heading, Text, markdown
from jaso_pipeline.study.view import summary

DOCS = Path(__file__).resolve().parents[1] / "docs"
FIGURE = "primary.svg"


def main(studies: Path) -> None:
    """Writes the page; studies stand in the order of their files."""
    names = sorted(path.stem for path in (config_folder() / "study").glob("*.yaml"))
    there = [name for name in names if (studies / name / "report.json").is_file()]
    if not there:
        raise RequestError(f"{studies}: holds no report of a study", "run `jaso study <name> out=…` first")
    (DOCS / "results").mkdir(exist_ok=True)
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


def _study(name: str, studies: Path) -> list[Block]:
    found = read_json(studies / name / "report.json")
    source = studies / name / FIGURE
    figure = None
    if source.is_file():
        shutil.copyfile(source, DOCS / "results" / f"{name}.svg")
        figure = Figure(f"results/{name}.svg", f"{found['title']}: {found['primary']}", Markup(""))
    size = [] if found["size"] == "smallest" else [f"size={found['size']}"]
    seeds = [f"seeds={len(found['seeds'])}"] if len(found["seeds"]) > 1 else []
    command = shlex.join(["jaso", "study", name, *size, *seeds, *found["given"], "out=runs/studies"])
    return [Heading(found["title"]), Code([command]), *summary(found, figure)]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
