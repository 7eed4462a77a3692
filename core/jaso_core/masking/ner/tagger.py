"""Token-classification models of Hugging Face, applied to texts in windows.

torch and transformers are imported when the first text comes; a process keeps one model of a kind.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.errors import RequestError, first_line
from jaso_core.io.pretrained import check_no_code, load_pretrained_model, load_pretrained_tokenizer
from jaso_core.masking.ner.entities import LabelMeaning, TokenPrediction

if TYPE_CHECKING:
    import torch

_NOT_FETCHED = ["*.py", "*.h5", "*.msgpack", "*.ot", "*.onnx", "onnx/*", "openvino/*", "*.tflite"]
_PROBE = "이 회사의 사람은"
# Emoji and code points that are no characters become blanks: with one in a word, the whole word would be unknown.
_UNSUPPORTED = re.compile("[\u2600-\u27bf\ud800-\uf8ff\ufe00-\ufe0f\ufffc\ufffd\U0001f000-\U0001faff]")

Span = tuple[int, int]
Rows = list[list[float]]


def needs_download(model: str) -> bool:
    """Whether the model is a name that may have to be downloaded from the hub.

    Only the work itself does that.
    """
    from huggingface_hub import constants

    return not Path(model).is_dir() and not constants.HF_HUB_OFFLINE


def locate_model(model: str, revision: str | None) -> Path:
    """Return the folder of the model's files.

    RequestError when it is neither a folder nor in the cache or on the hub, and for code in the folder.
    """
    folder = Path(model)
    if not folder.is_dir():
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        try:
            folder = Path(snapshot_download(model, revision=revision, ignore_patterns=_NOT_FETCHED))
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError):
            at = f" at revision {revision}" if revision else ""
            raise RequestError(
                f"mask_entities.model '{model}'{at}: no such folder, and not in the local hub cache",
                "give the folder of a token-classification model, or HF_HUB_OFFLINE=0 to fetch it by its name",
            ) from None
    if not (folder / "config.json").is_file():
        raise RequestError(f"{folder}: has no config.json", "give the folder of a token-classification model")
    check_no_code(folder)
    return folder


def read_labels(folder: Path) -> list[str]:
    """Return the model's labels, by index. RequestError when config.json has none."""
    try:
        names: dict[str, str] = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
        return [str(names[str(number)]) for number in range(len(names))]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RequestError(
            f"{folder / 'config.json'}: does not name its labels (id2label)", "take a token-classification model"
        ) from None


