"""The page of one training: what it says, that nothing in it can do harm, that it can be made again from files."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from html_support import assert_no_escaped_tags
from report_support import FREEZE, train_folder, write_files
from support import one_thread  # noqa: F401 - a fixture, for all tests here

from jaso_core.errors import RequestError
from jaso_core.report.number_format import count, decimal, figures, percent, seconds, size
from jaso_core.stage.runner import StageRun, run_stage
from jaso_train.report import REPORT, training_report, write_report
from jaso_train.report.folder import BEST, series
from jaso_train.report.plots import downsample
from jaso_train.report.sample_texts import choose, spread


def text_of(page: str) -> str:
    """What a reader sees, blanks and line ends as one blank."""
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def sample(name: str, text: str) -> dict[str, str]:
    return {"id": name, "prompt": "<usr>지원 동기는?<sys>", "text": text}


def test_it_tells_what_ran_and_how_it_went(tmp_path: Path) -> None:
    samples = {step: [sample("letter:1#0", f"글 {step}"), sample("letter:2#0", "")] for step in (0, 10, 20)}
    page = training_report(train_folder(tmp_path / "out", samples=samples))
    assert_no_escaped_tags(page)
    text = text_of(page)
    assert "Training: tiny, question_answer, all" in text
    assert "tiny (GPT2LMHeadModel, 1,000 parameters, random weights)" in text
    assert "bpe (600 tokens) seed 0 data clean (dddddddddddd)" in text
    assert "2.125 bits a character, best validation (step 10), from 4.500" in text
    assert "1.062 nats a token, validation loss there, from 2.250" in text
    assert "750 parameters trained, 75.0 % of 1,000" in text
    assert "1 min 15 s training" in text
    assert "Training examples that lost their end (trainer.max_length): 3 of 40." in text
    assert "share that is learned 25.0 % 25.0 %" in text
    assert "fertility 2.50 tokens an 어절" in text
    assert "Validation tokens that the tokenizer does not know: 4 (2.0 %)" in text
    assert "Validation texts that do not come back unchanged from their tokens: 2 of 10." in text
    assert "▁저는 12" in text
    assert "jaso train input=runs/clean out=runs/model" in text
    assert "trainer.learning_rate 0.001" in text
    assert "letter:1#0 Step 0 글 0 Step 10 best 글 10 Step 20 글 20" in text
    assert "letter:2#0 Step 0 empty Step 10 best empty" in text


def test_blocks_tell_how_far_they_moved(tmp_path: Path) -> None:
    text = text_of(training_report(train_folder(tmp_path / "out")))
    assert "embeddings 250 – – frozen" in text
    assert "block 0 500 500 100.0 % 0.125 2.5" in text
    assert "block 0, adapter 100 100 100.0 % from 0 1.5" in text
    assert "2 frozen tensors are what they were, to the bit." in text
    assert "Tied, counted once: lm_head.weight = transformer.wte.weight." in text
    phases = [{"start": 0.0, "trained": 250}, {"start": 0.5, "trained": 750}]
    gradual = text_of(training_report(train_folder(tmp_path / "two", freeze={**FREEZE, "phases": phases})))
    assert "From 0.0 % of the steps on: 250 parameters. From 50.0 % of the steps on: 750 parameters." in gradual


@pytest.mark.parametrize(
    ("bits", "change", "told"),
    [
        ({0: 4.0, 10: 3.0, 20: 2.0}, {"trainer.keep_best": False}, "The best validation is the last one"),
        ({0: 2.0, 10: 3.0, 20: 4.0}, {}, "No validation was better than the one before training"),
        ({0: 2.0, 10: 3.0, 20: 4.0}, {}, "the weights in model/ (step 10) have 3.000 bits a character, those before"),
        ({0: 4.0, 10: 2.0, 20: 3.0}, {"trainer.keep_best": False}, "The weights in model/ are of step 20"),
    ],
)
def test_a_reader_is_warned(tmp_path: Path, bits: dict[int, float], change: dict[str, Any], told: str) -> None:
    assert told in text_of(training_report(train_folder(tmp_path / "out", bits, change=change)))


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    evil = (
        "</div></main><script>alert('자소')</script><img src=x onerror=alert(1)> \u202e뒤집힌 \x00 {{ 7*7 }} &lt;b&gt;"
    )
    folder = train_folder(tmp_path / "out", samples={10: [sample("<b>id</b>", evil)]}, change={"prompt.name": evil})
    line = json.dumps({"step": 20, "samples": [sample("half", "반쪽 \ud83d 글")]})  # half a surrogate pair
    with (folder / "log.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    page = training_report(folder)
    assert page.encode("utf-8")
    assert "반쪽 ? 글" in page
    assert "뒤집힌 ␀ {{ 7*7 }}" in page
    assert not re.search(r"<(script|img|b>id)", page)
    assert "{{ 7*7 }}" in page
    assert "default-src 'none'" in page
    outside = re.sub(r"xmlns\S+", "", page)
    assert not re.search(r"""(src|href)=["'](?!#)|url\((?!#)|@import|https?://""", outside)


