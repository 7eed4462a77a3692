"""Limits of unpacking zips: depth, ratio, total size and free disk."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from jaso_core.config import check_positive_options
from jaso_core.errors import RequestError
from jaso_core.io.free_space import free_disk
from jaso_crawl.aihub.zip_member import BadMemberError

GB = 2**30
# Smaller members are no harm, whatever their ratio.
_HARMLESS = 2**20
_DISK_RESERVE = 2**30


@dataclass(frozen=True)
class ZipLimits:
    """What zips within zips may cost; the group `limits` of source=aihub_interview.

    `zip_depth`: of zips in zips. `zip_ratio`: of a member's size to what it takes in its zip. `unpacked_gb`: of all
    zips that lay in others.
    """

    zip_depth: int = 3
    zip_ratio: float = 100.0
    unpacked_gb: float = 20.0

    def __post_init__(self) -> None:
        check_positive_options(self, "limits")


class UnpackBudget:
    """Use of the limits by one tree of archives, which take `size_on_disk` bytes."""

    def __init__(self, limits: ZipLimits, size_on_disk: int) -> None:
        self._limits = limits
        self._size_on_disk = size_on_disk
        self._unpacked = 0

    def check_depth(self, depth: int) -> None:
        """Raise BadMemberError (nested_too_deep) for a zip that lies in `depth` others."""
        if depth >= self._limits.zip_depth:
            raise BadMemberError("nested_too_deep", f"lies in {depth} zips; limits.zip_depth= raises the limit")

    def check_ratio(self, info: zipfile.ZipInfo) -> None:
        """Raise BadMemberError (zip_bomb) for a large member packed to nothing."""
        if info.file_size > max(_HARMLESS, self._limits.zip_ratio * info.compress_size):
            what = f"{info.file_size:,} bytes, packed to {info.compress_size:,}"
            raise BadMemberError("zip_bomb", f"{what}; limits.zip_ratio= raises the limit")

    def take(self, size: int, where: str, folder: Path) -> None:
        """Reserve `size` bytes in `folder` for the member `where`. RequestError."""
        self._unpacked += size
        limit = self._limits.unpacked_gb
        if self._unpacked > limit * GB:
            what = f"{where}: with it, zips within zips unpack to {self._unpacked / GB:,.1f} GB"
            raise RequestError(what, f"limits.unpacked_gb= raises the limit (now {limit:g}) if you trust the files")
        if self._unpacked > max(GB, self._limits.zip_ratio * self._size_on_disk):
            what = f"{where}: with it, {self._size_on_disk:,} bytes of zips unpack to {self._unpacked:,}"
            raise RequestError(what, "limits.zip_ratio= raises the limit if you trust the files")
        if size + _DISK_RESERVE > (free := free_disk(folder)):
            what = f"{where}: unpacks to {size / GB:,.1f} GB, the disk of {folder} has {free / GB:,.1f} GB left"
            raise RequestError(what, "make room there, or unpack this zip yourself and give path=<its folder>")


def check_overlap(archive: zipfile.ZipFile, size: int) -> None:
    """Raise BadMemberError (zip_bomb) when members share their bytes.

    Together they cannot take more than the archive has.
    """
    packed = sum(info.compress_size for info in archive.infolist())
    if packed > size:
        raise BadMemberError("zip_bomb", f"its members take {packed:,} bytes, the zip has {size:,}: they overlap")
