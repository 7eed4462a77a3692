"""`jaso curves`: trainings side by side, in the order of what differs, and never what cannot be compared."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from html_support import assert_no_escaped_tags
from report_support import train_folder
from support import Jaso

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.stage.runner import Outcome
from jaso_train.curves import plots as curve_plots
from jaso_train.curves import run as curves
from jaso_train.tokenizers import TokenizerOptions, train_tokenizer

ENDS = {64: 2.5, 128: 2.25, 512: 2.0}


def run(out: Path, *runs: Path, **more: Any) -> dict[str, Any]:
    curves.run(curves.settings({"out": str(out), "runs": [str(path) for path in runs], **more}))
    found: dict[str, Any] = read_json(out / "curves.json")
    return found


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Three sizes × two vocabularies, in folders as a sweep makes them."""
    for hidden, end in ENDS.items():
        for name in ("bpe", "wordpiece"):
            bits = {0: 4.0 + hidden / 1024, 10: end, 20: end + 0.25}
            change = {"model.hidden_size": hidden, "tokenizer.name": name}
            train_folder(tmp_path / "sweep" / f"{name}-{hidden}" / "train", bits, change=change)
    return tmp_path / "sweep"


def test_runs_stand_in_the_order_of_what_differs(sweep: Path, tmp_path: Path) -> None:
    found = run(tmp_path / "out", sweep)
    assert found["differs"] == ["model.hidden_size", "tokenizer.name"]
    assert [entry["label"] for entry in found["runs"]] == [
        "bpe-64", "wordpiece-64", "bpe-128", "wordpiece-128", "bpe-512", "wordpiece-512",
    ]  # fmt: skip
    first = found["runs"][0]
    assert first["start"] == {"step": 0, "bits_per_character": 4.0625, "loss": 2.03125}
    assert first["best"] == {"step": 10, "bits_per_character": 2.5, "loss": 1.25}
    assert first["last"]["bits_per_character"] == 2.75
    assert (first["parameters"], first["trained"], first["tokens_seen"]) == (1000, 750, 2000)
    assert found["same"]["trainer.learning_rate"] == 0.001
    assert found["notes"] == []
    by_name = run(tmp_path / "out", sweep, order_by="tokenizer.name")
    assert [entry["label"] for entry in by_name["runs"]] == [
        "bpe-64", "bpe-128", "bpe-512", "wordpiece-64", "wordpiece-128", "wordpiece-512",
    ]  # fmt: skip


def test_the_table_and_the_curves_are_files(sweep: Path, tmp_path: Path) -> None:
    run(tmp_path / "out", sweep)
    table = (tmp_path / "out" / "curves.md").read_text(encoding="utf-8").splitlines()
    assert table[2].startswith("| run | model.hidden_size | tokenizer.name | parameters | trained |")
    assert table[3].startswith("| --- | --- | --- | ---: |")
    assert table[8] == (
        "| bpe-512 | 512 | bpe | 1,000 | 750 | 20 | 2,000 | 600 | 2.50 | 4.500 | 2.000 | 10 | 2.250 "
        "| 2.250 | 1.000 | 1.125 |"
    )
    lines = list(csv.DictReader((tmp_path / "out" / "curves.csv").open(encoding="utf-8")))
    assert len(lines) == 6 * 6
    assert lines[0]["run"] == "bpe-64"
    assert lines[0]["tokenizer.name"] == "bpe"
    points = [(row["step"], row["validation_bits_per_character"]) for row in lines if row["run"] == "bpe-512"]
    assert points == [("0", "4.5"), ("2", ""), ("10", "2.0"), ("12", ""), ("20", "2.25"), ("22", "")]


