"""Plots of one training as SVG text in the page's colours.

Text is drawn by the browser. Equal data give equal bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.axes import Axes

from jaso_core.report.number_format import count, decimal, figures
from jaso_core.report.plot import label_width, svg_plot
from jaso_core.report.svg import INK, MAIN, OTHER
from jaso_train.report.folder import BEST, LOSS, Log, Points, TrainFolder, series
from jaso_train.schema import BlockRow

_DASHED = (0, (4, 3))
MOST_POINTS = 400
"""Of a line; more would make a page of megabytes without looking better."""


def curves(folder: TrainFolder) -> list[Markup]:
    """Plot validation bits, losses, learning rate and gradient norm.

    Those of which the log has two values or more.
    """
    log = folder.log
    plots = [_bits(folder), _losses(folder), _line(log, "learning_rate", "Learning rate")]
    plots.append(_line(log, "grad_norm", "Norm of the gradient, before clipping"))
    return [plot for plot in plots if plot is not None]


def change_by_block(blocks: Sequence[BlockRow]) -> Markup | None:
    """Plot a horizontal bar for each trained block: change over start, L2 norms."""
    rows = [(row["block"], row["moved"]) for row in blocks if row["trained"] and row["moved"] is not None]
    if len(rows) < 2:
        return None
    title, names, height = "How far each block moved", [name for name, _ in rows], 0.85 + 0.21 * len(rows)
    with svg_plot(title, title=title, x="change ÷ start (L2 norms)", height=height, left=label_width(names)) as (
        ax,
        svg,
    ):
        ax.barh(range(len(rows)), [value for _, value in rows], height=0.62, color=MAIN, alpha=0.85)
        for y, (_, value) in enumerate(rows):
            ax.annotate(figures(value), (value, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)
        ax.set_yticks(range(len(rows)), names)
        ax.set_ylim(len(rows) - 0.45, -0.55)
        ax.set_xlim(0, max(value for _, value in rows) * 1.18 or 1)
        ax.locator_params(axis="x", nbins=5)
        ax.grid(False, axis="y")
        ax.tick_params(axis="y", length=0)
    return svg[0]


def downsample(points: Points, most: int = MOST_POINTS) -> tuple[Points, int]:
    """Average neighbouring points until at most `most` are left.

    Returns the means, each at the step of the last point of its group, and the group size.
    """
    group_size = math.ceil(len(points) / most) if points else 1
    # Steps 0 to 4, most 2 → group_size 3: the mean of steps 0–2 at step 2, and of 3–4 at step 4.
    groups = [points[start : start + group_size] for start in range(0, len(points), group_size)]
    return [(group[-1][0], sum(value for _, value in group) / len(group)) for group in groups], group_size


def _bits(folder: TrainFolder) -> Markup | None:
    points = series(folder.log, BEST)
    if len(points) < 2:
        return None
    title = "Validation, bits a character"
    with svg_plot(title, title=title, x="step") as (ax, svg):
        ax.plot(*zip(*points, strict=True), color=MAIN, linewidth=1.8, marker="o", markersize=_marker(points))
        _mark_best(ax, folder, points)
        by_step(ax)
    return svg[0]


def _losses(folder: TrainFolder) -> Markup | None:
    training, validation = series(folder.log, "loss"), series(folder.log, LOSS)
    if len(training) < 2 and len(validation) < 2:
        return None
    averaged, group_size = downsample(training)
    title = "Loss, nats a token"
    with svg_plot(title, title=title, x="step") as (ax, svg):
        if averaged:
            label = "training" if group_size == 1 else f"training, means of {group_size}"
            ax.plot(*zip(*averaged, strict=True), color=OTHER, linewidth=1.2, label=label)
        if validation:
            size = _marker(validation)
            ax.plot(
                *zip(*validation, strict=True), color=MAIN, linewidth=1.8, marker="o", markersize=size,
                label="validation",
            )  # fmt: skip
            _mark_best(ax, folder, validation)
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderpad=0.2, handlelength=1.4)
        by_step(ax)
    return svg[0]


def _line(log: Log, key: str, title: str) -> Markup | None:
    points, group_size = downsample(series(log, key))
    if len(points) < 2:
        return None
    full_title = title if group_size == 1 else f"{title} (means of {group_size})"
    with svg_plot(full_title, title=full_title, x="step") as (ax, svg):
        ax.plot(*zip(*points, strict=True), color=OTHER, linewidth=1.4)
        ax.set_ylim(bottom=0)
        ax.yaxis.set_major_formatter(lambda value, _: figures(value))
        by_step(ax)
    return svg[0]


def _mark_best(ax: Axes, folder: TrainFolder, points: Points) -> None:
    """Mark the best step by a dashed line, with the value there.

    The text is where falling curves leave room.
    """
    value = dict(points).get(folder.best_step or 0)
    if folder.best_step is None or value is None:
        return
    ax.axvline(folder.best_step, color=INK, linewidth=0.9, linestyle=_DASHED)
    late = folder.best_step > (points[0][0] + points[-1][0]) / 2
    text = f"best {decimal(value)}, step {count(folder.best_step)}"
    ax.annotate(
        text, (folder.best_step, 1 if late else 0), xycoords=("data", "axes fraction"), textcoords="offset points",
        xytext=(-6, -3) if late else (6, 3), ha="right" if late else "left", va="top" if late else "bottom", fontsize=9,
    )  # fmt: skip
    if not late:
        ax.margins(y=0.14)


def _marker(points: Points) -> float:
    return 4 if len(points) <= 40 else 0


def by_step(ax: Axes) -> None:
    """Format the x axis: whole steps with thousands separators."""
    ax.locator_params(axis="x", integer=True, nbins=6)
    ax.xaxis.set_major_formatter(lambda value, _: count(value))
