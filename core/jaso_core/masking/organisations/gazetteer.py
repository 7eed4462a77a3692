"""A list of company names that the user brings, and where its names stand in a text.

Plain text (one name a line), CSV with a column of names, DART's CORPCODE.xml or the ZIP that holds it. Names of a list
are ordinary words far too often (대상, 기아, 노을), so short and everyday ones count only with an employer's cue.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from jaso_core.errors import RequestError
from jaso_core.masking.common_words import EVERYDAY
from jaso_core.masking.morphology import stands_alone
from jaso_core.masking.organisations.context import NAME_END, STRONG
from jaso_core.masking.organisations.legal_forms import LONGEST_NAME, plain_name, with_legal_forms
from jaso_core.masking.places import ALL_PLACES

_COLUMNS = ("corp_name", "company", "name", "회사명", "종목명", "법인명", "기업명", "Name")
_START = re.compile(r"(?<![가-힣A-Za-z0-9])(?=[가-힣A-Za-z0-9])")
_HEAD = re.compile(r"(?<![가-힣A-Za-z0-9])[가-힣A-Za-z0-9].", re.DOTALL)
_END = re.compile(NAME_END)
_REACH = 12
"""Characters behind a name that Kiwi sees, too."""


class Mention(NamedTuple):
    """A name in a text. Kiwi is asked late whether it is one, for mostly other rules know the place already."""

    start: int
    end: int
    name: str
    phrase: str | None = None
    """The name and what follows; None where what stands beside the name leaves no doubt."""

    def is_sure(self) -> bool:
        """Whether the name is a word of its own, not the beginning of another one."""
        return self.phrase is None or stands_alone(self.phrase, 0, self.end - self.start)


class Gazetteer:
    """Names without legal forms; looked up at each word's beginning, longest first."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name for name in map(_plain, names) if 2 <= len(name) <= LONGEST_NAME}
        self._by_head = _by_head(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def with_names(self, names: Iterable[str]) -> Gazetteer:
        """One that holds these names as well."""
        return Gazetteer([*self._names, *names])

    def find(self, text: str) -> Iterator[Mention]:
        """Where a name stands, and seems to be meant; a legal form beside it belongs to the span."""
        if not self._names:
            return
        for place in self._places(text):
            for name in self._by_head[text[place : place + 2]]:
                end = place + len(name)
                if text.startswith(name, place) and _END.match(text, end):
                    if mention := _mention(text, place, end):
                        yield mention
                    break

    def _places(self, text: str) -> list[int]:
        """Where a word begins with the first two characters of a name."""
        places = []
        for head in self._by_head.keys() & set(_HEAD.findall(text)):
            place = text.find(head)
            while place >= 0:
                if _START.match(text, place):
                    places.append(place)
                place = text.find(head, place + 1)
        return sorted(places)


def _by_head(names: Iterable[str]) -> dict[str, list[str]]:
    """The names by their first two characters, longest first."""
    found: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        found.setdefault(name[:2], []).append(name)
    return found


def _plain(name: str) -> str:
    return plain_name(name)[0]


def _mention(text: str, start: int, end: int) -> Mention | None:
    name = text[start:end]
    wide = with_legal_forms(text, start, end)
    if wide != (start, end) or STRONG.match(text, end):
        return Mention(*wide, name)
    if len(name) <= 2 or name in EVERYDAY or name in ALL_PLACES:
        return None
    return Mention(start, end, name, text[start : end + _REACH].split("\n")[0])


def read_gazetteer(path: Path) -> Gazetteer:
    """The names in a file; its kind is told by its ending. RequestError when it cannot be read."""
    if not path.is_file():
        raise RequestError(f"{path}: no such file", "give the path of a list of company names")
    names = list(_names(path))
    if not names:
        raise RequestError(f"{path}: no company name in it", f"one name a line, or a column {', '.join(_COLUMNS[:4])}")
    return Gazetteer(names)


def _names(path: Path) -> Iterator[str]:
    data = path.read_bytes()
    if path.suffix.lower() == ".zip":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                inside = [name for name in archive.namelist() if name.lower().endswith(".xml")]
                data = archive.read(inside[0]) if inside else b""
        except zipfile.BadZipFile as error:
            raise RequestError(f"{path}: not a ZIP archive", "fetch it again; an API error is XML, not ZIP") from error
        yield from _from_xml(data, path)
    elif path.suffix.lower() == ".xml":
        yield from _from_xml(data, path)
    elif path.suffix.lower() == ".csv":
        yield from _from_csv(_decoded(data, path), path)
    else:
        yield from (line.strip() for line in _decoded(data, path).splitlines() if line.strip())


def _decoded(data: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RequestError(f"{path}: neither UTF-8 nor CP949", "save it as UTF-8")


def _from_xml(data: bytes, path: Path) -> Iterator[str]:
    if b"<!ENTITY" in data:
        raise RequestError(f"{path}: XML with entity definitions", "DART's CORPCODE.xml has none: use the original")
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise RequestError(f"{path}: not XML ({error})", "use DART's CORPCODE.xml as it comes") from error
    yield from (name.text.strip() for name in root.iter("corp_name") if name.text and name.text.strip())


def _from_csv(text: str, path: Path) -> Iterator[str]:
    rows = csv.DictReader(io.StringIO(text))
    column = next((column for column in _COLUMNS if column in (rows.fieldnames or ())), None)
    if column is None:
        raise RequestError(f"{path}: no column of names", f"call it one of {', '.join(_COLUMNS)}")
    yield from (row[column].strip() for row in rows if (row[column] or "").strip())
