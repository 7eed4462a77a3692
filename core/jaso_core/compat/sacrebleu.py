"""sacreBLEU 2.6: signatures of scores that were computed elsewhere."""

from __future__ import annotations

from typing import Any


def one_reference_signature(scorer: Any, tokenizer: str | None = None) -> str:
    """Return the signature of a BLEU or chrF scorer for one reference a text.

    A scorer knows the number of references only after `corpus_score`, and has no signature before; no argument sets
    it. `tokenizer`: the signature of a tokenizer that sacreBLEU does not know, which gets the tokens separated by
    blanks.
    """
    scorer.num_refs = 1
    if tokenizer is not None:
        scorer.tokenizer_signature = tokenizer
    return str(scorer.get_signature())
