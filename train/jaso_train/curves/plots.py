"""Several trainings in one plot: a colour for each value of one key, dashes for the values of a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from matplotlib.axes import Axes

from jaso_core.report.plot import svg_plot
from jaso_train.report.folder import BEST, LOSS, series
from jaso_train.report.number_format import count, figures
from jaso_train.report.plots import by_step, thinned

_COLOURS = 8
_DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
_SWATCHES = ("", "7 3", "2 2", "8 3 2 3")
_STAND_INS = {f"#0a0a{place + 1:02x}": f"var(--c{place})" for place in range(_COLOURS)}

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """How a run is drawn: places in the lists of colours and dashes."""

    colour: int
    dash: int

    @property
    def swatch(self) -> Markup:
        """A short line for the legend."""
        line = '<svg viewBox="0 0 30 10" aria-hidden="true"><line x1="0" y1="5" x2="30" y2="5" stroke-width="2.5" '
        return Markup(f'{line}stroke="var(--c{self.colour})" stroke-dasharray="{_SWATCHES[self.dash]}"/></svg>')


def looks(found: Entry) -> dict[str, Look]:
    """The look of each run, by its label.

    The first key that differs gives the colour, the second the dashes; further ones, such as the seed, share a look.
    Where there are more values than looks, each run has the next.
    """
    runs, keys = found["runs"], found["differs"]
    values = [list(dict.fromkeys(_text(run, key) for run in runs)) for key in keys[:2]]
    enough = keys and len(values[0]) <= _COLOURS and (len(keys) < 2 or len(values[1]) <= len(_DASHES))
    if not enough:
        return {
            run["label"]: Look(place % _COLOURS, place // _COLOURS % len(_DASHES)) for place, run in enumerate(runs)
        }
    return {
        run["label"]: Look(
            values[0].index(_text(run, keys[0])), values[1].index(_text(run, keys[1])) if len(keys) > 1 else 0
        )
        for run in runs
    }


def bits_by_step(found: Entry) -> Markup | None:
    """The main plot: the only one on which all runs can be compared."""
    shown = [run for run in found["runs"] if len(series(run["log"], BEST)) > 1]
    if not shown:
        return None
    title = "Validation, bits a character"
    with svg_plot(title, title=title, x="step", width=9.6, height=4.2) as (ax, svg):
        for run in shown:
            points = series(run["log"], BEST)
            _draw(ax, points, looks(found)[run["label"]])
            ax.plot(*min(points, key=lambda p: (p[1], p[0])), marker="o", markersize=4.5, color=_colour(found, run))
        by_step(ax)
    return _coloured(svg[0])


def bits_by_epoch(found: Entry) -> Markup | None:
    """The same over the share of the data that was seen; None where equal steps are equal shares in all runs."""
    by_run = {run["label"]: _over_epochs(run) for run in found["runs"]}
    shares = [{row["step"]: row["epoch"] for row in run["log"] if "epoch" in row} for run in found["runs"]]
    common = set.intersection(*(set(share) for share in shares)) - {0}
    if all(len({share[step] for share in shares}) == 1 for step in common) or not all(by_run.values()):
        return None
    title = "The same, by how often the data were seen"
    with svg_plot(title, title=title, x="epochs") as (ax, svg):
        for run in found["runs"]:
            _draw(ax, by_run[run["label"]], looks(found)[run["label"]])
    return _coloured(svg[0])


def bits_by_parameters(found: Entry) -> Markup | None:
    """The best of each run over its parameters; None where fewer than three runs or one size."""
    shown = [run for run in found["runs"] if run["best"]["bits_per_character"] is not None]
    if len(shown) < 3 or len({run["parameters"] for run in shown}) < 2:
        return None
    title = "Best bits a character, by size"
    with svg_plot(title, title=title, x="parameters") as (ax, svg):
        for run in shown:
            filled = looks(found)[run["label"]].dash == 0
            ax.plot(
                run["parameters"], run["best"]["bits_per_character"], marker="o", markersize=6, linestyle="none",
                color=_colour(found, run), markerfacecolor=_colour(found, run) if filled else "none",
            )  # fmt: skip
        ax.set_xscale("log")
        sizes = sorted({run["parameters"] for run in shown})
        ax.set_xticks(_apart(sizes), [_short(value) for value in _apart(sizes)])
        ax.minorticks_off()
        ax.margins(x=0.12)
    return _coloured(svg[0])


def losses(found: Entry) -> list[Markup]:
    """Nats a token, a plot for each vocabulary: validation, and thin the training batches."""
    made = []
    for vocabulary in found["vocabularies"]:
        runs = [run for run in found["runs"] if run["label"] in vocabulary["runs"]]
        if not any(len(series(run["log"], LOSS)) > 1 for run in runs):
            continue
        name = f", {vocabulary['name']}" if len(found["vocabularies"]) > 1 else ""
        title = f"Loss, nats a token{name}"
        with svg_plot(title, title=title, x="step") as (ax, svg):
            for run in runs:
                look = looks(found)[run["label"]]
                training, _ = thinned(series(run["log"], "loss"))
                if training:
                    _draw(ax, training, look, linewidth=0.8, alpha=0.45)
                _draw(ax, series(run["log"], LOSS), look)
            by_step(ax)
        made.append(_coloured(svg[0]))
    return made


def _draw(
    ax: Axes, points: Sequence[tuple[float, float]], look: Look, linewidth: float = 1.8, alpha: float = 1
) -> None:
    colour = list(_STAND_INS)[look.colour]
    ax.plot(*zip(*points, strict=True), color=colour, linestyle=_DASHES[look.dash], linewidth=linewidth, alpha=alpha)


def _colour(found: Entry, run: Entry) -> str:
    return list(_STAND_INS)[looks(found)[run["label"]].colour]


def _coloured(svg: Markup) -> Markup:
    for stand_in, variable in _STAND_INS.items():
        svg = Markup(str(svg).replace(stand_in, variable))
    return svg


def _over_epochs(run: Entry) -> list[tuple[float, float]]:
    epochs = {row["step"]: row["epoch"] for row in run["log"] if "epoch" in row}
    return [(epochs[step], value) for step, value in series(run["log"], BEST) if step in epochs]


def _apart(sizes: Sequence[int]) -> list[int]:
    """Those that can be labelled without touching: each half as large again as the one before."""
    kept: list[int] = []
    for value in sizes:
        if not kept or value >= 1.5 * kept[-1]:
            kept.append(value)
    return kept


def _short(value: int) -> str:
    return count(value) if value < 10_000 else f"{figures(value / 1e6)} M" if value >= 1e6 else f"{value / 1e3:.0f} k"


def _text(run: Entry, key: str) -> str:
    return repr(run["config"][key])
