"""Spoken interview answers like AI Hub 71592, with planted fillers and names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

from jaso_synthetic.records import OCCUPATIONS, Label, SampleInterview
from jaso_synthetic.text.grammar import Writer
from jaso_synthetic.text.hangul import resolve_particles
from jaso_synthetic.text.lexicon import load
from jaso_synthetic.text.organisations import draw_organisation
from jaso_synthetic.text.persona import draw_persona, make_writer
from jaso_synthetic.text.pieces import AssembledText, Piece, Sentence, assemble, replace_one, to_sentence
from jaso_synthetic.text.placeholders import Namer, draw_namer

FIRST_ID = 100_001
NEAR_DUPLICATE_SHARE = 0.03
_MIN_WORDS, _MAX_WORDS = 44, 112
_WEIGHTS = {"BM": 18, "SM": 15, "PS": 17, "RND": 10, "ICT": 15, "ARD": 12, "MM": 13}
_FILLERS = [*("어 ", "그 ", "이제 ") * 2, "음 ", "뭐 ", "막 ", "어, ", "음, ", "그, ", "음... ", "어... "]
# A speaker hesitates after a connective ending or at the start of a sentence, not between a name and its particle.
_PARTICLE = r"(?:에서|에게|에|의|은|는|이|가|을|를|와|과|으로|로|도|만|라면|이라면|께서|입니다)(?![가-힣])"
_PAUSE = re.compile(
    rf"(?:^(?!{_PARTICLE})|(?<=고 )(?!있|싶)|(?<=서 )|(?<=는데 )|(?<=, )|(?<=를 )|(?<=니까 )|(?<=때 ))(?=[가-힣A-Za-z])"
)


@cache
def spoken_grammar() -> dict[str, list[str]]:
    """Return the phrases and moves of spoken answers in one mapping."""
    return {**load("phrases"), **load("spoken")["moves"]}


def _draft_sentences(writer: Writer, plan: Sequence[str], rng: Random) -> list[str]:
    """Expand the plan's moves; a short answer gets more before its last sentence."""
    sentences = [writer.expand(move) for move in plan]
    extra_moves = ["s_did", "s_proof", "s_learn", "s_study"]
    rng.shuffle(extra_moves)
    min_words = rng.randint(_MIN_WORDS, 84)
    for move in extra_moves:
        if sum(len(s.split()) for s in sentences) >= min_words:
            break
        sentences.insert(len(sentences) - 1, writer.expand(move))
    while sum(len(s.split()) for s in sentences) > _MAX_WORDS:
        sentences.pop(len(sentences) // 2)
    return sentences


def plant_fillers(body: Sequence[Sentence], rng: Random) -> None:
    """Insert fillers (hesitations).

    The same words as real words (이제는, 그 과정) remain unplanted in the text.
    """
    if rng.random() < 0.12:
        return
    for _ in range(rng.randint(1, 7)):
        filler = rng.choice(_FILLERS)
        replace_one(body, _PAUSE, rng, lambda m, f=filler: [Piece(f, "", "filler")])  # type: ignore[misc]


def _summary(writer: Writer, topic: str, namer: Namer) -> str:
    pieces = to_sentence(writer.fill(load("spoken")["summaries"][topic]), namer).pieces
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


def _draw_labels(
    answer: AssembledText, topic: str, occupation: str, rng: Random
) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    """Draw emotion and intent labels; their texts are sentences of the raw answer."""
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
    """Return whether interview ``k`` repeats an earlier one with other fillers, names."""
    return k > 0 and Random(f"interview copy {seed} {k}").random() < NEAR_DUPLICATE_SHARE


def _source(seed: int, k: int) -> int:
    if not is_copy(seed, k):
        return k
    rng = Random(f"interview source {seed} {k}")
    earlier = [j for j in range(max(0, k - 60), k) if not is_copy(seed, j)]
    return rng.choice(earlier) if earlier else k


def _draw_age_range(experience: str, rng: Random) -> str:
    if experience == "NEW":
        return "-34" if rng.random() < 0.95 else "35-44"
    return rng.choices(("-34", "35-44", "45-54", "55-"), (35, 45, 15, 5))[0]


def _draw_namer_of(seed: int, k: int, experience: str, occupation: str) -> Namer:
    rng = Random(f"interview names {seed} {k}")
    target, employer = draw_organisation(rng, occupation), draw_organisation(rng, occupation)
    return draw_namer(rng, target, employer, experience)


def _draw_identity(seed: int, source: int) -> tuple[str, str, str, str, Random]:
    """Draw occupation, experience, gender and age range, and the text's generator."""
    rng = Random(f"interview {seed} {source}")
    occupation = rng.choices(OCCUPATIONS, [_WEIGHTS[code] for code in OCCUPATIONS])[0]
    experience = "EXPERIENCED" if rng.random() < 0.22 else "NEW"
    gender = "FEMALE" if rng.random() < 0.6 else "MALE"
    return occupation, experience, gender, _draw_age_range(experience, rng), rng


def generate_interview(seed: int, k: int) -> SampleInterview:
    """Generate interview ``k`` of a seed; it depends on nothing else."""
    source = _source(seed, k)
    occupation, experience, gender, age, rng = _draw_identity(seed, source)
    persona = draw_persona(rng, occupation, experience)
    topics: dict[str, Any] = load("spoken")["topics"]
    topic = rng.choice(list(topics))
    writer = make_writer(persona, spoken_grammar(), rng)
    sentences = _draft_sentences(writer, topics[topic]["plan"], rng)
    namer = _draw_namer_of(seed, k, experience, occupation)
    plant_rng = Random(f"interview plant {seed} {k}")
    if source != k:
        index = plant_rng.randrange(len(sentences))
        sentences[index] = make_writer(persona, spoken_grammar(), plant_rng).expand(
            plant_rng.choice(["s_did", "s_got", "s_learn"])
        )
    body = [to_sentence(sentence, namer) for sentence in sentences]
    plant_fillers(body, plant_rng)
    answer = assemble(body, "answer")
    emotion, intent = _draw_labels(answer, topic, occupation, plant_rng)
    return SampleInterview(
        id=_id(occupation, gender, experience, k),
        occupation=occupation,
        experience=experience,
        gender=gender,
        age_range=age,
        question=rng.choice(topics[topic]["questions"]),
        answer=answer.raw,
        clean_answer=answer.clean,
        summary=resolve_particles(_summary(writer, topic, namer)),
        topic=topic,
        planted=answer.planted,
        emotion=emotion,
        intent=intent,
        near_duplicate_of=None if source == k else _id(occupation, gender, experience, source),
    )


def _id(occupation: str, gender: str, experience: str, k: int) -> str:
    return f"ckmk_d_{occupation.lower()}_{gender[0].lower()}_{experience[0].lower()}_{FIRST_ID + k}"
