"""`jaso evaluate` from folders to a report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evaluate_support import example

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, read_jsonl
from jaso_core.records import Prediction
from jaso_core.stage.runner import Outcome
from jaso_evaluate import run as evaluate
from jaso_evaluate.predict import predictions as predicting
from jaso_evaluate.report import rebuild

FILES = ("predictions.jsonl", "scores.json", "scores.jsonl", "run.json", "report.html")


def config(compose: Any, train_dir: Path, folder: Path, out: Path, **more: Any) -> evaluate.EvaluateSettings:
    values = {"model_dir": train_dir, "input": folder, "out": out, "resamples": 200, "generate__max_new_tokens": 12}
    return evaluate.settings(compose("evaluate", **{**values, "generate__batch_size": 2, **more}))


def test_the_whole_stage(compose: Any, train_dir: Path, make_input: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    chosen = config(compose, train_dir, make_input(), out)
    assert evaluate.run(chosen) is Outcome.MADE
    assert evaluate.run(chosen) is Outcome.UNCHANGED
    found = [Prediction.from_json(obj, where) for where, obj in read_jsonl(out / "predictions.jsonl")]
    assert [p.id for p in found] == [example(i, "test").id for i in range(12)]
    first = found[0]
    assert first.prompt == "<usr>지원 동기를 말씀해 주세요.<sys>"
    assert set(first.meta) == {
        "group", "document_id", "question", "company", "occupation", "experience", "stop", "tokens", "characters", "truncated", "unknown",
        "bits", "untrained_bits", "ngram_bits",
    }  # fmt: skip
    assert first.meta["characters"] == len(first.reference)
    assert first.meta["ngram_bits"] < first.meta["bits"]  # the 5-gram has seen these sentences, the model nothing
    scores = read_json(out / "scores.json")
    assert scores["n"] == 12
    assert set(scores["metrics"]["chrf"]) == {"value", "ci95", "unit", "signature", "higher_is_better", "n"}
    bits = sum(p.meta["bits"] for p in found) / sum(len(p.reference) for p in found)
    assert scores["metrics"]["bits_per_character"]["value"] == pytest.approx(bits, abs=1e-6)
    facts = read_json(out / "run.json")
    seconds = [d["second"] for d in facts["scoring"]["differences"]]
    assert seconds[:2] == ["bits_per_character_untrained", "bits_per_character_ngram5"]
    assert [name for name in seconds[2:] if not name.startswith("memorised_")] == []
    assert facts["preprocess"]["stats"]["dropped"] == {"too short": 4}
    assert facts["train"]["log"][0]["validation_bits_per_character"] == 8.9
    assert rebuild(out) == (out / "report.html").read_text(encoding="utf-8")


def test_the_limit_is_a_draw_by_seed(compose: Any, train_dir: Path, make_input: Any, tmp_path: Path) -> None:
    folder = make_input()
    drawn = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        evaluate.run(config(compose, train_dir, folder, tmp_path / name, limit=4, seed=seed, metrics="[chrf]"))
        drawn.append([obj["id"] for _, obj in read_jsonl(tmp_path / name / "predictions.jsonl")])
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(drawn[0]) == 4
    assert (tmp_path / "a/report.html").read_bytes() == (tmp_path / "b/report.html").read_bytes()


@pytest.mark.parametrize("stop_after", [0, 1, 3])
@pytest.mark.parametrize("work", ["answer_bits", "generate"])
def test_a_broken_run_goes_on_to_the_same_result(
    compose: Any,
    train_dir: Path,
    make_input: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    work: str,
    stop_after: int,
) -> None:
    folder = make_input()
    monkeypatch.setattr("jaso_evaluate.predict.likelihood.LOGITS", 1)  # one text a batch
    options = {"metrics": "[bits_per_character,chrf]", "generate": "sampling"}
    evaluate.run(config(compose, train_dir, folder, tmp_path / "whole", **options))
    real = getattr(predicting, work)

    def breaking(*args: Any, **kwargs: Any) -> Any:
        for count, batch in enumerate(real(*args, **kwargs)):
            if count == stop_after:
                raise KeyboardInterrupt
            yield batch

    broken = config(compose, train_dir, folder, tmp_path / "broken", **options)
    monkeypatch.setattr(predicting, work, breaking)
    with pytest.raises(KeyboardInterrupt):
        evaluate.run(broken)
    monkeypatch.setattr(predicting, work, real)
    for log in (tmp_path / "broken/.state/work").glob("*.jsonl"):
        log.write_bytes(log.read_bytes() + b'{"batch": 99, "rows": [[0, "\xea\xb0')  # a line that a kill tore
    assert evaluate.run(broken) is Outcome.CONTINUED
    for name in FILES:
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_only_predictions(compose: Any, train_dir: Path, make_input: Any, tmp_path: Path) -> None:
    out, options = tmp_path / "out", {"generate": "sampling", "metrics": "[chrf]"}
    chosen = config(compose, train_dir, make_input(), out, predict_only="true", **options)
    assert evaluate.run(chosen) is Outcome.MADE
    assert evaluate.run(chosen) is Outcome.UNCHANGED
    assert {path.name for path in out.iterdir() if path.is_file()} == {"predictions.jsonl", "run.json", "manifest.json"}
    meta = {obj["id"]: obj["meta"] for _, obj in read_jsonl(out / "predictions.jsonl")}
    assert not any("bits" in key for one in meta.values() for key in one)
    assert read_json(out / "run.json")["what"] == "predict"
    whole = tmp_path / "whole"
    evaluate.run(config(compose, train_dir, make_input(), whole, **options))
    texts = [{o["id"]: o["prediction"] for _, o in read_jsonl(d / "predictions.jsonl")} for d in (out, whole)]
    assert texts[0] == texts[1]


def test_without_likelihood_what_needs_it_is_left_out_with_a_reason(
    compose: Any, train_dir: Path, make_input: Any, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    metrics = "[bits_per_character,chrf]"
    evaluate.run(config(compose, train_dir, make_input(), out, likelihood="false", metrics=metrics))
    assert set(read_json(out / "scores.json")["metrics"]) == {"chrf", "chrf++"}
    [skipped] = read_json(out / "run.json")["scoring"]["skipped"]
    assert skipped["metric"] == "bits_per_character"


def test_candidates_stand_beside_the_prediction(compose: Any, train_dir: Path, make_input: Any, tmp_path: Path) -> None:
    folder = make_input()
    options = {"generate": "sampling", "predict_only": "true", "limit": 4}
    evaluate.run(config(compose, train_dir, folder, tmp_path / "one", **options))
    evaluate.run(config(compose, train_dir, folder, tmp_path / "three", generate__num_return_sequences=3, **options))
    one, three = ([o for _, o in read_jsonl(tmp_path / name / "predictions.jsonl")] for name in ("one", "three"))
    for a, b in zip(one, three, strict=True):
        assert "candidates" not in a["meta"]
        found = b["meta"].pop("candidates")
        assert a == b  # the first text is the same, however many there are
        assert found[0] == {"text": b["prediction"], "tokens": b["meta"]["tokens"], "stop": b["meta"]["stop"]}
        assert len({text["text"] for text in found}) == 3


def test_a_broken_run_may_go_on_with_another_batch_size(
    compose: Any, train_dir: Path, make_input: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, options = make_input(), {"predict_only": "true", "generate": "sampling"}
    evaluate.run(config(compose, train_dir, folder, tmp_path / "whole", **options))
    real, seen = predicting.generate, []

    def breaking(*args: Any, **kwargs: Any) -> Any:
        for place, texts in real(*args, **kwargs):
            if len(seen) == 5:
                raise KeyboardInterrupt
            seen.append(place)
            yield place, texts

    monkeypatch.setattr(predicting, "generate", breaking)
    with pytest.raises(KeyboardInterrupt):
        evaluate.run(config(compose, train_dir, folder, tmp_path / "broken", **options))
    written = []

    def watching(*args: Any, **kwargs: Any) -> Any:
        for place, texts in real(*args, **kwargs):
            written.append(place)
            yield place, texts

    monkeypatch.setattr(predicting, "generate", watching)
    other = config(compose, train_dir, folder, tmp_path / "broken", **{**options, "generate__batch_size": 5})
    assert evaluate.run(other) is Outcome.CONTINUED
    assert sorted(seen + written) == list(range(12))  # none is written twice
    texts = [(tmp_path / name / "predictions.jsonl").read_bytes() for name in ("whole", "broken")]
    assert texts[0] == texts[1]


def test_examples_that_the_prompt_cannot_render_are_counted(
    compose: Any, train_dir: Path, make_input: Any, tmp_path: Path
) -> None:
    test = [example(0, "test"), example(1, "test", question=None), example(2, "test", question="가" * 400)]
    test.append(example(3, "test", answer="경험을 말씀드리겠습니다. " * 40))
    out = tmp_path / "out"
    evaluate.run(config(compose, train_dir, make_input(test=test), out, metrics="[bits_per_character,length]"))
    left_out = read_json(out / "run.json")["examples"]["left_out"]
    assert left_out == {"no question": 1, "prompt longer than the model takes": 1}
    rows = {obj["id"]: obj["meta"] for _, obj in read_jsonl(out / "predictions.jsonl")}
    assert rows["test:3#0"]["truncated"] > 0
    assert 0 < rows["test:3#0"]["characters"] < 40 * 14
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "Examples left out, no question: 1." in report
    assert "References longer than the model takes: 1 of 2" in report


def test_no_example_fits(compose: Any, train_dir: Path, make_input: Any, tmp_path: Path) -> None:
    folder = make_input(test=[example(i, "test", question=None) for i in range(3)])
    with pytest.raises(RequestError, match=r"test\.parquet: .*question_answer.*no question: 3.*question and answer"):
        evaluate.run(config(compose, train_dir, folder, tmp_path / "out"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"evaluate_split": "tset"}, "evaluate_split.*did you mean 'test'"),
        ({"limit": 0}, "limit is 0"),
        ({"resamples": 10}, "resamples is 10"),
        ({"generate__temprature": 1.0}, "generate.temprature"),
        ({"generate__num_return_sequences": 2}, "num_return_sequences is 2, but this search finds 1"),
        ({"metrics": "[]"}, "'metrics' is not set"),
        ({"foreign": 1}, "'foreign' is unknown"),
    ],
)
def test_wrong_configurations(compose: Any, tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        config(compose, tmp_path, tmp_path, tmp_path / "out", **wrong)


def test_a_pipelines_configuration_may_hold_more(compose: Any, tmp_path: Path) -> None:
    more = {**compose("evaluate", model_dir=tmp_path, input=tmp_path, out=tmp_path), "split": {"test": 0.1}}
    assert evaluate.settings(more, strict=False).evaluate_split == "test"


def test_a_model_without_tokenizer(compose: Any, train_dir: Path, make_input: Any, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(train_dir, copy)
    (copy / "model/tokenizer.json").unlink()
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["files"]["model/tokenizer.json"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RequestError, match=r"tokenizer\.json; copy"):
        evaluate.run(config(compose, copy, make_input(), tmp_path / "out"))
