"""Source of letters in a folder: .docx and .hwpx, one document a file."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jaso_core.config import REQUIRED
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.file_kinds import existing_path
from jaso_core.records import Document
from jaso_core.stage.runner import StageRun, implied
from jaso_crawl.letters.docx_letter import read_docx
from jaso_crawl.letters.hwpx_letter import read_hwpx
from jaso_crawl.letters.office_zip import MB, LetterError, LetterLimits
from jaso_crawl.letters.split_letter import split_letter
from jaso_crawl.source_registry import SOURCES, check_kind
from jaso_crawl.types import Rejection

_READERS = {".docx": read_docx, ".hwpx": read_hwpx}
_SAVE = "save it as .hwpx or .docx"
# Documents that are no letter for us, and what to do with them.
_FOREIGN = {
    ".hwp": ("old_hwp", f"is in the old .hwp format; {_SAVE}"),
    ".doc": ("old_doc", f"is in the old .doc format; {_SAVE}"),
    ".docm": ("macros", "may hold macros; save it as .docx"),
    ".hml": ("not_read", f"is .hml; {_SAVE}"),
    ".odt": ("not_read", f"is .odt; {_SAVE}"),
    ".rtf": ("not_read", f"is .rtf; {_SAVE}"),
    ".pdf": ("not_read", f"is a PDF; {_SAVE}"),
}
_MOST_NAMED = 10


@dataclass(frozen=True)
class LetterFilesOptions:
    """Options: the `path` of the folder (or of one file), and what a file may cost."""

    path: str = REQUIRED
    kind: str = "letter"
    licence: str | None = None
    limits: LetterLimits = implied(LetterLimits())  # noqa: RUF009 - immutable

    def __post_init__(self) -> None:
        check_kind(self.kind)


@SOURCES.register("letter_files", LetterFilesOptions)
class LetterFiles:
    """A folder of letters as .docx and .hwpx: path=… One document a file."""

    def __init__(self, options: LetterFilesOptions) -> None:
        self._options = options
        self._path = existing_path(Path(options.path))

    def inputs(self) -> Mapping[str, Path]:
        """Return the letters and other documents. RequestError when there is none."""
        if not self._path.exists():
            raise RequestError(f"{self._path}: no such folder", "check path=")
        files = {f"path/{name}": file for name, file in self._files() if _is_document(file)}
        if not files:
            raise RequestError(f"{self._path}: holds no .docx or .hwpx", "give the folder of the letters")
        return files

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Yield a document or rejection for every file; one never stops the others."""
        counts, others = Counter[str](), Counter[str]()
        rejections: list[Rejection] = []
        for name, file in self._files():
            if not _is_document(file):
                others[file.suffix.lower() or "without a suffix"] += 1
                continue
            counts.update(listed=1, fetched=1)
            try:
                document = self._read(name, file, counts)
            except LetterError as error:
                rejections.append(Rejection(name, error.reason, str(error)))
                yield rejections[-1]
                continue
            counts["parsed"] += 1
            yield document
        run.counts.update({name: counts[name] for name in ("listed", "fetched", "parsed")})
        run.counts.update({name: counts[name] for name in ("unanswered", "characters_before") if counts[name]})
        _report(rejections, others, counts)

    def _files(self) -> Iterator[tuple[str, Path]]:
        """Yield name and path of the files by name; hidden ones are left out."""
        if self._path.is_file():
            yield unicodedata.normalize("NFC", self._path.name), self._path
            return
        for file in sorted(self._path.rglob("*")):
            relative = file.relative_to(self._path)
            if file.is_file() and not any(part.startswith((".", "~$")) for part in relative.parts):
                yield unicodedata.normalize("NFC", relative.as_posix()), file

    def _read(self, name: str, file: Path, counts: Counter[str]) -> Document:
        suffix = file.suffix.lower()
        if suffix in _FOREIGN:
            raise LetterError(*_FOREIGN[suffix])
        limits = self._options.limits
        try:
            if file.stat().st_size > limits.file_mb * MB:
                raise LetterError(
                    "too_large", f"has {file.stat().st_size / MB:,.0f} MB; limits.file_mb= raises the limit"
                )
            data = file.read_bytes()
        except OSError as error:
            raise LetterError("unreadable", f"cannot be opened ({error.strerror})") from None
        letter = split_letter(_READERS[suffix](data, limits))
        if not letter.items and not letter.unanswered:
            detail = "no question is marked in it; write each on a line of its own, such as '1. 지원 동기'"
            raise LetterError("no_question", detail)
        if not letter.items:
            raise LetterError("missing_answer", "its questions have no answers")
        counts.update(unanswered=letter.unanswered, characters_before=letter.preamble)
        # A file is often called by its writer's name, which is to be in no id.
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]
        return Document(
            id=f"letter_files:{digest}",
            source="letter_files",
            kind=self._options.kind,
            items=letter.items,
            meta={"file": name.encode("utf-8", "replace").decode()},
            licence=self._options.licence,
        )


def _is_document(file: Path) -> bool:
    return file.suffix.lower() in (*_READERS, *_FOREIGN)


def _report(rejections: list[Rejection], others: Counter[str], counts: Counter[str]) -> None:
    for rejection in rejections[:_MOST_NAMED]:
        say(f"crawl: not read: {rejection.where}: {rejection.detail}")
    if len(rejections) > _MOST_NAMED:
        say(f"crawl: not read: {len(rejections) - _MOST_NAMED:,} more, which rejected.jsonl names")
    if others:
        listing = ", ".join(f"{suffix} {count:,}" for suffix, count in sorted(others.items()))
        say(f"crawl: files of other kinds, which are no letters: {listing}")
    if counts["unanswered"]:
        say(f"crawl: questions without an answer, left out: {counts['unanswered']:,}")
    if counts["characters_before"]:
        say(f"crawl: characters before the first questions, left out: {counts['characters_before']:,}")
