"""Sweep jobs, in this process or in others by joblib or submitit.

The output and exit code of a job in another process pass through files in a shared folder, so that for the user who
started the sweep it is as if all had run here: the same lines, the same exit code, results in order.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree, which
from textwrap import shorten

from jaso_core.console import result, say
from jaso_core.errors import ExitCode, RequestError, WorkError
from jaso_core.io.files import read_json, sha256_json, write_json
from jaso_core.parallel.slurm import set_task_threads, warn_once_without_accounting
from jaso_core.registry import extension_folders

LAUNCHERS = ("basic", "joblib", "slurm", "submitit_local", "submitit_slurm")
LOGS = ".submitit"
_CHANNEL = ".sweep"
_MINUTES_PER_DAY = 60 * 24
_POLL_SECONDS = 0.5  # between reads of the jobs' output


@dataclass(frozen=True)
class Sweep:
    """Jobs that share `folder`.

    `in_process`: they run in this process. `argv`, `start`: the command and the folder in which it was typed.
    """

    folder: Path
    in_process: bool
    argv: tuple[str, ...]
    start: Path

    def run(
        self, number: int, name: str, job: Callable[[], None], report_error: Callable[[Exception], ExitCode]
    ) -> None:
        """Run one job, in any process.

        Its error is reported and recorded, so that the others continue.
        """
        sys.argv = list(self.argv)  # recorded in manifests
        write_json(self.folder / f"{number}.begun.json", {"name": name})
        with ExitStack() as stack:
            if not self.in_process:
                set_task_threads()
                stack.enter_context(self._redirect_output(number))
            try:
                job()
                code = ExitCode.DONE
            except Exception as error:
                code = report_error(error)
        write_json(self.folder / f"{number}.done.json", {"code": int(code)})

    def claim(self, out: object, number: int) -> None:
        """Claim `out`: RequestError when another job of this sweep writes to it.

        A job that a cluster starts again may claim it again.
        """
        path = self.folder / f"{sha256_json([str(out)])}.claim"
        with suppress(FileExistsError), path.open("x", encoding="ascii") as stream:
            stream.write(str(number))
            return
        if path.read_text(encoding="ascii") != str(number):
            raise RequestError(f"out={out}: two jobs of the sweep would write here", "sweep less at once")

    @contextmanager
    def relay_output(self) -> Iterator[None]:
        """Relay the output of jobs in other processes; then print results in order."""
        if self.in_process:
            yield
            return
        ended = threading.Event()
        listener = threading.Thread(target=self._listen, args=(ended,), daemon=True)
        listener.start()
        try:
            yield
        finally:
            ended.set()
            listener.join()
            for path in sorted(self.folder.glob("*.out"), key=lambda path: int(path.stem)):
                for line in path.read_text(encoding="utf-8").splitlines():
                    result(line)

    def close(self) -> None:
        """Raise RequestError or WorkError when jobs failed or were killed.

        Killed jobs, which could not report why, are reported here.
        """
        codes: list[ExitCode] = []
        for path in sorted(self.folder.glob("*.begun.json"), key=lambda path: int(path.name.split(".")[0])):
            done = path.with_name(path.name.replace("begun", "done"))
            if done.is_file():
                codes.append(ExitCode(read_json(done)["code"]))
            else:
                name = read_json(path)["name"]
                say(f"error: job {name} was killed, perhaps for its memory; the same command continues it")
                codes.append(ExitCode.FAILED)
        lost_jobs = [path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.lost"))]
        # jobs counted as failed above may be among the lost; the surplus never began
        for reason in lost_jobs[codes.count(ExitCode.FAILED) :]:
            say(f"error: a job ended before it began: {shorten(reason, 300)}")
            codes.append(ExitCode.FAILED)
        failed = [code for code in codes if code is not ExitCode.DONE]
        if failed:
            kind = RequestError if all(code is ExitCode.BAD_REQUEST for code in failed) else WorkError
            raise kind(f"{len(failed)} of the sweep's jobs failed", "the lines above say why")

    @contextmanager
    def _redirect_output(self, number: int) -> Iterator[None]:
        """Redirect stdout and stderr to files; relative paths are those of the user."""
        os.chdir(self.start)
        with (
            (self.folder / f"{number}.err").open("a", encoding="utf-8", buffering=1) as log,
            (self.folder / f"{number}.out").open("w", encoding="utf-8") as results,
            redirect_stderr(log),
            redirect_stdout(results),
        ):
            yield

    def _listen(self, ended: threading.Event) -> None:
        offsets: dict[Path, int] = {}
        while True:
            last = ended.wait(_POLL_SECONDS)
            for path in sorted(self.folder.glob("*.err")):
                offsets[path] = self._relay_lines(path, offsets.get(path, 0), whole=last)
            if last:
                return

    def _relay_lines(self, path: Path, start: int, *, whole: bool) -> int:
        """Print the lines from `start` on with the job's name; return the new offset."""
        with path.open("rb") as stream:
            stream.seek(start)
            new = stream.read()
        # b"a\nb" → only "a\n" is printed now, "b" when its line is complete or all jobs ended
        end = len(new) if whole else new.rfind(b"\n") + 1
        name = read_json(self.folder / f"{path.stem}.begun.json")["name"]
        for line in new[:end].decode("utf-8", "replace").split("\n"):
            if line.strip() and "\r" not in line:  # progress bars of several jobs at once are useless
                say(line if line.startswith("error: ") else f"{name} | {line}")
        return start + end


