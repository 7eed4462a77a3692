"""Generate letters: a draft with company, defects and the page's own parts."""

from __future__ import annotations

from random import Random

from jaso_synthetic.defects.line_defects import comment_line, counter_text
from jaso_synthetic.letters.draft import ItemDraft, LetterDraft, edit_letter, write_letter
from jaso_synthetic.letters.plant_defects import PlantedAnswer, choose_defects, plant_answer
from jaso_synthetic.records import Mark, Planted, SampleItem, SampleLetter, Segment
from jaso_synthetic.text.hangul import particle
from jaso_synthetic.text.lexicon import load
from jaso_synthetic.text.organisations import Organisation, draw_brand, draw_odd_field, draw_organisation
from jaso_synthetic.text.pieces import AssembledText, Piece, Sentence, assemble, plain
from jaso_synthetic.text.placeholders import NAMED, Namer, draw_namer

FIRST_ID = 900_001
NEAR_DUPLICATE_SHARE = 0.05
_BLOB_SHARE = 0.03
_BRAND_SHARE = 0.3
_ODD_FIELD_SHARE = 0.4
_COPY_WINDOW = 60  # a near-duplicate copies one of the 60 letters before it


def is_copy(seed: int, k: int) -> bool:
    """Return whether letter ``k`` is an edited copy of an earlier one."""
    return k > 0 and Random(f"copy {seed} {k}").random() < NEAR_DUPLICATE_SHARE


def copied_from(seed: int, k: int) -> int | None:
    """Return the index of the letter that ``k`` is an edited copy of, or None."""
    if not is_copy(seed, k):
        return None
    rng = Random(f"copy source {seed} {k}")
    # no copies of copies
    earlier = [j for j in range(max(0, k - _COPY_WINDOW), k) if not is_copy(seed, j)]
    return rng.choice(earlier) if earlier else None


def draft_of(seed: int, k: int) -> LetterDraft:
    """Return the draft of letter ``k``: its own, or an edited copy of an earlier one."""
    source = copied_from(seed, k)
    if source is None:
        return write_letter(Random(f"letter {seed} {k}"))
    return edit_letter(write_letter(Random(f"letter {seed} {source}")), Random(f"edit {seed} {k}"))


def _draw_marks(planted_answer: PlantedAnswer, rng: Random) -> tuple[tuple[Mark, ...], tuple[str, ...]]:
    """Draw sentences that the page's expert marks, and the comments on them."""
    spans = [planted_answer.answer.spans[i] for i in planted_answer.text_lines]
    # The page marks whole lines: a wrapped sentence has none.
    spans = [(start, end) for start, end in spans if "\n" not in planted_answer.answer.raw[start:end].strip()]
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


def _question(draft: ItemDraft, namer: Namer, rng: Random) -> AssembledText:
    """Assemble the question; sometimes it holds the company's name."""
    pieces = [plain(draft.question)]
    for generic in ("우리 회사", "당사"):
        if generic in draft.question and namer.company_mode == NAMED and rng.random() < 0.5:
            before, _, after = draft.question.partition(generic)
            name_piece = Piece(namer.target.canonical, "[회사]", "company_name", namer.target.canonical)
            pieces = [plain(before), name_piece, plain(_replace_particle(after, namer.target.canonical))]
            break
    return assemble([Sentence(pieces)], "question")


def _replace_particle(after: str, name: str) -> str:
    """Fit the particle after a replaced 회사 or 당사, which end in a vowel."""
    pairs = {"를": "을", "는": "은", "가": "이", "와": "과", "로": "으로"}
    particle_mark = pairs.get(after[:1]) if after[1:2] == " " else None
    return particle(name, particle_mark) + after[1:] if particle_mark else after


def _item(draft: ItemDraft, namer: Namer, rng: Random, number: int, reviewed: bool) -> SampleItem:
    planted_answer = plant_answer(draft, namer, choose_defects(rng), rng, number)
    question = _question(draft, namer, rng)
    marks, advice = _draw_marks(planted_answer, rng) if reviewed and rng.random() < 0.8 else ((), ())
    answer = planted_answer.answer
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


def _shift(planted: tuple[Planted, ...], by: int) -> list[Planted]:
    return [Planted(p.kind, p.field, p.start + by, p.end + by, p.text, p.replacement, p.value) for p in planted]


