"""Launchers of sweeps: `hydra/launcher=` and its options to an executor."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree, which
from typing import Any

from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.parallel.cluster import ClusterExecutor
from jaso_core.parallel.cpu_count import cpu_count, cpus_each
from jaso_core.parallel.executors import Executor, ProcessExecutor, SerialExecutor

LAUNCHERS = ("basic", "joblib", "slurm", "submitit_local", "submitit_slurm")
"""Names of `hydra/launcher=`; those of Hydra's plugins, whose keys ours have too."""

LOGS = ".submitit"
_CHANNEL = ".sweep"
_MINUTES_PER_DAY = 60 * 24
_ANY_CLUSTER = {
    "timeout_min", "cpus_per_task", "gpus_per_node", "tasks_per_node", "mem_gb", "nodes", "name", "stderr_to_stdout",
}  # fmt: skip
"""Options that submitit knows for every cluster; the others are Slurm's own, and begin with `slurm_` there."""


@dataclass(frozen=True)
class Launcher:
    """Launcher of a sweep, as chosen.

    `executor`: basic, processes, local or slurm. `options`: the launcher's keys.
    """

    name: str = "basic"
    executor: str = "basic"
    options: Mapping[str, Any] = field(default_factory=dict)

    @contextmanager
    def open(self, verb: str, out: Path | None, jobs: int) -> Iterator[tuple[Executor, Path | None]]:
        """Yield the executor, and the folder for the output of other processes.

        `out`: the sweep's folder, for launchers with `needs_folder`. The jobs' output is removed at the end; submitit's
        own logs stay, and their path is reported.
        """
        if self.executor == "basic":
            yield SerialExecutor(), None
        elif self.executor == "processes":
            size = min(jobs, int(self.options["n_jobs"]) if int(self.options["n_jobs"]) > 0 else cpu_count())
            with tempfile.TemporaryDirectory() as folder, ProcessExecutor(size, environments=[_threads(size)]) as pool:
                yield pool, Path(folder)
        else:
            assert out is not None
            logs = Path(self.options["submitit_folder"] or (out / LOGS).resolve())
            if not self.options["submitit_folder"]:
                say(f"sweep: the jobs' own logs are in {logs}")
            asked = "hydra/launcher"
            with (
                _channel(out) as folder,
                ClusterExecutor(
                    self.executor, self._submitit_options(), logs, asked=asked, name=f"jaso-{verb}"
                ) as jobs_of,
            ):
                yield jobs_of, folder

    @property
    def needs_folder(self) -> bool:
        """Whether the jobs may run elsewhere, and need one folder that all see."""
        return self.executor in ("local", "slurm")

    def _submitit_options(self) -> dict[str, Any]:
        options = {key: value for key, value in self.options.items() if key != "submitit_folder" and value is not None}
        return {key if key in _ANY_CLUSTER else f"{self.executor}_{key}": value for key, value in options.items()}


def read_launcher(overrides: Sequence[str], compose: Callable[[list[str]], Mapping[str, Any]]) -> Launcher:
    """Read `hydra/launcher=` and `hydra.launcher.*` from the overrides.

    `compose`: returns the launcher's configuration for such overrides. RequestError for one that cannot be used here.
    """
    name = launcher_of(overrides)
    if name == "basic":
        return Launcher()
    options = dict(compose([override for override in overrides if is_launcher_key(override)]))
    executor = options.pop("executor", None)
    if executor not in ("processes", "local", "slurm"):
        raise RequestError(f"hydra/launcher={name} names no executor", "begin it with `defaults: [submitit_slurm]`")
    if executor == "slurm" and which("sbatch") is None:
        raise RequestError(f"hydra/launcher={name}: no `sbatch` here", "start it on the cluster, or take joblib")
    return Launcher(name, executor, options)


def launcher_of(overrides: Sequence[str]) -> str:
    """Return the launcher: Hydra's basic one, or the value of `hydra/launcher=`."""
    launchers = [override.partition("=")[2] for override in overrides if override.startswith("hydra/launcher=")]
    return launchers[-1] if launchers else "basic"


def is_launcher_key(override: str) -> bool:
    """Return whether the override chooses or sets the launcher."""
    return override.lstrip("+~").startswith(("hydra/launcher=", "hydra.launcher."))


def single_out(overrides: Sequence[str]) -> Path:
    """Return the one folder of the sweep. RequestError when it is swept or absent."""
    folders = [override.partition("=")[2] for override in overrides if override.startswith("out=")]
    if len(folders) != 1 or "," in folders[0]:
        raise RequestError("submitit's jobs and logs need one folder", "give one out=<dir> for the whole sweep")
    return Path(folders[0].strip("'").replace("\\'", "'"))


def _threads(workers: int) -> dict[str, str]:
    """Share the cores, unless OMP_NUM_THREADS says otherwise."""
    return {} if "OMP_NUM_THREADS" in os.environ else {"OMP_NUM_THREADS": str(cpus_each(workers))}


@contextmanager
def _channel(out: Path) -> Iterator[Path]:
    (out / _CHANNEL).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=out / _CHANNEL)).resolve()
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()  # unless another sweep runs below the same folder
        with suppress(OSError):
            folder.parent.parent.rmdir()
