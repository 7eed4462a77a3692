"""Company names in a text, as edits: the company that the letter is for, and other employers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jaso_core.masking.organisations.employers import find_employers
from jaso_core.masking.organisations.gazetteer import Gazetteer, Mention
from jaso_core.masking.organisations.legal_forms import LONGEST_NAME, plain_name
from jaso_core.masking.organisations.variants import Spellings, spellings
from jaso_core.masking.tokens import BARRIER, COMPANY, settle, shielded
from jaso_core.text.edits import Edit

TARGET, OTHER = "company_name", "other_company"


@dataclass(frozen=True)
class Organisation:
    """One company of a document. `number` is 0 for the company that the letter is for."""

    spellings: Spellings
    number: int

    def token(self, numbered: bool) -> str:
        """[회사], or [회사1] and so on for the others when they are to be told apart."""
        return f"{COMPANY[:-1]}{self.number}]" if numbered and self.number else COMPANY


@dataclass(frozen=True)
class Directory:
    """The companies that a document names, its own first."""

    organisations: tuple[Organisation, ...]

    def of(self, name: str) -> Organisation | None:
        """Who is meant by a name, if it is known."""
        return next((one for one in self.organisations if _covers(one.spellings, name)), None)


class CompanyMasker:
    """`aliases`: other names of a company by its plain name, which nothing in the name tells (한국방송공사: KBS)."""

    def __init__(
        self,
        aliases: Mapping[str, Sequence[str]] | None = None,
        gazetteer: Gazetteer | None = None,
        numbered: bool = False,
        others: bool = True,
    ) -> None:
        self._aliases = {plain_name(name)[0].replace(" ", ""): tuple(other) for name, other in (aliases or {}).items()}
        self.use(gazetteer or Gazetteer(()))
        self._numbered = numbered
        self._others = others

    def directory(self, company: str | None, texts: Iterable[str]) -> Directory:
        """The companies of a document: the given one, then the others in the order of their first mention."""
        known: list[Organisation] = []
        if company and (target := self._spellings(company)):
            known.append(Organisation(target, 0))
        for text in texts if self._others else ():
            found = sorted(self._find_others(shielded(text)), key=lambda one: (one.start, -one.end))
            for mention in found:
                if any(_covers(one.spellings, mention.name) for one in known) or not mention.is_sure():
                    continue
                if other := self._spellings(mention.name):
                    known.append(Organisation(other, 1 + sum(one.number > 0 for one in known)))
        return Directory(tuple(known))

    def edits(self, text: str, directory: Directory) -> list[Edit]:
        """Edits in order, without overlaps; a second run on the result finds nothing."""
        return settle(text, lambda given: self._once(given, directory))

    def _once(self, text: str, directory: Directory) -> list[Edit]:
        rest = shielded(text)
        spans: list[tuple[int, int, Organisation | None]] = [
            (start, end, one) for one in directory.organisations for start, end in one.spellings.find(rest)
        ]
        if self._others:
            own = [(start, end) for start, end, one in spans if one and one.number == 0]
            spans += [
                (mention.start, mention.end, directory.of(mention.name))
                for mention in self._find_others(rest)
                if not any(start <= mention.start and mention.end <= end for start, end in own) and mention.is_sure()
            ]
        return [self._edit(*span) for span in _united(spans) if BARRIER not in rest[span[0] : span[1]]]

    def _edit(self, start: int, end: int, who: Organisation | None) -> Edit:
        kind = TARGET if who and who.number == 0 else OTHER
        return Edit(start, end, who.token(self._numbered) if who else COMPANY, kind)

    def use(self, gazetteer: Gazetteer) -> None:
        """Another list of names."""
        self._gazetteer = gazetteer
        # Remembered while a document lasts, for who is named is asked first of all its texts, then of each; and
        # longer, for many people answer one question.
        self._find_others = lru_cache(maxsize=1024)(self._named)

    def _named(self, text: str) -> tuple[Mention, ...]:
        return (*(Mention(*found) for found in find_employers(text)), *self._gazetteer.find(text))

    def _spellings(self, company: str) -> Spellings | None:
        name = plain_name(company)[0].replace(" ", "")
        return spellings(company, self._aliases.get(name, ())) if 2 <= len(name) <= LONGEST_NAME else None


def _covers(one: Spellings, name: str) -> bool:
    return one.name == name or any(end - start == len(name) for start, end in one.find(name))


def _united(
    spans: list[tuple[int, int, Organisation | None]],
) -> list[tuple[int, int, Organisation | None]]:
    """Spans that overlap become one: its owner is that of the longest part, the letter's company before others."""
    united: list[tuple[int, int, Organisation | None]] = []
    longest = 0
    for start, end, who in sorted(spans, key=lambda span: (span[0], -span[1], _rank(span[2]))):
        if united and start < united[-1][1]:
            first, last, owner = united[-1]
            better = end - start > longest or (end - start == longest and _rank(who) < _rank(owner))
            united[-1] = (first, max(last, end), who if better else owner)
            longest = max(longest, end - start)
        else:
            united.append((start, end, who))
            longest = end - start
    return united


def _rank(who: Organisation | None) -> int:
    return who.number if who else 10_000
