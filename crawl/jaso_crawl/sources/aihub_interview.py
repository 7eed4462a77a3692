"""AI Hub 71592 (채용면접 인터뷰 데이터): mock interviews that the user may use, from the user's own download."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from jaso_core.console import bar
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.records import Document
from jaso_core.stage.runner import StageRun, volatile
from jaso_crawl.aihub.discover import Tree, scan
from jaso_crawl.aihub.download import ensure_downloaded
from jaso_crawl.aihub.label_index import Entry, LabelIndex
from jaso_crawl.aihub.parse_label import BadLabelError, parse_label
from jaso_crawl.aihub.paths import EXPERIENCES, GENDERS, OCCUPATIONS, SPLITS
from jaso_crawl.aihub.zip_member import BadMemberError
from jaso_crawl.source_registry import SOURCES
from jaso_crawl.types import Rejection

NAME = "aihub_interview"
LICENCE = (
    "AI Hub 71592 (채용면접 인터뷰 데이터): for AI training by those whom AI Hub approved (Korean nationals); text and "
    "derived text may not be passed on; works must name it as a result of the programme of NIA (한국지능정보사회진흥원)"
)
_FILTERS = ("occupation", "experience", "gender", "aihub_split")


@dataclass(frozen=True)
class AihubInterviewOptions:
    """`path` or `download` says where the labels come from, the others which of them are taken."""

    path: str | None = None
    occupation: list[str] = field(default_factory=list)
    experience: str | None = None
    gender: str | None = None
    aihub_split: str | None = None
    max_documents: int | None = None
    download: bool = False
    filekeys: list[int] = field(default_factory=list)
    aihubshell: str = volatile("aihubshell")

    def __post_init__(self) -> None:
        for code in self.occupation:
            _check("occupation", code, list(OCCUPATIONS))
        for name, known in (("experience", EXPERIENCES), ("gender", GENDERS), ("aihub_split", SPLITS)):
            if getattr(self, name) is not None:
                _check(name, getattr(self, name), list(known))
        if self.max_documents is not None and self.max_documents < 1:
            raise RequestError(
                f"config key 'max_documents': is {self.max_documents}", "give 1 or more, or null for all"
            )
        if any(key < 1 for key in self.filekeys):
            raise RequestError("config key 'filekeys': keys are numbers from 1", "write filekeys=[66046,66047]")


def _check(name: str, value: str, known: list[str]) -> None:
    if value not in known:
        raise RequestError(f"config key '{name}': '{value}' is unknown", did_you_mean(value, known))


@SOURCES.register(NAME, AihubInterviewOptions)
class AihubInterview:
    """AI Hub 71592, mock interviews: path=<folder or zip of your own download>. For approved users only."""

    def __init__(self, options: AihubInterviewOptions) -> None:
        self._options = options
        self._tree: Tree | None = None

    def inputs(self) -> Mapping[str, Path]:
        """The folder or zip. RequestError when it is absent, damaged or not named."""
        options = self._options
        if options.download:
            if options.path is not None:
                raise RequestError("path and download=true are both given", "give one of them")
            return {}
        if options.path is None:
            raise RequestError(
                f"config key 'path' is not set: source={NAME} reads AI Hub's data set 71592 as you downloaded it",
                "add path=<the folder or zip>, or download=true to call your own aihubshell",
            )
        self._tree = scan(Path(options.path).expanduser())
        return {"path": self._tree.inventory()}

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Rejected archives and members, then interviews in the order of their ids, whatever held them."""
        if self._options.download:
            self._tree = scan(self._downloaded(run))
        assert self._tree is not None, "inputs() comes first"
        with run.timed("list"):
            shelf = LabelIndex(self._tree, run.scratch / "inner")
        with closing(shelf):
            if not shelf.entries and not shelf.rejections:
                raise RequestError(
                    f"{self._tree.root}: holds no label (ckmk_d_*.json, zipped or not), but {shelf.audio:,} files of "
                    f"audio and {shelf.others:,} others",
                    "give the folder of 02.라벨링데이터, or one above it",
                )
            yield from shelf.rejections
            yield from _Reading(self._options, shelf).collect(run)

    def _downloaded(self, run: StageRun) -> Path:
        cache = run.out / "cache" / "aihub"
        if cache.exists():
            (run.scratch / "cache").touch()  # a refused request shall not make the cache look like a foreign file
        data = ensure_downloaded(cache, self._options.aihubshell, self._options.filekeys)
        (run.scratch / "cache").touch()
        return data


