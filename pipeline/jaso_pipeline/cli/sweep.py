"""Sweep: run the jobs of `-m` by an executor, and report as if all had run here.

The output of a job in another process is written to files, and printed from there: the same lines, the same exit code,
results in order.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jaso_core.console import result, say
from jaso_core.errors import ExitCode, JasoError, RequestError, WorkError
from jaso_core.parallel.cluster import JobEndedError
from jaso_core.parallel.executors import WorkerKilledError
from jaso_core.stage.command import recorded_command
from jaso_pipeline.cli.commands import run_stage
from jaso_pipeline.cli.launchers import Launcher
from jaso_pipeline.cli.report_error import report_error

_POLL_SECONDS = 0.5  # between reads of the jobs' output


@dataclass(frozen=True)
class SweepJob:
    """One job of a sweep.

    `config`: for the stage of `verb`. `error`: all that the job has to report, where it cannot run. `arguments`:
    those of the sweep, which manifests record. `start`: the folder in which the command was typed. `channel`: where
    its output goes, None for this process's own.
    """

    number: int
    name: str
    verb: str
    arguments: tuple[str, ...]
    start: str
    config: dict[str, Any]
    error: JasoError | None = None
    channel: Path | None = None


def run_sweep(verb: str, jobs: Sequence[SweepJob], launcher: Launcher, out: Path | None) -> None:
    """Run the jobs; one that fails does not stop the others.

    RequestError when all that failed were wrong requests, else WorkError.
    """
    with launcher.open(verb, out, len(jobs)) as (executor, channel):
        jobs = [replace(job, channel=channel) for job in _refuse_shared_folders(jobs)]
        if channel is None:
            codes = list(executor.map(run_job, jobs))
        else:
            outputs = _JobOutputs(jobs, channel)
            codes = outputs.follow(executor.submit_all(run_job, jobs))
            outputs.print_results()
    failed = [code for code in codes if code is not ExitCode.DONE]
    if failed:
        kind = RequestError if all(code is ExitCode.BAD_REQUEST for code in failed) else WorkError
        raise kind(f"{len(failed)} of the sweep's jobs failed", "the lines above say why")


def run_job(job: SweepJob) -> ExitCode:
    """Run one job, in any process. Its error is reported where its output goes."""
    with ExitStack() as stack:
        if job.channel is not None:
            stack.enter_context(_redirect_output(job.number, job.channel, Path(job.start)))
        try:
            if job.error is not None:
                raise job.error
            with recorded_command(job.verb, job.arguments):
                run_stage(job.verb, job.config)
        except Exception as error:
            return report_error(error)
    return ExitCode.DONE


def _refuse_shared_folders(jobs: Sequence[SweepJob]) -> Iterator[SweepJob]:
    """Give an error to jobs whose folder an earlier job writes to."""
    folders: set[str] = set()
    for job in jobs:
        folder = str(job.config.get("out"))
        if job.error is None and folder in folders:
            shared = RequestError(f"out={folder}: two jobs of the sweep would write here", "sweep less at once")
            yield replace(job, error=shared)
        else:
            folders.add(folder)
            yield job


@contextmanager
def _redirect_output(number: int, channel: Path, start: Path) -> Iterator[None]:
    """Redirect stdout and stderr to files; relative paths are those of the user."""
    os.chdir(start)
    with (
        (channel / f"{number}.err").open("a", encoding="utf-8", buffering=1) as log,
        (channel / f"{number}.out").open("w", encoding="utf-8") as results,
        redirect_stderr(log),
        redirect_stdout(results),
    ):
        yield


class _JobOutputs:
    """What jobs in other processes have printed."""

    def __init__(self, jobs: Sequence[SweepJob], channel: Path) -> None:
        self._names = {job.number: job.name for job in jobs}
        self._channel = channel
        self._offsets = dict.fromkeys(self._names, 0)

    def follow(self, futures: Sequence[Future[ExitCode]]) -> list[ExitCode]:
        """Print the jobs' lines as they come; return their exit codes when all have ended."""
        waiting = set(futures)
        while waiting:
            waiting = wait(waiting, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED).not_done
            for number in self._names:
                self._print_lines(number, whole=not waiting)
        return [self._code(number, future) for number, future in zip(self._names, futures, strict=True)]

    def print_results(self) -> None:
        """Print the results in the order of the jobs."""
        for number in self._names:
            path = self._channel / f"{number}.out"
            for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
                result(line)

    def _code(self, number: int, future: Future[ExitCode]) -> ExitCode:
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, JobEndedError) and not (self._channel / f"{number}.err").is_file():
            say(f"error: job {self._names[number]} ended before it began: {error.reason}")
        elif isinstance(error, WorkerKilledError | JobEndedError):
            name = self._names[number]
            say(f"error: job {name} was killed, perhaps for its memory; the same command continues it")
        else:
            say(f"error: job {self._names[number]}: {type(error).__name__}: {error}")
        return ExitCode.FAILED

    def _print_lines(self, number: int, *, whole: bool) -> None:
        """Print the new lines with the job's name.

        With `whole` also one that is not complete.
        """
        path = self._channel / f"{number}.err"
        if not path.is_file():
            return
        with path.open("rb") as stream:
            stream.seek(self._offsets[number])
            new = stream.read()
        # b"a\nb" → only "a\n" is printed now, "b" when its line is complete or all jobs ended
        end = len(new) if whole else new.rfind(b"\n") + 1
        self._offsets[number] += end
        for line in new[:end].decode("utf-8", "replace").split("\n"):
            if line.strip() and "\r" not in line:  # progress bars of several jobs at once are useless
                say(line if line.startswith("error: ") else f"{self._names[number]} | {line}")
