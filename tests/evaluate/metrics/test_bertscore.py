"""BERTScore against the package bert-score, on random encoders with tokenizers trained here, and by hand."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest
from encoder_support import save_bert, save_random

from jaso_core.errors import RequestError
from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS, Measure, NotMeasurable

WORDS = [
    "저는",
    "고객의",
    "목소리를",
    "먼저",
    "듣는",
    "사람입니다.",
    "매장에서",
    "일하며",
    "불만을",
    "줄였습니다.",
    "API",
]
SIZES = {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 48}


def pairs(n: int) -> list[Prediction]:
    """Random Korean texts that share some of their words."""
    draw = random.Random(3)
    texts = [" ".join(draw.choices(WORDS, k=draw.randint(1, 12))) for _ in range(2 * n)]
    return [Prediction(f"r{i}", texts[2 * i], texts[2 * i + 1]) for i in range(n)]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_bert(tmp_path_factory.mktemp("bert"), WORDS, **SIZES)


@pytest.fixture(scope="module")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaConfig, RobertaModel, RobertaTokenizer

    folder = tmp_path_factory.mktemp("roberta")
    raw = ByteLevelBPETokenizer()
    raw.train_from_iterator(
        WORDS, vocab_size=350, show_progress=False, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    )
    raw.save_model(str(folder))
    tokenizer = RobertaTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=64)
    config = RobertaConfig(vocab_size=len(tokenizer), max_position_embeddings=66, pad_token_id=1, **SIZES)
    return save_random(folder, RobertaModel(config), tokenizer)


def measures(predictions: list[Prediction], **options: Any) -> dict[str, Measure]:
    metric = METRICS.build({"name": "bertscore", **{k: _plain(v) for k, v in options.items()}}, "metrics.bertscore")
    return {m.name: m for m in metric.measure(predictions)}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


@pytest.mark.parametrize("layer", [pytest.param(1, marks=pytest.mark.slow), 3, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_equals_bert_score(kind: str, layer: int, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    import bert_score

    folder = request.getfixturevalue(kind)
    data = pairs(200 if layer == 3 else 20)
    baseline = tmp_path / "baseline.tsv"
    baseline.write_text("LAYER,P,R,F\n" + "".join(f"{i},0.{i}1,0.{i}2,0.{i}3\n" for i in range(5)))
    for file in (None, baseline):
        theirs = bert_score.score(
            [p.prediction for p in data],
            [p.reference for p in data],
            model_type=str(folder),
            num_layers=layer,
            lang="ko",
            rescale_with_baseline=file is not None,
            baseline_path=None if file is None else str(file),
            device="cpu",
        )
        found = measures(data, model=folder, layer=layer, baseline=file, batch_size=7)
        for name, expected in zip(("precision", "recall", "f1"), theirs, strict=True):
            ours = found[f"bertscore_{name}"].per_example()
            assert ours == pytest.approx([100 * float(value) for value in expected], abs=1e-4)  # 1e-6 of 1


def test_equal_texts_have_100_and_blank_ones_0(bert: Path) -> None:
    data = [
        Prediction("same", "저는 먼저 듣는 사람입니다.", "저는 먼저 듣는 사람입니다."),
        Prediction("blank", " \n\t", "저는 먼저 듣습니다."),
        Prediction("empty", "저는 먼저 듣습니다.", ""),
        Prediction("both", "", ""),
    ]
    found = measures(data, model=bert, layer=3)
    assert found["bertscore_f1"].per_example() == pytest.approx([100, 0, 0, 0], abs=1e-4)
    assert found["bertscore_empty"].value() == 75
    assert found["bertscore_truncated"].value() == 0
    assert measures(data[3:], model=bert, layer=3)["bertscore_f1"].value() == 0


def test_precision_looks_from_the_prediction(bert: Path) -> None:
    """Layer 0 without the words around: all of 저는 먼저 stands in the longer text, not the other way round."""
    (pair,) = [Prediction("part", "저는", "저는 매장에서 불만을 줄였습니다.")]
    found = measures([pair], model=bert, layer=0)
    precision, recall = (found[f"bertscore_{name}"].value() for name in ("precision", "recall"))
    assert precision is not None
    assert recall is not None
    assert precision > recall
    f1 = found["bertscore_f1"].value()
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_what_is_cut_off_is_counted(bert: Path, roberta: Path) -> None:
    """40 positions of the BERT; of RoBERTa's 66 the first two are the padding's. A word is a token or more."""
    for folder, limit in ((bert, 40), (roberta, 64)):
        data = [
            Prediction("long", "저는 " * 100, "저는"),
            Prediction("huge", "고객의 목소리를 " * 10_000, "목소리를 " * 20_000),
            Prediction("short", "저는", "먼저"),
        ]
        found = measures(data, model=folder, layer=2)
        assert found["bertscore_truncated"].per_example() == [50, 100, 0]
        assert f"max_length:{limit}" in found["bertscore_f1"].signature
    shorter = measures([Prediction("a", "저는 먼저", "저는")], model=bert, layer=2, max_length=4)
    assert shorter["bertscore_truncated"].value() == 50


def test_odd_texts_have_finite_scores(bert: Path) -> None:
    texts = ["가", "가", "🙂👩\u200d💻", "뷁" * 50_000, "[SEP]", "\x00\u200b", "x" * 100_000]
    data = [Prediction(str(i), text, "저는 듣습니다.") for i, text in enumerate(texts)]
    for measure in measures(data, model=bert, layer=2).values():
        assert all(value is not None and math.isfinite(value) for value in measure.per_example())


def test_decomposed_hangul_is_the_same_text(bert: Path) -> None:
    import unicodedata

    text = "저는 먼저 듣는 사람입니다."
    (f1,) = measures([Prediction("a", unicodedata.normalize("NFD", text), text)], model=bert, layer=3)[
        "bertscore_f1"
    ].per_example()
    assert f1 == pytest.approx(100, abs=1e-4)


def test_scores_do_not_depend_on_the_batch_or_the_order(bert: Path) -> None:
    data = pairs(30)
    first = measures(data, model=bert, layer=3)["bertscore_f1"].per_example()
    again = measures(data[::-1], model=bert, layer=3, batch_size=1)["bertscore_f1"].per_example()
    assert first == pytest.approx(again[::-1], abs=1e-4)


def test_the_signature_names_model_layer_and_weights(bert: Path) -> None:
    import hashlib

    sign = measures(pairs(2), model=bert, layer=3)["bertscore_f1"].signature
    weights = hashlib.sha256((bert / "model.safetensors").read_bytes()).hexdigest()[:12]
    assert sign.startswith(f"model:{bert.name}|layer:3|weights:{weights}|idf:no|baseline:no|max_length:40|norm:nfc|")


def test_without_a_model_it_is_left_out() -> None:
    with pytest.raises(NotMeasurable, match=r"metrics\.bertscore\.model=<folder"):
        measures(pairs(1))


def test_wrong_options(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "b.tsv"
    for options, message in (
        ({"model": bert}, r"layer is not set, and no tested layer .*give metrics\.bertscore\.layer=<n>; known: klue/"),
        ({"model": bert, "layer": 9}, r"layer is 9, .* has 4; give 0 to 4"),
        ({"model": bert, "layer": 2, "max_length": 41}, r"max_length is 41; .* takes 40 tokens"),
        ({"model": bert, "layer": 2, "max_length": 2}, "max_length must be 3 or more"),
        ({"model": bert, "layer": 2, "batch_size": 0}, "batch_size must be 1 or more"),
        ({"model": bert, "layer": 2, "device": "gpu"}, "device 'gpu' cannot be had"),
        ({"model": bert, "layer": 2, "baseline": file}, r"b\.tsv cannot be read"),
        ({"model": tmp_path, "layer": 2}, r"has no config\.json"),
    ):
        with pytest.raises(RequestError, match=message):
            measures(pairs(1), **options)
    for text, message in (("LAYER,P,R,F\n1,.1,.1,.1\n", "has no layer 2"), ("x\n2\n", "line 2 is not LAYER,P,R,F")):
        file.write_text(text)
        with pytest.raises(RequestError, match=message):
            measures(pairs(1), model=bert, layer=2, baseline=file)
    file.write_text("LAYER\tP\tR\tF\n2\t.5\t.5\t1\n")
    with pytest.raises(RequestError, match="of layer 2 are not below 1"):
        measures(pairs(1), model=bert, layer=2, baseline=file)
    with pytest.raises(RequestError, match=r"'klue/roberta-large' is no folder, and not in the local hub cache; give"):
        METRICS.build({"name": "bertscore", "model": "klue/roberta-large"}, "metrics.bertscore")


def test_weights_that_lack_a_layer_are_refused(bert: Path, tmp_path: Path) -> None:
    """transformers would fill it with random numbers."""
    import shutil

    from safetensors.torch import load_file, save_file

    folder = tmp_path / "broken"
    shutil.copytree(bert, folder)
    tensors = load_file(folder / "model.safetensors")
    save_file({k: v for k, v in tensors.items() if "layer.1." not in k}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(RequestError, match=r"the weights lack 'encoder\.layer\.1"):
        measures(pairs(1), model=folder, layer=3)
