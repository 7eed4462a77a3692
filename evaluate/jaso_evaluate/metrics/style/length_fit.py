"""Length limits (글자 수 제한): whether an answer keeps to its question's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.records import Prediction
from jaso_evaluate.korean.length_limits import ABOUT, UNITS, ByteCounting, Limit, character_costs, find_limit
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, mean_of
from jaso_evaluate.metrics.base import signature


@dataclass(frozen=True)
class LengthFitOptions:
    """Options of the length_fit metric: how a limit in bytes is counted.

    `hangul_bytes`: 2 as most forms do (EUC-KR), or 3 (UTF-8). `line_end_bytes`: 2 where a form stores CR and LF, or 1.
    """

    hangul_bytes: int = 2
    line_end_bytes: int = 2

    def __post_init__(self) -> None:
        if self.hangul_bytes not in (2, 3):
            raise ValueError(f"hangul_bytes is {self.hangul_bytes}, give 2 (EUC-KR) or 3 (UTF-8)")
        if self.line_end_bytes not in (1, 2):
            raise ValueError(f"line_end_bytes is {self.line_end_bytes}, give 1 (LF) or 2 (CR LF)")


@METRICS.register("length_fit", LengthFitOptions)
class LengthFit(Metric):
    """Texts within their question's length limit (글자 수 제한), fill and overrun.

    The limit is `limit` and `limit_unit` ("characters", "characters_without_blanks", "bytes") of a prediction's meta,
    and `limit_low` for the minimum; without these, what its question (or else its prompt) states: "(1000자 이내)",
    "700~1,000자", "최대 1,500 byte". "내외" is within 10 %. Blanks count unless the question says otherwise.

    Characters are code points in NFC, a line end is one. In bytes ASCII is 1, all else 2 (or as UTF-8).

    An empty text fits no limit and fills 0 %. The overrun is how many characters must be cut off the end, whatever the
    limit is counted in. Texts without a limit have no value, and fill and overrun need an upper one.
    """

    by_text = True

    def __init__(self, options: LengthFitOptions) -> None:
        self._counting = ByteCounting(options.hangul_bytes, options.line_end_bytes)

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        limits = [_limit_of(p) for p in predictions]
        if not any(limits):
            raise NotMeasurable("no prediction has a 'limit' in its meta or a question that states one ('1000자 이내')")
        rows = [self._row(p.prediction, limit) for p, limit in zip(predictions, limits, strict=True)]
        within, fill, overrun = zip(*rows, strict=True)
        how = signature(
            limit="meta-or-question-or-prompt",
            about=f"{ABOUT:.0%}",
            char="code-point-nfc",
            bytes="euc-kr" if self._counting.hangul_bytes == 2 else "utf-8",
            line_end=self._counting.line_end_bytes,
        )
        return [
            Measure("within_limit", "% of texts", how, True, mean_of(within), "ratio:100"),
            Measure("limit_fill", "% of the limit", how, None, mean_of(fill), "ratio:100"),
            Measure("limit_overrun", "characters", how, False, mean_of(overrun), "ratio"),
        ]

    def _row(self, text: str, limit: Limit | None) -> tuple[float | None, float | None, float | None]:
        """Return (within: 0 or 1, length/limit, characters too many).

        None where the limit says nothing about it.
        """
        if limit is None:
            return None, None, None
        costs = character_costs(text, limit.unit, self._counting)
        length = int(costs.sum())
        within = bool(text.strip()) and length >= (limit.low or 0)
        if limit.high is None:
            return float(within), None, None
        # Bytes [2, 2, 1, 2] with limit 4 → 2 characters fit, 2 too many.
        fitting = int(np.searchsorted(np.cumsum(costs), limit.high, side="right"))
        return float(within and length <= limit.high), length / limit.high, float(len(costs) - fitting)


def _limit_of(prediction: Prediction) -> Limit | None:
    low, high = (_number(prediction, key) for key in ("limit_low", "limit"))
    if low is None and high is None:
        question = prediction.meta.get("question")
        return find_limit(question if isinstance(question, str) else prediction.prompt or "")
    unit = prediction.meta.get("limit_unit") or "characters"
    if unit not in UNITS:
        raise RequestError(
            f"prediction '{prediction.id}': meta.limit_unit is {unit!r}", did_you_mean(str(unit), sorted(UNITS))
        )
    return Limit(low, high, UNITS[unit])


def _number(prediction: Prediction, key: str) -> int | None:
    value = prediction.meta.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 1:
        raise RequestError(f"prediction '{prediction.id}': meta.{key} is {value!r}", "give a number from 1, or null")
    return int(value)
