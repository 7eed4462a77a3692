"""A person at a terminal, who types and presses Ctrl-C."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress


class Terminal:
    """`jaso …` on a pseudo-terminal."""

    def __init__(self, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jaso_pipeline", *arguments],
            stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True,
            # Who starts the tests in the background ignores Ctrl-C, and a child would, too.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        os.close(slave)
        self.screen = ""

    def wait_for(self, text: str, seconds: float = 120) -> None:
        """Read until `text` is on the screen, which is empty afterwards."""
        end = time.monotonic() + seconds
        while text not in self.screen:
            assert time.monotonic() < end, self.screen
            self._read()
        self.screen = self.screen.split(text, 1)[1]

    def wait_for_more(self, seconds: float = 120) -> None:
        """Read until anything is on the screen beyond what was waited for."""
        end = time.monotonic() + seconds
        while not self.screen:
            assert time.monotonic() < end, "nothing is written"
            self._read()

    def _read(self) -> None:
        if select.select([self.master], [], [], 0.2)[0]:
            self.screen += os.read(self.master, 65536).decode("utf-8", "replace")

    def interrupt(self, seconds: float = 60) -> int:
        """Press Ctrl-C until the process ends, and return its exit code.

        Between the prompt's output and its wait for keys readline does not see it: a person presses once more.
        """
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, self.screen
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(3)
        return self.process.returncode

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())
