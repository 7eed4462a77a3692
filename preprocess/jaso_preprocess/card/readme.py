"""README.md: the dataset card as the hub reads it, a YAML head over Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from jaso_core.errors import RequestError
from jaso_core.licences import NONE, hub_licences
from jaso_core.records import SPLITS
from jaso_preprocess.card import tables
from jaso_preprocess.card.number_format import number, plain, size_category
from jaso_preprocess.card.page import UNTITLED, environment, origin, sharing
from jaso_preprocess.card.sections import topic_labels
from jaso_preprocess.card.tables import Stats, Table, part
from jaso_preprocess.steps import STEPS

_COLUMNS = (
    ("id", "document and place of the item in it"),
    ("document_id", "the document it is from"),
    ("group", "what must never cross a split"),
    ("split", "`train`, `validation` or `test`"),
    ("question", "what was asked"),
    ("answer", "what was written or said, cleaned"),
    ("summary", "a short version, where the source has one"),
    ("occupation", "occupation group, as the source names it"),
    ("experience", "`NEW` (신입) or `EXPERIENCED` (경력), where the source tells"),
    ("role", "the job that was applied for"),
    ("company", "the company that was applied to"),
    ("source", "where it comes from"),
)


def readme(stats: Stats, about: Mapping[str, Any]) -> str:
    """The card. `about["hub"]`, where it is given, is the name on the hub that readers load it from."""
    title = plain(about.get("title") or UNTITLED)
    text = _template().render(
        head=_head(title, stats),
        title=markdown(title),
        summary=_summary(stats),
        sizes=tables.sizes(stats),
        splits=tables.splits(stats),
        groups=number(stats["groups"]) if stats.get("groups") is not None else None,
        hub=about.get("hub"),
        files=_files(stats),
        columns=_COLUMNS,
        sources=_counted(stats, "source", "examples"),
        licences=_counted(stats, "licences", "documents"),
        verdict=sharing(stats),
        command=_command(about),
        lines=[line for line in origin(about) if line[0] != "command"],
        versions=", ".join(f"{name} {version}" for name, version in (about.get("versions") or {}).items()),
        steps=_steps(stats, about),
        dropped=tables.listing(part(stats, "dropped")),
        duplicates=tables.duplicates(stats),
        lengths=tables.lengths(stats),
        tables=_described(stats, about),
        masked=tables.masked(stats),
        masking=any(step.startswith("mask") for step in tables.step_names(stats)),
        key=re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "corpus",
        cited=re.sub(r"[{}\\]", "", title),
        year=_year(about),
        jaso=f" {plain(about['versions']['jaso'])}" if (about.get("versions") or {}).get("jaso") else "",
        grid=grid,
    )  # fmt: skip
    return re.sub(r"\n{3,}", "\n\n", text).encode("utf-8", "replace").decode("utf-8")


def markdown(text: object) -> str:
    """One line of text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>|#~$])", r"\\\1", plain(text)).replace("&", "&amp;")


def grid(table: Table) -> str:
    """A Markdown table."""
    rule = ["---" if place < table.texts else "---:" for place in range(len(table.head))]
    rows = [[markdown(cell) for cell in row] for row in (table.head, *table.rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (rows[0], rule, *rows[1:]))


def _template() -> Any:
    made = environment(html=False)
    made.filters["md"] = markdown
    made.filters["code"] = lambda text: plain(text).replace("`", "'").replace("|", "\\|")
    return made.get_template("README.md.j2")


def _head(title: str, stats: Stats) -> str:
    examples = sum(part(stats, "examples").values())
    licences = [None if name == NONE else str(name) for name in part(stats, "licences")]
    names = hub_licences(licences)
    head = {
        "pretty_name": title,
        "language": ["ko"],
        "license": names[0] if len(names) == 1 else names,
        "multilinguality": ["monolingual"],
        "size_categories": [size_category(examples)],
        "task_categories": ["text-generation"],
        "tags": ["korean", "cover-letter", "interview"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"examples/{split}.parquet"} for split in _files(stats)],
            }
        ],
    }
    if not examples:
        del head["size_categories"]
    return yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=1000)


def _files(stats: Stats) -> list[str]:
    """The splits that have examples; all of them where nobody counted."""
    examples = part(stats, "examples")
    return [split for split in SPLITS if not examples or examples.get(split)] or list(SPLITS)


def _summary(stats: Stats) -> str:
    kinds = {"letter": "자기소개서 (cover letters)", "interview": "면접 (job interviews)"}
    found = [words for kind, words in kinds.items() if part(stats, "kind").get(kind)]
    what = " and ".join(found) or "career writing"
    examples = sum(part(stats, "examples").values())
    count = f"{number(examples)} questions with their answers" if examples else "Questions with their answers"
    copies = ", freed of copies" if part(stats, "duplicates") else ""
    return f"{count} from Korean {what}, cleaned{copies} and split into train, validation and test by jaso."


def _counted(stats: Stats, key: str, unit: str) -> Table | None:
    counts = part(stats, key)
    return tables.counted(counts, "licence" if key == "licences" else key, unit) if counts else None


def _command(about: Mapping[str, Any]) -> str:
    """The command in a fence that nothing in it can close."""
    command = dict(origin(about)).get("command", "")
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", command) or [""]))
    return f"{fence}bash\n{command}\n{fence}" if command else ""


def _steps(stats: Stats, about: Mapping[str, Any]) -> list[dict[str, str]]:
    nodes = (about.get("config") or {}).get("clean") or {}
    rows = []
    for step in tables.step_names(stats):
        node = nodes.get(step) if isinstance(nodes, Mapping) else None
        name = str(node.get("name", step)) if isinstance(node, Mapping) else step
        changed = part(stats, "changed").get(step)
        dropped = sum(tables.dropped_in(stats, step).values())
        rows.append({"name": step, "what": _doc(name), "changed": number(changed), "dropped": number(dropped)})
    return rows


def _doc(step: str) -> str:
    """The first paragraph of a step's docstring; empty for what is no registered step."""
    try:
        return " ".join(STEPS.get(step).doc.split("\n\n")[0].split())
    except RequestError:
        return ""


def _described(stats: Stats, about: Mapping[str, Any]) -> list[Table]:
    found = [tables.occupations(stats)] if stats.get("strata") else []
    if not found and part(stats, "occupation"):
        found.append(tables.counted(part(stats, "occupation"), "occupation", "examples"))
    if part(stats, "experience"):
        found.append(tables.counted(part(stats, "experience"), "experience", "examples"))
    topics = part(stats, "question_types")
    return [*found, tables.counted(topics, "question type", "questions", topic_labels(about))] if topics else found


def _year(about: Mapping[str, Any]) -> str | None:
    found = re.match(r"\d{4}", str(about.get("made") or ""))
    return found[0] if found else None