class Tagger:
    """A token-classification model that reads a text in overlapping windows."""

    def __init__(self, folder: Path, device: str) -> None:
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        self._device = _open_device(device)
        self._tokenizer = _load_tokenizer(folder)
        self._model = _load_model(folder).to(self._device).eval()

    def predict(
        self, text: str, meanings: Sequence[LabelMeaning], max_length: int, batch_size: int
    ) -> list[TokenPrediction]:
        """Return the predictions for a text, in order.

        Each token is taken from the window that shows most of its context. A batch holds windows of one text only:
        other texts beside it must not change its numbers, not even the last digit.
        """
        windows = self._windows(text, max_length)
        kinds = sorted({meaning.kind for meaning in meanings if meaning.kind})
        # Window i gives the tokens that begin in [cuts[i], cuts[i + 1]).
        cuts = [
            0,
            *(_split_point(before, after) for before, after in pairwise(offsets for _, offsets in windows)),
            len(text) + 1,
        ]
        predictions: list[TokenPrediction] = []
        for first in range(0, len(windows), batch_size):
            batch = windows[first : first + batch_size]
            outputs = self._run_model([inputs for inputs, _ in batch], meanings, kinds)
            for number, ((_, offsets), rows) in enumerate(zip(batch, outputs, strict=True), first):
                for (start, end), row in zip(offsets, rows, strict=False):  # rows of the padding have no offsets
                    if start < end and cuts[number] <= start < cuts[number + 1]:
                        predictions.append(_best_kind(start, end, row, kinds))
        return predictions

    def _windows(self, text: str, max_length: int) -> list[tuple[dict[str, list[int]], list[Span]]]:
        """Return each window's model inputs and token offsets.

        Consecutive windows overlap by a quarter.
        """
        # Windows of 512 tokens share 128: where two are cut, each token has some 64 on either side.
        window_length = min(max_length, self._tokenizer.model_max_length, _max_positions(self._model.config))
        encoded = self._tokenizer(
            _UNSUPPORTED.sub(" ", text),
            truncation=True,
            max_length=window_length,
            stride=window_length // 4,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        names = [name for name in self._tokenizer.model_input_names if name in encoded]
        return [
            ({name: encoded[name][i] for name in names}, offsets) for i, offsets in enumerate(encoded["offset_mapping"])
        ]

    def _run_model(
        self, batch: list[dict[str, list[int]]], meanings: Sequence[LabelMeaning], kinds: Sequence[str]
    ) -> list[Rows]:
        """Return the probabilities of each window and token.

        A row is [no name, then for each kind: one begins, one continues].
        """
        import torch

        inputs = self._tokenizer.pad(batch, return_tensors="pt").to(self._device)
        # kinds [companies, persons] → columns [none, B-companies, I-companies, B-persons, I-persons]
        sums = torch.zeros(len(meanings), 1 + 2 * len(kinds), device=self._device)
        for label, (kind, begins) in enumerate(meanings):
            sums[label, 0 if kind is None else 1 + 2 * kinds.index(kind) + (not begins)] = 1.0
        # A kind has the sum of its labels: a model may share its probability between B-PS and B-PER.
        with torch.inference_mode(), _single_thread():
            probabilities = self._model(**inputs).logits.softmax(-1) @ sums
        rows: list[Rows] = probabilities.tolist()
        return rows


def _best_kind(start: int, end: int, row: Sequence[float], kinds: Sequence[str]) -> TokenPrediction:
    # kinds [companies, persons], row [0.2, 0.5, 0.1, 0.15, 0.05] → companies, 0.5 + 0.1, and a name begins.
    # −index: of equally likely kinds the first is taken.
    score, negative_index = max((row[1 + 2 * index] + row[2 + 2 * index], -index) for index in range(len(kinds)))
    if not kinds or score <= row[0]:
        return TokenPrediction(start, end, None, row[0], False)
    return TokenPrediction(
        start, end, kinds[-negative_index], score, row[1 - 2 * negative_index] > row[2 - 2 * negative_index]
    )


def _split_point(before: Sequence[Span], after: Sequence[Span]) -> int:
    """Return the offset that splits two windows: the middle of what both cover."""
    # (0, 2), (2, 4), (4, 6) and (2, 4), (4, 6), (6, 8) share the starts [2, 4] → 4
    last = max(end for _, end in before)
    shared = [start for start, end in after if start < end and start < last]
    return shared[len(shared) // 2] if shared else last


def _max_positions(config: Any) -> int:
    """Return the maximum number of tokens that the model has positions for.

    RoBERTa and its relatives count positions from the padding id + 1.
    """
    # 514 positions, padding id 1 → 512 tokens
    positions = getattr(config, "max_position_embeddings", None) or sys.maxsize
    return int(positions - config.pad_token_id - 1) if "roberta" in config.model_type else int(positions)


def _open_device(name: str) -> torch.device:
    import torch

    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise RequestError(f"mask_entities.device '{name}': not on this machine", "cpu works everywhere") from None
    return device


def _load_tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        tokenizer = load_pretrained_tokenizer(AutoTokenizer, folder)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise RequestError(
            f"{folder}: no tokenizer could be read ({first_line(error)[:160]})", "put tokenizer.json there"
        ) from error
    if not tokenizer.is_fast:
        raise RequestError(f"{folder}: its tokenizer does not tell places", "take a model with a tokenizer.json")
    if all(number == tokenizer.unk_token_id for number in tokenizer(_PROBE, add_special_tokens=False)["input_ids"]):
        raise RequestError(f"{folder}: its tokenizer reads no Hangul", "take a Korean or multilingual model")
    return tokenizer


def _load_model(folder: Path) -> Any:
    import torch
    from transformers import AutoModelForTokenClassification

    try:
        model, loading_info = load_pretrained_model(
            AutoModelForTokenClassification, folder, output_loading_info=True, dtype=torch.float32
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise RequestError(
            f"{folder}: no token-classification model could be read ({first_line(error)[:160]})",
            "give such a model's folder",
        ) from error
    if missing := sorted(loading_info["missing_keys"]):
        raise RequestError(
            f"{folder}: has no weights for {missing[0]}", "take a model trained for token classification"
        )
    return model


@contextmanager
def _single_thread() -> Iterator[None]:
    """Use one thread for torch in the block.

    Each core has its own process, and sums over several threads would depend on their number.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@cache
def load_tagger(folder: str, device: str) -> Tagger:
    """Load the model of a folder, once a process.

    It is never passed to other processes.
    """
    return Tagger(Path(folder), device)