@contextmanager
def sweep(verb: str, overrides: list[str], argv: list[str]) -> Iterator[tuple[Sweep, list[str]]]:
    """Create a sweep, and Hydra's overrides for it.

    Its folder is removed at the end; submitit's own logs stay, and their path is reported. Jobs on this machine share a
    temporary folder; submitit's, which may run elsewhere, one below `out`.
    """
    launcher = launcher_of(overrides)
    with ExitStack() as stack:
        own = [f"hydra.job.name=jaso-{verb}"]
        if launcher in ("basic", "joblib") or not _is_known(launcher):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        else:
            out = _single_out(overrides)
            settings = _submitit_overrides(launcher, overrides, out)
            (out / _CHANNEL).mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=out / _CHANNEL)).resolve()
            stack.callback(_remove, folder)
            stack.enter_context(_wait_for_all_jobs(folder))
            warn_once_without_accounting()
            own += settings
        own.append(f"hydra.sweep.dir={_quote_path(folder)}")  # Hydra writes an unrequested multirun.yaml there
        if launcher == "joblib":
            stack.callback(_shut_down_joblib)
        yield Sweep(folder, launcher == "basic", tuple(argv), Path.cwd()), own


def launcher_of(overrides: list[str]) -> str:
    """Return the launcher: Hydra's basic one, or the value of `hydra/launcher=`."""
    launchers = [override.partition("=")[2] for override in overrides if override.startswith("hydra/launcher=")]
    return launchers[-1] if launchers else "basic"


def _is_known(launcher: str) -> bool:
    candidates = (folder / "configs" / "hydra" / "launcher" / f"{launcher}.yaml" for folder in extension_folders())
    return launcher in LAUNCHERS or any(path.is_file() for path in candidates)


def _single_out(overrides: list[str]) -> Path:
    folders = [override.partition("=")[2] for override in overrides if override.startswith("out=")]
    if len(folders) != 1 or "," in folders[0]:
        raise RequestError("submitit's jobs and logs need one folder", "give one out=<dir> for the whole sweep")
    return Path(folders[0].strip("'").replace("\\'", "'"))


def _submitit_overrides(launcher: str, overrides: list[str], out: Path) -> list[str]:
    if launcher.endswith("slurm") and which("sbatch") is None:
        raise RequestError(f"hydra/launcher={launcher}: no `sbatch` here", "start it on the cluster, or take joblib")
    keys = {override.partition("=")[0].lstrip("+") for override in overrides}
    launcher_overrides = []
    if "hydra.launcher.submitit_folder" not in keys:
        logs = (out / LOGS).resolve()
        say(f"sweep: the jobs' own logs are in {logs}")
        launcher_overrides.append(f"hydra.launcher.submitit_folder={_quote_path(logs)}")
    if launcher == "submitit_local" and "hydra.launcher.timeout_min" not in keys:
        launcher_overrides.append(f"hydra.launcher.timeout_min={30 * _MINUTES_PER_DAY}")  # the default is an hour
    return launcher_overrides


@contextmanager
def _wait_for_all_jobs(folder: Path) -> Iterator[None]:
    """Patch submitit so that all jobs are awaited, even when one was killed.

    Hydra's launcher would give up at the first killed job; here it is recorded in a file.
    """
    import submitit
    from hydra.core.utils import JobReturn, JobStatus

    original = submitit.Job.results

    def results(job: submitit.Job[JobReturn]) -> list[JobReturn]:
        try:
            return original(job)
        except Exception as error:
            (folder / f"{job.job_id}.lost").write_text(" ".join(str(error).split()), encoding="utf-8")
            return [JobReturn(status=JobStatus.COMPLETED)]

    submitit.Job.results = results  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        submitit.Job.results = original  # type: ignore[method-assign]


def _quote_path(path: Path) -> str:
    return "'" + str(path).replace("'", "\\'") + "'"


def _remove(folder: Path) -> None:
    rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()  # unless another sweep runs below the same folder
    with suppress(OSError):
        folder.parent.parent.rmdir()


def _shut_down_joblib() -> None:
    """Shut down joblib's processes.

    Else the next sweep would reuse them, with this environment.
    """
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True, kill_workers=True)