def test_the_page_draws_bits_for_all_and_nats_by_vocabulary(tmp_path: Path) -> None:
    texts = ["저는 서버를 만들고 싶습니다.", "꼼꼼함이 저의 강점입니다.", "팀원과 자료를 함께 보며 합의했습니다."]
    loaded = {}
    for name, some in (("bpe", texts * 9), ("unigram", [*texts, "매장에서 일하며 불만을 줄였습니다."] * 9)):
        loaded[name] = train_tokenizer(some, TokenizerOptions(name=name, vocabulary=420), 64)
        for hidden in (64, 128):
            folder = tmp_path / "runs" / f"{name}{hidden}"
            loaded[name].save_pretrained(str(folder / "model"))
            train_folder(folder, change={"model.hidden_size": hidden, "tokenizer.name": name})
    found = run(tmp_path / "out", tmp_path / "runs")
    assert [(entry["name"], entry["runs"]) for entry in found["vocabularies"]] == [
        ("bpe 600", ["bpe64", "bpe128"]), ("unigram 600", ["unigram64", "unigram128"]),
    ]  # fmt: skip
    (pair,) = found["overlap"]
    # Both spell bytes alike, so that sets of spellings tell the same; a special token is more than a mere "<".
    one, other = ({token for token in loaded[name].get_vocab() if not token[1:] or token[0] != "<"} for name in loaded)
    assert (pair["shared"], pair["only_first"]) == (len(one & other), len(one - other))
    assert pair["jaccard"] == pytest.approx(len(one & other) / len(one | other))
    page = (tmp_path / "out" / "curves.html").read_text(encoding="utf-8")
    labels = re.findall(r'aria-label="([^"]*)"', page)
    assert labels[0] == "Validation, bits a character"
    assert [label for label in labels if label.startswith("Loss")] == [
        "Loss, nats a token, bpe 600", "Loss, nats a token, unigram 600",
    ]  # fmt: skip
    assert "Nats a token depend on the vocabulary" in page
    assert "#0a0a" not in page
    assert_no_escaped_tags(page)
    assert not re.search(r"""(src|href)=["'](?!#)|url\((?!#)|<script|https?://""", page)


def test_the_command_line_takes_folders_in_hangul(jaso: Jaso, sweep: Path, tmp_path: Path) -> None:
    hangul = sweep.rename(tmp_path / "학습 결과")
    runs = f"{hangul / 'bpe-64' / 'train'},{hangul / 'bpe-512' / 'train'}"
    ran = jaso("curves", f"runs={runs}", f"out={tmp_path / '곡선'}")
    assert ran.code == 0, ran.err
    assert ran.out.strip() == str(tmp_path / "곡선" / "curves.html")
    assert [entry["label"] for entry in read_json(tmp_path / "곡선" / "curves.json")["runs"]] == ["bpe-64", "bpe-512"]
    assert "nothing to do" in jaso("curves", f"runs={runs}", f"out={tmp_path / '곡선'}").err
    assert jaso("curves", f"runs={hangul}", f"out={hangul / 'curves'}").code == 0
    assert "nothing to do" in jaso("curves", f"runs={hangul}", f"out={hangul / 'curves'}").err


def test_a_training_that_broke_off_is_left_out_and_told(sweep: Path, tmp_path: Path) -> None:
    broken = sweep / "bpe-512" / "train"
    (broken / ".state").mkdir()
    (broken / "manifest.json").rename(broken / ".state" / "request.json")
    found = run(tmp_path / "out", sweep)
    assert len(found["runs"]) == 5
    assert found["notes"] == ["bpe-512/train: broken off, left out"]
    with pytest.raises(RequestError, match=r"not complete \(no manifest\.json\)"):
        run(tmp_path / "two", sweep / "bpe-64" / "train", broken)


def test_what_cannot_be_compared_is_refused(sweep: Path, tmp_path: Path) -> None:
    one, other = sweep / "bpe-64" / "train", sweep / "bpe-128" / "train"
    evaluated = train_folder(tmp_path / "scores", stage="evaluate")
    with pytest.raises(RequestError, match="made by `jaso evaluate`; give folders that `jaso train` wrote"):
        run(tmp_path / "out", one, evaluated)
    with pytest.raises(RequestError, match="has nothing to be compared with"):
        run(tmp_path / "out", one)
    with pytest.raises(RequestError, match="is given twice"):
        run(tmp_path / "out", one, other, one)
    with pytest.raises(RequestError, match="no such folder"):
        run(tmp_path / "out", one, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RequestError, match="holds no finished training"):
        run(tmp_path / "out", one, tmp_path / "empty")
    with pytest.raises(RequestError, match=r"'model\.hiden_size' is no key of these runs; did you mean 'model\.hidden"):
        run(tmp_path / "out", sweep, order_by="model.hiden_size")
    with pytest.raises(RequestError, match="'seed' is 0 in all runs"):
        run(tmp_path / "out", sweep, order_by="seed")
    assert not (tmp_path / "out").exists()


