"""Korean words for codes in prompts, and texts for training a tokenizer.

How prompts say what data say in codes, and the texts that a tokenizer has to know for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jaso_core.records import Example
from jaso_core.text.occupation_codes import KOREAN_NAMES

WORDS: Mapping[str, Mapping[str, str]] = {
    "occupation": KOREAN_NAMES,
    "experience": {"NEW": "신입", "EXPERIENCED": "경력"},
}
"""The codes of AI Hub 71592, by field."""

_LONGEST_LABEL = 200


def in_words(field: str, value: str, words: Mapping[str, Mapping[str, str]] = WORDS) -> str:
    """Return the Korean word for a code.

    Any other value stays as it is, so that users' own values work.
    """
    return words.get(field, {}).get(value, value)


def tokenizer_texts(examples: Iterable[Example]) -> list[str]:
    """Return the texts that a tokenizer is trained on.

    They are the texts of the training split, and all words that prompts have for codes.
    """
    fields = ("question", "answer", "summary", "role")
    texts: list[str] = []
    for example in examples:
        texts += [text for name in fields if (text := getattr(example, name))]
        # Prompts may read a user's further columns; long ones are no labels.
        texts += [text for text in example.meta.values() if len(text) <= _LONGEST_LABEL]
    return [*texts, *(word for words in WORDS.values() for word in words.values())]
