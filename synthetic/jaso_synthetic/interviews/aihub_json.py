"""Label JSON of AI Hub 71592: content, path in the tree, quirks."""

from __future__ import annotations

import json
import math
from random import Random

from jaso_synthetic.records import Label, SampleInterview

JOBS = {
    "BM": "01.Management",
    "SM": "02.SalesMarketing",
    "PS": "03.PublicService",
    "RND": "04.RND",
    "ICT": "05.ICT",
    "ARD": "06.Design",
    "MM": "07.ProductionManufacturing",
}
# Shares of labels with each quirk that public parsers report.
QUIRKS = {
    "leading_slash": 0.03,
    "bom": 0.03,
    "control_character": 0.02,
    "empty_intent": 0.03,
    "missing_summary": 0.02,
}
# Shares of labels with quirks that were reported once, or feared; written with quirks="all" only.
RARE_QUIRKS = {
    "inner_recording": 0.03,  # rawDataInfo inside of dataSet
    "no_recording": 0.02,
    "half_recording": 0.02,  # the question's audio is missing
    "missing_intent": 0.02,
    "missing_emotion": 0.02,
    "empty_summary": 0.02,
    "bare_info": 0.03,  # occupation, experience and gender only in the file name
    "spelt_occupation": 0.02,  # "06.Design" for ARD
    "not_a_number": 0.02,  # a duration of NaN
}


def quirks_of(interview: SampleInterview) -> frozenset[str]:
    """Return the quirks of one label; they depend only on its id."""
    return _draw_quirks(QUIRKS, f"aihub quirk {interview.id}")


def rare_quirks_of(interview: SampleInterview) -> frozenset[str]:
    """Return the rare quirks of one label; they depend only on its id."""
    return _draw_quirks(RARE_QUIRKS, f"aihub rare quirk {interview.id}")


def _draw_quirks(shares: dict[str, float], seed: str) -> frozenset[str]:
    rng = Random(seed)
    return frozenset(quirk for quirk, share in shares.items() if rng.random() < share)


def is_validation(interview: SampleInterview) -> bool:
    """Return whether the label is in the Validation tree; about one in ten is."""
    return Random(f"aihub split {interview.id}").random() < 0.1


def group_of(interview: SampleInterview) -> str:
    """Return the stratum as archives name it: 05.ICT_Female_New."""
    return f"{JOBS[interview.occupation]}_{interview.gender.title()}_{interview.experience.title()}"


def _text(text: str) -> dict[str, object]:
    return {"text": text, "wordCount": len(text.split())}


def _labels(labels: tuple[Label, ...]) -> list[dict[str, str]]:
    return [{"text": x.text, "expression": x.expression, "category": x.category} for x in labels]


def _audio(interview: SampleInterview, part: str, words: int) -> dict[str, object]:
    duration = words * 520  # ms: a calm speaker's 115 words a minute
    folder = f"/Mock/{JOBS[interview.occupation]}/{interview.gender.title()}/{interview.experience.title()}"
    return {
        "fileFormat": "wav",
        "fileSize": 44 + duration * 88,  # bytes: header + 44 kHz, 16 bit, one channel
        "duration": duration,
        "samplingBit": "16bit",
        "channelCount": 1,
        "samplingRate": "44kHz",
        "audioPath": f"{folder}/{interview.id.replace('ckmk_d', f'ckmk_{part}', 1)}.wav",
    }


def label(interview: SampleInterview, quirks: frozenset[str] = frozenset()) -> dict[str, object]:
    """Build the JSON object of one label, with the quirks that concern its content."""
    answer: dict[str, object] = {"raw": _text(interview.answer)}
    if "missing_emotion" not in quirks:
        answer["emotion"] = _labels(interview.emotion)
    if "missing_intent" not in quirks:
        answer["intent"] = [] if "empty_intent" in quirks else _labels(interview.intent)
    if "missing_summary" not in quirks:
        answer["summary"] = _text("" if "empty_summary" in quirks else interview.summary)
    content: dict[str, object] = {
        "info": _info(interview, quirks),
        "question": {"raw": _text(interview.question), "emotion": [], "intent": []},
        "answer": answer,
    }
    recording = {} if "no_recording" in quirks else {"rawDataInfo": _recording(interview, quirks)}
    if "inner_recording" in quirks:
        return {"version": "1.0", "dataSet": content | recording}
    return {"version": "1.0", "dataSet": content, **recording}


def _info(interview: SampleInterview, quirks: frozenset[str]) -> dict[str, object]:
    date = Random(f"aihub date {interview.id}")
    is_spelt_out = "spelt_occupation" in quirks
    info: dict[str, object] = {
        "date": f"2023{date.randint(1, 6):02d}{date.randint(1, 28):02d}",
        "occupation": JOBS[interview.occupation] if is_spelt_out else interview.occupation,
        "channel": "MOCK",
        "place": "ONLINE",
        "gender": interview.gender,
        "ageRange": interview.age_range,
        "experience": interview.experience,
    }
    if "bare_info" in quirks:
        info |= {"occupation": "", "gender": None}
        del info["experience"]
    return info


def _recording(interview: SampleInterview, quirks: frozenset[str]) -> dict[str, object]:
    answer = _audio(interview, "a", len(interview.answer.split()))
    if "not_a_number" in quirks:
        answer["duration"] = math.nan
    if "half_recording" in quirks:
        return {"answer": answer}
    return {"question": _audio(interview, "q", len(interview.question.split())), "answer": answer}


def label_bytes(interview: SampleInterview, quirks: frozenset[str] | None = None) -> bytes:
    """Serialise the label: UTF-8 JSON, with a BOM or raw control character by quirk."""
    if quirks is None:
        quirks = quirks_of(interview)
    text = json.dumps(label(interview, quirks), ensure_ascii=False, indent=2)
    if "control_character" in quirks:
        position = text.index(interview.answer[:10]) + 5
        text = text[:position] + "\x0b" + text[position:]
    return text.encode("utf-8-sig" if "bom" in quirks else "utf-8")