def test_other_data_are_refused_unless_asked_for(sweep: Path, tmp_path: Path) -> None:
    foreign = train_folder(tmp_path / "foreign", data="e" * 64, change={"seed": 1})
    runs = sweep / "bpe-64" / "train", foreign
    with pytest.raises(RequestError, match=r"foreign: trained on other data .*\(eeeeeeeeeeee, not dddddddddddd\)"):
        run(tmp_path / "out", *runs)
    assert "their numbers are of different texts" in run(tmp_path / "out", *runs, different_data=True)["notes"][0]


@pytest.mark.parametrize(
    ("change", "counts", "told"),
    [
        ({"prompt.name": "question_summary"}, {}, "prompt formats differ (question_answer, question_summary)"),
        ({"seed": 1}, {"examples": 7}, "validated on different examples (10 in one; 7 in two)"),
        ({"seed": 1}, {"not_drawn": 4}, ""),
        ({}, {}, "two has the same configuration as one"),
    ],
)
def test_a_reader_is_told_what_the_bits_are_not_of(
    tmp_path: Path, change: dict[str, Any], counts: dict[str, Any], told: str
) -> None:
    runs = train_folder(tmp_path / "one"), train_folder(tmp_path / "two", change=change, counts=counts)
    notes = run(tmp_path / "out", *runs)["notes"]
    assert len(notes) == bool(told)
    assert not told or told in notes[0]


def test_other_seeds_draw_other_validation_examples(tmp_path: Path) -> None:
    runs = [train_folder(tmp_path / str(seed), change={"seed": seed}, counts={"not_drawn": 4}) for seed in (0, 1)]
    assert "another seed draws others" in run(tmp_path / "out", *runs)["notes"][0]


def test_a_changed_run_makes_the_page_anew(sweep: Path, tmp_path: Path) -> None:
    chosen = curves.settings({"out": str(tmp_path / "out"), "runs": str(sweep)})
    assert curves.run(chosen) is Outcome.MADE
    train_folder(sweep / "bpe-64" / "train", {0: 4.0, 10: 1.5}, change={"model.hidden_size": 64})
    assert curves.run(chosen) is Outcome.REMADE
    assert read_json(tmp_path / "out" / "curves.json")["runs"][0]["best"]["bits_per_character"] == 1.5


def test_labels_are_what_tells_the_paths_apart(tmp_path: Path) -> None:
    def made(*paths: str) -> list[str]:
        return curves.labels([tmp_path / path for path in paths])

    assert made("a/train", "b/train") == ["a", "b"]
    assert made("bpe/1/train", "bpe/2/train") == ["1", "2"]
    assert made("bpe/1/train", "wp/2/train") == ["bpe/1", "wp/2"]
    assert made("a", "a/b") == ["a", "b"]
    assert len(set(made("a", "a/a"))) == 2


def test_colour_and_dash_stand_for_the_first_two_keys() -> None:
    def entries(values: list[tuple[Any, ...]], keys: list[str]) -> dict[str, Any]:
        runs = [
            {"label": str(place), "config": dict(zip(keys, each, strict=True))} for place, each in enumerate(values)
        ]
        return {"differs": keys, "runs": runs}

    grid = entries([(64, "bpe", 0), (64, "bpe", 1), (64, "wp", 0), (128, "wp", 0)], ["hidden", "tokenizer", "seed"])
    assert [(look.colour, look.dash) for look in curve_plots.line_styles(grid).values()] == [
        (0, 0),
        (0, 0),
        (0, 1),
        (1, 1),
    ]
    many = entries([(rate,) for rate in range(10)], ["rate"])
    assert [(look.colour, look.dash) for look in curve_plots.line_styles(many).values()][7:] == [(7, 0), (0, 1), (1, 1)]
