"""Read members of untrusted zips; each failure becomes a reason, not a crash."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from jaso_core.errors import RequestError
from jaso_core.records import Document
from jaso_crawl.aihub.parse_label import BadLabelError, parse_label
from jaso_crawl.aihub.paths import LONGEST_NAME, member_name, member_parts, to_nfc
from jaso_crawl.types import Rejection

LARGEST_LABEL = 4 * 2**20
"""Bytes. Labels have a few thousand; larger members are not labels."""

ZIP_ERRORS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error,
    EOFError, OSError, OverflowError, NotImplementedError, RuntimeError, ValueError, IndexError,
)  # fmt: skip
"""What zipfile raises for damaged archives and for unsupported features."""

_ENCRYPTED = 0x1


class BadMemberError(ValueError):
    """A member that cannot be read.

    `reason` is a category for counting, the message has the details.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(to_nfc(message))
        self.reason = reason


def cause(error: Exception) -> str:
    """Format an exception for a message."""
    return to_nfc(str(error).strip() or type(error).__name__)


def check_name(info: zipfile.ZipInfo) -> None:
    """Raise BadMemberError (unsafe_name) for path traversal or an overlong name.

    A leading slash is harmless.
    """
    if ".." in member_parts(info):
        raise BadMemberError("unsafe_name", "the member's name leads out of the archive")
    if len(info.filename) > LONGEST_NAME:
        raise BadMemberError("unsafe_name", f"the member's name has {len(info.filename):,} characters")


def check_kind(info: zipfile.ZipInfo, largest: int | None = None) -> None:
    """Raise BadMemberError (encrypted, unsupported, too_large).

    `largest` in bytes.
    """
    if info.flag_bits & _ENCRYPTED:
        raise BadMemberError("encrypted", "needs a password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile decompresses bzip2 and lzma at once, however large the output.
        raise BadMemberError("unsupported", f"compression method {info.compress_type} is none of AI Hub's")
    limit = LARGEST_LABEL if largest is None else largest
    if info.file_size > limit:
        raise BadMemberError("too_large", f"{info.file_size:,} bytes are no {'label' if largest is None else 'zip'}")


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Read a label's bytes. BadMemberError when it is refused or damaged."""
    check_name(info)
    check_kind(info)
    try:
        with archive.open(info) as stream:
            # Bounded, whatever size is declared; reading past the end makes zipfile verify the CRC.
            return stream.read(LARGEST_LABEL + 1)
    except ZIP_ERRORS as error:
        raise BadMemberError("damaged", cause(error)) from None


def read_blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a large member in blocks, up to its declared size.

    BadMemberError (damaged).
    """
    try:
        with archive.open(info) as stream:
            while block := stream.read(1 << 20):
                yield block
    except ZIP_ERRORS as error:
        raise BadMemberError("damaged", cause(error)) from None


def open_zip(file: Path | IO[bytes]) -> zipfile.ZipFile:
    """Open an archive and read its directory. BadMemberError (not_a_zip)."""
    try:
        return zipfile.ZipFile(file)
    except ZIP_ERRORS as error:
        raise BadMemberError("not_a_zip", cause(error)) from None


def read_zip(path: Path, source: str, licence: str | None, meta: Mapping[str, Any]) -> Iterator[Document | Rejection]:
    """Yield a document or rejection for each .json member, sorted by name.

    RequestError when it is no zip.
    """
    try:
        archive = open_zip(path)
    except BadMemberError as error:
        raise RequestError(f"{path}: not a whole zip ({error})", "download it again") from None
    with archive:
        for info in sorted(archive.infolist(), key=lambda entry: entry.filename):
            name = member_name(info)
            if not name.lower().endswith(".json"):
                continue
            where = f"{path.name}:{name}"
            stem = name.replace("\\", "/").rpartition("/")[2][: -len(".json")]
            try:
                yield parse_label(read_member(archive, info), stem, source, licence, meta)
            except BadMemberError as error:
                yield Rejection(where, error.reason, str(error))
            except BadLabelError as error:
                yield Rejection(where, "bad_label", str(error))
