"""Plots of several trainings: colour by one option, dashes by a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from matplotlib.axes import Axes

from jaso_core.report.number_format import count, figures
from jaso_core.report.plot import svg_plot
from jaso_train.report.folder import BEST, LOSS, series
from jaso_train.report.plots import by_step, downsample

_COLOURS = 8
_DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
_SWATCHES = ("", "7 3", "2 2", "8 3 2 3")
_PLACEHOLDERS = {f"#0a0a{index + 1:02x}": f"var(--c{index})" for index in range(_COLOURS)}

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class LineStyle:
    """Line style of a run: indices into the lists of colours and dashes."""

    colour: int
    dash: int

    @property
    def swatch(self) -> Markup:
        """A short line for the legend."""
        line = '<svg viewBox="0 0 30 10" aria-hidden="true"><line x1="0" y1="5" x2="30" y2="5" stroke-width="2.5" '
        return Markup(f'{line}stroke="var(--c{self.colour})" stroke-dasharray="{_SWATCHES[self.dash]}"/></svg>')


def line_styles(comparison: Entry) -> dict[str, LineStyle]:
    """Return the line style of each run, by its label.

    The first key that differs gives the colour, the second the dashes; further ones, such as the seed, share a style.
    Where there are more values than styles, each run has the next.
    """
    runs, keys = comparison["runs"], comparison["differs"]
    values = [list(dict.fromkeys(_text(run, key) for run in runs)) for key in keys[:2]]
    enough = keys and len(values[0]) <= _COLOURS and (len(keys) < 2 or len(values[1]) <= len(_DASHES))
    if not enough:
        return {
            run["label"]: LineStyle(index % _COLOURS, index // _COLOURS % len(_DASHES))
            for index, run in enumerate(runs)
        }
    return {
        run["label"]: LineStyle(
            values[0].index(_text(run, keys[0])), values[1].index(_text(run, keys[1])) if len(keys) > 1 else 0
        )
        for run in runs
    }


def bits_by_step(comparison: Entry) -> Markup | None:
    """Plot validation bits over steps, the only plot that compares all runs."""
    runs = [run for run in comparison["runs"] if len(series(run["log"], BEST)) > 1]
    if not runs:
        return None
    title = "Validation, bits a character"
    with svg_plot(title, title=title, x="step", width=9.6, height=4.2) as (ax, svg):
        for run in runs:
            points = series(run["log"], BEST)
            _draw(ax, points, line_styles(comparison)[run["label"]])
            ax.plot(
                *min(points, key=lambda p: (p[1], p[0])), marker="o", markersize=4.5, color=_colour(comparison, run)
            )
        by_step(ax)
    return _apply_colours(svg[0])


def bits_by_epoch(comparison: Entry) -> Markup | None:
    """Plot validation bits over epochs, the share of the data that was seen.

    None where equal steps are equal shares in all runs.
    """
    by_run = {run["label"]: _over_epochs(run) for run in comparison["runs"]}
    shares = [{row["step"]: row["epoch"] for row in run["log"] if "epoch" in row} for run in comparison["runs"]]
    common = set.intersection(*(set(share) for share in shares)) - {0}
    if all(len({share[step] for share in shares}) == 1 for step in common) or not all(by_run.values()):
        return None
    title = "The same, by how often the data were seen"
    with svg_plot(title, title=title, x="epochs") as (ax, svg):
        for run in comparison["runs"]:
            _draw(ax, by_run[run["label"]], line_styles(comparison)[run["label"]])
    return _apply_colours(svg[0])


def bits_by_parameters(comparison: Entry) -> Markup | None:
    """Plot the best of each run over its parameters.

    None where there are fewer than three runs or only one size.
    """
    runs = [run for run in comparison["runs"] if run["best"]["bits_per_character"] is not None]
    if len(runs) < 3 or len({run["parameters"] for run in runs}) < 2:
        return None
    title = "Best bits a character, by size"
    with svg_plot(title, title=title, x="parameters") as (ax, svg):
        for run in runs:
            filled = line_styles(comparison)[run["label"]].dash == 0
            ax.plot(
                run["parameters"], run["best"]["bits_per_character"], marker="o", markersize=6, linestyle="none",
                color=_colour(comparison, run), markerfacecolor=_colour(comparison, run) if filled else "none",
            )  # fmt: skip
        ax.set_xscale("log")
        sizes = sorted({run["parameters"] for run in runs})
        ax.set_xticks(_apart(sizes), [_short(value) for value in _apart(sizes)])
        ax.minorticks_off()
        ax.margins(x=0.12)
    return _apply_colours(svg[0])


def losses(comparison: Entry) -> list[Markup]:
    """Plot nats a token for each vocabulary: validation, and thin the training loss."""
    plots = []
    for vocabulary in comparison["vocabularies"]:
        runs = [run for run in comparison["runs"] if run["label"] in vocabulary["runs"]]
        if not any(len(series(run["log"], LOSS)) > 1 for run in runs):
            continue
        name = f", {vocabulary['name']}" if len(comparison["vocabularies"]) > 1 else ""
        title = f"Loss, nats a token{name}"
        with svg_plot(title, title=title, x="step") as (ax, svg):
            for run in runs:
                style = line_styles(comparison)[run["label"]]
                training, _ = downsample(series(run["log"], "loss"))
                if training:
                    _draw(ax, training, style, linewidth=0.8, alpha=0.45)
                _draw(ax, series(run["log"], LOSS), style)
            by_step(ax)
        plots.append(_apply_colours(svg[0]))
    return plots


def _draw(
    ax: Axes, points: Sequence[tuple[float, float]], style: LineStyle, linewidth: float = 1.8, alpha: float = 1
) -> None:
    colour = list(_PLACEHOLDERS)[style.colour]
    ax.plot(*zip(*points, strict=True), color=colour, linestyle=_DASHES[style.dash], linewidth=linewidth, alpha=alpha)


def _colour(comparison: Entry, run: Entry) -> str:
    return list(_PLACEHOLDERS)[line_styles(comparison)[run["label"]].colour]


def _apply_colours(svg: Markup) -> Markup:
    for placeholder, variable in _PLACEHOLDERS.items():
        svg = Markup(str(svg).replace(placeholder, variable))
    return svg


def _over_epochs(run: Entry) -> list[tuple[float, float]]:
    epochs = {row["step"]: row["epoch"] for row in run["log"] if "epoch" in row}
    return [(epochs[step], value) for step, value in series(run["log"], BEST) if step in epochs]


def _apart(sizes: Sequence[int]) -> list[int]:
    """Return the sizes whose labels do not touch: each 1.5 times the one before."""
    spaced: list[int] = []
    for value in sizes:
        if not spaced or value >= 1.5 * spaced[-1]:
            spaced.append(value)
    return spaced


def _short(value: int) -> str:
    return count(value) if value < 10_000 else f"{figures(value / 1e6)} M" if value >= 1e6 else f"{value / 1e3:.0f} k"


def _text(run: Entry, key: str) -> str:
    return repr(run["config"][key])
