"""jaso's metrics by Hugging Face evaluate: loaded by path, without a network, with the values of `jaso score`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import evaluate
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, write_jsonl
from jaso_evaluate import score
from jaso_evaluate.hf_metrics.metric import MODULES, hub_metric
from jaso_evaluate.metrics import METRICS, NotMeasurable

PREDICTIONS = ["저는 꼼꼼한 사람입니다.", "고객의 목소리를 먼저 듣습니다.", ""]
REFERENCES = ["저는 성실한 사람입니다.", "고객의 목소리를 먼저 듣습니다.", "네."]
NAMES = sorted(folder.name for folder in MODULES.iterdir() if (folder / f"{folder.name}.py").is_file())
WITH_A_MODEL = ("bertscore_ko", "mauve_ko")


@pytest.fixture(autouse=True, scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """evaluate copies modules to a folder in the home directory; not in tests. Once, for a package is imported once."""
    import datasets.config
    import evaluate.config

    folder = tmp_path_factory.mktemp("evaluate")
    with pytest.MonkeyPatch.context() as patch:
        for config in (evaluate.config, datasets.config):
            patch.setattr(config, "HF_MODULES_CACHE", str(folder / "modules"))
        patch.setattr(evaluate.config, "HF_METRICS_CACHE", str(folder / "metrics"))
        patch.syspath_prepend(str(folder / "modules"))
        yield


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITH_A_MODEL])
def test_a_module_loads_by_its_path_and_equals_jaso_score(name: str, compose: Any, tmp_path: Path) -> None:
    loaded = evaluate.load(str(MODULES / name / f"{name}.py"))
    assert isinstance(loaded, evaluate.Metric)
    assert loaded.description
    found = loaded.compute(predictions=PREDICTIONS, references=REFERENCES)
    pairs = enumerate(zip(PREDICTIONS, REFERENCES, strict=True))
    write_jsonl(tmp_path / "p.jsonl", [{"id": str(i), "prediction": a, "reference": b} for i, (a, b) in pairs])
    chosen = compose("score", predictions=tmp_path / "p.jsonl", out=tmp_path / "out", metrics=f"[{loaded.metric}]")
    score.run(score.settings({**chosen, "resamples": 100}))
    scores = {key: entry["value"] for key, entry in read_json(tmp_path / "out/scores.json")["metrics"].items()}
    assert found.keys() == scores.keys()
    for key, value in scores.items():
        assert found[key] == (None if value is None else pytest.approx(value, abs=1e-6))


@pytest.mark.parametrize("name", WITH_A_MODEL)
def test_a_module_with_a_model_says_what_it_lacks(name: str) -> None:
    with pytest.raises(NotMeasurable, match=r"\.model=<folder"):
        evaluate.load(str(MODULES / name)).compute(predictions=PREDICTIONS, references=REFERENCES)


def test_options_are_given_when_it_is_loaded() -> None:
    loaded = evaluate.load(str(MODULES / "rouge_ko"), tokenizers=["word"], keep_in_memory=True)
    found = loaded.compute(predictions=["가 나"], references=["가 다"])
    assert found["rouge1_word"] == pytest.approx(50)
    with pytest.raises(RequestError, match=r"metrics\.rouge\.tokenisers' is unknown; did you mean 'tokenizers'"):
        evaluate.load(str(MODULES / "rouge_ko"), tokenisers=["word"])


def test_modules_are_combined() -> None:
    both = evaluate.combine([evaluate.load(str(MODULES / name)) for name in ("chrf_ko", "bleu_ko")])
    for prediction, reference in zip(PREDICTIONS, REFERENCES, strict=True):
        both.add(prediction=prediction, reference=reference)
    found = both.compute()
    alone = evaluate.load(str(MODULES / "chrf_ko")).compute(predictions=PREDICTIONS, references=REFERENCES)
    assert found["chrf"] == alone["chrf"]
    assert {"bleu_char", "bleu_ko_mecab"} <= set(found)


def test_any_metric_without_a_file() -> None:
    metric = hub_metric({"name": "length"})
    assert metric.compute(predictions=["가가"], references=["가나"])["length_characters"] == 2
    with pytest.raises(ValueError, match="predictions are empty"):
        metric.compute(predictions=[], references=[])
    with pytest.raises(RequestError, match="did you mean 'chrf'"):
        hub_metric({"name": "chrff"})


def test_every_module_is_of_a_metric_there_is() -> None:
    for name in NAMES:
        assert name.removesuffix("_ko") in METRICS.names()
