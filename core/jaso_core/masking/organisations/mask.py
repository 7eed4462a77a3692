"""Company masking: edits for the letter's company and for other employers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jaso_core.masking.organisations.company_field import company_names
from jaso_core.masking.organisations.context import ONLY_PARTICLES
from jaso_core.masking.organisations.employers import find_employers
from jaso_core.masking.organisations.gazetteer import Gazetteer, Mention
from jaso_core.masking.organisations.legal_forms import LONGEST_NAME, plain_name
from jaso_core.masking.organisations.spellings import compare_key, known_spellings, table_of
from jaso_core.masking.organisations.variants import NameVariants, name_variants
from jaso_core.masking.tokens import BARRIER, COMPANY, edits_to_fixpoint, hide_tokens
from jaso_core.text.edits import Edit

TARGET, OTHER = "company_name", "other_company"


@dataclass(frozen=True)
class Organisation:
    """One company of a document. `number` is 0 for the company that the letter is for."""

    variants: NameVariants
    number: int

    def token(self, numbered: bool) -> str:
        """Return [회사], or [회사1] etc. for other companies if they are numbered."""
        return f"{COMPANY[:-1]}{self.number}]" if numbered and self.number else COMPANY


@dataclass(frozen=True)
class CompanyDirectory:
    """The companies that a document names, its own first."""

    organisations: tuple[Organisation, ...]

    def of(self, name: str) -> Organisation | None:
        """Return the company that a name refers to, or None."""
        return next(
            (organisation for organisation in self.organisations if _matches(organisation.variants, name)), None
        )


class CompanyMasker:
    """Masks company names in the texts of a document.

    `aliases`: other names of a company, by plain name, that do not follow from the name (한국방송공사: KBS).
    `spellings`: names of one company each, besides the table that comes with jaso.
    """

    def __init__(
        self,
        aliases: Mapping[str, Sequence[str]] | None = None,
        gazetteer: Gazetteer | None = None,
        numbered: bool = False,
        others: bool = True,
        spellings: Sequence[tuple[str, ...]] = (),
    ) -> None:
        self._aliases = {plain_name(name)[0].replace(" ", ""): tuple(other) for name, other in (aliases or {}).items()}
        self.set_gazetteer(gazetteer or Gazetteer(()))
        self._numbered = numbered
        self._mask_others = others
        self._table = (
            {**known_spellings(), **table_of([*known_spellings().values(), *spellings])} if spellings else None
        )

    def directory(self, company: str | None, texts: Iterable[str]) -> CompanyDirectory:
        """Return the companies of a document: its own, then others by first mention."""
        entries = [
            Organisation(target, 0)
            for one in (company_names(company) if company else ())
            if (target := self._variants_of(one.name, one.others))
        ]
        for text in texts if self._mask_others else ():
            # A letter for 삼성전자 that names 네이버(주), then ㈜카카오 → numbers 0, 1, 2. Of mentions that begin at
            # one place the longer one is read first.
            mentions = sorted(
                self._cached_mentions(hide_tokens(text)), key=lambda mention: (mention.start, -mention.end)
            )
            for mention in mentions:
                if any(_matches(entry.variants, mention.name) for entry in entries) or not mention.is_sure():
                    continue
                if other := self._variants_of(mention.name):
                    entries.append(Organisation(other, 1 + sum(entry.number > 0 for entry in entries)))
        return CompanyDirectory(tuple(entries))

    def edits(self, text: str, directory: CompanyDirectory) -> list[Edit]:
        """Return edits in order, without overlaps; a second run finds nothing."""
        return edits_to_fixpoint(text, lambda remaining: self._find_edits(remaining, directory))

    def _find_edits(self, text: str, directory: CompanyDirectory) -> list[Edit]:
        rest = hide_tokens(text)
        spans: list[tuple[int, int, Organisation | None]] = [
            (start, end, organisation)
            for organisation in directory.organisations
            for start, end in organisation.variants.find(rest)
        ]
        if self._mask_others:
            # A mention within a span of the letter's company would only be a second owner of the same characters.
            own = [(start, end) for start, end, organisation in spans if organisation and organisation.number == 0]
            spans += [
                (mention.start, mention.end, directory.of(mention.name))
                for mention in self._cached_mentions(rest)
                if not any(_is_owned(rest, mention, *span) for span in own) and mention.is_sure()
            ]
        # A span across a barrier joins text on both sides of what an earlier masking replaced.
        return [self._edit(*span) for span in _merge_spans(spans) if BARRIER not in rest[span[0] : span[1]]]

    def _edit(self, start: int, end: int, organisation: Organisation | None) -> Edit:
        kind = TARGET if organisation and organisation.number == 0 else OTHER
        return Edit(start, end, organisation.token(self._numbered) if organisation else COMPANY, kind)

    def set_gazetteer(self, gazetteer: Gazetteer) -> None:
        """Replace the list of names."""
        self._gazetteer = gazetteer
        # The directory is built from all texts of a document before each is masked, and many writers answer with equal
        # texts: the mentions of a text are cached.
        self._cached_mentions = lru_cache(maxsize=1024)(self._find_mentions)

    def _find_mentions(self, text: str) -> tuple[Mention, ...]:
        return (*(Mention(*span) for span in find_employers(text)), *self._gazetteer.find(text))

    def _variants_of(self, company: str, others: tuple[str, ...] = ()) -> NameVariants | None:
        name = plain_name(company)[0].replace(" ", "")
        aliases = (*others, *self._aliases.get(name, ()), *self._spellings(name))
        return name_variants(company, aliases) if 1 <= len(name) <= LONGEST_NAME else None

    def _spellings(self, name: str) -> tuple[str, ...]:
        """Return the other names of a company in the tables."""
        names = (self._table or known_spellings()).get(compare_key(name), ())
        return tuple(other for other in names if compare_key(other) != compare_key(name))


def _is_owned(text: str, mention: Mention, start: int, end: int) -> bool:
    """Whether the letter's company is the whole mention, but for a particle behind it.

    A legal form alone cannot tell that ㈜솔의 is 솔 and a particle, not 솔의.
    """
    if start <= mention.start and mention.end <= end:
        return True
    return start == mention.start and ONLY_PARTICLES.fullmatch(text, end, mention.end) is not None


def _matches(variants: NameVariants, name: str) -> bool:
    if len(variants.name) == 1 and name.startswith(variants.name) and ONLY_PARTICLES.fullmatch(name, 1):
        return True
    return variants.name == name or any(end - start == len(name) for start, end in variants.find(name))


def _merge_spans(
    spans: list[tuple[int, int, Organisation | None]],
) -> list[tuple[int, int, Organisation | None]]:
    """Merge overlapping spans.

    The owner is that of the longest part; of equal ones the letter's company comes before others.
    """
    # (0, 4, no. 2) and (2, 8, no. 0) → (0, 8, no. 0), the owner of the longer one
    merged: list[tuple[int, int, Organisation | None]] = []
    longest = 0
    for start, end, organisation in sorted(spans, key=lambda span: (span[0], -span[1], _rank(span[2]))):
        if merged and start < merged[-1][1]:
            first, last, longest_owner = merged[-1]
            better = end - start > longest or (end - start == longest and _rank(organisation) < _rank(longest_owner))
            merged[-1] = (first, max(last, end), organisation if better else longest_owner)
            longest = max(longest, end - start)
        else:
            merged.append((start, end, organisation))
            longest = end - start
    return merged


def _rank(organisation: Organisation | None) -> int:
    return organisation.number if organisation else 10_000
