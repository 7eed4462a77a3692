"""README.md: the Hub's dataset card, a YAML header over Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment

from jaso_core.errors import RequestError
from jaso_core.io.files import NOT_EXPORTED
from jaso_core.licences import NONE, hub_licences
from jaso_core.records import SPLITS
from jaso_core.report.escape import escape_code, escape_markdown
from jaso_core.report.front_matter import front_matter
from jaso_core.report.page import render_page
from jaso_core.report.tables import Table, markdown
from jaso_core.stage.data_description import describe
from jaso_preprocess.card import tables
from jaso_preprocess.card.number_format import number, sanitize, size_category
from jaso_preprocess.card.page import UNTITLED, environment, origin, sharing
from jaso_preprocess.card.sections import topic_labels
from jaso_preprocess.card.tables import Stats, get_mapping
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

_PSEUDONYMS = {
    "id": "pseudonym of the document, and place of the item in it",
    "document_id": "pseudonym of the document it is from",
    "group": "what must never cross a split, a pseudonym",
}


def readme(stats: Stats, about: Mapping[str, Any]) -> str:
    """Render the dataset card.

    `about["hub"]`, where present, is the repository name on the Hub that readers load it from.
    """
    title = sanitize(about.get("title") or UNTITLED)
    text = render_page(
        _environment(),
        "README.md.j2",
        head=_yaml_header(title, stats),
        title=_escape(title),
        summary=_summary(stats),
        sizes=tables.sizes(stats),
        splits=tables.splits(stats),
        groups=number(stats["groups"]) if stats.get("groups") is not None else None,
        hub=about.get("hub"),
        files=_nonempty_splits(stats),
        columns=_columns(stats, about),
        is_career=describe(stats).is_career,
        exported=bool(about.get("exported")),
        sources=_count_table(stats, "source", "examples"),
        licences=_count_table(stats, "licences", "documents"),
        verdict=sharing(stats),
        command=_command(about),
        lines=[line for line in origin(about) if line[0] != "command"],
        versions=", ".join(f"{name} {version}" for name, version in (about.get("versions") or {}).items()),
        steps=_steps(stats, about),
        dropped=tables.listing(get_mapping(stats, "dropped")),
        duplicates=tables.duplicates(stats),
        lengths=tables.lengths(stats),
        tables=_distribution_tables(stats, about),
        masked=tables.masked(stats),
        masking=any(step.startswith("mask") for step in tables.step_names(stats)),
        key=re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "corpus",
        cited=re.sub(r"[{}\\]", "", title),
        year=_year(about),
        jaso=f" {sanitize(about['versions']['jaso'])}" if (about.get("versions") or {}).get("jaso") else "",
        grid=lambda table: markdown(table, _escape),
    )  # fmt: skip
    return re.sub(r"\n{3,}", "\n\n", text)


def _columns(stats: Stats, about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and meaning of the columns; those of an export, where it is one."""
    if not about.get("exported"):
        names = ", ".join(f"`{escape_code(sanitize(name))}`" for name in get_mapping(stats, "columns"))
        further = [("meta", f"further columns of the source, as JSON: {names}")] if names else []
        turns = [("messages", "all turns of a conversation, as JSON")] if stats.get("conversations") else []
        return [*_COLUMNS, *further, *turns]
    return [(name, _PSEUDONYMS.get(name, what)) for name, what in _COLUMNS if name not in NOT_EXPORTED]


def _escape(text: object) -> str:
    """Escape text for one line of Markdown."""
    return escape_markdown(sanitize(text), entities="&")


def _environment() -> Environment:
    env = environment(html=False)
    env.filters["md"] = _escape
    env.filters["code"] = lambda text: escape_code(sanitize(text))
    return env


