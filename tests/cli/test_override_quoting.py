"""What a Korean user types reaches Hydra in a form that it reads."""

from __future__ import annotations

import pytest

from jaso_pipeline.cli.override_quoting import to_hydra_overrides


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("path=data/talks.csv", "path=data/talks.csv"),
        ("path=자료/상담 (최종).csv", "path='자료/상담 (최종).csv'"),
        ("columns.question=질문", "columns.question='질문'"),
        ("columns.question='질문'", "columns.question='질문'"),
        ("licence=it's mine", "licence='it\\'s mine'"),
        ("metrics=[bleu,chrf]", "metrics=[bleu,chrf]"),
        ("trainer.learning_rate=5e-5", "trainer.learning_rate=5e-5"),
        ("+clean.length.min_answer=3", "+clean.length.min_answer=3"),
        ("delimiter=\t", "delimiter='\t'"),
        ("path=a=b.csv", "path='a=b.csv'"),
        ("path=a,b.csv", "path='a,b.csv'"),
        ("path=[2023] a.csv", "path='[2023] a.csv'"),
        ("--cfg", "--cfg"),
    ],
)
def test_values_are_quoted_where_hydra_needs_it(typed: str, given: str) -> None:
    assert to_hydra_overrides("crawl", [typed], multirun=False) == [given]


def test_a_sweep_is_quoted_part_by_part() -> None:
    assert to_hydra_overrides("crawl", ["company=가상전자,예시은행"], multirun=True) == [
        "company='가상전자','예시은행'"
    ]


def test_several_inputs_are_a_list() -> None:
    assert to_hydra_overrides("preprocess", ["input=a,나"], multirun=False) == ["input=[a,'나']"]
    assert to_hydra_overrides("compare", ["runs=a,b"], multirun=False) == ["runs=[a,b]"]


def test_the_model_of_evaluate_is_a_folder() -> None:
    assert to_hydra_overrides("evaluate", ["model=runs/a"], multirun=False) == ["model_dir=runs/a"]
    assert to_hydra_overrides("train", ["model=tiny"], multirun=False) == ["model=tiny"]
