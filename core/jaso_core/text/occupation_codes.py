"""Occupation codes: the seven occupation groups of AI Hub 71592."""

from __future__ import annotations

KOREAN_NAMES = {
    "BM": "경영",
    "SM": "영업·마케팅",
    "PS": "공공서비스",
    "RND": "연구개발",
    "ICT": "정보통신",
    "ARD": "디자인",
    "MM": "생산제조",
}


def korean_name(occupation: str) -> str:
    """Return the Korean name of an occupation code.

    A text that is no code is returned as it is, so that the user's own occupations work.
    """
    return KOREAN_NAMES.get(occupation, occupation)
