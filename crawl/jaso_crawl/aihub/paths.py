"""Parse names in AI Hub 71592's tree: labels, audio, archives, file name codes.

A nested path is the tuple of all names from the user's folder down to the file, through archives, in NFC: macOS unpacks
Hangul names decomposed (NFD), which would not compare equal.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from zipfile import ZipInfo

NestedPath = tuple[str, ...]

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
"""Characters of a member's name. No file system takes more; longer digit runs would make huge sort keys."""

_LABEL = re.compile(r"ckmk_d_.+\.json", re.IGNORECASE)
_LABEL_FOLDER = re.compile(r"[tv]l[_ ]|.*라벨링", re.IGNORECASE)
_AUDIO_FOLDER = re.compile(r"[tv]s[_ ]|.*원천", re.IGNORECASE)
_SPLIT = re.compile(r"(t|v)l[_ ]|(?:\d+[._ ]*)?(t)raining|(?:\d+[._ ]*)?(v)alidation", re.IGNORECASE)
_CODE = re.compile(r"ckmk_[a-z]_([a-z]+)_([fm])_([en])_", re.IGNORECASE)
_CODE_BY_NAME = {name.casefold(): code for code, name in OCCUPATIONS.items()}
_UTF8_NAME = 0x800


def is_label(nested_path: NestedPath) -> bool:
    """Whether this is a label: ckmk_d_*.json, or any .json in a label folder."""
    name = nested_path[-1]
    if _is_system_file(nested_path) or not name.lower().endswith(".json"):
        return False
    return _LABEL.fullmatch(name) is not None or any(_LABEL_FOLDER.match(part) for part in nested_path[:-1])


def is_audio(nested_path: NestedPath) -> bool:
    """Whether this is a wav file or an archive of them.

    Archives of audio are TS_*, VS_*, and those below 01.원천데이터 that are not TL_*, VL_*.
    """
    name = nested_path[-1]
    if name.lower().endswith(".wav"):
        return True
    if not is_archive(nested_path) or re.match(r"[tv]l[_ ]", name, re.IGNORECASE):
        return False
    return any(_AUDIO_FOLDER.match(part) for part in nested_path)


def is_archive(nested_path: NestedPath) -> bool:
    """Whether the name is that of a zip."""
    return nested_path[-1].lower().endswith(".zip") and not _is_system_file(nested_path)


def _is_system_file(nested_path: NestedPath) -> bool:
    """Whether an operating system wrote this: ._* and __MACOSX hold no data."""
    return nested_path[-1].startswith(".") or "__MACOSX" in nested_path


def split_of(nested_path: NestedPath) -> str | None:
    """Return "training" or "validation" by the nearest parent name; else None."""
    # 1.Training/라벨링데이터/TL_05.ICT.zip/a.json → training; 1.Training/VL_x/a.json → validation
    for part in reversed(nested_path[:-1]):
        if (match := _SPLIT.match(part)) is not None:
            letter = next(group for group in match.groups() if group)
            return "training" if letter.lower() == "t" else "validation"
    return None


@dataclass(frozen=True, slots=True)
class StemCode:
    """What a label's file name encodes; None for unknown codes."""

    occupation: str | None = None
    experience: str | None = None
    gender: str | None = None


def code_of(stem: str) -> StemCode:
    """Parse a stem: ckmk_d_ard_f_e_101874 is ARD (Design), FEMALE, EXPERIENCED."""
    match = _CODE.match(stem)
    if match is None:
        return StemCode()
    code, gender, experience = (group.upper() for group in match.groups())
    return StemCode(
        code if code in OCCUPATIONS else None,
        "EXPERIENCED" if experience == "E" else "NEW",
        "FEMALE" if gender == "F" else "MALE",
    )


def occupation_code(value: str) -> str:
    """Normalise an occupation to its code: BM SM PS RND ICT ARD MM.

    Also for "ard", "Design" and "06.Design"; anything else is returned unchanged.
    """
    name = value.strip()
    if name.upper() in OCCUPATIONS:
        return name.upper()
    return _CODE_BY_NAME.get(re.sub(r"^\d+\.", "", name).casefold(), name)


def member_parts(info: ZipInfo) -> NestedPath:
    """Split a member's path into names, whichever slashes it uses."""
    parts = member_name(info).replace("\\", "/").split("/")
    return tuple(part for part in parts if part not in ("", "."))


def member_name(info: ZipInfo) -> str:
    """Decode a zip member's name.

    Without the UTF-8 flag zipfile decodes the bytes as cp437; Korean tools wrote UTF-8 or cp949 there.
    """
    name = info.filename
    if not info.flag_bits & _UTF8_NAME and not name.isascii():
        name = _decode_name(name.encode("cp437")) if _fits_cp437(name) else name
    return to_nfc(name)


def _fits_cp437(name: str) -> bool:
    try:
        name.encode("cp437")
    except UnicodeEncodeError:
        return False
    return True


def _decode_name(raw: bytes) -> str:
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def file_name(name: str) -> str:
    """Decode a file's name; Linux gives non-UTF-8 bytes as surrogate escapes."""
    return name if name.isascii() else to_nfc(_decode_name(os.fsencode(name)))


def to_nfc(text: str) -> str:
    """Normalise to NFC; escape lone surrogates, which UTF-8 cannot encode."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "backslashreplace").decode("utf-8"))


def join_names(nested_path: Sequence[str]) -> str:
    """Join a nested path with slashes."""
    return "/".join(nested_path)
