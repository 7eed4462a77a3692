"""Spoken interview answers in the manner of AI Hub 71592, with planted fillers and names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

from jaso_synthetic.records import OCCUPATIONS, Label, SampleInterview
from jaso_synthetic.text.grammar import Writer
from jaso_synthetic.text.hangul import resolve
from jaso_synthetic.text.lexicon import load
from jaso_synthetic.text.organisations import organisation
from jaso_synthetic.text.persona import persona, writer
from jaso_synthetic.text.pieces import Assembled, Piece, Sentence, assemble, replace_one, to_sentence
from jaso_synthetic.text.placeholders import Namer, namer

FIRST_ID = 100_001
NEAR_DUPLICATE_SHARE = 0.03
_MIN_WORDS, _MAX_WORDS = 44, 112
_WEIGHTS = {"BM": 18, "SM": 15, "PS": 17, "RND": 10, "ICT": 15, "ARD": 12, "MM": 13}
_FILLERS = [*("어 ", "그 ", "이제 ") * 2, "음 ", "뭐 ", "막 ", "어, ", "음, ", "그, ", "음... ", "어... "]
# after a connective ending or at the head of a sentence a speaker hesitates, and not between a name and its particle
_PARTICLE = r"(?:에서|에게|에|의|은|는|이|가|을|를|와|과|으로|로|도|만|라면|이라면|께서|입니다)(?![가-힣])"
_PAUSE = re.compile(
    rf"(?:^(?!{_PARTICLE})|(?<=고 )(?!있|싶)|(?<=서 )|(?<=는데 )|(?<=, )|(?<=를 )|(?<=니까 )|(?<=때 ))(?=[가-힣A-Za-z])"
)


@cache
def spoken_grammar() -> dict[str, list[str]]:
    """Phrases and moves of spoken answers in one mapping."""
    return {**load("phrases"), **load("spoken")["moves"]}


def _sentences(pen: Writer, plan: Sequence[str], rng: Random) -> list[str]:
    """Sentences of the plan; a short answer gets a few more before its last one."""
    out = [pen.expand(move) for move in plan]
    more = ["s_did", "s_proof", "s_learn", "s_study"]
    rng.shuffle(more)
    goal = rng.randint(_MIN_WORDS, 84)
    for move in more:
        if sum(len(s.split()) for s in out) >= goal:
            break
        out.insert(len(out) - 1, pen.expand(move))
    while sum(len(s.split()) for s in out) > _MAX_WORDS:
        out.pop(len(out) // 2)
    return out


def plant_fillers(body: Sequence[Sentence], rng: Random) -> None:
    """Insert hesitations; the same words as real words (이제는, 그 과정) stand unplanted in the text."""
    if rng.random() < 0.12:
        return
    for _ in range(rng.randint(1, 7)):
        filler = rng.choice(_FILLERS)
        replace_one(body, _PAUSE, rng, lambda m, f=filler: [Piece(f, "", "filler")])  # type: ignore[misc]


def _summary(pen: Writer, topic: str, name: Namer) -> str:
    pieces = to_sentence(pen.fill(load("spoken")["summaries"][topic]), name).pieces
    return "".join(piece.clean for piece in pieces)


_CODES = {
    "BM": ("m_sche", "m_admin", "m_acct", "m_critical", "m_holistic", "m_direct"),
    "SM": ("s_brand_strt", "s_intp", "s_anls_prod", "s_comn", "s_sell_exp", "s_pers"),
    "PS": ("p_voc", "p_str_coping", "p_cus_belief", "p_cus_orien", "p_proac", "p_ethic"),
    "RND": ("r_prof", "r_prsv", "r_res_mth", "r_info_col", "r_res_prf", "r_tech_skill"),
    "ICT": ("i_prg", "i_dev_mth", "i_dis_coping", "i_tech_orien", "i_hwsw_prfi", "i_secty"),
    "ARD": ("d_trendy", "d_dgn_proc", "d_brand_pref", "d_sens", "d_creative", "d_express"),
    "MM": ("f_equip", "f_shift", "f_prod_plan", "f_cons", "f_pat", "f_resp"),
}
_BY_TOPIC = {
    "motivation": ("etc", "c_sincere_job"),
    "aspiration": ("etc", "c_sincere_co"),
    "personality": ("personality", "c_private"),
    "conflict": ("personality", "c_confl_mg"),
    "challenge": ("personality", "c_chl"),
    "failure": ("personality", "c_imp"),
    "teamwork": ("personality", "c_cop"),
    "values": ("background", "c_value"),
    "stress": ("personality", "c_adp"),
}


def _labels(answer: Assembled, topic: str, occupation: str, rng: Random) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    """Emotion and intent entries; their texts are whole sentences of the raw answer."""
    spans = [answer.raw[start:end] for start, end in answer.spans]
    category, code = _BY_TOPIC.get(topic, ("technology", rng.choice(_CODES[occupation])))
    intent = [Label(rng.choice(spans), code, category)]
    if rng.random() < 0.1:
        intent.append(Label(rng.choice(spans), "", "attitude"))
    emotion: tuple[Label, ...] = ()
    if rng.random() < 0.2:
        good = topic not in ("failure", "conflict", "stress")
        kind = ("e_hope", "positive") if good else ("e_regret", "negative")
        emotion = (Label(rng.choice(spans), *kind),)
    return emotion, tuple(intent)


def is_copy(seed: int, k: int) -> bool:
    """True when interview ``k`` repeats an earlier one with other hesitations and names."""
    return k > 0 and Random(f"interview copy {seed} {k}").random() < NEAR_DUPLICATE_SHARE


def _source(seed: int, k: int) -> int:
    if not is_copy(seed, k):
        return k
    rng = Random(f"interview source {seed} {k}")
    earlier = [j for j in range(max(0, k - 60), k) if not is_copy(seed, j)]
    return rng.choice(earlier) if earlier else k


def _age(experience: str, rng: Random) -> str:
    if experience == "NEW":
        return "-34" if rng.random() < 0.95 else "35-44"
    return rng.choices(("-34", "35-44", "45-54", "55-"), (35, 45, 15, 5))[0]


def _name(seed: int, k: int, experience: str, occupation: str) -> Namer:
    rng = Random(f"interview names {seed} {k}")
    target, employer = organisation(rng, occupation), organisation(rng, occupation)
    return namer(rng, target, employer, experience)


def _identity(seed: int, source: int) -> tuple[str, str, str, str, Random]:
    """Occupation, experience, gender and age range of an interviewee, and the text's generator."""
    rng = Random(f"interview {seed} {source}")
    occupation = rng.choices(OCCUPATIONS, [_WEIGHTS[code] for code in OCCUPATIONS])[0]
    experience = "EXPERIENCED" if rng.random() < 0.22 else "NEW"
    gender = "FEMALE" if rng.random() < 0.6 else "MALE"
    return occupation, experience, gender, _age(experience, rng), rng


