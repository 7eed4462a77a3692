"""One interview as AI Hub 71592 writes it: the label's JSON, its path in the tree, and its quirks."""

from __future__ import annotations

import json
from random import Random

from jaso_crawl.sample.model import Label, SampleInterview

JOBS = {
    "BM": "01.Management",
    "SM": "02.SalesMarketing",
    "PS": "03.PublicService",
    "RND": "04.RND",
    "ICT": "05.ICT",
    "ARD": "06.Design",
    "MM": "07.ProductionManufacturing",
}
# shares of labels with each quirk that public parsers report
QUIRKS = {
    "leading_slash": 0.03,
    "bom": 0.03,
    "control_character": 0.02,
    "empty_intent": 0.03,
    "missing_summary": 0.02,
}


def quirks_of(interview: SampleInterview) -> frozenset[str]:
    """The quirks of one label; depends only on its id."""
    rng = Random(f"aihub quirk {interview.id}")
    return frozenset(quirk for quirk, share in QUIRKS.items() if rng.random() < share)


def is_validation(interview: SampleInterview) -> bool:
    """About one label in ten belongs to the Validation tree."""
    return Random(f"aihub split {interview.id}").random() < 0.1


def group_of(interview: SampleInterview) -> str:
    """The stratum in names of archives: 05.ICT_Female_New."""
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
    """The JSON object of one label, with the quirks that concern its content."""
    date = Random(f"aihub date {interview.id}")
    answer: dict[str, object] = {
        "raw": _text(interview.answer),
        "emotion": _labels(interview.emotion),
        "intent": [] if "empty_intent" in quirks else _labels(interview.intent),
    }
    if "missing_summary" not in quirks:
        answer["summary"] = _text(interview.summary)
    return {
        "version": "1.0",
        "dataSet": {
            "info": {
                "date": f"2023{date.randint(1, 6):02d}{date.randint(1, 28):02d}",
                "occupation": interview.occupation,
                "channel": "MOCK",
                "place": "ONLINE",
                "gender": interview.gender,
                "ageRange": interview.age_range,
                "experience": interview.experience,
            },
            "question": {"raw": _text(interview.question), "emotion": [], "intent": []},
            "answer": answer,
        },
        "rawDataInfo": {
            "question": _audio(interview, "q", len(interview.question.split())),
            "answer": _audio(interview, "a", len(interview.answer.split())),
        },
    }


def label_bytes(interview: SampleInterview) -> bytes:
    """The label as a file: UTF-8 JSON, with a BOM or a raw control character where the quirk says so."""
    quirks = quirks_of(interview)
    text = json.dumps(label(interview, quirks), ensure_ascii=False, indent=2)
    if "control_character" in quirks:
        at = text.index(interview.answer[:10]) + 5
        text = text[:at] + "\x0b" + text[at:]
    return text.encode("utf-8-sig" if "bom" in quirks else "utf-8")
