"""Contents of freeze_report.json and tokenizer_report.json."""

from __future__ import annotations

from typing import TypedDict


class ChangeRow(TypedDict):
    """Parameters of a group of tensors, how many trained, and how far they moved.

    `change`: L2 norm. `moved`: that over the L2 norm of the start; None where all began at zero.
    """

    parameters: int
    trained: int
    moved: float | None
    change: float


class PartRow(ChangeRow):
    """The tensors of one part, such as attention."""

    part: str


class BlockRow(ChangeRow):
    """The tensors of one block, and by part."""

    block: str
    parts: list[PartRow]


class PhaseRow(TypedDict):
    """A phase of freezing: so many train from a share of the steps on."""

    start: float
    trained: int


class NewTokens(TypedDict, total=False):
    """Rows of the embeddings of new tokens that trained, where others were frozen."""

    new_token_rows: int


class FreezeReport(NewTokens):
    """freeze_report.json: what trained, and proof that the rest did not move."""

    strategy: str
    parameters: int
    trained: int
    tied: list[list[str]]
    phases: list[PhaseRow]
    frozen_tensors: int
    frozen_tensors_changed: list[str]
    blocks: list[BlockRow]
    parts: list[PartRow]


class UnknownTokens(TypedDict):
    """Unknown tokens, and their share of all."""

    tokens: int
    share: float | None


class VocabularyUse(TypedDict):
    """Tokens without the special ones, and those of them that the texts use."""

    size: int
    used: int
    used_share: float | None


class TokenCount(TypedDict):
    """A frequent token, as text."""

    token: str
    count: int


class TokenizerReport(TypedDict):
    """tokenizer_report.json: see `tokenizers.report`."""

    texts: int
    characters: int
    eojeol: int
    tokens: int
    fertility: float | None
    characters_per_token: float | None
    unknown: UnknownTokens
    not_returned: int
    vocabulary: VocabularyUse
    frequent: list[TokenCount]


class VocabularyOverlap(TypedDict):
    """Tokens that two vocabularies share; `jaccard`: shared of all."""

    shared: int
    only_first: int
    only_second: int
    jaccard: float | None
