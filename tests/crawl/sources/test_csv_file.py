"""source=csv: a user's own table, in the formats and encodings that people have, and with their mistakes."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jaso_core.errors import RequestError
from jaso_core.stage.runner import Outcome
from jaso_crawl.run import run, settings

QA = {"source": "csv", "columns": {"question": "Q", "answer": "A"}}
CHATBOT = Path(__file__).parents[4] / "shared" / "data" / "chatbot" / "ChatbotData.csv"
HEAD = "Q,A\n"

Lines = Callable[[Path], list[dict[str, Any]]]
Crawl = Callable[..., Path]


def write(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def pairs(documents: list[dict[str, Any]]) -> list[tuple[str | None, str | None]]:
    return [(document["items"][0]["question"], document["items"][0]["answer"]) for document in documents]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "utf-16-le+mark", "utf-16-be+mark"]
)
def test_the_encodings_of_korean_offices_are_found(
    encoding: str, tmp_path: Path, crawl: Crawl, read_lines: Lines
) -> None:
    name, _, mark = encoding.partition("+")
    text = HEAD + "지원 동기는?,똑똑한 사람이 되려고\n두 번째,답\n"
    path = write(tmp_path / "표.csv", (("\ufeff" if mark else "") + text).encode(name))
    documents = read_lines(crawl(path=path, **QA) / "documents.jsonl")
    assert pairs(documents) == [("지원 동기는?", "똑똑한 사람이 되려고"), ("두 번째", "답")]


def test_a_document_says_where_it_comes_from(tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    path = write(tmp_path / "t.csv", "번호,Q,A,직무,회사\n007,질문,답,ICT,(주)가상\n")
    columns = {**QA["columns"], "id": "번호", "occupation": "직무", "company": "회사"}  # type: ignore[dict-item]
    document = read_lines(crawl(path=path, source="csv", columns=columns, licence="CC0") / "documents.jsonl")[0]
    assert document == {
        "schema": 1, "id": "csv:007", "source": "csv", "kind": "dialogue", "url": None, "fetched_at": None,
        "company": "(주)가상", "role": None, "season": None,
        "items": [{"question": "질문", "answer": "답", "summary": None}],
        "meta": {"row": 1, "file": "t.csv", "occupation": "ICT"}, "licence": "CC0",
    }  # fmt: skip


def test_a_row_says_whether_it_was_spoken(tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    path = write(tmp_path / "t.csv", "Q,A,구술\n하나,답,TRUE\n둘,답,글\n셋,답,\n넷,답,아마\n")
    out = crawl(path=path, source="csv", columns={**QA["columns"], "spoken": "구술"})  # type: ignore[dict-item]
    assert [row["meta"].get("spoken") for row in read_lines(out / "documents.jsonl")] == [True, False, None]
    [rejected] = read_lines(out / "rejected.jsonl")
    assert (rejected["reason"], rejected["detail"]) == (
        "unknown_value", "row 4: column '구술' holds '아마'; write true or false",
    )  # fmt: skip


def make(path: Path, rows: list[dict[str, Any]]) -> None:
    """Writes the same rows in the format that the suffix names."""
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for values in [list(rows[0]), *([row[name] for name in rows[0]] for row in rows), [None, None]]:
            sheet.append(values)
        book.save(path)
    else:
        mark = "\t" if path.suffix == ".tsv" else ";"
        lines = [mark.join(rows[0]), *(mark.join(f'"{row[n] or ""}"' for n in rows[0]) for row in rows)]
        path.write_text("\r\n".join(lines) + "\r\n", "utf-8")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet", ".xlsx"])
def test_every_format_gives_the_same_documents(suffix: str, tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    rows: list[dict[str, Any]] = [{"Q": "007", "A": "NA"}, {"Q": "두\n줄", "A": "null"}, {"Q": "질문만", "A": None}]
    make(tmp_path / f"t{suffix}", rows)
    out = crawl(path=str(tmp_path / f"t{suffix}"), **QA)
    assert pairs(read_lines(out / "documents.jsonl")) == [("007", "NA"), ("두\n줄", "null")]
    rejected = read_lines(out / "rejected.jsonl")
    assert [(row["reason"], row["detail"]) for row in rejected] == [
        ("missing_answer", "row 3: column 'A' is empty")
    ]  # fmt: skip


def test_numbers_of_a_spreadsheet_are_text_as_people_see_them(tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    make(tmp_path / "t.xlsx", [{"Q": 7, "A": 3.0}, {"Q": 1.5, "A": True}])
    assert pairs(read_lines(crawl(path=str(tmp_path / "t.xlsx"), **QA) / "documents.jsonl")) == [
        ("7", "3"),
        ("1.5", "true"),
    ]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_columns_that_are_not_asked_for_may_hold_anything(
    suffix: str, tmp_path: Path, crawl: Crawl, read_lines: Lines
) -> None:
    make(tmp_path / f"t{suffix}", [{"Q": "q", "A": "a", "tags": ["x"]}, {"Q": "r", "A": "b", "tags": []}])
    out = crawl(path=str(tmp_path / f"t{suffix}"), **QA)
    assert pairs(read_lines(out / "documents.jsonl")) == [("q", "a"), ("r", "b")]
    assert read_lines(out / "rejected.jsonl") == []


def test_a_duration_in_a_spreadsheet_is_text(tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    make(tmp_path / "t.xlsx", [{"Q": "얼마나?", "A": timedelta(hours=1, minutes=30), "더": timedelta(seconds=5)}])
    documents = read_lines(crawl(path=str(tmp_path / "t.xlsx"), **QA) / "documents.jsonl")
    assert pairs(documents) == [("얼마나?", "1:30:00")]


def test_half_a_character_costs_only_its_row(tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    lines = [r'{"Q": "q", "A": "a\ud83d", "B": ""}', r'{"Q": "r", "A": "\ud83d\ude00", "B": "\ud83d"}']
    out = crawl(path=write(tmp_path / "t.jsonl", "\n".join(lines)), **QA)
    assert pairs(read_lines(out / "documents.jsonl")) == [("r", "😀")]
    assert read_lines(out / "rejected.jsonl") == [
        {
            "where": "t.jsonl:1",
            "reason": "bad_character",
            "detail": r"row 1: column 'A' holds half a character (\ud83d)",
        }
    ]


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("talks.csv", "csv:talks:"),
        ("2024 상담(최종).csv", "csv:2024-상담-최종:"),
        (unicodedata.normalize("NFD", "상담.csv"), "csv:상담:"),
        ("a:b_c.v2.csv", "csv:a-b_c.v2:"),
        ("!!.csv", "csv:table:"),
    ],
)
def test_without_a_column_of_ids_a_row_is_called_after_its_file(
    name: str, beginning: str, tmp_path: Path, crawl: Crawl, read_lines: Lines
) -> None:
    documents = read_lines(crawl(path=write(tmp_path / name, HEAD + "q,a\nq,\nr,b\n"), **QA) / "documents.jsonl")
    assert [document["id"] for document in documents] == [f"{beginning}1", f"{beginning}3"]


@pytest.mark.parametrize("kind", ["dialogue", "letter", "interview"])
def test_kinds_that_are_learnt_from_answers_need_a_column_of_answers(kind: str) -> None:
    with pytest.raises(RequestError) as caught:
        settings({"out": "x", "source": "csv", "path": "x", "kind": kind, "columns": {"answer": None}})
    assert caught.value.what == f"config key 'columns.answer': is null, but kind={kind} is learnt from its answers"
    assert caught.value.cure == "write columns.answer=<the column of the answers>, or kind=posting or kind=message"


@pytest.mark.parametrize("kind", ["posting", "message"])
def test_a_posting_or_a_message_needs_no_answers(kind: str, tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    path = write(tmp_path / "t.csv", "Q\n공고\n")
    out = crawl(path=path, source="csv", kind=kind, columns={"question": "Q", "answer": None})
    assert pairs(read_lines(out / "documents.jsonl")) == [("공고", None)]


def test_every_row_is_accounted_for(tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    rows = ["질문,답", ",답", "질문,", "질문, ", "하나,둘,셋", '"두\n줄",답', "질문", "끝,답,"]
    out = crawl(path=write(tmp_path / "t.csv", HEAD + "\n".join(rows) + "\n\n"), **QA)
    rejected = read_lines(out / "rejected.jsonl")
    assert [(row["where"], row["reason"]) for row in rejected] == [
        ("t.csv:3", "missing_question"), ("t.csv:4", "missing_answer"), ("t.csv:5", "missing_answer"),
        ("t.csv:6", "too_many_cells"), ("t.csv:9", "missing_answer"),
    ]  # fmt: skip
    counts = json.loads((out / "manifest.json").read_text("utf-8"))["counts"]
    assert counts["documents"] + sum(counts["rejected"].values()) == counts["rows"] == len(rows)


def test_quotes_of_a_tab_separated_file_may_be_mere_text(tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    path = write(tmp_path / "t.tsv", 'Q\tA\n"우와" 재밌다\t답\n"한쪽\t답\n')
    assert pairs(read_lines(crawl(path=path, **QA) / "documents.jsonl")) == [('"우와" 재밌다', "답"), ('"한쪽', "답")]


def test_stray_bytes_are_replaced_and_counted_when_asked(
    tmp_path: Path, crawl: Crawl, read_lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    data = (HEAD + "지원 동기를 쓰시오,성장하는 사람이 되려고 합니다\n" * 50).encode("cp949")
    path = write(tmp_path / "t.csv", data + b"\xff\xff,x\n")
    out = crawl(path=path, encoding_errors="replace", **QA)
    assert pairs(read_lines(out / "documents.jsonl"))[-1] == ("\ufffd\ufffd", "x")
    counts = json.loads((out / "manifest.json").read_text("utf-8"))["counts"]
    assert (counts["encoding"], counts["rows_with_replaced_bytes"], counts["documents"]) == ("cp949", 1, 51)
    said = "crawl: 51 documents, 51 items, nothing dropped, rows with bytes replaced by �: 1\n"
    assert said in capsys.readouterr().err


def test_a_replacement_character_of_the_users_own_is_not_counted(
    tmp_path: Path, crawl: Crawl, capsys: pytest.CaptureFixture[str]
) -> None:
    out = crawl(path=write(tmp_path / "t.csv", HEAD + "q,\ufffd\n"), encoding_errors="replace", **QA)
    assert json.loads((out / "manifest.json").read_text("utf-8"))["counts"]["rows_with_replaced_bytes"] == 0
    assert "crawl: 1 documents, 1 items, nothing dropped\n" in capsys.readouterr().err


CP949 = (HEAD + "지원 동기를 쓰시오,성장하는 사람이 되려고 합니다\n" * 50).encode("cp949")


@pytest.mark.parametrize(
    ("name", "content", "more", "message"),
    [
        ("t.csv", "", {}, "t.csv: is empty; give a file with rows"),
        ("t.csv", "\n\n", {}, "t.csv: is empty; give a file with rows"),
        ("t.csv", HEAD, {}, "t.csv: has column names but no rows; give a file with rows"),
        ("t.csv", "Q,answer\nq,a\n", {}, "t.csv: has no column 'A'; known: Q, answer"),
        ("t.csv", "Q,AA\nq,a\n", {}, "t.csv: has no column 'A'; did you mean 'AA'? (known: Q, AA)"),
        ("t.csv", "Q,A,A\nq,a,b\n", {}, "t.csv: two columns are called 'A'; rename one"),
        ("t.csv", CP949 + b"\xff,a\n", {}, "t.csv:52: byte offset 2454 (ff) is not cp949; mend this line,"),
        ("t.csv", HEAD.encode() + "가".encode() * 200 + b"\xea\xb0,a\n", {}, "t.csv:2: byte offset 604 (ea b0) is not"),
        ("t.csv", "Q,A\n안녕하세요,".encode("cp949") + b"\xff\n", {}, "t.csv:2: byte offset 15 (ff) is not cp949"),
        ("t.csv", HEAD + "q,a\n", {"encoding": "cp94"}, "encoding=cp94 is unknown; did you mean 'cp949'?"),
        ("t.csv", HEAD + "q,a\n", {"encoding_errors": "ignore"}, "encoding_errors=ignore is unknown"),
        ("t.csv", HEAD + 'q,a\n"q"x,a\n', {}, "t.csv:3: a quote does not match"),
        ("t.csv", HEAD + 'q,"a\nb\n', {}, "t.csv:2: a quote does not match"),
        ("t.csv", HEAD + "q,a\n", {"delimiter": "::"}, "delimiter=:: is not one character; known: tab"),
        ("t.csv", HEAD + "q,a\n", {"kind": "leter"}, "config key 'kind': 'leter' is unknown; did you mean 'letter'?"),
        ("t.jsonl", '{"Q": "q", "A": "a"}\n{"Q": "q",\n', {}, "t.jsonl:2: not JSON (column"),
        ("t.jsonl", '{"Q": "q", "A": "a"}\n["q"]\n', {}, "t.jsonl:2: not a JSON object; each line"),
        ("t.parquet", "no parquet", {}, "t.parquet: not a Parquet file"),
        (
            "t.xlsx",
            "no xlsx",
            {},
            "t.xlsx: not an xlsx file (File is not a zip file); save it as xlsx without a password",
        ),
        ("t.xls", "old", {}, "t.xls: '.xls' cannot be read; known: .csv"),
        (
            "t.csv",
            "Q,A,id\nq,a,1\nq,a,2\nq,a,1\n",
            {"columns": {"question": "Q", "answer": "A", "id": "id"}},
            "t.csv: id 'csv:1' stands at t.csv:2 and at t.csv:4; make the ids unique",
        ),
        (
            "t.csv",
            HEAD + "q,\n,a\n",
            {},
            "not one document was found, 2 dropped (missing_answer 1, missing_question 1), "
            "the first at t.csv:2: row 1: column 'A' is empty; see what",
        ),
        (
            "t.jsonl",
            '{"Q": "q", "A": ["a"]}\n',
            {},
            "1 dropped (not_text 1), the first at t.jsonl:1: row 1: column 'A' holds a list, not a text; see what",
        ),
    ],
)
def test_mistakes_are_told_with_place_and_cure(
    name: str, content: str | bytes, more: dict[str, Any], message: str, tmp_path: Path, crawl: Crawl
) -> None:
    path = write(tmp_path / name, content)
    with pytest.raises(RequestError) as caught:
        crawl(**{"path": path, **QA, **more})
    assert message in str(caught.value)
    assert caught.value.cure
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_an_absent_file_and_an_absent_sheet(tmp_path: Path, crawl: Crawl) -> None:
    with pytest.raises(RequestError, match=r"none\.csv: no such file; check path="):
        crawl(path=str(tmp_path / "none.csv"), **QA)
    make(tmp_path / "t.xlsx", [{"Q": "q", "A": "a"}])
    with pytest.raises(RequestError, match=r"t\.xlsx: has no sheet 'Sheet2'; did you mean 'Sheet'"):
        crawl(path=str(tmp_path / "t.xlsx"), sheet="Sheet2", **QA)


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", HEAD + "q,a\n")
    wanted = settings({"path": path, "out": str(tmp_path / "out"), **QA})
    assert [run(wanted), run(wanted)] == [Outcome.MADE, Outcome.UNCHANGED]
    write(tmp_path / "t.csv", HEAD + "q,b\n")
    assert run(wanted) is Outcome.REMADE


@pytest.mark.skipif(not CHATBOT.is_file(), reason="the chatbot data set is not beside this checkout")
def test_real_data_is_kept_whole(crawl: Crawl) -> None:
    out = crawl(path=str(CHATBOT), **QA)
    assert sum(1 for _ in (out / "documents.jsonl").open("rb")) == 11_823
