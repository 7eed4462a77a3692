"""BERTScore: token similarity of two texts by contextual embeddings.

Zhang et al. (2020), "BERTScore: Evaluating Text Generation with BERT". Equal to the package bert-score 0.3.13 (idf off)
where that works; it fails on empty texts and on tokenizers without a limit, and has no Korean model.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jaso_core.console import bar
from jaso_core.embeddings.encoder import EncodedText, Encoder, load_encoder
from jaso_core.embeddings.model_paths import check_model, model_folder
from jaso_core.errors import RequestError
from jaso_core.records import Prediction
from jaso_core.stage.runner import volatile
from jaso_evaluate.korean.tokenizers import nfc_pairs
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, mean_of
from jaso_evaluate.metrics.base import signature

if TYPE_CHECKING:
    import torch

LAYERS = {
    "klue/roberta-large": 20,
    "kykim/bert-kor-base": 8,
    "kakaobank/kf-deberta-base": 8,
    "snunlp/KR-BERT-char16424": 9,
    "kykim/electra-kor-base": 10,
    "beomi/KcELECTRA-base": 11,
    "klue/roberta-base": 9,
    "klue/roberta-small": 5,
    "lassl/bert-ko-base": 8,
    "klue/bert-base": 8,
    "monologg/koelectra-base-v3-discriminator": 11,
    "xlm-roberta-large": 22,
    "FacebookAI/xlm-roberta-large": 22,
    "beomi/kcbert-base": 11,
    "bert-base-multilingual-cased": 9,
    "google-bert/bert-base-multilingual-cased": 9,
    "xlm-roberta-base": 11,
    "FacebookAI/xlm-roberta-base": 11,
}
"""The layer that correlates best with human scores of Korean translations (AI Hub 71646; the table of metterian's
Korean BERTScore, MIT licence), the best model first."""

_CHUNK_TOKENS = 1 << 16
"""Tokens whose states are in memory at once: a quarter of a gigabyte for a large encoder."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BertscoreOptions:
    """Options of the BERTScore metric.

    `model`: a folder or a hub name; null: BERTScore is left out. `layer`: null takes the tested one of a known model.
    `baseline`: a file of P, R, F by layer in bert-score's form, by which scores are rescaled. `max_length`: tokens of a
    text that are read, null for all that the model takes. `device`: auto, cpu, cuda, …
    """

    model: str | None = None
    layer: int | None = None
    baseline: str | None = None
    max_length: int | None = None
    batch_size: int | None = volatile(None)
    device: str = volatile("auto")

    def __post_init__(self) -> None:
        if self.max_length is not None and self.max_length < 3:
            raise ValueError("max_length must be 3 or more: a token between the two that mark beginning and end")
        if self.batch_size is not None and self.batch_size < 1:
            raise ValueError("batch_size must be 1 or more, or null")


@METRICS.register("bertscore", BertscoreOptions)
class Bertscore(Metric):
    """Mean BERTScore precision, recall and F1 (0–100) with a Korean encoder.

    Also the shares of truncated and of empty texts. Special tokens have no weight themselves but may be matched, as in
    bert-score. A pair with an empty or blank text has 0 (before rescaling) and is counted; so are texts longer than the
    encoder takes.
    """

    def __init__(self, options: BertscoreOptions) -> None:
        self._options = options
        self._layer = options.layer
        self._baseline: Floats | None = None
        if options.model is None:
            return
        if options.layer is None:
            self._layer = LAYERS.get(options.model)
        if self._layer is None:
            tested_models = ", ".join(LAYERS)
            what = f"metrics.bertscore.layer is not set, and no tested layer of '{options.model}' is known"
            raise RequestError(what, f"give metrics.bertscore.layer=<n>; known: {tested_models}")
        if options.baseline is not None:
            self._baseline = read_baseline(Path(options.baseline), self._layer)
        check_model(options.model, "metrics.bertscore.model")

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        model, layer = self._options.model, self._layer
        if model is None or layer is None:
            raise NotMeasurable("no encoder is given: metrics.bertscore.model=<folder or hub name>")
        folder = model_folder(model, "metrics.bertscore.model")
        encoder = load_encoder(folder, layer, self._options.max_length, self._options.device, "metrics.bertscore")
        hypotheses, references = nfc_pairs(predictions)
        # Sorted: the order of a set of texts differs from process to process, and so would the batches.
        texts = sorted({*hypotheses, *references})
        tokens = dict(zip(texts, encoder.encode(texts), strict=True))
        pairs = [(tokens[a], tokens[b]) for a, b in zip(hypotheses, references, strict=True)]
        scores = bertscore(encoder, pairs, self._options.batch_size)
        if self._baseline is not None:
            # Score 0.9, baseline 0.8 (of unrelated texts) → (0.9 − 0.8) / (1 − 0.8) = 0.5
            scores = (scores - self._baseline) / (1 - self._baseline)
        return self._measures(encoder, pairs, scores)

    def _measures(
        self, encoder: Encoder, pairs: Sequence[tuple[EncodedText, EncodedText]], scores: Floats
    ) -> list[Measure]:
        sign = self._signature(encoder)
        measures = [
            Measure(f"bertscore_{name}", "BERTScore (0–100)", sign, True, mean_of(list(scores[:, i])), "ratio:100")
            for i, name in enumerate(("precision", "recall", "f1"))
        ]
        counts = {
            "truncated": ("% of texts", [(float(a.truncated) + float(b.truncated)) / 2 for a, b in pairs]),
            "empty": ("% of pairs", [float(a.empty or b.empty) for a, b in pairs]),
        }
        return measures + [
            Measure(f"bertscore_{name}", unit, sign, None, mean_of(values), "ratio:100")
            for name, (unit, values) in counts.items()
        ]

    def _signature(self, encoder: Encoder) -> str:
        options = self._options
        # By content: the path of one file differs between machines.
        baseline = sha256(Path(options.baseline).read_bytes()).hexdigest()[:12] if options.baseline else "no"
        return signature(
            model=_model_label(str(options.model)), layer=encoder.layer, weights=encoder.sha256[:12], idf="no",
            baseline=baseline, max_length=encoder.limit, norm="nfc", transformers=version("transformers"),
        )  # fmt: skip


