"""Letters: a drafted letter with a company, defects, and what its page shows beside it."""

from __future__ import annotations

from random import Random

from jaso_synthetic.defects.line_defects import comment_line, counter_text
from jaso_synthetic.letters.draft import ItemDraft, LetterDraft, edit_letter, write_letter
from jaso_synthetic.letters.plant_defects import Planting, choose, plant_answer
from jaso_synthetic.records import Mark, Planted, SampleItem, SampleLetter, Segment
from jaso_synthetic.text.hangul import particle
from jaso_synthetic.text.lexicon import load
from jaso_synthetic.text.organisations import Organisation, organisation
from jaso_synthetic.text.pieces import Assembled, Piece, Sentence, assemble, plain
from jaso_synthetic.text.placeholders import NAMED, Namer, namer

FIRST_ID = 900_001
NEAR_DUPLICATE_SHARE = 0.05
_BLOB_SHARE = 0.03
_BACK = 60  # a near-duplicate copies one of this many letters before it


def is_copy(seed: int, k: int) -> bool:
    """True when letter ``k`` is an edited copy of an earlier one."""
    return k > 0 and Random(f"copy {seed} {k}").random() < NEAR_DUPLICATE_SHARE


def copied_from(seed: int, k: int) -> int | None:
    """Index of the letter that letter ``k`` is an edited copy of, or None."""
    if not is_copy(seed, k):
        return None
    rng = Random(f"copy source {seed} {k}")
    earlier = [j for j in range(max(0, k - _BACK), k) if not is_copy(seed, j)]
    return rng.choice(earlier) if earlier else None


def draft_of(seed: int, k: int) -> LetterDraft:
    """The draft of letter ``k``: its own, or an edited copy of an earlier one."""
    source = copied_from(seed, k)
    if source is None:
        return write_letter(Random(f"letter {seed} {k}"))
    return edit_letter(write_letter(Random(f"letter {seed} {source}")), Random(f"edit {seed} {k}"))


def _marks(planting: Planting, rng: Random) -> tuple[tuple[Mark, ...], tuple[str, ...]]:
    """Sentences the page's expert marked, and the comments that belong to them."""
    spans = [planting.answer.spans[i] for i in planting.text_lines]
    chosen = sorted(rng.sample(spans, min(len(spans), rng.randint(1, 3))))
    marks: list[Mark] = []
    advice: list[str] = []
    count = {"good": 0, "bad": 0}
    for start, end in chosen:
        kind = rng.choice(("good", "bad"))
        count[kind] += 1
        label = f"{'좋은점' if kind == 'good' else '아쉬운점'} {count[kind]}"
        marks.append(Mark(start, end, kind, label))
        advice.append(comment_line(rng, kind, count[kind]))
    return tuple(marks), tuple(advice)


def _question(draft: ItemDraft, name: Namer, rng: Random) -> Assembled:
    """The question; now and then the company's name stands in it."""
    pieces = [plain(draft.question)]
    for generic in ("우리 회사", "당사"):
        if generic in draft.question and name.company_mode == NAMED and rng.random() < 0.5:
            before, _, after = draft.question.partition(generic)
            named = Piece(name.target.canonical, "[회사]", "company_name", name.target.canonical)
            pieces = [plain(before), named, plain(_reparticle(after, name.target.canonical))]
            break
    return assemble([Sentence(pieces)], "question")


def _reparticle(after: str, name: str) -> str:
    """Particles of the fixed questions are written for 회사/당사, which end in a vowel."""
    pairs = {"를": "을", "는": "은", "가": "이", "와": "과", "로": "으로"}
    mark = pairs.get(after[:1]) if after[1:2] == " " else None
    return particle(name, mark) + after[1:] if mark else after


def _item(draft: ItemDraft, name: Namer, rng: Random, number: int, reviewed: bool) -> SampleItem:
    planting = plant_answer(draft, name, choose(rng), rng, number)
    question = _question(draft, name, rng)
    marks, advice = _marks(planting, rng) if reviewed and rng.random() < 0.8 else ((), ())
    answer = planting.answer
    return SampleItem(
        question=question.raw,
        answer=answer.raw,
        clean_question=question.clean,
        clean_answer=answer.clean,
        summary=None,
        topic=draft.topic,
        planted=(*question.planted, *answer.planted),
        counter=None if rng.random() < 0.12 else counter_text(answer.raw, rng),
        advice=advice,
        marks=marks,
    )


