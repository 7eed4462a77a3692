"""Field prompts: an order of fields, each after its own marker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

from jaso_core.errors import did_you_mean
from jaso_core.prompts.base import END, META, Piece, PromptFormat
from jaso_core.prompts.field_texts import WORDS
from jaso_core.records import Example
from jaso_core.registry import NoOptions

MARKERS: Mapping[str, str] = {
    "question": "<usr>",
    "answer": "<sys>",
    "occupation": "<unused1>",
    "experience": "<unused2>",
    "summary": "<unused3>",
    "field": "<unused4>",
    "role": "<unused5>",
    "company": "<unused6>",
}
"""A marker says what comes after it, read or written, and no two fields share one: formats that differ in a field or
in the order of fields differ in their markers. All are in KoGPT2's vocabulary, which then needs no new token.
`field` is the field of work: the role, or the occupation of an applicant without one."""

_FIELDS = tuple(f.name for f in fields(Example) if f.name not in ("meta", "messages"))


def with_column_markers(reads: Iterable[str], markers: Mapping[str, str]) -> dict[str, str]:
    """Return the markers and one for each further column that is read.

    `meta.topic` has the marker `<meta.topic>`, unless another is given.
    """
    return {**{name: f"<{name}>" for name in reads if name.startswith(META)}, **markers}


class FieldsPrompt(PromptFormat):
    """Prompt of fields, each after its marker.

    The fields of `reads` come in their order; then the marker of what is to be written.
    """

    field_markers: Mapping[str, str] = MARKERS

    def __init__(self, options: NoOptions) -> None:
        del options

    def context(self, example: Example) -> tuple[Piece, ...]:
        """Marker and text of each field, and the marker of the target."""
        pieces: list[Piece] = []
        for name in self.reads:
            pieces += [Piece(self.field_markers[name], True), Piece(self.value(example, name))]
        return (*pieces, Piece(self.field_markers[self.writes], True))


@dataclass(frozen=True)
class FieldsOptions:
    """A format that is data: the fields it reads, in order, and the field it writes.

    A field is one of an example, or `meta.<column>` for a further column of the user's data.
    `stops`: special tokens at which writing ends. `markers`: by field, where they are not the usual ones.
    `code_words`: by field and code, the word for a code in the data, where they are not the usual ones.
    """

    reads: list[str]
    writes: str = "answer"
    stops: list[str] = field(default_factory=lambda: [END])
    markers: dict[str, str] | None = None
    code_words: dict[str, dict[str, str]] | None = None

    def __post_init__(self) -> None:
        markers = with_column_markers(self.reads, self.markers if self.markers is not None else MARKERS)
        columns = [name for name in self.reads if name.startswith(META) and name != META]
        for name in (*self.reads, self.writes):
            if name not in (*_FIELDS, *columns):
                raise ValueError(f"'{name}' is no field of an example, {did_you_mean(name, list(_FIELDS))}")
            if name not in markers:
                raise ValueError(f"field '{name}' has no marker: add prompt.markers.{name}=…")
        if self.writes in self.reads:
            raise ValueError(f"field '{self.writes}' is both read and written")
        used = [markers[name] for name in (*self.reads, self.writes)]
        if len(set(used)) < len(used):
            raise ValueError("two fields share a marker, or a field is read twice")
        if not self.stops:
            raise ValueError("prompt.stops is empty: the text would never end")


class YamlPrompt(FieldsPrompt):
    """Field prompt made from its options alone.

    The options are as its YAML or a model's prompt.json holds them.
    """

    def __init__(self, name: str, options: FieldsOptions) -> None:
        self.name = name
        self.reads, self.writes, self.stops = tuple(options.reads), options.writes, tuple(options.stops)
        self.field_markers = with_column_markers(
            options.reads, options.markers if options.markers is not None else MARKERS
        )
        self.code_words = options.code_words if options.code_words is not None else WORDS
