"""Two examples that nobody wrote: one with all fields, one with none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jaso_core.records import Example


class _AnyColumn(Mapping[str, str]):
    """Further columns of the specimen: each name has an invented text."""

    def __getitem__(self, name: str) -> str:
        return f"({name})"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


SPECIMEN = Example(
    id="specimen:1#0",
    document_id="specimen:1",
    group="specimen:1",
    split="train",
    question="지원 동기를 말씀해 주세요.",
    answer="저는 서버를 오래 다루어 왔습니다. 장애를 미리 찾는 도구를 만들었고, 그 경험을 이 자리에서 넓히고 싶습니다.",
    summary="서버 운영 경험을 넓히려고 지원했다.",
    occupation="ICT",
    experience="NEW",
    role="백엔드 개발자",
    company="(주)가상전자",
    source="specimen",
    meta=_AnyColumn(),
)
"""Invented: what formats are shown on, and what they render to tell their markers."""

BARE = Example("bare:1#0", "bare:1", "bare:1", "train", None, None)
