"""Tables, escapers and numbers of reports."""

from __future__ import annotations

import csv
import io

import pytest

from jaso_core.report.escape import (
    escape_cell,
    escape_code,
    escape_formula,
    escape_latex,
    escape_markdown,
    one_line,
    raise_latex,
    unescape_cell,
)
from jaso_core.report.number_format import count, decimal, digits, figures, number, p_value, percent, seconds, size
from jaso_core.report.tables import Cell, Table, csv_text, html, latex, markdown

TABLE = Table(
    ["system", "F1", "note"],
    [["a_b", Cell("31.2", "[30.0, 32.4]", strong=True), "x|y"], ["c & d", Cell("−3", mark="°↑"), "–"]],
    align="lrl",
)


def test_markdown_in_three_layouts() -> None:
    assert markdown(TABLE).split("\n") == [
        "| system | F1 | note |",
        "| --- | ---: | --- |",
        r"| a\_b | **31.2** \[30.0, 32.4\] | x\|y |",
        "| c & d | −3°↑ | – |",
    ]
    compact = markdown(Table(["", ""], [["a", ""]], align="ll"), layout="compact")
    assert compact == "| | |\n|---|---|\n| a |  |"
    assert markdown(Table(["k", "n"], [["long", "1"], ["a", "10,000"]]), layout="padded").split("\n") == [
        "| k    |      n |",
        "| ---- | ------ |",
        "| long |      1 |",
        "| a    | 10,000 |",
    ]
    assert markdown(Table(["a|b"], [], caption="*c*")).startswith("\\*c\\*\n\n| a\\|b |\n| --- |")


def test_latex_with_comments() -> None:
    assert latex(TABLE, ["first", "second"]).split("\n") == [
        r"\begin{tabular}{lrl}",
        r"\toprule",
        r"system & F1 & note \\",
        r"\midrule",
        r"a\_b & \textbf{31.2} {\small [30.0, 32.4]} & x\textbar{}y \\",
        "% first",
        r"c \& d & $-$3$^{\circ}$$^{\uparrow}$ & -- \\",
        "% second",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_html_escapes_all_texts() -> None:
    page = html(Table(["<a>", "n"], [["x_<b>", Cell("<1>", "<2>", strong=True)]], caption="<c>"))
    assert '<th scope="col">&lt;a&gt;</th><th scope="col" class="n">n</th>' in page
    assert '<tr><th>x_&lt;b&gt;</th><td class="n"><b>&lt;1&gt;</b> <small>&lt;2&gt;</small></td></tr>' in page
    assert page.startswith('<p class="note">&lt;c&gt;</p>')


def test_csv_is_read_back() -> None:
    rows = [["a", "b"], ['x,\n"y"', None], ["=1", 1.5]]
    assert list(csv.reader(io.StringIO(csv_text(rows), newline=""))) == [["a", "b"], ['x,\n"y"', ""], ["=1", "1.5"]]
    assert csv_text([["a", 1]], quote_all=True) == '"a","1"\n'


@pytest.mark.parametrize("text", ["=1+1", "+", " @a", "|x", "＝1", "\tx", "'a", "-1"])
def test_formulas_become_text(text: str) -> None:
    assert escape_formula(text) == escape_cell(text) == f"'{text}"
    assert unescape_cell(escape_formula(text)) == text


def test_escapers() -> None:
    assert escape_markdown("a_b <i> & $x$", entities="&<") == "a\\_b &lt;i\\> &amp; \\$x\\$"
    assert escape_markdown("**a**|b", special="|") == "**a**\\|b"
    assert escape_code("`a|b`") == "'a\\|b'"
    assert escape_latex("50 % of {a_b} ~ \\") == r"50 \% of \{a\_b\} \textasciitilde{} \textbackslash{}"
    assert raise_latex("↓") == r"$^{\downarrow}$"
    assert one_line(" a\n\tb ") == "a b"
    assert escape_formula("3/4") == "3/4"
    assert escape_cell("3/4") == "'3/4"


def test_numbers() -> None:
    assert [count(-1234.4), number(-0.001, 2), decimal(float("nan")), figures(0.00012345)] == [
        "−1,234", "0.00", "–", "0.000123",
    ]  # fmt: skip
    assert [percent(1, 3), percent(1, 10_000, space=" "), percent(9_999, 10_000), percent(None)] == [
        "33.3\u00a0%", "< 0.1 %", ">\u00a099.9\u00a0%", "–",
    ]  # fmt: skip
    assert [seconds(0.44), seconds(200), seconds(7500)] == ["0 s", "3 min 20 s", "125 min 0 s"]
    assert [seconds(0.44, exact=True), seconds(200, exact=True), seconds(7500, exact=True)] == [
        "0.4 s", "3 min 20 s", "2 h 5 min",
    ]  # fmt: skip
    assert [size(999), size(1500), p_value(0.0001), digits([31.2, 34.8], "%")] == ["999 B", "1.5 kB", "< 0.001", 1]