def test_plots_take_the_colours_of_the_page(tmp_path: Path) -> None:
    page = training_report(train_folder(tmp_path / "out"))
    plots = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    labels = [re.search(r'aria-label="([^"]*)"', plot)[1] for plot in plots]  # type: ignore[index]
    assert labels == [
        "Validation, bits a character", "Loss, nats a token", "Learning rate", "Norm of the gradient, before clipping",
        "How far each block moved",
    ]  # fmt: skip
    assert all("var(--ink)" in plot and "#010101" not in plot for plot in plots)
    assert "best 2.125, step 10" in plots[0]
    assert "best 1.062, step 10" in plots[1]


def test_a_short_training_has_a_page_all_the_same(tmp_path: Path) -> None:
    folder = train_folder(tmp_path / "out", {0: 4.0}, tokenizer=None, freeze={**FREEZE, "blocks": [], "parts": []})
    text = text_of(training_report(folder))
    assert "The log has fewer than two values of each" in text
    assert "None were asked for: trainer.sample_every=10." in text
    assert "no tokenizer_report.json" in text


def test_it_is_made_again_from_the_files(tmp_path: Path) -> None:
    data = tmp_path / "data.txt"
    data.write_text("x", encoding="utf-8")

    def work(stage: StageRun) -> None:
        write_files(stage.out)
        for name in ("log.jsonl", "freeze_report.json", "tokenizer_report.json"):
            stage.add(name)
        stage.add_tree("model")
        stage.counts.update(steps=20, best_step=10, tokens_seen=2000)
        with stage.timed("train_seconds"):
            write_report(stage.out, stage.draft(), stage.add(REPORT))

    out = tmp_path / "out"
    run_stage("train", out, {"model": {"name": "tiny"}, "seed": 0}, {"input": data}, work)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert REPORT in manifest["files"]
    # What stands in the manifest only since, the time that the block took, is the one difference.
    written, again = (out / REPORT).read_text(encoding="utf-8"), training_report(out)
    assert text_of(again).replace(seconds(manifest["timings"]["train_seconds"], exact=True), "–") == text_of(written)
    assert training_report(out) == again


def test_a_folder_that_is_no_finished_training_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is no finished train folder, not complete"):
        training_report(tmp_path)
    other = train_folder(tmp_path / "other", stage="evaluate")
    with pytest.raises(RequestError, match="made by `jaso evaluate`; give a folder that `jaso train` wrote"):
        training_report(other)
    lacking = train_folder(tmp_path / "lacking")
    (lacking / "freeze_report.json").unlink()
    with pytest.raises(RequestError, match=r"freeze_report\.json: no such file"):
        training_report(lacking)


