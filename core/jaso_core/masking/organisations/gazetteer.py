"""Gazetteer: a user's list of company names, matched in texts.

Plain text (one name a line), CSV with a column of names, DART's CORPCODE.xml or the ZIP that holds it. Names of a
list are ordinary words far too often (대상, 기아, 노을), so short and everyday ones count only with an employer's
cue. So does a name that only some document's company column holds, unless its form can be nothing but a name.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from jaso_core.errors import RequestError
from jaso_core.masking.common_words import EVERYDAY, MODIFIERS
from jaso_core.masking.morphology import (
    analyse,
    is_common_noun,
    is_dictionary_compound,
    is_ordinary_word,
    is_phrase,
    is_separate_word,
)
from jaso_core.masking.organisations.company_field import company_names
from jaso_core.masking.organisations.context import DUTY, EMPLOYED, NAME_END, STRONG
from jaso_core.masking.organisations.industry_lexicon import BOUND, HOMONYMS, SUFFIXES
from jaso_core.masking.organisations.legal_forms import LONGEST_NAME, extend_over_legal_forms, plain_name
from jaso_core.masking.organisations.no_company import is_kind_of_house
from jaso_core.masking.places import ALL_PLACES

_LARGEST_XML = 2**29
_COLUMNS = ("corp_name", "company", "name", "회사명", "종목명", "법인명", "기업명", "Name")
_START = re.compile(r"(?<![가-힣A-Za-z0-9])(?=[가-힣A-Za-z0-9])")
_HEAD = re.compile(r"(?<![가-힣A-Za-z0-9])[가-힣A-Za-z0-9].", re.DOTALL)
_END = re.compile(NAME_END)
_REACH = 12
"""Characters behind a name that are analysed with it."""


class Mention(NamedTuple):
    """A company name in a text.

    Kiwi is asked late whether it is a name, because other rules mostly know the span already.
    """

    start: int
    end: int
    name: str
    phrase: str | None = None
    """The name and the text behind it; None where the context leaves no doubt."""

    def is_sure(self) -> bool:
        """Whether the name is a word by itself, not the beginning of another one."""
        return self.phrase is None or is_separate_word(self.phrase, 0, self.end - self.start)


class Gazetteer:
    """Company names without legal forms, matched at word beginnings, longest first.

    `fields`: company columns of documents, whose names count less than those of a list.
    """

    def __init__(self, names: Iterable[str], fields: Iterable[str] = ()) -> None:
        self._names = {name for name in map(_strip_legal_forms, names) if 2 <= len(name) <= LONGEST_NAME}
        # The names of the columns, and whether one of them has a legal form there.
        self._crawled: dict[str, bool] = {}
        for one in (one for field in fields for one in company_names(field)):
            for name in (one.name, *one.others):
                if len(name) >= 2 and name not in self._names and not is_kind_of_house(name):
                    self._crawled[name] = self._crawled.get(name, False) or one.has_form
        self._by_head = _group_by_head({*self._names, *self._crawled})

    def __len__(self) -> int:
        return len(self._names) + len(self._crawled)

    def with_fields(self, fields: Iterable[str]) -> Gazetteer:
        """Return a gazetteer that holds the names in company columns as well."""
        return Gazetteer(self._names, fields)

    def find(self, text: str) -> Iterator[Mention]:
        """Yield mentions of the names; a legal form beside a name is part of the span.

        Short and everyday names need a cue.
        """
        if not self._by_head:
            return
        for start in self._candidate_starts(text):
            for name in self._by_head[text[start : start + 2]]:
                end = start + len(name)
                if text.startswith(name, start) and _END.match(text, end):
                    if mention := self._to_mention(text, start, end):
                        yield mention
                    break

    def _to_mention(self, text: str, start: int, end: int) -> Mention | None:
        name = text[start:end]
        span = extend_over_legal_forms(text, start, end)
        if span != (start, end):
            return Mention(*span, name)
        if name in self._crawled and not is_evident_name(name, self._crawled[name]):
            # Any word may be in a column: 프로젝트에서 3년간 is none of the cues that a word of daily life needs. Of a
            # name that ends in a trade (예시물류), what one did there is a cue as well.
            has_cue = EMPLOYED.match(text, end) or (
                _has_trade(name) and (STRONG.match(text, end) or DUTY.match(text, end))
            )
            return Mention(start, end, name) if has_cue else None
        if STRONG.match(text, end):
            return Mention(start, end, name)
        if len(name) <= 2 or name in EVERYDAY or name in ALL_PLACES:
            return None
        return Mention(start, end, name, text[start : end + _REACH].split("\n")[0])

    def _candidate_starts(self, text: str) -> list[int]:
        """Return the offsets of words that begin like a name, by two characters."""
        starts = []
        for head in self._by_head.keys() & set(_HEAD.findall(text)):
            start = text.find(head)
            while start >= 0:
                if _START.match(text, start):
                    starts.append(start)
                start = text.find(head, start + 1)
        return sorted(starts)


def _group_by_head(names: Iterable[str]) -> dict[str, list[str]]:
    """Group the names by their first two characters, longest first."""
    # 한빛, 가나다, 한빛전자 → {"한빛": [한빛전자, 한빛], "가나": [가나다]}
    groups: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        groups.setdefault(name[:2], []).append(name)
    return groups


def _strip_legal_forms(name: str) -> str:
    return plain_name(name)[0]


def _has_trade(name: str) -> bool:
    """Whether a trade ends the name behind at least two characters: 예시물류, not 물류."""
    return any(name.endswith(suffix) and len(name) - len(suffix) >= 2 for suffix in SUFFIXES)


@lru_cache(maxsize=65536)
def is_evident_name(name: str, has_form: bool) -> bool:
    """Whether a name of a company column can be nothing else, wherever it is.

    Kiwi does not know it as words (뮤닉스), or a trade ends it (흰여우재식품), or the column gives a legal form to a
    phrase that is no compound (㈜밝은솔).
    """
    if len(name) <= 2 or name in EVERYDAY or name in ALL_PLACES or not re.search("[가-힣]{2}", name):
        return False
    if not is_ordinary_word(name):
        return True
    suffix = next((suffix for suffix in SUFFIXES if name.endswith(suffix) and name != suffix), "")
    stem = name[: len(name) - len(suffix)]
    if suffix and len(stem) >= 2 and stem not in MODIFIERS and not is_phrase(stem):
        return not is_common_noun(stem) or (suffix in BOUND and suffix not in HOMONYMS)
    parts = analyse(name)
    return has_form and len(parts) > 1 and not is_dictionary_compound(name) and parts[0].tag[0] == "V"


def read_gazetteer(path: Path) -> Gazetteer:
    """Read the names in a file, by its suffix. RequestError when it cannot be read."""
    if not path.is_file():
        raise RequestError(f"{path}: no such file", "give the path of a list of company names")
    names = list(_read_names(path))
    if not names:
        raise RequestError(f"{path}: no company name in it", f"one name a line, or a column {', '.join(_COLUMNS[:4])}")
    return Gazetteer(names)


def _read_names(path: Path) -> Iterator[str]:
    data = path.read_bytes()
    if path.suffix.lower() == ".zip":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                inside = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".xml")]
                if inside and inside[0].file_size > _LARGEST_XML:
                    what = f"{path}: unpacks to {inside[0].file_size:,} bytes of XML"
                    raise RequestError(what, "DART's list has some 20 million: fetch it again")
                data = archive.read(inside[0]) if inside else b""
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
            raise RequestError(f"{path}: not a ZIP archive", "fetch it again; an API error is XML, not ZIP") from error
        yield from _parse_xml(data, path)
    elif path.suffix.lower() == ".xml":
        yield from _parse_xml(data, path)
    elif path.suffix.lower() == ".csv":
        yield from _parse_csv(_decode(data, path), path)
    else:
        yield from (line.strip() for line in _decode(data, path).splitlines() if line.strip())


def _decode(data: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RequestError(f"{path}: neither UTF-8 nor CP949", "save it as UTF-8")


def _parse_xml(data: bytes, path: Path) -> Iterator[str]:
    if b"<!ENTITY" in data:
        raise RequestError(f"{path}: XML with entity definitions", "DART's CORPCODE.xml has none: use the original")
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise RequestError(f"{path}: not XML ({error})", "use DART's CORPCODE.xml as it comes") from error
    yield from (name.text.strip() for name in root.iter("corp_name") if name.text and name.text.strip())


def _parse_csv(text: str, path: Path) -> Iterator[str]:
    rows = csv.DictReader(io.StringIO(text))
    column = next((column for column in _COLUMNS if column in (rows.fieldnames or ())), None)
    if column is None:
        raise RequestError(f"{path}: no column of names", f"call it one of {', '.join(_COLUMNS)}")
    yield from (row[column].strip() for row in rows if (row[column] or "").strip())
