"""Write interviews as the zip archives of AI Hub 71592, byte for byte equal.

Beside the labels the tree holds one member that is not JSON and one JSON that never parses; both are in the first
Training archive. ``UNPARSABLE`` and ``NOT_JSON`` count them.

With ``quirks="all"`` it holds everything that a reader must survive: the rare quirks of labels, and beside the first
Training archive's labels the members and files that ``PLANTED`` counts.
"""

from __future__ import annotations

import struct
import zipfile
from dataclasses import replace
from pathlib import Path

from jaso_synthetic.interviews.aihub_json import group_of, is_validation, label_bytes, quirks_of, rare_quirks_of
from jaso_synthetic.records import SYNTHETIC_LICENCE, Corpus, SampleInterview

ROOT = Path("129.채용면접 인터뷰 데이터") / "01-1.정식개방데이터"
LABELS = "02.라벨링데이터"
AUDIO = "01.원천데이터"
UNPARSABLE = 1  # labels of a non-empty tree that no JSON reader accepts
NOT_JSON = 1  # members of a non-empty tree that are no labels
PLANTED = {
    "not_json": 2, "not_utf8": 1, "too_deep": 1, "not_a_label": 4, "empty_question": 1, "empty_answer": 2,
    "bad_character": 1, "too_large": 1, "unsafe_name": 3, "encrypted": 1, "damaged": 1, "unsupported": 1,
    "conflict": 1, "not_a_zip": 1,
}  # fmt: skip
"""With all quirks: what a reader must refuse, by reason. One of ``not_json`` is ``UNPARSABLE``'s."""
PLANTED_DUPLICATES = 2  # further copies of a label, one of them with other bytes
PLANTED_NON_LABELS = NOT_JSON + 2
PLANTED_AUDIO = 3  # a WAV among labels, and one archive per split

_DATE = (2023, 12, 27, 0, 0, 0)
_CP949 = "사본".encode("cp949")  # a folder name as old Korean tools encode it
_PLACEHOLDER = b"@@@@"  # replaced by _CP949 in the written archive
_BROKEN_SUM = (b"planted: sum", b"planted: SUM")
_PASSWORD = "ckmk_d_bad_password_000001.json"


def archive_path(interview: SampleInterview) -> Path:
    """Return the path of a label's archive, relative to the output folder."""
    split, prefix = ("Validation", "VL") if is_validation(interview) else ("Training", "TL")
    return ROOT / split / LABELS / f"{prefix}_{group_of(interview)}.zip"


