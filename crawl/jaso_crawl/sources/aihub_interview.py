"""AI Hub 71592 (채용면접 인터뷰 데이터): mock interviews from the user's own download."""

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
from jaso_core.stage.runner import StageRun, implied, volatile
from jaso_crawl.aihub.discover import FileTree, scan
from jaso_crawl.aihub.download import ensure_downloaded
from jaso_crawl.aihub.label_index import LabelEntry, LabelIndex
from jaso_crawl.aihub.parse_label import BadLabelError, parse_label
from jaso_crawl.aihub.paths import EXPERIENCES, GENDERS, OCCUPATIONS, SPLITS
from jaso_crawl.aihub.zip_limits import ZipLimits
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
    """Options: `path` or `download` of the labels, filters on them, and limits."""

    path: str | None = None
    occupation: list[str] = field(default_factory=list)
    experience: str | None = None
    gender: str | None = None
    aihub_split: str | None = None
    max_documents: int | None = None
    download: bool = False
    filekeys: list[int] = field(default_factory=list)
    aihubshell: str = volatile("aihubshell")
    limits: ZipLimits = implied(ZipLimits())  # noqa: RUF009 - immutable

    def __post_init__(self) -> None:
        for code in self.occupation:
            _check_value("occupation", code, list(OCCUPATIONS))
        for name, known in (("experience", EXPERIENCES), ("gender", GENDERS), ("aihub_split", SPLITS)):
            if getattr(self, name) is not None:
                _check_value(name, getattr(self, name), list(known))
        if self.max_documents is not None and self.max_documents < 1:
            raise RequestError(
                f"config key 'max_documents': is {self.max_documents}", "give 1 or more, or null for all"
            )
        if any(key < 1 for key in self.filekeys):
            raise RequestError("config key 'filekeys': keys are numbers from 1", "write filekeys=[66046,66047]")


def _check_value(name: str, value: str, known: list[str]) -> None:
    if value not in known:
        raise RequestError(f"config key '{name}': '{value}' is unknown", did_you_mean(value, known))


@SOURCES.register(NAME, AihubInterviewOptions)
class AihubInterview:
    """AI Hub 71592, mock interviews: path=<folder or zip of your own download>. For approved users only."""

    def __init__(self, options: AihubInterviewOptions) -> None:
        self._options = options
        self._tree: FileTree | None = None

    def inputs(self) -> Mapping[str, Path]:
        """Return the folder or zip. RequestError when absent, damaged or not set."""
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
        """Yield rejected archives and members, then interviews in the order of their ids.

        The order does not depend on the archives.
        """
        if self._options.download:
            self._tree = scan(self._download(run))
        assert self._tree is not None, "inputs() comes first"
        with run.timed("list"):
            index = LabelIndex(self._tree, run.scratch / "inner", self._options.limits)
        with closing(index):
            if not index.entries and not index.rejections:
                raise RequestError(
                    f"{self._tree.root}: holds no label (ckmk_d_*.json, zipped or not), but {index.audio:,} files of "
                    f"audio and {index.others:,} others",
                    "give the folder of 02.라벨링데이터, or one above it",
                )
            yield from index.rejections
            yield from _IndexReader(self._options, index).collect(run)

    def _download(self, run: StageRun) -> Path:
        cache = run.out / "cache" / "aihub"
        if cache.exists():
            (run.scratch / "cache").touch()  # so that a refused request does not leave the cache as a foreign file
        data = ensure_downloaded(cache, self._options.aihubshell, self._options.filekeys)
        (run.scratch / "cache").touch()
        return data


class _IndexReader:
    """One pass over the labels of an index."""

    def __init__(self, options: AihubInterviewOptions, index: LabelIndex) -> None:
        self._options, self._index = options, index
        self._counts = Counter[str](fetched=0, parsed=0, filtered=0, duplicate=0)
        self._unknown_occupations = Counter[str]()
        self._document_count = 0
        self._label_count = 0

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Read every label once and count the results.

        fetched = parsed + rejected, parsed = documents + filtered + duplicate + conflict.
        """
        entries, limit = self._index.entries, self._options.max_documents
        with bar(len(entries), "labels", "label") as progress:
            for _, group in groupby(entries, key=lambda entry: entry.stem):
                entries_of_id = list(group)
                yield from self._resolve_id(entries_of_id)
                self._label_count += len(entries_of_id)
                progress.update(len(entries_of_id))
                if limit is not None and self._document_count >= limit:
                    break
        run.counts.update(listed=len(entries) + self._index.refused_labels, **self._counts)
        run.counts.update(audio=self._index.audio, non_labels=self._index.others)
        if limit is not None:
            run.counts["beyond_limit"] = len(entries) - self._label_count
        if self._unknown_occupations:
            run.counts["unknown_occupation"] = dict(sorted(self._unknown_occupations.items()))
        if not self._document_count and self._counts["filtered"]:
            chosen = {name: value for name in _FILTERS if (value := getattr(self._options, name))}
            what = ", ".join(f"{name}={value}" for name, value in chosen.items())
            raise RequestError(f"none of {self._counts['parsed']:,} interviews is left by {what}", "choose less")

    def _resolve_id(self, entries: list[LabelEntry]) -> Iterator[Document | Rejection]:
        """Choose one document among the labels that share an id (rarely several)."""
        candidates: list[tuple[LabelEntry, Document]] = []
        for entry in entries:
            try:
                data = self._index.read(entry)
                self._counts["fetched"] += 1
                document = parse_label(data, entry.stem, NAME, LICENCE, {"split": entry.split}, recording=True)
            except (BadMemberError, BadLabelError) as error:
                yield Rejection(entry.where, error.reason, str(error))
                continue
            self._counts["parsed"] += 1
            occupation = document.meta["occupation"]
            if occupation is not None and occupation not in OCCUPATIONS:
                self._unknown_occupations[occupation] += 1
            if self._matches_filters(document.meta):
                candidates.append((entry, document))
            else:
                self._counts["filtered"] += 1
        if len(candidates) > 1:
            candidates.sort(key=lambda pair: _rank(pair[0], pair[1]))
        for entry, document in candidates[1:]:
            if _content_key(document) == _content_key(candidates[0][1]):
                self._counts["duplicate"] += 1
            else:
                detail = f"the same id with another content is at {candidates[0][0].where}"
                yield Rejection(entry.where, "conflict", detail)
        if candidates:
            self._document_count += 1
            yield candidates[0][1]

    def _matches_filters(self, meta: Mapping[str, Any]) -> bool:
        options = self._options
        if options.occupation and meta["occupation"] not in options.occupation:
            return False
        filters = {"experience": options.experience, "gender": options.gender, "split": options.aihub_split}
        return all(value in (None, meta[name]) for name, value in filters.items())


def _content_key(document: Document) -> str:
    """Return an interview's content for comparison, without its location."""
    body = document.to_json()
    return json.dumps([body["items"], {**body["meta"], "split": None}], ensure_ascii=False, sort_keys=True)


def _rank(entry: LabelEntry, document: Document) -> tuple[int, str, str]:
    """Sort key of equal ids: training first, then by content.

    So no folder's name decides which of two interviews is kept.
    """
    split = SPLITS.index(entry.split) if entry.split else len(SPLITS)
    return split, _content_key(document), entry.where