def _model_label(model: str) -> str:
    """Return a hub name as it is; of a path, the last folder.

    Paths differ between machines.
    """
    folder = Path(model).expanduser()
    return folder.resolve().name if folder.is_dir() else model


def read_baseline(file: Path, layer: int) -> Floats:
    """Read P, R, F of the layer, shape [3], from a CSV or TSV file.

    Columns LAYER, P, R, F. RequestError when the file is missing, has no such layer, or holds no numbers below 1.
    """
    key = "metrics.bertscore.baseline"
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{key}: {file} cannot be read ({error})", "give a file of bert-score's form") from None
    rows = csv.DictReader(text.splitlines(), delimiter="\t" if "\t" in text else ",")
    for row in rows:
        try:
            if int(str(row["LAYER"])) == layer:
                values = np.array([float(str(row[name])) for name in "PRF"])
                break
        except (KeyError, ValueError):
            raise RequestError(f"{key}: {file}: line {rows.line_num} is not LAYER,P,R,F", "mend the file") from None
    else:
        raise RequestError(f"{key}: {file} has no layer {layer}", "give the file that belongs to the model")
    if not (values < 1).all():
        raise RequestError(f"{key}: {file}: the values of layer {layer} are not below 1", "mend the file")
    return values


def bertscore(
    encoder: Encoder, pairs: Sequence[tuple[EncodedText, EncodedText]], batch_size: int | None = None
) -> Floats:
    """Return precision, recall, F1 of each pair (prediction, reference), shape [n, 3].

    Zeros where one of them is empty.
    """
    scores = np.zeros((len(pairs), 3))
    with bar(len(pairs), "BERTScore", "pairs") as progress:
        for chunk in _chunks(pairs):
            # A text that several pairs of a chunk have, such as a common reference, is encoded once.
            ids = list(dict.fromkeys(tuple(text.ids) for i in chunk for text in pairs[i]))
            states = dict(zip(ids, encoder.hidden_states(ids, batch_size), strict=True))
            for i in chunk:
                prediction, reference = pairs[i]
                scores[i] = _match(states[tuple(prediction.ids)], states[tuple(reference.ids)], prediction, reference)
            progress.update(len(chunk))
    return scores


def _chunks(pairs: Sequence[tuple[EncodedText, EncodedText]]) -> Iterator[list[int]]:
    """Yield positions of pairs without an empty text, as many as fit into memory.

    Equal references are adjacent.
    """
    chunk: list[int] = []
    chunk_tokens = 0
    usable = [i for i, (a, b) in enumerate(pairs) if not a.empty and not b.empty]
    # By length first: texts that are encoded together need little padding.
    for i in sorted(usable, key=lambda i: (len(pairs[i][1].ids), pairs[i][1].ids)):
        tokens = sum(len(text.ids) for text in pairs[i])
        if chunk and chunk_tokens + tokens > _CHUNK_TOKENS:
            yield chunk
            chunk, chunk_tokens = [], 0
        chunk.append(i)
        chunk_tokens += tokens
    if chunk:
        yield chunk


def _match(
    a: torch.Tensor, b: torch.Tensor, prediction: EncodedText, reference: EncodedText
) -> tuple[float, float, float]:
    """Average each content token's greatest cosine with a token of the other text.

    `a` [tokens, width] of the prediction, `b` [tokens, width] of the reference: states of unit length.
    """
    # Unit lengths: the product is the cosine. A row has one token of the prediction against all of the reference.
    cosines = a @ b.T
    precision = float(cosines.max(dim=1).values[prediction.content_mask].mean())
    recall = float(cosines.max(dim=0).values[reference.content_mask].mean())
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0