def _member(archive: zipfile.ZipFile, name: str, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
    info = zipfile.ZipInfo(name, date_time=_DATE)
    info.compress_type = method
    info.create_system = 3  # the same bytes on every platform
    info.external_attr = 0o644 << 16
    archive.writestr(info, content)


def _extras() -> dict[str, bytes]:
    note = f"합성 데이터입니다. licence: {SYNTHETIC_LICENCE}\n"
    return {"readme.txt": note.encode(), "ckmk_d_broken_000000.json": b'{"version": "1.0", "dataSet": {"info": '}


def _bad_members(first: SampleInterview) -> dict[str, bytes]:
    """Return archive members that a reader must refuse or skip, by name.

    `first` lends its text and, for copies, its name.
    """
    unlabelled = replace(first, emotion=(), intent=())
    clean_label = label_bytes(unlabelled, frozenset())
    question, answer = (f'"text": "{text}"'.encode() for text in (unlabelled.question, unlabelled.answer))
    first_bytes, name = label_bytes(first), f"{first.id}.json"
    bad_labels = {
        "empty_file_000001": b"",
        "cp949_000001": clean_label.decode().encode("cp949", "replace"),
        "deep_000001": b"[" * 200_000,
        "list_000001": b"[" + clean_label + b"]",
        "number_000001": b"71592",
        "null_000001": b"null",
        "types_000001": b'{"dataSet": [1, {"info": "ICT"}], "rawDataInfo": 3}',
        "question_000001": clean_label.replace(question, b'"text": " \\u200b"'),
        "answer_000001": clean_label.replace(answer, b'"text": 120'),
        "answer_000002": b'{"dataSet": {"question": {"raw": {"text": "?"}}, "answer": {"raw": "..."}}}',
        "half_000001": clean_label.replace(answer, b'"text": "half \\ud83d"'),
        "large_000001": b" " * (5 * 2**20),
        "sum_000001": _BROKEN_SUM[0] + clean_label,
        "method_000001": clean_label,
    }
    return {
        **{f"ckmk_d_bad_{reason}.json": content for reason, content in bad_labels.items()},
        _PASSWORD: clean_label,
        "../ckmk_d_bad_name_000001.json": clean_label,
        "label/../../../ckmk_d_bad_name_000002.json": clean_label,
        "..\\ckmk_d_bad_name_000003.json": clean_label,
        f"{_PLACEHOLDER.decode()}/{name}": first_bytes,
        f"copy/{name}": first_bytes.removeprefix(b"\xef\xbb\xbf") + b"\n",
        f"other/{name}": label_bytes(replace(first, question=f"힣 {first.question}"), quirks_of(first)),
        "ckmk_q_bad_f_e_000001.wav": _wav(),
        ".DS_Store": b"\x00",
        f"__MACOSX/._{name}": b"\x00\x05\x16\x07",
    }


def _wav() -> bytes:
    """Return a WAV file of length zero."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 44100, 88200, 2, 16)
    return b"RIFF" + struct.pack("<I", 36) + b"WAVE" + form + b"data" + struct.pack("<I", 0)


def _method(name: str) -> int:
    if "_sum_" in name:
        return zipfile.ZIP_STORED
    return zipfile.ZIP_LZMA if "_method_" in name else zipfile.ZIP_DEFLATED


def _write_archive(path: Path, interviews: list[SampleInterview], extras: dict[str, bytes], rare: bool) -> None:
    members = dict(extras)
    for interview in interviews:
        quirks = quirks_of(interview)
        slash = "/" if "leading_slash" in quirks else ""
        rare_quirks = rare_quirks_of(interview) if rare else frozenset()
        members[f"{slash}{interview.id}.json"] = label_bytes(interview, quirks | rare_quirks)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(members):
            _member(archive, name, members[name], _method(name))


def _damage(path: Path) -> None:
    """Plant what zipfile does not write: a wrong CRC, encryption, a cp949 name."""
    with zipfile.ZipFile(path) as archive:
        local = archive.getinfo(_PASSWORD).header_offset
    content = bytearray(path.read_bytes().replace(*_BROKEN_SUM).replace(_PLACEHOLDER + b"/", _CP949 + b"/"))
    central = content.rindex(_PASSWORD.encode()) - 46
    # general purpose flag, bit 0: encrypted (local header offset 6; central record offset 8, its name at 46)
    content[local + 6] |= 1
    content[central + 8] |= 1
    path.write_bytes(content)


def _write_more_files(first: Path, folder: Path) -> list[Path]:
    """Write a half-downloaded copy of the first archive, and audio archives."""
    half_archive = first.with_name(f"{first.stem} (1).zip")
    half_archive.write_bytes(first.read_bytes()[: first.stat().st_size // 2])
    paths = [half_archive]
    for split, prefix in (("Training", "TS"), ("Validation", "VS")):
        path = folder / ROOT / split / AUDIO / f"{prefix}_{first.stem[3:]}.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            _member(archive, "ckmk_a_bad_f_e_000001.wav", _wav())
        paths.append(path)
    return paths


def write_aihub(corpus: Corpus, folder: Path, quirks: str = "usual") -> list[Path]:
    """Write the interviews of a corpus below ``folder``; return the sorted archives.

    ``quirks`` is "usual" or "all".

    Raises:
        OSError: the folder cannot be written.
    """
    if quirks not in ("usual", "all"):
        raise ValueError(f"quirks={quirks!r}, not 'usual' or 'all'")
    groups: dict[Path, list[SampleInterview]] = {}
    for interview in corpus.interviews:
        groups.setdefault(folder / archive_path(interview), []).append(interview)
    first_archive = min((path for path in groups if path.name.startswith("TL_")), default=None)
    all_quirks = quirks == "all"
    for path, interviews in groups.items():
        extras = _extras() if path == first_archive else {}
        if all_quirks and path == first_archive:
            # Copy a label without own quirks, so that the copies differ only as planned.
            plain = next((x for x in interviews if not quirks_of(x) | rare_quirks_of(x)), interviews[0])
            extras |= _bad_members(plain)
        _write_archive(path, interviews, extras, all_quirks)
    if first_archive is None or not all_quirks:
        return sorted(groups)
    _damage(first_archive)
    return sorted([*groups, *_write_more_files(first_archive, folder)])
