"""Company name masking: the company a letter is for, and other employers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jaso_core.masking import names
from jaso_core.masking.organisations.gazetteer import Gazetteer, read_gazetteer
from jaso_core.masking.organisations.mask import CompanyDirectory, CompanyMasker
from jaso_core.masking.organisations.spellings import read_spellings
from jaso_core.masking.tokens import edits_to_fixpoint, hide_tokens
from jaso_core.records import Document, Item
from jaso_core.text.edits import Edit, drop_overlaps
from jaso_preprocess.steps import STEPS, EditStep
from jaso_preprocess.steps.base import texts_of


@dataclass(frozen=True)
class MaskCompaniesOptions:
    """Options of the mask_companies step.

    `gazetteer`: a file of company names (text, CSV, DART's CORPCODE.xml or its ZIP). `crawled`: the companies of all
    documents are such a list, too; an ordinary word of theirs needs a cue. `spellings`: a YAML of names of one
    company each, added to jaso's own (known_spellings.yaml). `aliases`: "plain name=other name" each. `numbered`:
    other employers become [회사1], [회사2] …
    """

    gazetteer: str | None = None
    aliases: list[str] = field(default_factory=list)
    spellings: str | None = None
    crawled: bool = True
    others: bool = True
    numbered: bool = False
    persons: bool = False
    schools: bool = False
    places: bool = False

    def __post_init__(self) -> None:
        for alias in self.aliases:
            name, _, other = alias.partition("=")
            if not (name.strip() and other.strip()):
                raise ValueError(f"aliases: '{alias}' is no alias; write 한국가상공사=가상이")


@STEPS.register("mask_companies", MaskCompaniesOptions)
class MaskCompanies(EditStep):
    """Company names in every spelling become [회사].
    Persons, schools and places are masked on request.

    The document names the company that the letter is for. Without one only what legal forms, contexts and the gazetteer
    show is masked.
    """

    masks = True

    def __init__(self, options: MaskCompaniesOptions) -> None:
        self.options = options
        self.gazetteer = read_gazetteer(Path(options.gazetteer)) if options.gazetteer else Gazetteer(())
        aliases: dict[str, list[str]] = {}
        for alias in options.aliases:
            name, _, other = alias.partition("=")
            aliases.setdefault(name.strip(), []).append(other.strip())
        spellings = read_spellings(Path(options.spellings)) if options.spellings else ()
        self.masker = CompanyMasker(aliases, self.gazetteer, options.numbered, options.others, spellings)
        optional_rules = (
            (options.persons, names.find_persons),
            (options.schools, names.find_schools),
            (options.places, names.find_regions),
        )
        self._extra_rules: list[Callable[[str], Iterator[Edit]]] = [
            rule for is_enabled, rule in optional_rules if is_enabled
        ]
        self._last: tuple[Document, CompanyDirectory] | None = None

    def meet(self, companies: Collection[str]) -> None:
        if self.options.crawled and self.options.others:
            self.masker.set_gazetteer(self.gazetteer.with_fields(companies))

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        del field
        return self._edits(text, self.masker.directory(None, [text]))

    def item_edits(self, document: Document | None, item: Item) -> Mapping[str, Sequence[Edit]]:
        """Mask in all answers a name that one answer of the document confirms."""
        directory = self.directory(document or Document("", "", "letter", (item,)))
        return {name: self._edits(text, directory) for name, text in texts_of(item).items()}

    def directory(self, document: Document) -> CompanyDirectory:
        """Return the companies that a document names; cached for the last document."""
        if self._last is None or self._last[0] is not document:
            texts = [text for item in document.items for text in texts_of(item).values()]
            self._last = document, self.masker.directory(document.company, texts)
        return self._last[1]

    def _edits(self, text: str, directory: CompanyDirectory) -> list[Edit]:
        if not self._extra_rules:
            return self.masker.edits(text, directory)
        return edits_to_fixpoint(text, lambda current: self._all_edits(current, directory))

    def _all_edits(self, text: str, directory: CompanyDirectory) -> list[Edit]:
        companies = self.masker.edits(text, directory)
        rest = hide_tokens(text)
        return drop_overlaps([*companies, *(edit for rule in self._extra_rules for edit in rule(rest))])
