"""Open the zip of an office document safely: size limits, no macros, no entities."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from jaso_core.config import check_positive_options

MB = 2**20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_PARTS = 10_000
# A text in a table in a text box of a table has some forty elements around it.
_DEEPEST = 200


class LetterError(ValueError):
    """A letter cannot be read. `reason` is counted, the message is for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class LetterLimits:
    """What a letter may cost; the group `limits` of source=letter_files.

    `file_mb`: of the file; `unpacked_mb`: of all its parts together; `part_mb`: of one XML part.
    """

    file_mb: float = 50.0
    unpacked_mb: float = 200.0
    part_mb: float = 20.0

    def __post_init__(self) -> None:
        check_positive_options(self, "limits")


class OfficeZip:
    """The parts of an office document, read within limits."""

    def __init__(self, data: bytes, limits: LetterLimits) -> None:
        self._limits = limits
        if data.startswith(_OLE):
            raise LetterError("password", "is protected by a password or in an old format; save it once more without")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            raise LetterError("broken_zip", "is no whole document; open it and save it once more") from None
        entries = self._archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if len(entries) > _MOST_PARTS or unpacked > limits.unpacked_mb * MB:
            detail = (
                f"unpacks to {unpacked / MB:,.0f} MB in {len(entries):,} parts; limits.unpacked_mb= raises the limit"
            )
            raise LetterError("zip_bomb", detail)
        self.names = [entry.filename for entry in entries]
        if any(name.lower().endswith("vbaproject.bin") for name in self.names):
            raise LetterError("macros", "holds macros; save it as a document without macros")

    def read(self, name: str) -> bytes:
        """Return the bytes of a part. LetterError when it is absent, damaged or too large."""
        try:
            # A part never gives more than its declared size; zipfile stops there.
            if self._archive.getinfo(name).file_size > self._limits.part_mb * MB:
                raise LetterError("too_large", f"its part {name} is too large; limits.part_mb= raises the limit")
            return self._archive.read(name)
        except KeyError:
            raise LetterError("no_text", f"has no part {name}; open it and save it once more") from None
        except LetterError:
            raise
        except Exception:  # zipfile and its decompressors raise whatever damage makes them
            raise LetterError("broken_zip", f"its part {name} is damaged; open it and save it once more") from None

    def xml(self, name: str) -> Element:
        """Return the root of an XML part. LetterError for entities, depth or damage."""
        data = self.read(name)
        try:
            events = ElementTree.iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True)
            return _root(events, name)
        except DefusedXmlException:
            detail = f"its part {name} declares entities, which no office program writes; save it once more"
            raise LetterError("entities", detail) from None
        except LetterError:
            raise
        except (ParseError, ValueError, LookupError):
            raise LetterError("broken_xml", f"its part {name} is no XML; open it and save it once more") from None


def _root(events: Iterator[tuple[str, Any]], name: str) -> Element:
    root: Element | None = None
    depth = 0
    for event, element in events:
        root = element if root is None else root
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            raise LetterError("too_deep", f"its part {name} is nested too deep; open it and save it once more")
    if root is None:
        raise ValueError("no root")
    return root
