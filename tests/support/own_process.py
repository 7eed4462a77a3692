"""`jaso …` in a process of its own, which can be killed: forked from a server that has imported what is heavy already.

As `python -m jaso_pipeline …`, but for the six seconds that importing takes. Tests of how people start it use that.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([
    "accelerate", "datasets", "matplotlib.figure", "peft", "torch.distributed", "transformers.trainer",
    "transformers.models.gpt2.modeling_gpt2", "scipy.stats",
    "jaso_crawl.run", "jaso_evaluate.run", "jaso_pipeline.cli.entry_point", "jaso_pipeline.cli.hydra_app",
    "jaso_preprocess.card", "jaso_preprocess.run", "jaso_train.fit", "jaso_train.loop.callbacks", "jaso_train.run",
])  # fmt: skip
PATIENCE = 240.0
"""Seconds; no command of a test takes nearly as long."""


@dataclass
class Own:
    """A command under way."""

    process: ForkServerProcess
    folder: tempfile.TemporaryDirectory[str] = field(repr=False)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.process.is_alive()

    @property
    def out(self) -> str:
        """What it printed so far."""
        return (Path(self.folder.name) / "out").read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        """What it told so far."""
        return (Path(self.folder.name) / "err").read_text(encoding="utf-8")

    def kill(self) -> None:
        """As the kernel does when memory ends: without a word, and nothing is cleaned up."""
        self.process.kill()
        self.process.join()

    def wait(self, seconds: float = PATIENCE) -> int | None:
        """Its exit code; None if it still runs."""
        self.process.join(seconds)
        return self.process.exitcode


def start(*arguments: object, before: Callable[[], None] | None = None, **environment: str) -> Own:
    """Begins `jaso <arguments>` on one thread, with `environment` added. `before` is called in the new process first."""
    folder = tempfile.TemporaryDirectory()
    for name in ("out", "err"):
        (Path(folder.name) / name).touch()
    given = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    words = [str(argument) for argument in arguments]
    process = _SERVER.Process(target=_work, args=(words, given, folder.name, before))
    process.start()
    return Own(process, folder)


def run(*arguments: object, **environment: str) -> Own:
    """The ended command, which must have succeeded."""
    own = start(*arguments, **environment)
    assert own.wait() == 0, own.err
    return own


def _work(arguments: list[str], environment: Mapping[str, str], folder: str, before: Callable[[], None] | None) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{folder}/{name}", os.O_WRONLY | os.O_APPEND), number)
    import torch

    from jaso_evaluate.korean import kiwi_cache

    gc.freeze()  # what the server has imported: no collection walks it
    torch.set_num_threads(1)
    kiwi_cache.threads = 1  # and so the analyser that cleaning has loaded
    if before is not None:
        before()
    from jaso_pipeline.cli.entry_point import main

    sys.argv = ["jaso"]
    main(arguments)
