"""Run the user's `aihubshell` as a child process; log its output without the key.

aihubshell 25.09.19 (v0.6) takes the key from the environment variable AIHUB_APIKEY when -aihubapikey is absent, so the
key is on no command line of jaso. aihubshell itself passes curl a header as an argument, which other users of the same
machine can see in the process list while curl runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from jaso_core.errors import RequestError, WorkError
from jaso_core.io.links import append_text

DATASET = 71592
KEY_VARIABLE = "AIHUB_APIKEY"

_LISTED_ZIP = re.compile(r"([TV]L_[^|/\\]+\.zip)\s*\|[^|]*\|\s*(\d+)\s*$")
_READ_LIMIT = 1 << 16
_MAX_LINE_LENGTH = 400
_MAX_LINES = 5000  # lines; a listing has about 130


@dataclass(frozen=True, slots=True)
class ListedZip:
    """A zip of labels in aihubshell's listing."""

    name: str
    key: int


def find_tool(name: str) -> Path:
    """Return the program's path, by its name in $PATH or by its path.

    RequestError when it cannot be started.
    """
    path = shutil.which(name)
    if path is not None:
        return Path(path).resolve()  # absolute: it runs in another folder
    if Path(name).is_file():
        raise RequestError(f"aihubshell={name}: is not executable", f"chmod +x {name}")
    raise RequestError(
        f"aihubshell={name}: no such program",
        "get aihubshell from aihub.or.kr (개발자지원, API Shell), put it into $PATH or give aihubshell=<its path>",
    )


def read_key() -> str:
    """Return the user's AI Hub key; RequestError when the variable is not set."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise RequestError(
            f"download=true needs your AI Hub key in the environment variable {KEY_VARIABLE}, which is not set",
            f"read -rs {KEY_VARIABLE}; export {KEY_VARIABLE}; then the same command",
        )
    return key


@dataclass(frozen=True, slots=True)
class AihubShell:
    """The aihubshell program with its key, output log and lock.

    `lock` is a file descriptor that its children inherit.
    """

    program: Path
    key: str
    log: Path
    lock: int

    def labels(self) -> list[ListedZip]:
        """List the data set's zips of labels, without giving the tool the key.

        WorkError when it lists none.
        """
        lines = self._run(["-mode", "l", "-datasetkey", str(DATASET)], self.log.parent, with_key=False)
        zips = [ListedZip(match[1].strip(), int(match[2])) for line in lines if (match := _LISTED_ZIP.search(line))]
        if not zips:
            raise WorkError(
                f"{self.program.name} lists no zip of labels (TL_*, VL_*) of data set {DATASET}; {last_line(lines)}",
                f"see {self.log}; with filekeys=[…] no listing is needed",
            )
        return zips

    def download(self, filekeys: Sequence[int], folder: Path) -> str:
        """Download into `folder`; return the tool's last line.

        Its exit status is unreliable and therefore ignored.
        """
        keys = ",".join(str(key) for key in filekeys)
        arguments = ["-mode", "d", "-datasetkey", str(DATASET), "-filekey", keys]
        return last_line(self._run(arguments, folder, with_key=True))

    def _run(self, arguments: list[str], folder: Path, *, with_key: bool) -> deque[str]:
        lines: deque[str] = deque(maxlen=_MAX_LINES)
        with append_text(self.log) as log:
            child = subprocess.Popen(
                [str(self.program), *arguments],
                cwd=folder,
                env=self._environment(with_key),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that its curl and tar are terminated with it
                pass_fds=(self.lock,),
            )
            assert child.stdout is not None
            try:
                for line in _clean_lines(child.stdout, self.key):
                    lines.append(line)
                    log.write(line + "\n")
                    log.flush()  # for tail -f
                child.wait()
            finally:
                _terminate(child)
        return lines

    def _environment(self, with_key: bool) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
        if with_key:
            environment[KEY_VARIABLE] = self.key
        locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or ""
        if not re.search(r"utf-?8", locale, re.IGNORECASE):
            # In other locales the tool finds no parts with Hangul names, joins nothing, and deletes the parts.
            environment |= {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
        return environment


def last_line(lines: Sequence[str]) -> str:
    """Format the last line of the tool's output for an error message."""
    return f"its last line: {lines[-1]}" if lines else "it printed nothing"


@contextlib.contextmanager
def exclusive_lock(folder: Path) -> Iterator[int]:
    """Lock `folder`; yield the lock's file descriptor.

    Children inherit it, so a tool that outlives a killed jaso still holds the lock. WorkError when another process
    holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with append_text(folder / ".lock") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise WorkError(f"{folder}: an aihubshell is still at work here", "wait until it has ended") from None
        yield stream.fileno()


def _clean_lines(stream: IO[bytes], key: str) -> Iterator[str]:
    """Yield the output as a terminal shows it, without the key.

    Of curl's progress only the last state, of overlong lines only the start.
    """
    is_complete = True
    while raw := stream.readline(_READ_LIMIT):
        is_start, is_complete = is_complete, raw.endswith(b"\n")
        if not is_start:  # the rest of an overlong line, where a key may be split
            continue
        line = raw.decode("utf-8", "replace").replace(key, "[key]")
        if is_complete:
            line = line.rstrip().rpartition("\r")[2]
        if line := line.strip()[:_MAX_LINE_LENGTH]:
            yield line


def _terminate(child: subprocess.Popen[bytes]) -> None:
    """Terminate the child and its process group if it is still running."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(10)
