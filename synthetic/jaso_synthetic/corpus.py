"""Generate the whole synthetic corpus from one seed."""

from __future__ import annotations

from jaso_synthetic.interviews.interview import generate_interview
from jaso_synthetic.letters.letter import generate_letter
from jaso_synthetic.records import Corpus


def generate(
    letters: int, interviews: int, seed: int, *, named_employers: bool = False, odd_companies: bool = False
) -> Corpus:
    """Generate a corpus of letters and interviews.

    Letter k depends only on (seed, k): a small corpus is a prefix of a large one. `named_employers`: every letter that
    mentions a former employer names it, not only three in ten. `odd_companies`: names without a trade, and company
    columns as people fill them in.

    Raises:
        ValueError: a count is negative.
    """
    if letters < 0 or interviews < 0:
        raise ValueError(f"counts must not be negative: letters={letters}, interviews={interviews}")
    return Corpus(
        seed=seed,
        letters=tuple(
            generate_letter(seed, k, named_employers=named_employers, odd_companies=odd_companies)
            for k in range(letters)
        ),
        interviews=tuple(generate_interview(seed, k) for k in range(interviews)),
    )