def test_series_pass_over_what_is_no_number() -> None:
    log = [{"step": 4, "loss": 1}, {"step": 2, "loss": float("nan")}, {"step": 0, "loss": 3.5}, {"loss": 1.0},
           {"step": 4, "loss": 2.0}, {"step": 6, "loss": None}, {"step": 8, "samples": []}]  # fmt: skip
    assert series(log, "loss") == [(0, 3.5), (4, 2.0)]


def test_long_lines_are_thinned_by_means() -> None:
    points = [(step, float(step)) for step in range(1, 11)]
    assert downsample(points, 10) == (points, 1)
    assert downsample(points, 4) == ([(3, 2.0), (6, 5.0), (9, 8.0), (10, 10.0)], 3)
    assert downsample([]) == ([], 1)


def test_steps_are_spread_and_hold_the_best() -> None:
    steps = list(range(0, 110, 10))
    assert spread(steps, 4) == [0, 30, 70, 100]
    assert spread(steps, 4, 60) == [0, 30, 60, 100]
    assert spread([0, 5], 4, 5) == [0, 5]
    log = [{"step": step, "samples": [sample("a", str(step))]} for step in steps]
    (entry,) = choose(log, 60)
    assert [step for step, _ in entry["beside"]] == [0, 30, 60, 100]
    assert [step for step, _ in entry["others"]] == [10, 20, 40, 50, 70, 80, 90]
    (long,) = choose([{"step": 0, "samples": [sample("a", "가" * 2000)]}], None)
    assert long["beside"][0][1].endswith("… (and 500 more characters)")


def test_numbers_for_people() -> None:
    assert (count(1234567), count(None), decimal(-0.0004), decimal(2.0625)) == ("1,234,567", "–", "0.000", "2.062")
    shares = [percent(1, 3), percent(1, 9999), percent(9999, 10000), percent(0, 4), percent(1, 0)]
    assert [text_of(share) for share in shares] == ["33.3 %", "< 0.1 %", "> 99.9 %", "0.0 %", "–"]
    assert [seconds(value, exact=True) for value in (0.42, 59.7, 200, 7500)] == [
        "0.4 s", "1 min 0 s", "3 min 20 s", "2 h 5 min",
    ]  # fmt: skip
    assert (size(999), size(1_500_000), figures(0.00012345), figures(-2.5)) == ("999 B", "1.5 MB", "0.000123", "−2.5")


def test_a_real_training_has_what_the_page_wants(corpus: Path, tmp_path: Path) -> None:
    from jaso_train import run as train
    from jaso_train.tasks.causal_lm import CausalLM

    assert CausalLM.best_metric == BEST
    out = tmp_path / "out"
    config = {
        "out": str(out), "input": str(corpus), "seed": 3, "freeze": {"name": "last_block"},
        "model": {"name": "tiny", "hidden_size": 32, "layers": 2, "heads": 2},
        "tokenizer": {"name": "bpe", "vocabulary": 600}, "prompt": {"name": "question_answer"},
        "trainer": {"batch_size": 4, "max_steps": 4, "validate_every": 2, "log_every": 2, "validation_limit": 4,
                    "sample_every": 4, "samples": 2, "precision": "fp32", "max_length": 512},
    }  # fmt: skip
    train.run(train.settings(config))
    page = training_report(out)
    text = text_of(page)
    assert "Training: tiny, question_answer, last_block" in text
    assert "block 0 12,704 – – frozen" in text
    assert page.count("<article") == 2
    assert page.count("<svg") >= 4
    if (out / REPORT).is_file():
        assert (out / REPORT).read_text(encoding="utf-8") == page


def test_pages_are_made_without_torch(tmp_path: Path) -> None:
    folder = train_folder(tmp_path / "out")
    code = f"""
import sys
from pathlib import Path
from jaso_train.report import training_report
from jaso_train import curves
training_report(Path({str(folder)!r}))
assert "torch" not in sys.modules and "transformers" not in sys.modules
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
