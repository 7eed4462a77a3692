"""`jaso bless` and `jaso regress` on score folders: what closes the gate, what is only told, and by how much."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from html_support import assert_no_escaped_tags
from support import Jaso

from jaso_core.errors import RequestError, WorkError
from jaso_core.io.files import read_json, read_jsonl
from jaso_core.stage.runner import Outcome
from jaso_evaluate import score
from jaso_evaluate.regression import bless, regress
from jaso_evaluate.regression.tolerances import read_tolerances

Rows = list[dict[str, Any]]
REASON = "the first run that learned anything"
METRICS = "[bits_per_character,chrf,length]"


def rows(bits: float | list[float] = 20.0, text: str = "저는 꼼꼼한 사람입니다.", n: int = 30, start: int = 0) -> Rows:
    """Texts of 10 scored characters each, in groups of two."""
    numbers = bits if isinstance(bits, list) else [bits] * n
    return [
        {
            "id": f"a{i}",
            "prediction": text,
            "reference": f"저는 {i}번 꼼꼼한 사람입니다.",
            "meta": {"group": f"g{i // 2}", "bits": numbers[i - start], "characters": 10, "question": "장점은?"},
        }
        for i in range(start, start + n)
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Path]]:
    """Folders that were scored before, by what was asked for."""
    return tmp_path_factory.mktemp("scored"), {}


@pytest.fixture
def scored(compose: Any, made: tuple[Path, dict[str, Path]]) -> Callable[..., Path]:
    """`jaso score` on rows."""
    root, known = made

    def make(found: Rows, metrics: str = METRICS, **more: Any) -> Path:
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
        key = f"{lines}{metrics}{more}"
        if key not in known:
            folder = known[key] = root / f"run{len(known)}"
            file = root / f"{folder.name}.jsonl"
            file.write_text(lines, encoding="utf-8")
            values = {"predictions": file, "out": folder, "resamples": 100, "metrics": metrics, **more}
            score.run(score.settings(compose("score", **values)))
        return known[key]

    return make


@pytest.fixture
def blessed(tmp_path: Path) -> Callable[..., Path]:
    def make(run: Path, reason: str = REASON, out: Path = tmp_path / "baseline") -> Path:
        bless.run(bless.settings({"run": str(run), "out": str(out), "reason": reason}))
        return out

    return make


@pytest.fixture
def held(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """regress.json of a run held against a baseline, and in "error" what the command would end with."""

    def make(run: Path, baseline: Path, **more: Any) -> dict[str, Any]:
        out = tmp_path / "gate"
        shutil.rmtree(out, ignore_errors=True)
        config = {"run": str(run), "baseline": str(baseline), "out": str(out), "resamples": 5000, **more}
        try:
            regress.run(regress.settings(config))
            error = ""
        except WorkError as failed:
            error = str(failed)
        found: dict[str, Any] = read_json(out / "regress.json")
        assert found["passed"] == (error == "")
        return {**found, "error": error, "md": (out / "regress.md").read_text(encoding="utf-8")}

    return make


def measure(found: dict[str, Any], name: str = "bits_per_character") -> dict[str, Any]:
    return next(m for m in found["measures"] if m["name"] == name)


def test_the_same_run_passes(scored: Any, blessed: Any, held: Any, compose: Any, tmp_path: Path) -> None:
    run = scored(rows())
    baseline = blessed(run)
    found = held(scored(rows()), baseline)
    assert found["summary"].startswith("passed: none of ")
    assert {m["verdict"] for m in found["measures"]} == {"equal"}
    assert (found["limit"], found["texts"], found["first_change"]) == ("tight", [], None)
    assert_no_escaped_tags(found["md"])  # its page is Markdown, which may hold HTML
    chosen = regress.settings(compose("regress", run=run, baseline=baseline, out=tmp_path / "again"))
    # The YAML says what the dataclasses say.
    assert replace(chosen, tolerances={}) == regress.RegressSettings(chosen.out, chosen.run, chosen.baseline)
    given = read_tolerances(chosen.tolerances)
    assert given["default"] == read_tolerances({})["default"]
    assert regress.run(chosen) is Outcome.MADE
    assert regress.run(chosen) is Outcome.UNCHANGED


def test_a_wrong_request_leaves_the_last_result(scored: Any, blessed: Any, held: Any, tmp_path: Path) -> None:
    run = scored(rows())
    found = held(run, blessed(run))
    (tmp_path / "empty").mkdir()
    with pytest.raises(RequestError):
        regress.run(
            regress.settings({"run": str(run), "baseline": str(tmp_path / "empty"), "out": str(tmp_path / "gate")})
        )
    assert read_json(tmp_path / "gate/regress.json")["measures"] == found["measures"]


def test_a_worse_run_fails_with_the_measure_its_size_and_the_texts(scored: Any, blessed: Any, held: Any) -> None:
    """2 bits a character become 2.1: a third of the texts lost 3 bits on 10 characters."""
    baseline = blessed(scored(rows(20.0)))
    worse = rows([23.0 if i % 3 == 0 else 20.0 for i in range(30)])
    worse[6]["meta"]["bits"], worse[6]["prediction"] = 24.0, "저는 느긋한 사람입니다."
    worse[9]["meta"]["bits"] = 22.0
    found = held(scored(worse), baseline, tolerances={"default": {"tight": "2%"}})
    bits = measure(found)
    assert (bits["baseline"], bits["run"], bits["verdict"], bits["fails"]) == (2.0, 2.1, "worse", True)
    assert bits["change"] == pytest.approx(0.1)
    assert bits["ci95"][0] < 0.1 < bits["ci95"][1]
    assert bits["allowed"] == pytest.approx(0.04)
    assert "bits_per_character 2 → 2.1, +0.1 [" in found["error"]
    assert "regress.md; if this is as it should be, `jaso bless` it" in found["error"]
    assert "\n" not in found["error"]
    assert [text["id"] for text in found["texts"]][:2] == ["a6", "a0"]
    assert [text["id"] for text in found["texts"]][-1] == "a9"
    assert len(found["texts"]) == 10
    first = found["texts"][0]
    assert (first["baseline"], first["run"]) == ("저는 꼼꼼한 사람입니다.", "저는 느긋한 사람입니다.")
    assert (first["reference"], first["question"], first["distance"]) == ("저는 6번 꼼꼼한 사람입니다.", "장점은?", 2)
    assert "| bits\\_per\\_character ↓ (bits/character) | 2 | 2.1 | +0.1 [" in found["md"]
    assert "    저는 느긋한 사람입니다." in found["md"]


def test_a_better_run_passes_and_is_to_be_blessed(scored: Any, blessed: Any, held: Any) -> None:
    found = held(scored(rows(18.0)), blessed(scored(rows(20.0))))
    assert measure(found)["verdict"] == "better"
    assert "1 better, bless it (bits_per_character 2 → 1.8, -0.2 [-0.2, -0.2])" in found["summary"]


@pytest.mark.parametrize(
    ("tolerances", "passes"),
    [
        ({"default": {"tight": 0.3}}, True),
        ({"default": {"tight": 0.1}}, False),
        ({"default": {"tight": "11%"}}, True),
        ({"default": {"tight": "9%"}}, False),
        ({"bits": {"tight": 0.3}}, True),
        ({"bits": {"tight": 0.3}, "bits_per_character": {"tight": 0.1}}, False),
        ({"default": {"tight": 0.3}, "bits": {"floor": 0.5}}, True),
        ({"chrf": {"tight": 9}}, False),
    ],
)
def test_tolerances_are_absolute_or_relative_and_the_longest_name_wins(
    scored: Any, blessed: Any, held: Any, tolerances: Any, passes: bool
) -> None:
    """The loss is 0.2 of 2 bits."""
    found = held(scored(rows(22.0)), blessed(scored(rows(20.0))), tolerances=tolerances)
    assert found["passed"] is passes
    assert ("tolerances.chrf is of no measure" in found["notes"]) is False


def test_a_tolerance_of_no_measure_is_told(scored: Any, blessed: Any, held: Any) -> None:
    run = scored(rows())
    found = held(run, blessed(run), tolerances={"chfr": {"tight": 1}, "mauve": {"tight": 1}})
    assert found["notes"] == ["tolerances.chfr is of no measure"]
    assert "- tolerances.chfr is of no measure" in found["md"]


@pytest.mark.parametrize(
    ("bits", "verdict"),
    [
        ([20.0] * 29 + [40.0], "within"),  # 3 % by a single text: chance
        ([20.2] * 30, "within"),  # 1 %, each text alike: certain, but below the floor of 2 %
        ([21.0 if i % 2 else 20.0 for i in range(30)], "worse"),  # 2.5 % in every group
        ([19.0 if i % 2 else 20.0 for i in range(30)], "better"),
    ],
)
def test_elsewhere_a_loss_must_be_large_and_no_chance(
    scored: Any, blessed: Any, held: Any, monkeypatch: pytest.MonkeyPatch, bits: list[float], verdict: str
) -> None:
    baseline = blessed(scored(rows(20.0)))
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")  # what people set to have torch compute in another order
    found = held(scored(rows(bits)), baseline)
    assert found["limit"] == "floor"
    assert found["environment"] == ["ATEN_CPU_CAPABILITY: (none) → default"]
    assert measure(found)["verdict"] == verdict
    assert measure(found)["p_holm"] is not None
    assert "By the paired test, the model is the same" in found["md"]


def test_one_group_has_no_test_and_is_judged_by_size(scored: Any, blessed: Any, held: Any) -> None:
    def alone(bits: float) -> Rows:
        return [{**row, "meta": {**row["meta"], "group": "g"}} for row in rows(bits, n=4)]

    baseline = blessed(scored(alone(20.0)))
    assert held(scored(alone(20.3)), baseline, mode="paired")["passed"]
    found = held(scored(alone(21.0)), baseline, mode="paired")
    assert (measure(found)["verdict"], measure(found)["p_holm"]) == ("worse", None)


def test_too_few_resamples_could_find_nothing(scored: Any, blessed: Any, held: Any) -> None:
    run = scored(rows())
    with pytest.raises(RequestError, match=r"resamples.*too few .* give resamples=\d+ or more"):
        held(run, blessed(run), mode="paired", resamples=100)


def test_missing_new_and_other_measures(scored: Any, blessed: Any, held: Any) -> None:
    found = held(
        scored(rows(), metrics="[chrf,bleu]", metrics__chrf__char_order=4), blessed(scored(rows(), metrics=METRICS))
    )
    verdicts = {m["name"]: m["verdict"] for m in found["measures"]}
    assert verdicts["bits_per_character"] == "missing"
    assert verdicts["chrf"] == "not comparable"
    assert verdicts["bleu_char"] == "new"
    assert re.fullmatch(r"signature: .*nc:6.* → .*nc:4.*", measure(found, "chrf")["note"])
    assert "not comparable (chrf" in found["error"]
    assert "bits_per_character" in found["error"]


def test_a_new_measure_alone_passes_and_is_told(scored: Any, blessed: Any, held: Any) -> None:
    found = held(scored(rows(), metrics="[chrf,bleu]"), blessed(scored(rows(), metrics="[chrf]")))
    assert "not in the baseline yet: bleu_char" in found["summary"]


def test_a_metric_that_could_not_be_measured_says_why(scored: Any, blessed: Any, held: Any) -> None:
    without = [{**row, "meta": {"group": row["meta"]["group"]}} for row in rows()]
    found = held(scored(without), blessed(scored(rows())))
    assert measure(found)["note"].startswith("bits_per_character: ")
    assert found["notes"][0].startswith("metric left out of the run: bits_per_character: ")


def test_a_described_measure_is_told_and_bounded_only_on_demand(scored: Any, blessed: Any, held: Any) -> None:
    """13 characters become 14."""
    baseline = blessed(scored(rows(text="저는 꼼꼼한 사람입니다."), metrics="[length]"))
    run = scored(rows(text="저는 꼼꼼한 사람입니다!!"), metrics="[length]")
    found = held(run, baseline)
    assert (found["passed"], measure(found, "length_characters")["verdict"]) == (True, "changed")
    assert "30 texts changed" in found["summary"]
    loose = {"length_characters": {"bounded": True, "tight": "8%"}}
    assert held(run, baseline, tolerances=loose)["passed"]
    found = held(run, baseline, tolerances={"length_characters": {"bounded": True, "tight": "7%"}})
    assert measure(found, "length_characters")["verdict"] == "out of bounds"
    assert "1 out of bounds (length_characters 13 → 14, +1 [+1, +1])" in found["error"]


def test_other_examples_fail_and_the_common_ones_are_compared(scored: Any, blessed: Any, held: Any) -> None:
    baseline = blessed(scored(rows(20.0, n=10)))
    run = rows(20.0, n=10, start=2)
    run[0]["reference"] = "다른 글"
    run[1]["meta"]["bits"] = 27.0
    found = held(scored(run), baseline)
    counts = {key: found["examples"][key]["count"] for key in ("gone", "new", "other_reference")}
    assert counts == {"gone": 2, "new": 2, "other_reference": 1}
    assert (found["examples"]["common"], measure(found)["n"]) == (7, 7)
    assert measure(found)["run"] == 2.1
    expected = "other examples: 7 in both with the same reference, 2 gone, 2 new, 1 with another reference"
    assert expected in found["error"]
    found = held(scored(rows(start=100, n=4)), baseline)
    assert "0 in both" in found["error"]


def test_hostile_and_extreme_texts_are_shown_harmlessly(scored: Any, blessed: Any, held: Any) -> None:
    texts = [
        "",
        " ",
        "가",
        "각",
        "🙂",
        "가나다 " * 25_000,
        "```\n# <script>alert(1)</script>",
        "\u202e|x|\r\n---",
        "\x1b[31m",
    ]
    before = [{"id": f"<b>|`{i}", "prediction": "저", "reference": text} for i, text in enumerate(texts)]
    after = [{**row, "prediction": text} for row, text in zip(before, texts, strict=True)]
    found = held(scored(after, metrics="[length,chrf]"), blessed(scored(before, metrics="[length,chrf]")))
    assert len(found["texts"]) == len(texts)
    lines = found["md"].splitlines()
    assert [line for line in lines if "<script>" in line] == ["    # <script>alert(1)</script>"] * 2
    assert not any(ord(c) < 32 for line in lines for c in line)
    assert "more characters)" in found["md"]
    assert "### `<b>¦'0`" in lines


def test_only_bits_of_the_same_characters_are_compared(scored: Any, blessed: Any, held: Any) -> None:
    cut = rows(20.0)
    cut[0]["meta"] |= {"bits": 90.0, "characters": 4}
    found = held(scored(cut), blessed(scored(rows(20.0))))
    assert (measure(found)["n"], measure(found)["verdict"]) == (29, "equal")
    assert measure(found)["note"].startswith("1 texts have no value, or one of other characters")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"mode": "loose"}, "config key 'mode': 'loose'; give one of auto, tight, paired"),
        (
            {"tolerances": {"chrf": {"tight": "much"}}},
            "config 'tolerances.chrf': tight is 'much', give a number of 0 or more, or a share such as 2%",
        ),
        ({"tolerances": {"chrf": {"floor": -1}}}, "config 'tolerances.chrf': floor is -1, give a number of 0 or more"),
        ({"tolerances": {"chrf": {"flor": 1}}}, "'tolerances.chrf.flor' is unknown; did you mean 'floor'"),
        ({"tolerances": {"chrf": 3}}, "config key 'tolerances.chrf' is 3; give {tight"),
    ],
)
def test_wrong_settings(config: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=re.escape(message)):
        regress.settings({"run": "x", "baseline": "y", "out": "z", **config})


def test_the_command_ends_with_one_line_and_exit_1(scored: Any, blessed: Any, jaso: Jaso, tmp_path: Path) -> None:
    baseline = blessed(scored(rows(20.0)))
    run = scored(rows(22.0))
    arguments = ("regress", f"run={run}", f"baseline={baseline}", f"out={tmp_path / 'gate'}")
    for _ in range(2):  # a second call makes nothing, and fails all the same
        ran = jaso(*arguments)
        assert ran.code == 1
        assert ran.error.startswith("error: 1 worse (bits_per_character 2 → 2.2, +0.2 [+0.2, +0.2]); first change: ")
    assert jaso(*arguments, "+tolerances.bits_per_character.tight=15%").code == 0
    assert jaso("bless", f"run={run}", f"out={baseline}", "reason=답의 길이를, (일부러) 줄였다").code == 0
    assert jaso(*arguments).code == 0
    assert [line["reason"] for _, line in read_jsonl(baseline / "reasons.jsonl")][1] == "답의 길이를, (일부러) 줄였다"
