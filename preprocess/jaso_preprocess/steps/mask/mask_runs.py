"""Names that a writer or a site hid behind signs: OOO, ○○, XX, △△, ***."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jaso_core.masking.tokens import HIDING_SIGNS
from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit, drop_overlaps
from jaso_preprocess.rules.idempotence import to_fixpoint
from jaso_preprocess.steps import STEPS, EditStep

COMPANY, PERSON, CLUB, SCHOOL = "[회사]", "[이름]", "[동아리]", "[학교]"
_AROUND = 100
_SHAPES = HIDING_SIGNS
# Letters and asterisks only where no Latin letter, digit or sign makes them part of something else: OOP, XXL, 20XX,
# ab***@, **굵게**. Jamo only before a word: ㅇㅇ by itself says yes.
_RUN = re.compile(
    rf"([{_SHAPES}])\1{{1,7}}(?!\1)"
    r"|(?<![A-Za-z0-9_@\-])(?:O{2,6}|X{2,6}|[o]{2,6}|x{2,6}|Ｏ{2,6}|Ｘ{2,6})(?![A-Za-z0-9_@×\-])"
    r"|(?<![A-Za-z0-9_@*\-])\*{2,6}(?![A-Za-z0-9_@*\-])"
    r"|(?<![ㄱ-ㅣ가-힣])ㅇ{2,6}(?=[가-힣]| (?:회사|기업|교수|팀장|선배|동아리|대학))"
    r"|(?<![\d.,A-Za-z])0{2,4}(?=(?:회사|기업|그룹|은행|전자|대학|동아리|팀장|교수|선배))"
)
# O O O: letters only three and more, and before a word, for O X and O O are answers of a quiz.
_SPACED = re.compile(rf"(?<!\S)(?:([{_SHAPES}*])(?: \1){{1,5}}|([OX])(?: \2){{2,5}})(?= ?[가-힣])(?! ?[OX{_SHAPES}])")
_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민"
    "진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모"
)
_SURNAME = re.compile(rf"(?<![가-힣A-Za-z])[{_SURNAMES}]\Z")
_TITLES = (
    "교수|팀장|선배|후배|선임|사수|멘토|부장|과장|대리|사원|차장|대표|이사|선생|조교|부서장|실장|본부장|사장|회장|주임|매니저|책임|수석|"
    "강사|코치|감독|반장|원장|박사|작가|의원|소장|점장|군|양|씨|님|친구|형|언니|누나|오빠"
)
_NAME_GOES_ON = (
    rf"[ \t]?(?:{_TITLES}|올림|드림|배상)"
    r"|(?:입니다|이라고|이라는|이며|은|는|이|가|을|를|과|와|의|에게|께|도)(?:[ \t,.\n]|\Z)"
)
_PERSON_AFTER = re.compile(
    rf"[ \t]?(?:[가-힣]{{0,3}}[ \t]?)?(?:{_TITLES})(?:님|들)?"
    r"(?:께|의|과|와|에게|이|가|을|를|은|는|도|로|한테|[ \t,.\n]|$)"
)
# 박O영: one sign inside a name, before a title or, but for X (X축), a particle.
_INSIDE_NAME = re.compile(
    rf"(?<![가-힣A-Za-z])[{_SURNAMES}](?:[Oo○◯〇*ㅇＯ](?![축선값형자표점급개명년월병후])[가-힣](?={_NAME_GOES_ON})"
    rf"|[XxＸ][가-힣](?=[ \t]?(?:{_TITLES})))"
)
_PERSON_BEFORE = re.compile(r"(?:이름은|성명은?|지원자|저는|저,|제 이름|본명은)[ \t]?:?[ \t]?\Z")
_I_AM = re.compile(r"(?:입니다|이라고 합니다|라고 합니다|이라 합니다|올림|드림)")
_CLUB_BEFORE = re.compile(r"(?:동아리|봉사단|학회|소모임|동호회|서클|클럽|연합회|서포터즈)(?:인|이던|,)?[ \t]?\Z")
_CLUB_AFTER = re.compile(r"[ \t]?(?:[가-힣]{2,4} )?(?:동아리|봉사단|학회|소모임|동호회|서포터즈)")
_SCHOOL_AFTER = re.compile(r"[ \t]?(?:대학|고등학교|중학교|초등학교|여자고|여고|학교|고교|대[ \t]|대에서)")
# Hidden numbers, dates, places and subjects have no token: they stay.
_NO_NAME = re.compile(
    r"[ \t]?(?:성[ \t]?)?(?:염색체|유전자|유전형|좌표|축(?![가-힣]{2}))|선[ ,을이에]"
    r"|[%℃]|시간|개월|년[도에간차생]|월[에부말]|명[의이을과]|원[을의이에]"
    r"|학과|과목|전공|자격증|놈|새끼"
    r"|[ \t]?(?:년|월|일|시|분|명|원|개|점|위|회|세|살|호|번|차|등급|퍼센트|만|억|천|배|건|자|장|권|층|주)(?![가-힣])"
    r"|(?:시|군|구|동|읍)(?:에서|의|에|로|청|민|[ \t])"
)

# "960230-1○○○○○○", "010.****.5678": hidden digits of a number, which mask_pii reads.
_DIGIT_BEFORE = re.compile(r"\d[-.· ]?\Z")
_DIGIT_AFTER = re.compile(r"[-.· ]?\d{4}")

_SIGNS = rf"[{_SHAPES}OXoxＯＸ*ㅇ0]"
_HINT = re.compile(rf"{_SIGNS} ?{_SIGNS}|[가-힣]{_SIGNS}[가-힣]")


def mask_edits(text: str) -> list[Edit]:
    """Replace each hidden name, with the surname before it, by one token."""
    if not _HINT.search(text):
        return []
    edits = [edit for match in _RUN.finditer(text) if (edit := _edit(text, match)) is not None]
    edits += [edit for match in _SPACED.finditer(text) if (edit := _edit(text, match)) is not None]
    edits += [Edit(*match.span(), PERSON, "mask_run") for match in _INSIDE_NAME.finditer(text)]
    return drop_overlaps(edits)


def _edit(text: str, match: re.Match[str]) -> Edit | None:
    start, end = match.span()
    before, after = text[max(0, start - 12) : start], text[end : end + 16]
    if _NO_NAME.match(after) or _is_drawing(text, match) or _is_emphasis(text, match):
        return None
    if _hides_digits(match.group(), before, after):
        return None
    surname = _SURNAME.search(before)
    if surname and (match.group()[0] in _SHAPES + "OＯXＸ*"):
        return Edit(start - 1, end, PERSON, "mask_run")
    return Edit(start, end, _token(before, after), "mask_run")


def _hides_digits(run: str, before: str, after: str) -> bool:
    """Return whether signs stand for digits.

    Six behind one, or three and more between two groups.
    """
    if run[0] not in _SHAPES + "*" or not _DIGIT_BEFORE.search(before):
        return False
    return (len(run) == 6 and before[-1].isdigit()) or (len(run) >= 3 and _DIGIT_AFTER.match(after) is not None)


def _token(before: str, after: str) -> str:
    if _SCHOOL_AFTER.match(after):
        return SCHOOL
    if _CLUB_BEFORE.search(before) or _CLUB_AFTER.match(after):
        return CLUB
    if _PERSON_AFTER.match(after) or (_PERSON_BEFORE.search(before) and _I_AM.match(after)):
        return PERSON
    return COMPANY


def _is_drawing(text: str, match: re.Match[str]) -> bool:
    """Return whether signs hide no word.

    A line of nothing else, or a rating, with other signs beside it.
    """
    start, end = match.span()
    line_start, line_end = _line(text, start, end)
    if not re.search(r"[가-힣A-Za-z0-9]", text[line_start:start] + text[end:line_end]):
        return True
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return match.group()[0] in _SHAPES and any(char in _SHAPES + "★" for char in beside)


def _is_emphasis(text: str, match: re.Match[str]) -> bool:
    """Return whether the run is Markdown emphasis: **굵게**.

    An opening run that touches what follows and has its partner on the same line, or that partner.
    """
    run, start, end = match.group(), match.start(), match.end()
    if run[0] != "*":
        return False
    line_start, line_end = _line(text, start, end)
    pair_pattern = re.compile(rf"{re.escape(run)}(?=\S)[^*\n]{{1,80}}?(?<=\S){re.escape(run)}")
    spans = (pair.span() for pair in pair_pattern.finditer(text, line_start, line_end))
    return any(start in (begin, stop - len(run)) for begin, stop in spans)


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the line around a span, or as much of it as decides."""
    first = text.rfind("\n", max(0, start - _AROUND), start) + 1 or max(0, start - _AROUND)
    last = text.find("\n", end, end + _AROUND)
    return first, last if last >= 0 else min(len(text), end + _AROUND)


@STEPS.register("mask_runs")
class MaskRuns(EditStep):
    """OOO, ○○, XX, △△, *** and similar become [회사].
    Or [이름], [동아리], [학교] where the neighbouring words show it.
    """

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        del field
        return to_fixpoint(text, mask_edits)
