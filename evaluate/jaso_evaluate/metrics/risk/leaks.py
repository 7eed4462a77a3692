"""Leaks: names and contact data in predictions that are not in the prompt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jaso_core.masking.morphology import is_separate_word
from jaso_core.masking.names import find_persons
from jaso_core.masking.organisations.context import NAME_END
from jaso_core.masking.organisations.employers import find_employers
from jaso_core.masking.organisations.gazetteer import Gazetteer
from jaso_core.masking.organisations.legal_forms import plain_name
from jaso_core.masking.pii.mask import mask_pii
from jaso_core.masking.tokens import hide_tokens
from jaso_core.records import Prediction
from jaso_core.registry import NoOptions
from jaso_evaluate.korean.tokenizers import to_nfc
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of
from jaso_evaluate.metrics.base import signature

CONTACT = ("pii_phone", "pii_email", "pii_handle", "pii_address", "pii_rrn", "pii_frn", "pii_account", "pii_card")
"""Kinds of `mask_pii` that identify one person; links and business numbers identify firms as well."""

_CONTEXT_CHARACTERS = 8
"""Characters after a person's name that Kiwi also reads."""


@dataclass(frozen=True)
class _Mentions:
    """Names and contact data in a text, by kind, as written."""

    companies: tuple[str, ...]
    of_training: tuple[str, ...]
    persons: tuple[str, ...]
    contacts: tuple[str, ...]


@METRICS.register("leaks")
class Leaks(Metric):
    """Texts with a company, person or contact data not in prompt or question.

    Found by the rules that mask training data: companies by legal form, by context, and as the employers of the
    training letters where these are known, read as cleaning reads a company column; persons by title or introduction;
    phones, e-mails, accounts, registration numbers by form. What these rules miss is not counted, and they have some
    false positives.

    `leak_company_of_training`, with training data only: employers that a training letter was written for. Mask tokens
    ([회사]) are no leaks; `mask_tokens` says how many texts hold one. An empty text leaks nothing.
    """

    by_text = True

    def __init__(self, options: NoOptions) -> None:
        del options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        companies = self.training.companies if self.training else ()
        finder = _Finder(companies)
        mentions = {text: finder.find(text) for text in {p.prediction for p in predictions}}
        rows = [(mentions[p.prediction], _prompt_text(p)) for p in predictions]
        gazetteer = f"training-{self.training.digest}" if self.training and companies else "none"
        how = signature(rules="jaso-masking", gazetteer=gazetteer, given="prompt+question")
        kinds = {
            "leak_company": [n.companies for n, _ in rows],
            "leak_person": [n.persons for n, _ in rows],
            "leak_contact": [n.contacts for n, _ in rows],
            **({"leak_company_of_training": [n.of_training for n, _ in rows]} if companies else {}),
        }
        prompts = [g for _, g in rows]
        measures = [
            Measure(kind, "% of texts", how, False, mean_of(list(map(_leaks, names, prompts))), "ratio:100")
            for kind, names in kinds.items()
        ]
        masked = mean_of([float(hide_tokens(text) != text) for text in to_nfc(p.prediction for p in predictions)])
        how = signature(tokens="jaso-masking")
        return [*measures, Measure("mask_tokens", "% of texts", how, None, masked, "ratio:100")]


class _Finder:
    def __init__(self, companies: Iterable[str]) -> None:
        self._gazetteer = Gazetteer((), fields=companies)

    def find(self, text: str) -> _Mentions:
        text = unicodedata.normalize("NFC", text)
        rest = hide_tokens(text)
        listed = tuple(mention.name for mention in self._gazetteer.find(rest) if mention.is_sure())
        return _Mentions(
            (*(name for _, _, name in find_employers(rest)), *listed),
            listed,
            tuple(
                text[person.start : person.end]
                for person in find_persons(rest)
                if _is_name(rest, person.start, person.end)
            ),
            tuple(text[edit.start : edit.end] for edit in mask_pii(text, CONTACT)),
        )


def _is_name(text: str, start: int, end: int) -> bool:
    """Return whether Kiwi reads the words as a noun, alone or in context.

    "6년 차에는 후배에게" is no name.
    """
    around = text[start : end + _CONTEXT_CHARACTERS].split("\n")[0]
    return is_separate_word(text[start:end], 0, end - start) or is_separate_word(around, 0, end - start)


def _prompt_text(prediction: Prediction) -> str:
    """Return the model's input: prompt and question, in NFC."""
    question = prediction.meta.get("question")
    prompt = f"{prediction.prompt or ''}\n{question if isinstance(question, str) else ''}"
    return unicodedata.normalize("NFC", prompt)


def _leaks(names: Sequence[str], prompt: str) -> float:
    return float(any(not _pattern(name).search(prompt) for name in names))


@lru_cache(maxsize=8192)
def _pattern(name: str) -> re.Pattern[str]:
    """Return a pattern of the name without legal form, however it is spaced.

    It matches whole names only: a model that read (주)가상전자 may write 가상전자, and one that read KTX has not read
    KT.
    """
    bare = "".join((plain_name(name)[0] or name).split())
    spaced = r"[ \t]?".join(map(re.escape, bare))
    return re.compile(rf"(?<![가-힣A-Za-z0-9]){spaced}(?:{NAME_END}|[ \t]?\()")
