"""source=letter_files: letters of office programs, and files that would harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from docx import Document as Word

from jaso_core.errors import RequestError
from jaso_crawl.letters.docx_letter import read_docx
from jaso_crawl.letters.hwpx_letter import read_hwpx
from jaso_crawl.letters.office_zip import LetterError, LetterLimits
from jaso_synthetic.documents.docx import write_docx
from jaso_synthetic.documents.hwpx import write_hwpx

Lines = Callable[[Path], list[dict[str, Any]]]
Crawl = Callable[..., Path]
LIMITS = LetterLimits()
ANSWER = "서버를 고치며 배웠습니다."
LETTER = ["자기소개서", "1. 지원 동기", ANSWER, [["2. 입사 후 포부", "전문가가\n되겠습니다."]]]
TEXTS = ["자기소개서", "1. 지원 동기", ANSWER, "2. 입사 후 포부", "전문가가\n되겠습니다."]
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BOX = (
    f'<w:r xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent>'
    "<mc:Choice><w:txbxContent><w:p><w:r><w:t>글상자</w:t></w:r></w:p></w:txbxContent></mc:Choice>"
    "<mc:Fallback><w:txbxContent><w:p><w:r><w:t>글상자</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
    "</mc:AlternateContent></w:r>"
)


def replaced(data: bytes, **parts: bytes) -> bytes:
    """The zip with other bytes for some parts; dots and slashes of names as _ and __."""
    changed = {
        name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"): part for name, part in parts.items()
    }
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {**dict.fromkeys(old.namelist()), **changed}:
            new.writestr(name, changed[name] if name in changed else old.read(name))
    return out.getvalue()


@pytest.fixture
def docx(tmp_path: Path) -> bytes:
    write_docx(tmp_path / "seed.docx", LETTER)
    return (tmp_path / "seed.docx").read_bytes()


@pytest.fixture
def hwpx(tmp_path: Path) -> bytes:
    write_hwpx(tmp_path / "seed.hwpx", LETTER)
    return (tmp_path / "seed.hwpx").read_bytes()


def test_paragraphs_and_tables_in_reading_order(docx: bytes, hwpx: bytes) -> None:
    assert [paragraph.text for paragraph in read_docx(docx, LIMITS) if paragraph.text] == TEXTS
    assert [paragraph.text for paragraph in read_hwpx(hwpx, LIMITS) if paragraph.text] == TEXTS


def test_text_boxes_count_once_and_deletions_do_not() -> None:
    from lxml import etree

    document = Word()
    document.add_paragraph("앞")
    paragraph = document.element.body[0]
    paragraph.append(etree.fromstring(BOX))
    deleted = f'<w:del xmlns:w="{W}"><w:r><w:delText>지움</w:delText></w:r></w:del>'
    added = f'<w:ins xmlns:w="{W}"><w:r><w:t>더함</w:t></w:r></w:ins>'
    for change in (deleted, added):
        paragraph.append(etree.fromstring(change))
    saved = io.BytesIO()
    document.save(saved)
    assert [paragraph.text for paragraph in read_docx(saved.getvalue(), LIMITS)] == ["앞더함", "글상자"]


def test_text_within_marks_of_hwpx(hwpx: bytes) -> None:
    section = (
        '<s xmlns:hp="p"><hp:p><hp:run><hp:t>가<hp:markpenBegin/>나<hp:nbSpace/>다</hp:t></hp:run>'
        "<hp:run><hp:ctrl><hp:footNote><hp:subList><hp:p><hp:run><hp:t>각주</hp:t></hp:run></hp:p></hp:subList>"
        "</hp:footNote></hp:ctrl><hp:rect><hp:drawText><hp:subList><hp:p><hp:run><hp:t>글상자</hp:t></hp:run></hp:p>"
        "</hp:subList></hp:drawText></hp:rect></hp:run></hp:p></s>"
    )
    data = replaced(hwpx, Contents__section0_xml=section.encode())
    assert [paragraph.text for paragraph in read_hwpx(data, LIMITS)] == ["가나 다", "글상자"]


def test_a_folder_of_letters(
    tmp_path: Path, crawl: Crawl, read_lines: Lines, docx: bytes, hwpx: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "letters"
    (folder / "2024").mkdir(parents=True)
    files = {
        "2024/김가상.docx": docx, "b.hwpx": hwpx, "c.hwp": b"\xd0\xcf\x11\xe0", "d.docx": docx[: len(docx) // 2],
        "e.docx": b"", "f.jpg": b"x", "~$b.docx": b"x", ".g.docx": b"x",
    }  # fmt: skip
    for name, data in files.items():
        (folder / name).write_bytes(data)
    write_docx(folder / "h.docx", ["질문이 없는 글입니다."])
    out = crawl(source="letter_files", path=str(folder))
    first, second = read_lines(out / "documents.jsonl")
    for document in (first, second):
        assert [(item["question"], item["answer"]) for item in document["items"]] == [
            ("지원 동기", ANSWER),
            ("입사 후 포부", "전문가가\n되겠습니다."),
        ]
    assert (first["kind"], first["meta"]) == ("letter", {"file": "2024/김가상.docx"})
    assert "김가상" not in first["id"], "a file's name is often its writer's"
    rejected = read_lines(out / "rejected.jsonl")
    assert [(row["where"], row["reason"]) for row in rejected] == [
        ("c.hwp", "old_hwp"), ("d.docx", "broken_zip"), ("e.docx", "broken_zip"), ("h.docx", "no_question"),
    ]  # fmt: skip
    err = capsys.readouterr().err
    assert "crawl: not read: c.hwp: is in the old .hwp format; save it as .hwpx or .docx" in err
    assert "files of other kinds, which are no letters: .jpg 1" in err
    assert "characters before the first questions, left out: 10" in err


DEEP = b"<a>" * 10_000 + b"</a>" * 10_000
LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
EXTERNAL = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("part", "reason"),
    [(DEEP, "too_deep"), (LAUGHS, "entities"), (EXTERNAL, "entities"), (b"<a>", "broken_xml"), (b"", "broken_xml")],
)
def test_hostile_parts_are_refused(part: bytes, reason: str, docx: bytes, hwpx: bytes) -> None:
    for read, data in (
        (read_docx, replaced(docx, word__document_xml=part)),
        (read_docx, replaced(docx, word__styles_xml=part)),
        (read_hwpx, replaced(hwpx, Contents__section0_xml=part)),
        (read_hwpx, replaced(hwpx, Contents__header_xml=part)),
    ):
        with pytest.raises(LetterError) as refused:
            read(data, LIMITS)
        assert refused.value.reason == reason
        assert "\n" not in str(refused.value)


def test_bombs_macros_and_passwords_are_refused(docx: bytes, hwpx: bytes) -> None:
    bomb = replaced(docx, word__media__image_bin=b"\0" * (2 * 2**20))
    small = LetterLimits(unpacked_mb=1)
    large_part = LetterLimits(part_mb=0.001)
    encrypted = replaced(hwpx, **{"META-INF__manifest_xml": b"<m><encryption-data/></m>"})
    cases = [
        (read_docx, bomb, small, "zip_bomb"),
        (read_docx, docx, large_part, "too_large"),
        (read_docx, replaced(docx, word__vbaProject_bin=b"x"), LIMITS, "macros"),
        (read_hwpx, encrypted, LIMITS, "password"),
        (read_docx, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", LIMITS, "password"),
        (read_hwpx, docx, LIMITS, "no_text"),
        (read_docx, hwpx, LIMITS, "broken_document"),
    ]
    for read, data, limits, reason in cases:
        with pytest.raises(LetterError) as refused:
            read(data, limits)
        assert refused.value.reason == reason


def test_a_flipped_byte_is_never_a_traceback(docx: bytes, hwpx: bytes) -> None:
    for read, data in ((read_docx, docx), (read_hwpx, hwpx)):
        for place in range(0, len(data), max(1, len(data) // 25)):
            damaged = bytearray(data)
            damaged[place] ^= 0xFF
            with suppress(LetterError):
                read(bytes(damaged), LIMITS)


def test_a_folder_without_letters_is_one_line(tmp_path: Path, crawl: Crawl) -> None:
    with pytest.raises(RequestError, match=r"no such folder; check path="):
        crawl(source="letter_files", path=str(tmp_path / "none"))
    (tmp_path / "a.txt").touch()
    with pytest.raises(RequestError, match=r"holds no \.docx or \.hwpx"):
        crawl(source="letter_files", path=str(tmp_path))