def interview(seed: int, k: int) -> SampleInterview:
    """Interview ``k`` of a seed; depends on nothing else."""
    source = _source(seed, k)
    occupation, experience, gender, age, rng = _identity(seed, source)
    who = persona(rng, occupation, experience)
    topics: dict[str, Any] = load("spoken")["topics"]
    topic = rng.choice(list(topics))
    pen = writer(who, spoken_grammar(), rng)
    drafted = _sentences(pen, topics[topic]["plan"], rng)
    name = _name(seed, k, experience, occupation)
    planting = Random(f"interview plant {seed} {k}")
    if source != k:
        i = planting.randrange(len(drafted))
        drafted[i] = writer(who, spoken_grammar(), planting).expand(planting.choice(["s_did", "s_got", "s_learn"]))
    body = [to_sentence(sentence, name) for sentence in drafted]
    plant_fillers(body, planting)
    answer = assemble(body, "answer")
    emotion, intent = _labels(answer, topic, occupation, planting)
    return SampleInterview(
        id=_id(occupation, gender, experience, k),
        occupation=occupation,
        experience=experience,
        gender=gender,
        age_range=age,
        question=rng.choice(topics[topic]["questions"]),
        answer=answer.raw,
        clean_answer=answer.clean,
        summary=resolve(_summary(pen, topic, name)),
        topic=topic,
        planted=answer.planted,
        emotion=emotion,
        intent=intent,
        near_duplicate_of=None if source == k else _id(occupation, gender, experience, source),
    )


def _id(occupation: str, gender: str, experience: str, k: int) -> str:
    return f"ckmk_d_{occupation.lower()}_{gender[0].lower()}_{experience[0].lower()}_{FIRST_ID + k}"