def _shifted(planted: tuple[Planted, ...], by: int) -> list[Planted]:
    return [Planted(p.kind, p.field, p.start + by, p.end + by, p.text, p.replacement, p.value) for p in planted]


def _blob(drafts: tuple[ItemDraft, ...], name: Namer, rng: Random) -> SampleItem:
    """Several questions in one item: one answer text that holds all answers."""
    question = " ".join(f"{i}. {draft.question}" for i, draft in enumerate(drafts, 1))
    headed = rng.random() < 0.5
    raw, clean = "", ""
    planted: list[Planted] = []
    segments: list[Segment] = []
    for i, draft in enumerate(drafts, 1):
        chosen = choose(rng) - {"subheading", "question_echo", "counter", "expert_comment"}
        part = plant_answer(draft, name, chosen | ({"question_echo"} if headed else set()), rng, i).answer
        gap = "\n" if raw else ""
        planted += _shifted(part.planted, len(raw) + len(gap))
        segments.append(Segment(draft.question, len(raw) + len(gap), len(raw) + len(gap) + len(part.raw)))
        raw, clean = raw + gap + part.raw, clean + gap + part.clean
    topic = "+".join(draft.topic for draft in drafts)
    counter = counter_text(raw, rng)
    return SampleItem(question, raw, question, clean, None, topic, tuple(planted), counter, (), (), tuple(segments))


def _specs(draft: LetterDraft, rng: Random) -> tuple[str, ...]:
    who = draft.who
    lines = [rng.choice(load("page")["schools"]), f"{who.major}과"]
    if rng.random() < 0.85:
        lines.append(f"학점 {rng.randint(290, 440) / 100:.2f}/4.5")
    if rng.random() < 0.7:
        lines.append(f"토익 {rng.randrange(600, 990, 5)}")
    if rng.random() < 0.35:
        lines.append(f"오픽 {rng.choice(['IM1', 'IM2', 'IM3', 'IH', 'AL'])}")
    if rng.random() < 0.7:
        lines.append(f"자격증 {rng.randint(1, 5)}개")
    if who.experience == "EXPERIENCED":
        lines.append(f"경력 {who.years}년")
    elif rng.random() < 0.5:
        lines.append(f"인턴 {rng.randint(1, 3)}회")
    if rng.random() < 0.3:
        lines.append(f"수상 {rng.randint(1, 4)}회")
    return (*lines, f"{rng.randint(120, 48_000):,}읽음")


def _level(experience: str, rng: Random) -> str:
    if experience == "EXPERIENCED":
        return "경력"
    return "인턴" if rng.random() < 0.15 else "신입"


def _items(
    draft: LetterDraft, target: Organisation, rng: Random, reviewed: bool, named_employer: bool
) -> tuple[SampleItem, ...]:
    who = draft.who
    employer = organisation(rng, who.occupation)
    if employer.canonical == target.canonical:
        employer = organisation(rng, who.occupation)

    def name() -> Namer:
        return namer(rng, target, employer, who.experience, named_employer=named_employer)

    if 2 <= len(draft.items) <= 4 and rng.random() < _BLOB_SHARE:
        return (_blob(draft.items, name(), rng),)
    return tuple(_item(item, name(), rng, i, reviewed) for i, item in enumerate(draft.items, 1))


def letter(seed: int, k: int, *, named_employers: bool = False) -> SampleLetter:
    """Letter ``k`` of a seed; depends on nothing else. `named_employers`: it names the former employer it speaks of."""
    draft = draft_of(seed, k)
    rng = Random(f"page {seed} {k}")
    source = copied_from(seed, k)
    who = draft.who
    target = organisation(rng, who.occupation)
    reviewed = rng.random() < 0.45
    page = load("page")
    parts = page["parts"][who.occupation]
    part = rng.choice(parts)
    others = [code for code in parts if code != part]
    return SampleLetter(
        id=FIRST_ID + k,
        company=target.shown,
        role=None if rng.random() < 0.12 else who.role,
        season=f"{rng.choice(page['years'])}년 {rng.choice(page['terms'])}",
        experience=who.experience,
        level_label=_level(who.experience, rng),
        occupation=who.occupation,
        part=part,
        also_listed_in=(rng.choice(others),) if others and rng.random() < 0.12 else (),
        specs=_specs(draft, rng),
        grade=rng.randint(2, 5) if reviewed else None,
        overall=rng.choice(page["overall"]) if reviewed else None,
        items=_items(draft, target, rng, reviewed, named_employers),
        near_duplicate_of=None if source is None else FIRST_ID + source,
        aliases=target.aliases,
        canonical=target.canonical,
    )