def _blob(drafts: tuple[ItemDraft, ...], namer: Namer, rng: Random) -> SampleItem:
    """Merge several questions into one item whose answer holds all answers."""
    question = " ".join(f"{i}. {draft.question}" for i, draft in enumerate(drafts, 1))
    has_echoes = rng.random() < 0.5
    raw, clean = "", ""
    planted: list[Planted] = []
    segments: list[Segment] = []
    for i, draft in enumerate(drafts, 1):
        chosen = choose_defects(rng) - {"subheading", "question_echo", "counter", "expert_comment"}
        answer = plant_answer(draft, namer, chosen | ({"question_echo"} if has_echoes else set()), rng, i).answer
        # offsets of the answer shift by what precedes it in the merged text
        gap = "\n" if raw else ""
        planted += _shift(answer.planted, len(raw) + len(gap))
        segments.append(Segment(draft.question, len(raw) + len(gap), len(raw) + len(gap) + len(answer.raw)))
        raw, clean = raw + gap + answer.raw, clean + gap + answer.clean
    topic = "+".join(draft.topic for draft in drafts)
    counter = counter_text(raw, rng)
    return SampleItem(question, raw, question, clean, None, topic, tuple(planted), counter, (), (), tuple(segments))


def _specs(draft: LetterDraft, rng: Random) -> tuple[str, ...]:
    persona = draft.persona
    lines = [rng.choice(load("page")["schools"]), f"{persona.major}과"]
    if rng.random() < 0.85:
        lines.append(f"학점 {rng.randint(290, 440) / 100:.2f}/4.5")
    if rng.random() < 0.7:
        lines.append(f"토익 {rng.randrange(600, 990, 5)}")
    if rng.random() < 0.35:
        lines.append(f"오픽 {rng.choice(['IM1', 'IM2', 'IM3', 'IH', 'AL'])}")
    if rng.random() < 0.7:
        lines.append(f"자격증 {rng.randint(1, 5)}개")
    if persona.experience == "EXPERIENCED":
        lines.append(f"경력 {persona.years}년")
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
    draft: LetterDraft, target: Organisation, rng: Random, reviewed: bool, named_employer: bool, odd: Random | None
) -> tuple[SampleItem, ...]:
    persona = draft.persona
    employer = draw_organisation(rng, persona.occupation)
    if employer.canonical == target.canonical:
        employer = draw_organisation(rng, persona.occupation)
    if odd and odd.random() < _BRAND_SHARE:
        brand = draw_brand(odd)
        employer = employer if brand.canonical == target.canonical else brand

    def new_namer() -> Namer:
        return draw_namer(rng, target, employer, persona.experience, named_employer=named_employer)

    if 2 <= len(draft.items) <= 4 and rng.random() < _BLOB_SHARE:
        return (_blob(draft.items, new_namer(), rng),)
    return tuple(_item(item, new_namer(), rng, i, reviewed) for i, item in enumerate(draft.items, 1))


def generate_letter(seed: int, k: int, *, named_employers: bool = False, odd_companies: bool = False) -> SampleLetter:
    """Generate letter ``k`` of a seed; it depends on nothing else.

    `named_employers`: it names the former employer that it mentions. `odd_companies`: in a part of the letters the
    companies have names without a trade, and the company column holds what people type there.
    """
    draft = draft_of(seed, k)
    rng = Random(f"page {seed} {k}")
    source = copied_from(seed, k)
    persona = draft.persona
    target = draw_organisation(rng, persona.occupation)
    # A generator of its own: without odd companies, and in letters that have none, nothing changes.
    odd = Random(f"odd {seed} {k}") if odd_companies else None
    if odd and odd.random() < _BRAND_SHARE:
        target = draw_brand(odd)
    company = target.displayed_name
    if odd and odd.random() < _ODD_FIELD_SHARE:
        company = draw_odd_field(odd, company)
    reviewed = rng.random() < 0.45
    page = load("page")
    parts = page["parts"][persona.occupation]
    part = rng.choice(parts)
    others = [code for code in parts if code != part]
    return SampleLetter(
        id=FIRST_ID + k,
        company=company,
        role=None if rng.random() < 0.12 else persona.role,
        season=f"{rng.choice(page['years'])}년 {rng.choice(page['terms'])}",
        experience=persona.experience,
        level_label=_level(persona.experience, rng),
        occupation=persona.occupation,
        part=part,
        also_listed_in=(rng.choice(others),) if others and rng.random() < 0.12 else (),
        specs=_specs(draft, rng),
        grade=rng.randint(2, 5) if reviewed else None,
        overall=rng.choice(page["overall"]) if reviewed else None,
        items=_items(draft, target, rng, reviewed, named_employers, odd),
        near_duplicate_of=None if source is None else FIRST_ID + source,
        aliases=tuple(dict.fromkeys((*target.aliases, company))),
        canonical=target.canonical,
    )