class _Reading:
    """One pass over a shelf."""

    def __init__(self, options: AihubInterviewOptions, shelf: LabelIndex) -> None:
        self._options, self._shelf = options, shelf
        self._counts = Counter[str](fetched=0, parsed=0, filtered=0, duplicate=0)
        self._unknown = Counter[str]()
        self._given = 0
        self._seen = 0

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Every label once: fetched = parsed + rejected, parsed = documents + filtered + duplicate + conflict."""
        entries, limit = self._shelf.entries, self._options.max_documents
        with bar(len(entries), "labels", "label") as shown:
            for _, group in groupby(entries, key=lambda entry: entry.stem):
                same = list(group)
                yield from self._one_id(same)
                self._seen += len(same)
                shown.update(len(same))
                if limit is not None and self._given >= limit:
                    break
        run.counts.update(listed=len(entries) + self._shelf.refused_labels, **self._counts)
        run.counts.update(audio=self._shelf.audio, non_labels=self._shelf.others)
        if limit is not None:
            run.counts["beyond_limit"] = len(entries) - self._seen
        if self._unknown:
            run.counts["unknown_occupation"] = dict(sorted(self._unknown.items()))
        if not self._given and self._counts["filtered"]:
            chosen = {name: value for name in _FILTERS if (value := getattr(self._options, name))}
            what = ", ".join(f"{name}={value}" for name, value in chosen.items())
            raise RequestError(f"none of {self._counts['parsed']:,} interviews is left by {what}", "choose less")

    def _one_id(self, entries: list[Entry]) -> Iterator[Document | Rejection]:
        """The labels that share an id, hardly ever more than one."""
        kept: list[tuple[Entry, Document]] = []
        for entry in entries:
            try:
                data = self._shelf.read(entry)
                self._counts["fetched"] += 1
                document = parse_label(data, entry.stem, NAME, LICENCE, {"split": entry.split}, recording=True)
            except (BadMemberError, BadLabelError) as error:
                yield Rejection(entry.where, error.reason, str(error))
                continue
            self._counts["parsed"] += 1
            occupation = document.meta["occupation"]
            if occupation is not None and occupation not in OCCUPATIONS:
                self._unknown[occupation] += 1
            if self._wanted(document.meta):
                kept.append((entry, document))
            else:
                self._counts["filtered"] += 1
        if len(kept) > 1:
            kept.sort(key=lambda pair: _rank(pair[0], pair[1]))
        for entry, document in kept[1:]:
            if _content(document) == _content(kept[0][1]):
                self._counts["duplicate"] += 1
            else:
                detail = f"the same id with another content is at {kept[0][0].where}"
                yield Rejection(entry.where, "conflict", detail)
        if kept:
            self._given += 1
            yield kept[0][1]

    def _wanted(self, meta: Mapping[str, Any]) -> bool:
        options = self._options
        if options.occupation and meta["occupation"] not in options.occupation:
            return False
        wanted = {"experience": options.experience, "gender": options.gender, "split": options.aihub_split}
        return all(value in (None, meta[name]) for name, value in wanted.items())


def _content(document: Document) -> str:
    """What a talk is, wherever it lay."""
    body = document.to_json()
    return json.dumps([body["items"], {**body["meta"], "split": None}], ensure_ascii=False, sort_keys=True)


def _rank(entry: Entry, document: Document) -> tuple[int, str, str]:
    """Training first; then by content, so that no folder's name decides which of two talks is kept."""
    split = SPLITS.index(entry.split) if entry.split else len(SPLITS)
    return split, _content(document), entry.where
