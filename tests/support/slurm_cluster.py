"""A real Slurm of one node on this machine: munge, slurmctld and slurmd, with all of their files in a temporary folder.

Nothing of the system's own is read or written: key, socket, ports and configuration are those of the test.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scancel", "sinfo", "squeue")
CORES = 2
"""Of the node, whatever the machine has; a job takes as many as it asks for."""
PATIENCE = 60.0
"""Seconds until the node is idle; two are usual."""

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
KillWait=2
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=16000
PartitionName=debug Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


@pytest.fixture(scope="module")
def slurm() -> Iterator[Path]:
    """A cluster with the partition `debug`; its folder, with the logs. `SLURM_CONF` is set for all commands."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here: apt-get install slurm-wlm munge")
    if os.geteuid() != 0:
        pytest.skip("only root can start Slurm's daemons")
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as name,
        pytest.MonkeyPatch.context() as patch,
        ExitStack() as stack,
    ):
        folder = Path(name)
        _configure(folder)
        stack.callback(_kill_the_rest, folder / "slurm.conf")  # last of all
        patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
        key, socket_path = folder / "munge.key", folder / "munge.socket"
        files = [f"--{what}-file={folder}/munge.{what}" for what in ("pid", "log", "seed")]
        stack.enter_context(
            _daemon(folder, "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={socket_path}", *files)
        )
        _wait_for(socket_path.is_socket, folder)
        stack.enter_context(_daemon(folder, "slurmctld", "-D"))
        stack.enter_context(_daemon(folder, "slurmd", "-D"))
        _wait_for(lambda: _output_of("sinfo", "--noheader", "--format=%t") == "idle", folder)
        stack.callback(_cancel_all_jobs)
        yield folder


def _configure(folder: Path) -> None:
    folder.chmod(0o755)  # munge's socket is for everybody
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.touch(0o600)
    key.write_bytes(secrets.token_bytes(128))
    with socket.socket() as one, socket.socket() as other:
        ports = []
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    text = CONFIGURATION.format(
        host=socket.gethostname().partition(".")[0], folder=folder, cores=CORES,
        controller_port=ports[0], node_port=ports[1],
    )  # fmt: skip
    (folder / "slurm.conf").write_text(text, encoding="ascii")


@contextmanager
def _daemon(folder: Path, program: str, *options: str) -> Iterator[None]:
    with (folder / f"{program}.out").open("wb") as log:
        process = subprocess.Popen([program, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _output_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _wait_for(is_ready: Callable[[], bool], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_ready():
        if time.monotonic() > deadline:
            logs = "\n".join(
                f"{path.name}:\n{path.read_text(errors='replace')[-2000:]}"
                for path in sorted(folder.iterdir())
                if path.suffix in (".out", ".log")
            )
            pytest.fail(f"Slurm did not start\n{logs}")
        time.sleep(0.1)


def _cancel_all_jobs() -> None:
    deadline = time.monotonic() + 20
    while _output_of("squeue", "--noheader") and time.monotonic() < deadline:
        _output_of("scancel", "--user=root", "--signal=KILL")
        _output_of("scancel", "--user=root")
        time.sleep(0.5)


def _kill_the_rest(configuration: Path) -> None:
    """Kill what jobs have left: they are no children of slurmd, and outlive it on a busy machine."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            environment = process.environ()
            is_of_job = process.name() == "slurmstepd" or "SLURM_JOB_ID" in environment
            if is_of_job and environment.get("SLURM_CONF") == str(configuration):
                process.kill()
