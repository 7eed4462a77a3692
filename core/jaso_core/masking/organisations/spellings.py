"""Name spellings without a rule (NAVER, 네이버); letters by their Hangul names.

The pairs are data, known_spellings.yaml, and a user's file of the same form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml

from jaso_core.errors import RequestError
from jaso_core.masking.organisations.legal_forms import plain_name

TABLE = Path(__file__).with_name("known_spellings.yaml")
# The Hangul names of Latin letters, the usual one first.
_LETTERS = {
    "A": "에이", "B": "비", "C": "씨", "D": "디", "E": "이", "F": "에프", "G": "지", "H": "에이치", "I": "아이",
    "J": "제이", "K": "케이", "L": "엘", "M": "엠", "N": "엔", "O": "오", "P": "피", "Q": "큐", "R": "알 아르",
    "S": "에스 에쓰", "T": "티", "U": "유", "V": "브이", "W": "더블유 더블류", "X": "엑스", "Y": "와이", "Z": "제트 지",
    "&": "앤 앤드", "-": "", ".": "",
}  # fmt: skip
_HANGUL = {name: letter for letter, names in reversed(_LETTERS.items()) for name in names.split()}
_HANGUL["지"] = "G"
_NAME = "|".join(sorted(_HANGUL, key=len, reverse=True))
# Two letters or more, and what follows is nothing or a word of two syllables or more: 비씨카드, but not 오티스.
_SPELT = re.compile(rf"(?P<letters>(?:{_NAME}){{2,5}})(?=$|[가-힣]{{2}})")
_SPELT_AT_END = re.compile(rf"(?<=[가-힣]{{2}})(?P<letters>(?:{_NAME}){{2,4}})$")
_ONE = re.compile(_NAME)
_CAPITALS = re.compile(r"(?<![A-Za-z])[A-Z](?:[&.-]?[A-Z]){1,4}(?![A-Za-z])")

Table = Mapping[str, tuple[str, ...]]


def compare_key(name: str) -> str:
    """Return the name for comparison: lower case, without legal forms, blanks, dots."""
    return re.sub(r"[\s.,'’·]", "", plain_name(name)[0]).casefold()


def read_spellings(path: Path) -> list[tuple[str, ...]]:
    """Read a table of names, a list a company. RequestError for another form."""
    cure = "write one company a line: - [네이버, NAVER]"
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RequestError(f"{path}: cannot be read ({error.strerror})", "give the path of a YAML of names") from None
    except UnicodeDecodeError:
        raise RequestError(f"{path}: is not UTF-8", "save it as UTF-8") from None
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise RequestError(f"{path}:{line}: is no YAML", cure) from None
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        if not (
            isinstance(row, list) and len(row) >= 2 and all(isinstance(name, str) and name.strip() for name in row)
        ):
            raise RequestError(f"{path}: company {number} is no list of two names or more", cure)
    return [tuple(row) for row in rows]


def table_of(rows: Iterable[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return all names of each company, by each of its names as compared."""
    table: dict[str, tuple[str, ...]] = {}
    for row in rows:
        names = tuple(dict.fromkeys((*row, *(other for name in row for other in table.get(compare_key(name), ())))))
        table |= {compare_key(name): names for name in names}
    return table


@cache
def known_spellings() -> Table:
    """Return the table that comes with jaso."""
    return table_of(read_spellings(TABLE))


def letter_spellings(name: str) -> list[str]:
    """Return the name with its letters written the other way: LG전자, 엘지전자.

    Both for Latin capitals, at most five in a row, and for Hangul names of letters at the name's beginning or end.
    """
    others = []
    if run := _CAPITALS.search(name):
        for choice in (0, -1):
            letters = "".join((_LETTERS[letter].split() or [""])[choice] for letter in run.group())
            others.append(name[: run.start()] + letters + name[run.end() :])
    else:
        for pattern in (_SPELT, _SPELT_AT_END):
            spelt = pattern.match(name) if pattern is _SPELT else pattern.search(name)
            if spelt:
                letters = "".join(_HANGUL[one] for one in _ONE.findall(spelt["letters"]))
                others.append(name[: spelt.start()] + letters + name[spelt.end() :])
    return [other for other in dict.fromkeys(others) if other != name]
