"""Executor of a study's tasks: worker processes, cluster jobs, this process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import psutil

from jaso_core.parallel.cluster import ClusterExecutor
from jaso_core.parallel.cpu_count import cpu_count, cpus_each
from jaso_core.parallel.executors import Executor, ProcessExecutor, SerialExecutor

_MEMORY_PER_WORKER = 3 * 2**30
"""Bytes of free memory per CPU worker, when jobs=0."""

_DAY = 60 * 24  # minutes


def open_executor(launcher: str, jobs: int, options: Mapping[str, Any], logs: Path, *, cpu: bool) -> Executor:
    """Open the executor that `launcher` names.

    `here`: worker processes; `basic`: this process, task by task; `local` and `slurm`: submitit's jobs with `options`
    and `logs`. `jobs`: how many tasks at once, 0 for as many as fit. `cpu`: the tasks use no GPU.
    """
    if launcher == "basic":
        return SerialExecutor()
    if launcher == "here":
        return local_executor(jobs, cpu=cpu)
    return ClusterExecutor(
        launcher, {"timeout_min": _DAY, **options}, logs, asked="launcher", name="jaso-study", size=jobs or 1000
    )


def local_executor(jobs: int, *, cpu: bool) -> ProcessExecutor:
    """Open worker processes for tasks.

    `jobs` of them, or as many as cores and memory allow; on GPUs one per GPU.
    """
    devices = [] if cpu else _visible_gpus()
    fitting = max(1, min(cpu_count(), psutil.virtual_memory().available // _MEMORY_PER_WORKER))
    size = jobs or len(devices) or fitting
    shared = {"OMP_NUM_THREADS": str(cpus_each(size)), "TOKENIZERS_PARALLELISM": "false"}
    environments = [{**shared, "CUDA_VISIBLE_DEVICES": device} for device in devices] or [shared]
    return ProcessExecutor(size, environments=environments)


def _visible_gpus() -> list[str]:
    """Return a CUDA_VISIBLE_DEVICES value for each GPU that this process may use."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        devices = (device.strip() for device in visible.split(","))
        # stop at the first empty or negative device, as CUDA does
        return list(takewhile(lambda device: device not in ("", "-1"), devices))
    import torch

    return [str(i) for i in range(torch.cuda.device_count())]
