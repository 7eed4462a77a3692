"""JobKorea's job groups (schPart, since about 2023) and AI Hub's occupations."""

from __future__ import annotations

PARTS: dict[int, tuple[str, str]] = {
    10026: ("기획·전략", "BM"),
    10027: ("법무·사무·총무", "BM"),
    10028: ("인사·HR", "BM"),
    10029: ("회계·세무", "BM"),
    10030: ("마케팅·광고·MD", "SM"),
    10031: ("AI·개발·데이터", "ICT"),
    10032: ("디자인", "ARD"),
    10033: ("물류·무역", "BM"),
    10034: ("운전·운송·배송", "PS"),
    10035: ("영업", "SM"),
    10036: ("고객상담·TM", "SM"),
    10037: ("금융·보험", "BM"),
    10038: ("식·음료", "PS"),
    10039: ("고객서비스·리테일", "PS"),
    10040: ("엔지니어링·설계", "RND"),
    10041: ("제조·생산", "MM"),
    10042: ("교육", "PS"),
    10043: ("건축·시설", "MM"),
    10044: ("의료·바이오", "RND"),
    10045: ("미디어·문화·스포츠", "ARD"),
    10046: ("공공·복지", "PS"),
}


def occupation_of(parts: list[int]) -> str | None:
    """Return the occupation of the first known job group in `parts`, or None."""
    return next((PARTS[part][1] for part in sorted(parts) if part in PARTS), None)
