"""`jaso sheet make`: blind, balanced, repeatable sheets, whatever the texts say."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sheet_support import CRITERIA, Row, key_rows, make_round, rubric, scoring, write_run

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.report.escape import escape_cell, unescape_cell
from jaso_core.stage.runner import Outcome
from jaso_evaluate.human import sheet_make as make
from jaso_evaluate.human.cell_text import LIMIT, digest, sanitize
from jaso_evaluate.human.make.assignment import add_repeats, assign_items, order_rows, sample_items
from jaso_evaluate.rubric import read_rubric

HOSTILE = [
    '=HYPERLINK("http://example.invalid","눌러요")', "=1+1", "+SUM(1)", "-1+1", "@x", "|cmd", "\t=1+1", "\r=1+1", " =1+1",
    "=cmd|'/C calc'!A0", "＝1+1", "'=1", "''", "#N/A", "1/2", "3월 5일", "1E5", "007", "TRUE", "<script>alert(1)</script>",
    "\u202e거꾸로\u202c", "벨\x07소리\x00", "_x0041_", "반쪽 \ud83d 이모지", "🙂👩\u200d💻", "각"[0:1] + "\u1100\u1161", "",
    " \n ", "가", '따옴표 " 와 쉼표, 와\n줄바꿈', "가" * 100_000, "🙂" * 20_000, "a" * 1_000_000,
]  # fmt: skip


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    names = ("secret-alpha", "secret-beta", "secret-gamma")
    return [
        write_run(tmp_path / name / "predictions.jsonl", {f"example-{i}": f"{i}번 답변 {n}" for i in range(8)}).parent
        for n, name in enumerate(names)
    ]


def rows_of(file: Path) -> list[tuple[Any, ...]]:
    return [tuple(cell.value for cell in row) for row in scoring(load_workbook(file)).iter_rows(min_row=2)]


def test_a_round_and_its_key(tmp_path: Path, runs: list[Path]) -> None:
    made = make_round(tmp_path, runs, raters="가람,나래", items=5, duplicates=2, seed=3)
    files = sorted(p.name for p in (made / "sheets").iterdir())
    assert files == ["가람.csv", "가람.xlsx", "나래.csv", "나래.xlsx"]
    key = read_json(made / "key.json")
    assert (key["raters"], len(key["items"]), list(key["runs"])) == (["가람", "나래"], 5, [r.name for r in runs])
    rows = key_rows(made)
    for rater in key["raters"]:
        shown_rows = rows_of(made / "sheets" / f"{rater}.xlsx")
        assert len(shown_rows) == 5 * 3 + 2
        for position, row in enumerate(shown_rows, start=1):
            entry = rows[row[0]]
            assert (entry["rater"], entry["position"]) == (rater, position)
            item, run = int(entry["example"].removeprefix("example-")), [r.name for r in runs].index(entry["run"])
            assert row[1:] == (f"example-{item}번 질문입니까?", f"{item}번 답변 {run}", None, None, None, None)
            assert entry["sha256"] == digest(row[2])
        again = [r for r in rows.values() if r["rater"] == rater and r["duplicate_of"]]
        assert len(again) == 2
        for row in again:
            first = rows[row["duplicate_of"]]
            assert (first["example"], first["run"], first["rater"]) == (row["example"], row["run"], rater)
            assert first["position"] + 3 < row["position"]


def test_nothing_handed_out_tells_who_wrote_what(tmp_path: Path, runs: list[Path]) -> None:
    made = make_round(tmp_path, runs)
    for file in (made / "sheets").iterdir():
        parts = [file.read_bytes()]
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as archive:
                parts = [archive.read(name) for name in archive.namelist()]
            book = load_workbook(file)
            assert book.sheetnames == ["안내", "평가"]
            assert all(sheet.sheet_state == "visible" for sheet in book.worksheets)
            assert not any(cell.comment for row in scoring(book).iter_rows() for cell in row)
        for part in parts:
            for secret in ("secret", "beta", "gamma", str(tmp_path), "predictions"):
                assert secret.encode() not in part


def test_equal_requests_give_equal_bytes(tmp_path: Path, runs: list[Path]) -> None:
    first, second = make_round(tmp_path / "a", runs, seed=5), make_round(tmp_path / "b", runs, seed=5)
    other = make_round(tmp_path / "c", runs, seed=6)
    for file in [*(first / "sheets").iterdir(), first / "key.json"]:
        name = file.relative_to(first)
        assert file.read_bytes() == (second / name).read_bytes()
        assert file.read_bytes() != (other / name).read_bytes()


def test_a_rater_can_only_score(tmp_path: Path, runs: list[Path]) -> None:
    made = make_round(tmp_path, runs)
    book = load_workbook(made / "sheets/rater1.xlsx")
    sheet = scoring(book)
    assert all(page.protection.sheet for page in book.worksheets)
    for row in sheet.iter_rows(min_row=2):
        assert [cell.protection.locked for cell in row] == [True] * 3 + [False] * 4
        assert [cell.data_type for cell in row[:3]] == ["s"] * 3
    checks = {str(check.sqref): check for check in sheet.data_validations.dataValidation}
    assert set(checks) == {f"{letter}2:{letter}25" for letter in "DEF"}
    for check in checks.values():
        assert (check.formula1, check.showErrorMessage, check.errorStyle) == ('"0,1,2"', True, "stop")
    assert sheet.freeze_panes == "B2"
    assert sheet["D1"].value.startswith("문장 정확도\n0: ")
    assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$1:$1", "landscape")


def test_hostile_texts_are_text(tmp_path: Path) -> None:
    texts = {f"e{n:02}": text.encode("utf-8", "replace").decode() for n, text in enumerate(HOSTILE)}
    made = make_round(tmp_path, [write_run(tmp_path / "run.jsonl", texts)], raters=1)
    rows = key_rows(made)
    with zipfile.ZipFile(made / "sheets/rater1.xlsx") as archive:
        assert not any(b"<f>" in archive.read(n) or b"<f " in archive.read(n) for n in archive.namelist())
    table = list(csv.reader(io.StringIO((made / "sheets/rater1.csv").read_text(encoding="utf-8-sig"), newline="")))
    for cells, listed in zip(rows_of(made / "sheets/rater1.xlsx"), table[1:], strict=True):
        text = cells[2]
        assert unescape_cell(listed[2]) == text
        assert listed[2][:1] not in tuple("=+-@|\t\r＝")
        assert len(text.encode("utf-16-le")) <= 2 * LIMIT
        original = texts[rows[cells[0]]["example"]]
        if original.isprintable() and len(original) < LIMIT // 2 and original.strip() and "_x" not in original:
            assert text == original
    counts = read_json(made / "manifest.json")["counts"]
    assert counts["cut_texts"] == 3
    assert counts["altered_texts"] == 3  # overrides, control characters, an escape of XML


def test_what_a_cell_cannot_hold_is_shown() -> None:
    assert sanitize("벨\x07\x00\x7f끝\r\n줄").text == "벨␇␀␡끝\n줄"
    assert sanitize("\u202e뒤\ufffe").text == "\ufffd뒤\ufffd"
    assert sanitize("\u202e뒤").altered == 1
    long = sanitize("🙂" * 20_000)
    assert long.text.endswith(f"…[이하 {long.cut:,}자 생략]")
    assert long.text.startswith("🙂" * 100)
    for text in HOSTILE:
        plain = sanitize(text).text
        assert sanitize(plain).text == plain
        assert unescape_cell(escape_cell(plain)) == plain


def test_all_runs_of_an_item_go_to_the_same_raters_equally_often() -> None:
    for items, runs, raters, room in ((30, 3, 5, 40), (12, 2, 4, 12), (7, 4, 3, 12), (60, 2, 8, 60)):
        dealt = assign_items(items, runs, raters, room, 0, seed=1)
        times = Counter(item for mine in dealt for item in mine)
        assert len(set(times.values())) == 1
        assert set(times) == set(range(items))
        assert all(len(mine) * runs <= room for mine in dealt)
        assert max(map(len, dealt)) - min(map(len, dealt)) <= 1
        assert all(len(set(mine)) == len(mine) for mine in dealt)
    with pytest.raises(RequestError, match="per_rater=5 is 1 items of 3 runs for each of 2 raters: not enough"):
        assign_items(10, 3, 2, 5, 0, seed=1)


def test_no_place_favours_a_run_and_no_neighbours_share_a_question() -> None:
    runs, items = 7, 30
    questions = [f"질문 {n % 6}" for n in range(items)]
    places: dict[int, list[int]] = {run: [] for run in range(runs)}
    for rater in range(20):
        rows = order_rows(range(items), runs, rater, questions, seed=2)
        assert Counter((r.item, r.run) for r in rows) == Counter((i, r) for i in range(items) for r in range(runs))
        asked = [questions[r.item] for r in rows]
        assert all(a != b for a, b in itertools.pairwise(asked))
        for place, row in enumerate(rows):
            places[row.run].append(place)
    means = [sum(found) / len(found) for found in places.values()]
    assert max(means) - min(means) < 6  # of 210 places
    assert order_rows(range(items), runs, 0, questions, seed=2) != order_rows(range(items), runs, 1, questions, seed=2)


def test_one_question_and_one_item_are_possible() -> None:
    assert len(order_rows([0], 3, 0, ["질문"], seed=0)) == 3
    assert len(order_rows(range(50), 2, 0, ["질문"] * 50, seed=0)) == 100
    assert [row.is_repeat for row in add_repeats(order_rows([0], 2, 0, ["질문"], 0), 1, 0, 0)].count(True) == 1
    with pytest.raises(RequestError, match="give duplicates=1 at most"):
        add_repeats(order_rows([0], 2, 0, ["질문"], 0), 2, 0, 0)


def test_items_are_spread_over_groups() -> None:
    groups = {f"{g}-{n}": f"g{g}" for g in range(5) for n in range(10)}
    drawn = sample_items(groups, 10, seed=1)
    assert Counter(groups[i] for i in drawn) == {f"g{g}": 2 for g in range(5)}
    assert sample_items(groups, 10, seed=1) == drawn != sample_items(groups, 10, seed=2)
    assert sorted(sample_items(groups, None, seed=1)) == sorted(groups)


def test_own_rubrics(tmp_path: Path, runs: list[Path]) -> None:
    letter = make_round(tmp_path, runs, rubric=rubric("letter"))
    sheet = scoring(load_workbook(letter / "sheets/rater1.xlsx"))
    assert [c.value.split("\n")[0] for c in sheet[1]][3:] == [
        "문장 정확도",
        "문항 적합성",
        "경험의 구체성",
        "구성",
        "의견",
    ]
    assert sheet.data_validations.dataValidation[0].formula1 == '"1,2,3,4,5"'
    wide: Row = {"name": "wide", "criteria": {"worth": {"label": "점수", "lowest": 0, "highest": 100}}}
    sheet = scoring(load_workbook(make_round(tmp_path / "wide", runs, rubric=wide) / "sheets/rater1.xlsx"))
    check = sheet.data_validations.dataValidation[0]
    assert (check.type, check.formula1, check.formula2) == ("whole", "0", "100")


GOOD: Row = {"label": "점수", "lowest": 0, "highest": 2}


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({"name": "x", "criteria": {}}, "'rubric.criteria' is empty"),
        ({"name": "x"}, "'rubric.criteria' is missing"),
        ({"name": "x", "criteria": {"a": GOOD}, "critera": 1}, "'rubric.critera' is unknown; did you mean 'criteria'"),
        ({"name": "x", "criteria": {"a b": GOOD}}, "not a name for a criterion"),
        ({"name": "x", "criteria": {"total": GOOD}}, "not a name for a criterion"),
        ({"name": "x", "criteria": {"a": {**GOOD, "label": ""}}}, "'rubric.criteria.a.label' is no such text"),
        ({"name": "x", "criteria": {"a": {**GOOD, "label": 3}}}, "'rubric.criteria.a.label' is no such text"),
        ({"name": "x", "criteria": {"a": {**GOOD, "label": "답변"}}}, "two columns are called '답변'"),
        ({"name": "x", "criteria": {"a": GOOD, "b": GOOD}}, "two columns are called '점수'"),
        ({"name": "x", "criteria": {"a": {**GOOD, "highest": 0}}}, "a scale from 0 to 0"),
        ({"name": "x", "criteria": {"a": {**GOOD, "highest": 1.5}}}, "'rubric.criteria.a.highest' is no whole number"),
        ({"name": "x", "criteria": {"a": {**GOOD, "levels": {3: "너무 높음"}}}}, "levels.3' is outside 0 to 2"),
        ({"name": "x", "criteria": {"a": {**GOOD, "levels": {"좋음": "말"}}}}, "levels.좋음': not a whole number"),
        ({"name": "x", "criteria": {"a": {**GOOD, "levels": {1: None}}}}, "levels.1' is no such text"),
    ],
)
def test_bad_rubrics_name_the_key(node: Row, message: str) -> None:
    with pytest.raises(RequestError) as raised:
        read_rubric(node)
    assert message in str(raised.value)
    assert raised.value.cure


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"raters": 0}, "'raters' names nobody"),
        ({"raters": "가람,가람"}, "'가람' occurs twice"),
        ({"raters": ["../가람"]}, "'../가람' is no name"),
        ({"items": 0}, "items is 0"),
        ({"per_rater": 0}, "per_rater is 0"),
        ({"duplicates": -1}, "duplicates is -1"),
        ({"duplicates": 1000}, "give duplicates=12 at most"),
        ({"raters": 9, "items": 4, "per_rater": 3}, "9 raters, but 4 items leave some of them nothing to read"),
        ({"runs": []}, "'runs' is empty"),
        ({"runs": ["nowhere"]}, "no such file or folder"),
        ({"rater": 3}, "'rater' is unknown; did you mean 'raters'"),
    ],
)
def test_bad_requests(tmp_path: Path, runs: list[Path], changes: Row, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        make_round(tmp_path, changes.pop("runs", runs), **changes)


def test_runs_that_cannot_be_asked_together(tmp_path: Path, runs: list[Path]) -> None:
    other = write_run(tmp_path / "other.jsonl", {"example-0": "답변"}, {"example-0": "다른 질문"})
    with pytest.raises(RequestError, match="example 'example-0': different questions in the runs"):
        make_round(tmp_path, [runs[0], other])
    with pytest.raises(RequestError, match="no example id is in all of them"):
        make_round(tmp_path, [runs[0], write_run(tmp_path / "third.jsonl", {"x": "답변"})])
    bare = tmp_path / "bare.jsonl"
    bare.write_text('{"id": "a", "prediction": "답변", "reference": ""}\n', encoding="utf-8")
    with pytest.raises(RequestError, match=r"no question; write the question into meta\.question"):
        make_round(tmp_path, [bare])


def test_sheets_that_may_be_filled_in_are_not_replaced(tmp_path: Path, runs: list[Path]) -> None:
    made = make_round(tmp_path, runs, items=4)
    key = (made / "key.json").read_bytes()
    with pytest.raises(RequestError, match="holds another round of sheets"):
        make_round(tmp_path, runs, items=5)
    sheet = made / "sheets/rater1.xlsx"
    book = load_workbook(sheet)
    scoring(book)["D2"].value = 2
    book.save(sheet)
    with pytest.raises(RequestError, match=r"rater1\.xlsx: was changed since it was made, perhaps filled in"):
        make_round(tmp_path, runs, items=4)
    assert (made / "key.json").read_bytes() == key
    assert scoring(load_workbook(sheet))["D2"].value == 2


def test_the_order_of_one_round_does_not_give_away_the_next(tmp_path: Path, runs: list[Path]) -> None:
    """The same seed and shape, other texts: who saw the first key must not know which row is whose."""
    others = [
        write_run(
            tmp_path / f"new-{run.name}" / "predictions.jsonl", {f"example-{i}": f"새 답변 {i}" for i in range(8)}
        )
        for run in runs
    ]
    orders = []
    for name, chosen in (("one", runs), ("two", [path.parent for path in others])):
        rows = key_rows(make_round(tmp_path / name, chosen, raters=1))
        ordered = sorted(rows.values(), key=lambda row: row["position"])
        orders.append([(row["example"], row["run"].removeprefix("new-")) for row in ordered])
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


def test_the_configuration_as_people_type_it(compose: Any, tmp_path: Path, runs: list[Path]) -> None:
    config = compose("sheet-make", runs=",".join(map(str, runs)), out=tmp_path / "out", raters="3", items=2)
    chosen = make.settings(config)
    assert make.run(chosen) is Outcome.MADE
    assert make.run(chosen) is Outcome.UNCHANGED
    assert len(key_rows(tmp_path / "out")) == 3 * 2 * 3
    assert [c.name for c in read_rubric(chosen.rubric).criteria] == list(CRITERIA)
