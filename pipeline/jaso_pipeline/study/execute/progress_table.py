"""Progress of a running study: a live table on a terminal, else log lines."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from jaso_core.console import say, visible
from jaso_pipeline.pipeline import STAGES
from jaso_pipeline.study.plan.grid import Cell, Grid

DONE, FAILED, RUNNING, WAITING = "done", "failed", "running", "waiting"
_STYLES = {DONE: "green", FAILED: "bold red", RUNNING: "yellow", WAITING: "dim"}
_MAX_ROWS = 40
"""Maximum number of rows; in larger studies unfinished cells come first."""


class ProgressTable:
    """State of each task.

    `states` are by key; `seconds_left` is an estimate of the time to the end, None when unknown.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.states = dict.fromkeys(grid.tasks, WAITING)
        self.started_at: dict[str, float] = {}
        self.seconds_left: float | None = None
        self._live: Live | None = None

    @contextmanager
    def display(self) -> Iterator[None]:
        """Display the live table inside the block, if there is a terminal."""
        if not sys.stderr.isatty():
            yield
            return
        console = Console(file=sys.stderr)
        with Live(console=console, get_renderable=self.table, refresh_per_second=2) as self._live:
            yield
        self._live = None

    def update(self, key: str, state: str, what: str = "") -> None:
        """Record that a task has started or ended."""
        self.states[key] = state
        if state == RUNNING:
            self.started_at[key] = time.monotonic()
        if self._live is None and state != RUNNING:
            say(f"study: {self.summary()} | {self.grid.tasks[key].name} {state}{f': {what}' if what else ''}")

    def summary(self) -> str:
        """Return one line of progress."""
        count = Counter(self.states.values())
        text = f"{count[DONE]} of {len(self.states)} done"
        text += f", {count[FAILED]} failed" if count[FAILED] else ""
        return text + (f", {format_duration(self.seconds_left)} left" if self.seconds_left is not None else "")

    def table(self) -> Table:
        """Build the table: a row per cell, a column per stage."""
        table = Table(title=escape(visible(f"{self.grid.spec.title}: {self.summary()}")), title_justify="left")
        table.add_column("cell")
        for stage in STAGES:
            table.add_column(stage)
        cells = self.grid.cells
        if len(cells) > _MAX_ROWS:
            cells = sorted(cells, key=self._is_done)
        for cell in cells[:_MAX_ROWS]:
            table.add_row(escape(visible(cell.name)), *(self._cell_text(cell, stage) for stage in STAGES))
        if len(cells) > _MAX_ROWS:
            table.add_row(f"… {len(cells) - _MAX_ROWS} more")
        return table

    def _is_done(self, cell: Cell) -> bool:
        return all(self.states[key] == DONE for key in cell.tasks.values())

    def _cell_text(self, cell: Cell, stage: str) -> str:
        if stage not in cell.tasks:
            return "–"
        key = cell.tasks[stage]
        state = self.states[key]
        spent = f" {time.monotonic() - self.started_at[key]:.0f} s" if state == RUNNING else ""
        return f"[{_STYLES[state]}]{state}{spent}[/]"


def format_duration(seconds: float) -> str:
    """Format seconds for people: s, min or h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
