"""Helpers for notebooks: Korean fonts, number formats, errors in one line."""

from __future__ import annotations

from pathlib import Path

from jaso_core.report.number_format import digits, number, p_value, span

__all__ = ["MissingError", "digits", "number", "p_value", "require", "setup", "span"]

FONTS = ("NanumGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic")


class MissingError(Exception):
    """Error for a file that a notebook reads and that is not there.

    It is shown as one line; the cells below do not run.
    """

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def setup() -> None:
    """Set a matplotlib font that has Hangul, and pandas to whole texts.

    The font is set where one is installed.
    """
    import matplotlib.pyplot as plt
    import pandas as pd
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    plt.rcParams["font.family"] = [*(name for name in FONTS if name in installed), "DejaVu Sans"]
    plt.rcParams["axes.unicode_minus"] = False
    pd.set_option("display.max_colwidth", None)


def require(file: Path, command: str) -> Path:
    """The file, or MissingError with the command that makes it."""
    if not file.exists():
        raise MissingError(f"no {file}; this makes it: {command}")
    return file
