"""Download labels once into the stage's cache; mark them as done after checking."""

from __future__ import annotations

import shutil
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path

from jaso_core.console import say
from jaso_core.errors import RequestError, WorkError
from jaso_core.io.files import read_json, sha256_json, write_json
from jaso_crawl.aihub.aihubshell import DATASET, AihubShell, ListedZip, exclusive_lock, find_tool, read_key
from jaso_crawl.aihub.discover import Archive, FileTree, scan
from jaso_crawl.aihub.paths import member_name
from jaso_crawl.aihub.zip_member import ZIP_ERRORS, BadMemberError, cause, open_zip

_MARKER = "downloaded.json"


def ensure_downloaded(cache: Path, tool: str, filekeys: Sequence[int]) -> Path:
    """Return the folder of label zips below `cache`; download if missing.

    RequestError: no key, no tool. WorkError: the tool did not deliver the requested files.
    """
    folder = cache / (f"keys-{sha256_json(sorted(filekeys))[:12]}" if filekeys else "labels")
    data = folder / "data"
    if _is_done(folder, data):
        say(f"crawl: {data} is downloaded, nothing is asked of AI Hub")
        return data
    key, program = read_key(), find_tool(tool)
    with exclusive_lock(folder) as lock:
        shell = AihubShell(program, key, folder / "aihubshell.log", lock)
        listed_zips = [] if filekeys else shell.labels()
        keys = list(filekeys) or [listed.key for listed in listed_zips]
        shutil.rmtree(data, ignore_errors=True)  # the tool cannot resume a download
        data.mkdir()
        say(f"crawl: {program.name} downloads {len(keys)} files of data set {DATASET}; it writes to {shell.log}")
        last_line = shell.download(keys, data)
        sizes = _sizes(_check_archives(data, listed_zips, last_line, shell.log))
        write_json(folder / _MARKER, {"dataset": DATASET, "filekeys": keys, "archives": sizes})
    say(f"crawl: {len(sizes)} zips of labels arrived, {sum(sizes.values()):,} bytes")
    return data


def _is_done(folder: Path, data: Path) -> bool:
    """Whether a finished download is here, every zip with its recorded size."""
    if not (folder / _MARKER).is_file() or not data.is_dir():
        return False
    finished: dict[str, int] = read_json(folder / _MARKER)["archives"]
    return _sizes(scan(data)) == finished


def _sizes(tree: FileTree) -> dict[str, int]:
    return {archive.where: sum(part.size for part in archive.parts) for archive in tree.archives}


def _check_archives(data: Path, listed_zips: Sequence[ListedZip], last_line: str, log: Path) -> FileTree:
    """Scan and check the downloaded zips.

    WorkError when one is missing or not whole.
    """
    cure = f"see {log}; is data set {DATASET} approved for you, and not expired? the same command tries again"
    try:
        tree = scan(data)
    except RequestError as error:  # parts with a gap
        raise WorkError(f"{error.what}; {last_line}", cure) from None
    if not tree.archives:
        raise WorkError(f"{data}: no zip of labels arrived ({tree.audio} files of audio); {last_line}", cure)
    arrived = {_name_key(archive.nested_path[-1]) for archive in tree.archives}
    if missing := [listed.name for listed in listed_zips if _name_key(listed.name) not in arrived]:
        raise WorkError(f"{data}: {len(missing)} zips did not arrive, the first is {missing[0]}; {last_line}", cure)
    for archive in tree.archives:
        if (damage := _damage(archive)) is not None:
            # The tool joins the parts of large zips in the wrong order and then deletes them.
            raise WorkError(
                f"{data / archive.where}: not a whole zip ({damage}), cut off or joined in a wrong order; {last_line}",
                "run the same command again, or download this zip in a browser and give path=<its folder>",
            )
    return tree


def _name_key(name: str) -> str:
    """Normalise a zip's name for comparison: the tool writes underscores for blanks."""
    return unicodedata.normalize("NFC", name).replace(" ", "_").casefold()


def _damage(archive: Archive) -> str | None:
    """Describe the damage of a zip; None when it is whole.

    Its directory is lost, or a member does not begin where the directory says.
    """
    try:
        with archive.open() as stream, open_zip(stream) as opened:
            for info in opened.infolist():
                stream.seek(info.header_offset)
                if stream.read(4) != b"PK\x03\x04":
                    return f"member {member_name(info)} is not in its place"
    except BadMemberError as error:
        return str(error)
    except (*ZIP_ERRORS, zipfile.BadZipFile) as error:
        return cause(error)
    return None
