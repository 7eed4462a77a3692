"""submitit 1.5: calls of `sacct` by the watcher of Slurm jobs."""

from __future__ import annotations

from collections.abc import Callable


def update_jobs_only_if(is_wanted: Callable[[], bool]) -> None:
    """Let submitit ask `sacct` for the state of jobs only where `is_wanted()`.

    Asked at each look at a job. All jobs share one watcher, which cannot be given: a job that is submitted registers
    with it, so that its method is replaced and not the watcher. A second call replaces the first.
    """
    from submitit.slurm.slurm import SlurmJob

    watcher = SlurmJob.watcher

    def update() -> None:
        if is_wanted():
            type(watcher).update(watcher)

    watcher.update = update  # type: ignore[method-assign]