def _yaml_header(title: str, stats: Stats) -> str:
    examples = sum(get_mapping(stats, "examples").values())
    licences = [None if name == NONE else str(name) for name in get_mapping(stats, "licences")]
    names = hub_licences(licences)
    head = {
        "pretty_name": title,
        "language": ["ko"],
        "license": names[0] if len(names) == 1 else names,
        "multilinguality": ["monolingual"],
        "size_categories": [size_category(examples)],
        "task_categories": ["text-generation"],
        "tags": ["korean", "cover-letter", "interview"] if describe(stats).is_career else ["korean"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [
                    {"split": split, "path": f"examples/{split}.parquet"} for split in _nonempty_splits(stats)
                ],
            }
        ],
    }
    if not examples:
        del head["size_categories"]
    return front_matter(head)


def _nonempty_splits(stats: Stats) -> list[str]:
    """Return the splits that have examples; all of them without counts."""
    examples = get_mapping(stats, "examples")
    return [split for split in SPLITS if not examples or examples.get(split)] or list(SPLITS)


def _summary(stats: Stats) -> str:
    what = f"Korean {_what(stats)}"
    description = describe(stats)
    if not description.is_career or "kind" in description.about:
        what = description.about.get("kind") or ", ".join(description.about.get("origins") or ()) or "a user's data"
    examples = sum(get_mapping(stats, "examples").values())
    count = f"{number(examples)} questions with their answers" if examples else "Questions with their answers"
    copies = ", freed of copies" if get_mapping(stats, "duplicates") else ""
    made = f"{count} from {_escape(what)}, cleaned{copies} and split into train, validation and test by jaso."
    text = description.about.get("description")
    return f"{_escape(text)}\n\n{made}" if text else made


def _what(stats: Stats) -> str:
    kinds = {"letter": "자기소개서 (cover letters)", "interview": "면접 (job interviews)"}
    kind_names = [words for kind, words in kinds.items() if get_mapping(stats, "kind").get(kind)]
    return " and ".join(kind_names) or "career writing"


def _count_table(stats: Stats, key: str, unit: str) -> Table | None:
    counts = get_mapping(stats, key)
    return tables.count_table(counts, "licence" if key == "licences" else key, unit) if counts else None


def _command(about: Mapping[str, Any]) -> str:
    """Return the command in a code fence that nothing in it can close."""
    command = dict(origin(about)).get("command", "")
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", command) or [""]))
    return f"{fence}bash\n{command}\n{fence}" if command else ""


def _steps(stats: Stats, about: Mapping[str, Any]) -> list[dict[str, str]]:
    nodes = (about.get("config") or {}).get("clean") or {}
    rows = []
    for step in tables.step_names(stats):
        node = nodes.get(step) if isinstance(nodes, Mapping) else None
        name = str(node.get("name", step)) if isinstance(node, Mapping) else step
        changed = get_mapping(stats, "changed").get(step)
        dropped = sum(tables.drop_reasons(stats, step).values())
        rows.append(
            {"name": step, "what": _step_description(name), "changed": number(changed), "dropped": number(dropped)}
        )
    return rows


def _step_description(step: str) -> str:
    """Return the first paragraph of a step's docstring; "" if not registered."""
    try:
        return " ".join(STEPS.get(step).doc.split("\n\n")[0].split())
    except RequestError:
        return ""


def _distribution_tables(stats: Stats, about: Mapping[str, Any]) -> list[Table]:
    found_tables = [tables.occupations(stats)] if stats.get("strata") else []
    if not found_tables and get_mapping(stats, "occupation"):
        found_tables.append(tables.count_table(get_mapping(stats, "occupation"), "occupation", "examples"))
    if get_mapping(stats, "experience"):
        found_tables.append(tables.count_table(get_mapping(stats, "experience"), "experience", "examples"))
    topics = get_mapping(stats, "question_types")
    return (
        [*found_tables, tables.count_table(topics, "question type", "questions", topic_labels(about))]
        if topics
        else found_tables
    )


def _year(about: Mapping[str, Any]) -> str | None:
    match = re.match(r"\d{4}", str(about.get("made") or ""))
    return match[0] if match else None
