"""Metric families: groups of the report, each family with one explaining line.

A measure belongs to the family with the longest prefix that fits its name. A measure of no known family, from an
extension for instance, is put into the last group: its unit and its arrow explain it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jaso_evaluate.schema import Score

GROUPS = {
    "likelihood": "Likelihood",
    "reference": "How close to the reference",
    "text": "What the texts are like",
    "rules": "Rules kept",
    "risks": "Risks",
    "other": "Other measures",
}

HEADLINES = ("bits_per_character", "rougeL_kiwi_character", "rouge1_kiwi", "chrf", "eed", "bertscore_f1", "bleu_char")
"""Headline measures, which represent the others; the most telling first."""


@dataclass(frozen=True)
class Family:
    """A family of measures; `begins`: prefixes of their names."""

    group: str
    title: str
    line: str
    begins: tuple[str, ...]


FAMILIES = (
    Family("likelihood", "Bits a character", "How surprising the reference is to the model. Lower is better; 0 would be"
           " certainty. Does not depend on the tokenizer.", ("bits_per_character",)),
    Family("reference", "chrF", "Character n-grams in common with the reference, with word pairs as well in chrF++."
           " Higher is better.", ("chrf",)),
    Family("reference", "ROUGE", "Words (1), word pairs (2) or the longest common sequence (L) shared with the"
           " reference. Higher is better.", ("rouge",)),
    Family("reference", "ROUGE of Latin letters and digits only", "A known mistake, kept for comparison with old"
           " tables: it deletes Hangul. Judges nothing.", ("rouge_legacy", "rouge1_legacy", "rouge2_legacy",
           "rougeL_legacy", "rougeLsum_legacy", "legacy_")),
    Family("reference", "BERTScore", "Similarity of contextual token vectors of text and reference. Higher is better.",
           ("bertscore",)),
    Family("reference", "BLEU", "N-grams of up to four tokens that stand in the reference too, all texts counted"
           " together. Higher is better.", ("bleu",)),
    Family("reference", "Edit distance", "Edits that turn the text into the reference. Lower is better.",
           ("eed", "character_error", "ter")),
    Family("reference", "MAUVE", "Whether texts and references are spread alike over kinds of text. Higher is better.",
           ("mauve",)),
    Family("reference", "Empty references", "Pairs without a reference. They have the worst value in every measure that"
           " reads one.", ("empty_reference",)),
    Family("text", "Invisible characters", "Texts that hold characters which no one sees and every measure counts."
           " Lower is better.", ("invisible",)),
    Family("text", "Length", "How long the texts are, and how long beside their references. Described, not judged.",
           ("length_characters", "length_ratio", "length_")),
    Family("text", "Variety", "Different n-grams among all n-grams (distinct: higher is more varied) and likeness of"
           " the texts to each other (self-BLEU: lower is more varied).", ("distinct", "ead_", "self_bleu")),
    Family("text", "Field", "Whether the words of a text are those of its applicant's occupation; guessing gives 100"
           " divided by the number of occupations. Higher is better.", ("field_match",)),
    Family("text", "Repetition", "Repeated n-grams and sentences within one text, and texts caught in a loop. Lower is"
           " better.", ("rep", "loop")),
    Family("text", "Relevance", "Whether an answer fits its own question better than other questions. Higher is"
           " better.", ("relevance",)),
    Family("rules", "Finished texts", "Texts that are empty, and texts cut off before their end. Lower is better.",
           ("empty", "cut_at_limit")),
    Family("rules", "Length limit", "Whether the texts keep the length that the question asks for.",
           ("length_fit", "length_limit", "length_within", "length_fill", "length_over", "within_limit", "limit")),
    Family("rules", "Speech level", "Whether a text keeps one speech level (합쇼체, 해요체, 해라체), and which.",
           ("register", "speech")),
    Family("risks", "Leaks", "Texts that name a company, a person or contact data that stand in neither the prompt nor"
           " the question. Lower is better.", ("leak", "mask_token")),
    Family("risks", "Memorisation", "Longest runs copied from the training texts. Lower is better; the references' own"
           " overlap shows how much is boilerplate.", ("memor",)),
)  # fmt: skip

_OTHER = "other"


def family_of(name: str) -> Family:
    """Return the family of a measure; a new one when none is known."""
    fitting = [(len(begin), family) for family in FAMILIES for begin in family.begins if name.startswith(begin)]
    return max(fitting, key=lambda match: match[0])[1] if fitting else Family(_OTHER, name, "", (name,))


def headlines(metrics: Mapping[str, Score]) -> list[str]:
    """Return headline measures with a value; without any, the first that judges."""
    with_value = [name for name, entry in metrics.items() if entry["value"] is not None]
    names = [name for name in HEADLINES if name in with_value]
    return names or [name for name in with_value if metrics[name]["higher_is_better"] is not None][:1]


@dataclass(frozen=True)
class TokenizerVariants:
    """One measure under several tokenizers.

    `stem` is what the names share, `members` {tokenizer: measure's name}.
    """

    stem: str
    members: Mapping[str, str]


_PREFERRED = ("kiwi", "character", "char")


def tokenizer_variants(metrics: Mapping[str, Score]) -> list[TokenizerVariants]:
    """Group measures that differ in their tokenizer and in nothing else.

    Their signatures must be equal but for "tok:…", and their names must begin alike and hold the same numbers.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, entry in metrics.items():
        # rouge1_kiwi and rouge1_character, equal but for "tok:…" → stem "rouge1", members kiwi and character
        rest, tokenizers = re.subn(r"(^|\|)tok:[^|]*", "", entry["signature"])
        if tokenizers:
            key = (name.split("_")[0], rest, entry["unit"], *re.findall(r"\d+", name))
            groups.setdefault(key, []).append(name)
    variants = []
    for names in groups.values():
        stem = _stem(names)
        members = {name[len(stem) :].strip("_-") or "default": name for name in names}
        if stem and len(members) > 1:
            variants.append(TokenizerVariants(stem.rstrip("_-"), dict(sorted(members.items(), key=_preference))))
    return variants


def _stem(names: Iterable[str]) -> str:
    """Return the longest common prefix that ends with an underscore or a hyphen."""
    parts = [re.findall(r"[^_-]+[_-]?", name) for name in names]
    shared = []
    for pieces in zip(*parts, strict=False):
        if len(set(pieces)) > 1:
            break
        shared.append(pieces[0])
    return "".join(shared)


def _preference(member: tuple[str, str]) -> tuple[bool, int, str]:
    tokenizer, name = member
    preference = _PREFERRED.index(tokenizer) if tokenizer in _PREFERRED else len(_PREFERRED)
    return (name not in HEADLINES, preference, tokenizer)
