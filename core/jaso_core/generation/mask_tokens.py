"""Token ids that write what is in the place of a masked name: [회사], ○○."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from jaso_core.masking.tokens import HIDING_SIGNS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

# Every mask of cleaning begins with a bracket.
_SIGNS = frozenset(f"[［{HIDING_SIGNS}")
_RUNS = ("OO", "XX", "oo", "xx", "ＯＯ", "ＸＸ", "**", "ㅇㅇ")

_IDS: WeakKeyDictionary[PreTrainedTokenizerFast, list[int]] = WeakKeyDictionary()


def mask_token_ids(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """Return the ids of all tokens with a sign of a mask: "[", "○".

    Without them no mask can be spelt.

    A token such as "[회사]", a bracket alone, and "○○" are among them. Two tokens "O" in a row are not seen.
    """
    if tokenizer not in _IDS:
        texts = tokenizer.batch_decode([[i] for i in range(len(tokenizer))], clean_up_tokenization_spaces=False)
        _IDS[tokenizer] = [i for i, text in enumerate(texts) if _has_mask_sign(text)]
    return _IDS[tokenizer]


def _has_mask_sign(text: str) -> bool:
    # "OO" and "XXX" alone; in a word, as in "look", they are letters.
    return not _SIGNS.isdisjoint(text) or (len(set(text.strip())) == 1 and any(run in text for run in _RUNS))
