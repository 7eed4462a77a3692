"""What the names in AI Hub 71592's tree say: which files are labels, which are audio, whose talk it is.

A place is the tuple of all names from the user's folder down to the file, through archives, in NFC: macOS unpacks
Hangul names in pieces (NFD), and a comparison byte by byte would find nothing.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from zipfile import ZipInfo

Place = tuple[str, ...]

OCCUPATIONS = {
    "BM": "Management",
    "SM": "SalesMarketing",
    "PS": "PublicService",
    "RND": "RND",
    "ICT": "ICT",
    "ARD": "Design",
    "MM": "ProductionManufacturing",
}
EXPERIENCES = ("NEW", "EXPERIENCED")
GENDERS = ("FEMALE", "MALE")
SPLITS = ("training", "validation")

LONGEST_NAME = 1024
"""Characters of a member's name. No file system takes more, and a sort key of digits without end is no good."""

_LABEL = re.compile(r"ckmk_d_.+\.json", re.IGNORECASE)
_LABELS = re.compile(r"[tv]l[_ ]|.*라벨링", re.IGNORECASE)
_AUDIO = re.compile(r"[tv]s[_ ]|.*원천", re.IGNORECASE)
_SPLIT = re.compile(r"(t|v)l[_ ]|(?:\d+[._ ]*)?(t)raining|(?:\d+[._ ]*)?(v)alidation", re.IGNORECASE)
_CODE = re.compile(r"ckmk_[a-z]_([a-z]+)_([fm])_([en])_", re.IGNORECASE)
_NAMED = {name.casefold(): code for code, name in OCCUPATIONS.items()}
_UTF8_NAME = 0x800


def is_label(place: Place) -> bool:
    """ckmk_d_*.json anywhere; any .json inside of something that is named as a place of labels."""
    name = place[-1]
    if _is_debris(place) or not name.lower().endswith(".json"):
        return False
    return _LABEL.fullmatch(name) is not None or any(_LABELS.match(part) for part in place[:-1])


def is_audio(place: Place) -> bool:
    """A wav file, or an archive of them: TS_*, VS_*, or whatever lies below 01.원천데이터 and is no TL_*, VL_*."""
    name = place[-1]
    if name.lower().endswith(".wav"):
        return True
    if not is_archive(place) or re.match(r"[tv]l[_ ]", name, re.IGNORECASE):
        return False
    return any(_AUDIO.match(part) for part in place)


def is_archive(place: Place) -> bool:
    """A zip, by its name."""
    return place[-1].lower().endswith(".zip") and not _is_debris(place)


def _is_debris(place: Place) -> bool:
    """What operating systems leave behind: ._* and __MACOSX hold no data under any name."""
    return place[-1].startswith(".") or "__MACOSX" in place


def split_of(place: Place) -> str | None:
    """ "training" or "validation", by the name nearest to the file that says so; else None."""
    for part in reversed(place[:-1]):
        if (found := _SPLIT.match(part)) is not None:
            letter = next(group for group in found.groups() if group)
            return "training" if letter.lower() == "t" else "validation"
    return None


@dataclass(frozen=True, slots=True)
class Code:
    """What a file's name says of the talk; None where it says nothing that we know."""

    occupation: str | None = None
    experience: str | None = None
    gender: str | None = None


def code_of(stem: str) -> Code:
    """ckmk_d_ard_f_e_101874: occupation ARD (Design), FEMALE, EXPERIENCED."""
    found = _CODE.match(stem)
    if found is None:
        return Code()
    code, gender, experience = (group.upper() for group in found.groups())
    return Code(
        code if code in OCCUPATIONS else None,
        "EXPERIENCED" if experience == "E" else "NEW",
        "FEMALE" if gender == "F" else "MALE",
    )


def occupation_code(value: str) -> str:
    """BM SM PS RND ICT ARD MM, also for "ard", "Design" and "06.Design"; anything else as it stands."""
    plain = value.strip()
    if plain.upper() in OCCUPATIONS:
        return plain.upper()
    return _NAMED.get(re.sub(r"^\d+\.", "", plain).casefold(), plain)


def member_parts(info: ZipInfo) -> Place:
    """The names on a member's path, whatever slashes it begins with or is written with."""
    parts = member_name(info).replace("\\", "/").split("/")
    return tuple(part for part in parts if part not in ("", "."))


def member_name(info: ZipInfo) -> str:
    """A member's name as people read it.

    Without the flag for UTF-8 zipfile takes the bytes for cp437; Korean tools wrote UTF-8 or cp949 there.
    """
    name = info.filename
    if not info.flag_bits & _UTF8_NAME and not name.isascii():
        name = _decoded(name.encode("cp437")) if _fits_cp437(name) else name
    return plain(name)


def _fits_cp437(name: str) -> bool:
    try:
        name.encode("cp437")
    except UnicodeEncodeError:
        return False
    return True


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def file_name(name: str) -> str:
    """A file's name as people read it; Linux hands names that are not UTF-8 over in half characters."""
    return name if name.isascii() else plain(_decoded(os.fsencode(name)))


def plain(text: str) -> str:
    """NFC, and nothing that a UTF-8 file could not hold."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "backslashreplace").decode("utf-8"))


def joined(place: Sequence[str]) -> str:
    """A place as one path."""
    return "/".join(place)
