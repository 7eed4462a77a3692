"""Write interviews as AI Hub 71592's tree of archives, byte for byte the same every time.

Beside the labels the tree holds one member that is no JSON and one JSON that never parses; both stand in
the first Training archive. ``UNPARSABLE`` and ``NOT_JSON`` say how many there are.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from jaso_crawl.sample.aihub_json import group_of, is_validation, label_bytes, quirks_of
from jaso_crawl.sample.model import SYNTHETIC_LICENCE, Corpus, SampleInterview

ROOT = Path("129.채용면접 인터뷰 데이터") / "01-1.정식개방데이터"
LABELS = "02.라벨링데이터"
UNPARSABLE = 1  # labels of a non-empty tree that no JSON reader accepts
NOT_JSON = 1  # members of a non-empty tree that are no labels
_DATE = (2023, 12, 27, 0, 0, 0)


def archive_path(interview: SampleInterview) -> Path:
    """Where a label's archive lies, below the folder that is written to."""
    split, prefix = ("Validation", "VL") if is_validation(interview) else ("Training", "TL")
    return ROOT / split / LABELS / f"{prefix}_{group_of(interview)}.zip"


def _member(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=_DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # the same bytes on every platform
    info.external_attr = 0o644 << 16
    archive.writestr(info, content)


def _extras() -> dict[str, bytes]:
    note = f"합성 데이터입니다. licence: {SYNTHETIC_LICENCE}\n"
    return {"readme.txt": note.encode(), "ckmk_d_broken_000000.json": b'{"version": "1.0", "dataSet": {"info": '}


def _write_archive(path: Path, interviews: list[SampleInterview], extras: dict[str, bytes]) -> None:
    members = dict(extras)
    for interview in interviews:
        slash = "/" if "leading_slash" in quirks_of(interview) else ""
        members[f"{slash}{interview.id}.json"] = label_bytes(interview)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(members):
            _member(archive, name, members[name])


def write_aihub(corpus: Corpus, folder: Path) -> list[Path]:
    """Write the interviews of a corpus below ``folder``; returns the archives, sorted.

    Raises:
        OSError: the folder cannot be written.
    """
    groups: dict[Path, list[SampleInterview]] = {}
    for interview in corpus.interviews:
        groups.setdefault(folder / archive_path(interview), []).append(interview)
    first = min((path for path in groups if path.name.startswith("TL_")), default=None)
    for path, interviews in groups.items():
        _write_archive(path, interviews, _extras() if path == first else {})
    return sorted(groups)
