"""Columns of a user's table: which are fields, and which travel along."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path

from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.text.invisible import comparable_name

ALL, NONE = "all", "none"
_MOST = 100
# What a shell does not hand on as it is.
_SHELL = re.compile(r"[^\w.,:/@%+-]")
# Columns that hold a person's data by their name: rules cannot mask a bare name.
_PERSONAL = re.compile(
    r"(?:first|last|full|user|real)?[ _.-]?name|e-?mail.*|.*phone.*|mobile|tel|address|birth.*|dob|age|gender|sex|ssn"
    r"|(?:지원자|작성자|고객)?[ _]?(?:이름|성명|성함)|나이|성별"
    r"|.*(?:이메일|메일|전화|연락처|휴대폰|핸드폰|주소|주민|생년월일|생일).*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Columns:
    """The user's column names for jaso's fields; null where there is no such column."""

    question: str | None = "question"
    answer: str | None = "answer"
    summary: str | None = None
    occupation: str | None = None
    experience: str | None = None
    role: str | None = None
    company: str | None = None
    season: str | None = None
    spoken: str | None = None
    id: str | None = None

    def column_by_field(self) -> dict[str, str]:
        """Return {field: the user's column}, as names are compared."""
        names = {f.name: getattr(self, f.name) for f in fields(self)}
        return {field_name: comparable_name(name) for field_name, name in names.items() if name is not None}


@dataclass
class MetaColumns:
    """Choice of the further columns that travel along; `meta_columns` of a source.

    `names`: all, none, or column names. With all, columns that hold personal data by their name are left out.
    """

    path: Path
    names: Sequence[str]
    used: Iterable[str]
    chosen: tuple[str, ...] = field(default=(), init=False)
    left_out: tuple[str, ...] = field(default=(), init=False)
    dropped: int = field(default=0, init=False)

    def choose(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Return which of a table's columns travel along. RequestError for an absent one."""
        used = set(self.used)
        further = [name for name in columns if name and name not in used]
        if list(self.names) == [NONE]:
            return ()
        if list(self.names) == [ALL]:
            self.left_out = tuple(name for name in further if _PERSONAL.fullmatch(name))
            # A name with half a character or a line end is none of a table; nor are thousands of columns.
            usable = [name for name in further if name not in self.left_out and name.isprintable()]
            self.chosen = tuple(usable[:_MOST])
            self.dropped = len(further) - len(self.left_out) - len(self.chosen)
            return self.chosen
        wanted = [comparable_name(name) for name in self.names]
        for name in wanted:
            if name not in columns:
                cure = did_you_mean(name, [column for column in columns if column])
                raise RequestError(f"{self.path}: has no column '{name}', which meta_columns names", cure)
        self.chosen = tuple(name for name in wanted if name not in used)
        return self.chosen

    def report(self) -> None:
        """Print the columns that travel along, and those that are left out."""
        if self.chosen:
            say(f"crawl: {self.path.name}: columns that travel along as meta: {', '.join(self.chosen)}")
        if self.dropped:
            say(
                f"crawl: {self.path.name}: {self.dropped:,} further columns are left out: more than {_MOST}, or "
                "unprintable names (meta_columns=… names those that you want)"
            )
        if self.left_out:
            listing = ", ".join(self.left_out)
            say(
                f"crawl: {self.path.name}: columns left out, since by their names they hold personal data: {listing} "
                f"(meta_columns={self.left_out[0]} takes one along)"
            )


def check_columns(path: Path, column_by_field: dict[str, str], columns: Sequence[str]) -> None:
    """Raise RequestError when the table lacks a column that a field names."""
    for field_name, name in column_by_field.items():
        if name not in columns:
            known = [column for column in columns if column]
            free = [column for column in known if column not in column_by_field.values()]
            cure = f"{did_you_mean(name, known)}; {_write_column(field_name, name, free)}"
            raise RequestError(f"{path}: has no column '{name}'", cure)


def _write_column(field_name: str, name: str, free: list[str]) -> str:
    """Return how to name the column of a field: the nearest or first one that is free."""
    column = next(iter([*get_close_matches(name, free, n=1), *free]), "<one of these>")
    return f"write {column_override(field_name, column)}"


def column_override(field_name: str, column: str) -> str:
    """Return the override that names a field's column, quoted where a shell needs it."""
    override = f"columns.{field_name}={column}"
    return shlex.quote(override) if _SHELL.search(column) and column[0] != "<" else override
