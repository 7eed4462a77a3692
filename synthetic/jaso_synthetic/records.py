"""Records of the synthetic corpus: letters, interviews, planted defects.

Offsets are Python str indices into the raw text of a field.
"""

from __future__ import annotations

from dataclasses import dataclass

SYNTHETIC_LICENCE = "CC0-1.0 (synthetic, jaso sample corpus)"

OCCUPATIONS = ("BM", "SM", "PS", "RND", "ICT", "ARD", "MM")


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted defect: ``text == raw[start:end]``, ``replacement`` when clean.

    ``value`` is what is meant: a company's plain name (company_name, other_company); "company", "person" or "club"
    (mask_run); the reading (hanja); the plain title (subheading, question_echo); the number of characters (counter);
    "good" or "bad" (expert_comment). A quotation is genuine: replacement == text. A sentence_end is zero-width: a full
    stop that the writer left out.
    """

    kind: str
    field: str  # "question" | "answer"
    start: int
    end: int
    text: str
    replacement: str
    value: str | None = None  # the canonical thing meant, e.g. a company's plain name


@dataclass(frozen=True, slots=True)
class Mark:
    """A sentence of the raw answer that the page's expert marked."""

    start: int
    end: int
    kind: str  # "good" | "bad"
    label: str  # as the page shows it, e.g. "좋은점 1"


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a raw answer that belongs to one question of a question blob."""

    question: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SampleItem:
    """One question with its answer, raw and clean.

    counter, advice and marks are on the page only.
    """

    question: str
    answer: str
    clean_question: str
    clean_answer: str
    summary: str | None
    topic: str  # several joined by "+" in a question blob
    planted: tuple[Planted, ...]
    counter: str | None
    advice: tuple[str, ...]
    marks: tuple[Mark, ...]
    segments: tuple[Segment, ...] = ()  # only for question blobs


@dataclass(frozen=True, slots=True)
class SampleLetter:
    """One applicant's letter as the sample site shows it."""

    id: int  # 900001, 900002, ...
    company: str
    role: str | None
    season: str
    experience: str  # "NEW" | "EXPERIENCED"
    level_label: str  # 신입, 인턴, 경력
    occupation: str
    part: int  # JobKorea's schPart
    also_listed_in: tuple[int, ...]
    specs: tuple[str, ...]  # the last is the view count, "12,345읽음"
    grade: int | None  # expert's stars, 0-5
    overall: str | None
    items: tuple[SampleItem, ...]
    near_duplicate_of: int | None
    aliases: tuple[str, ...]
    canonical: str = ""  # the company's plain name


@dataclass(frozen=True, slots=True)
class Label:
    """An entry of AI Hub's emotion or intent list: a passage of the answer, its code."""

    text: str
    expression: str
    category: str


@dataclass(frozen=True, slots=True)
class SampleInterview:
    """An interview question and its spoken answer, with the labels of AI Hub 71592."""

    id: str  # ckmk_d_<occupation>_<f|m>_<e|n>_<number>
    occupation: str
    experience: str
    gender: str  # "MALE" | "FEMALE"
    age_range: str  # "-34" | "35-44" | "45-54" | "55-"
    question: str
    answer: str
    clean_answer: str
    summary: str
    topic: str
    planted: tuple[Planted, ...]
    emotion: tuple[Label, ...]
    intent: tuple[Label, ...]
    near_duplicate_of: str | None


@dataclass(frozen=True, slots=True)
class Corpus:
    """The corpus of one seed.

    A corpus of n letters is a prefix of every longer one of the same seed.
    """

    seed: int
    letters: tuple[SampleLetter, ...]
    interviews: tuple[SampleInterview, ...]
    licence: str = SYNTHETIC_LICENCE
