"""A token-classification model of Hugging Face, by name or folder, that says which pieces of a text are names.

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

from jaso_core.errors import RequestError
from jaso_core.masking.ner.entities import Meaning, Piece

if TYPE_CHECKING:
    import torch

_OTHER_FRAMEWORKS = ["*.h5", "*.msgpack", "*.ot", "*.onnx", "onnx/*", "openvino/*", "*.tflite"]
_PROBE = "이 회사의 사람은"
# Emoji and what is no character at all become blanks: beside one, a tokenizer takes the whole word for unknown.
_UNREAD = re.compile("[\u2600-\u27bf\ud800-\uf8ff\ufe00-\ufe0f\ufffc\ufffd\U0001f000-\U0001faff]")

Span = tuple[int, int]
Rows = list[list[float]]


def is_fetched_later(model: str) -> bool:
    """Whether the model is a name that may have to be fetched from the hub, which only the work itself does."""
    from huggingface_hub import constants

    return not Path(model).is_dir() and not constants.HF_HUB_OFFLINE


def folder_of(model: str, revision: str | None) -> Path:
    """The folder of the model's files. RequestError when it is neither a folder nor in the cache or on the hub."""
    given = Path(model)
    if not given.is_dir():
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        try:
            given = Path(snapshot_download(model, revision=revision, ignore_patterns=_OTHER_FRAMEWORKS))
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError):
            at = f" at revision {revision}" if revision else ""
            raise RequestError(
                f"mask_entities.model '{model}'{at}: no such folder, and not in the local hub cache",
                "give the folder of a token-classification model, or HF_HUB_OFFLINE=0 to fetch it by its name",
            ) from None
    if not (given / "config.json").is_file():
        raise RequestError(f"{given}: has no config.json", "give the folder of a token-classification model")
    return given


def labels_of(folder: Path) -> list[str]:
    """The model's labels in the order of their numbers."""
    try:
        named: dict[str, str] = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
        return [str(named[str(number)]) for number in range(len(named))]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RequestError(
            f"{folder / 'config.json'}: does not name its labels (id2label)", "take a token-classification model"
        ) from None


class Tagger:
    """Cuts a text into windows that overlap, and asks the model about each."""

    def __init__(self, folder: Path, device: str) -> None:
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        self._device = _device(device)
        self._tokenizer = _tokenizer(folder)
        self._model = _model(folder).to(self._device).eval()

    def pieces(self, text: str, means: Sequence[Meaning], max_length: int, batch_size: int) -> list[Piece]:
        """The pieces of the text in order, each from the window that shows most of what is around it.

        A batch holds windows of one text only: what is beside it must not change its numbers, not even the last digit.
        """
        windows = self._windows(text, max_length)
        kinds = sorted({meaning.kind for meaning in means if meaning.kind})
        cuts = [0, *(_cut(before, after) for before, after in pairwise(places for _, places in windows)), len(text) + 1]
        found: list[Piece] = []
        for first in range(0, len(windows), batch_size):
            batch = windows[first : first + batch_size]
            answers = self._ask([inputs for inputs, _ in batch], means, kinds)
            for number, ((_, places), rows) in enumerate(zip(batch, answers, strict=True), first):
                for (start, end), row in zip(places, rows, strict=False):  # rows of the padding have no place
                    if start < end and cuts[number] <= start < cuts[number + 1]:
                        found.append(_piece(start, end, row, kinds))
        return found

    def _windows(self, text: str, max_length: int) -> list[tuple[dict[str, list[int]], list[Span]]]:
        """The model's inputs and the places of their tokens; a quarter of a window is the next one's, too."""
        longest = min(max_length, self._tokenizer.model_max_length, _positions(self._model.config))
        given = self._tokenizer(
            _UNREAD.sub(" ", text),
            truncation=True,
            max_length=longest,
            stride=longest // 4,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        names = [name for name in self._tokenizer.model_input_names if name in given]
        return [({name: given[name][i] for name in names}, places) for i, places in enumerate(given["offset_mapping"])]

    def _ask(self, batch: list[dict[str, list[int]]], means: Sequence[Meaning], kinds: Sequence[str]) -> list[Rows]:
        """For each window and token: how likely no name is there, then for each kind that one begins or goes on."""
        import torch

        inputs = self._tokenizer.pad(batch, return_tensors="pt").to(self._device)
        sums = torch.zeros(len(means), 1 + 2 * len(kinds), device=self._device)
        for label, (kind, begins) in enumerate(means):
            sums[label, 0 if kind is None else 1 + 2 * kinds.index(kind) + (not begins)] = 1.0
        with torch.inference_mode(), _one_thread():
            shares = self._model(**inputs).logits.softmax(-1) @ sums
        rows: list[Rows] = shares.tolist()
        return rows


def _piece(start: int, end: int, row: Sequence[float], kinds: Sequence[str]) -> Piece:
    score, number = max((row[1 + 2 * place] + row[2 + 2 * place], -place) for place in range(len(kinds)))
    if not kinds or score <= row[0]:
        return Piece(start, end, None, row[0], False)
    return Piece(start, end, kinds[-number], score, row[1 - 2 * number] > row[2 - 2 * number])


def _cut(before: Sequence[Span], after: Sequence[Span]) -> int:
    """Where the windows' shares part: in the middle of what both hold."""
    last = max(end for _, end in before)
    both = [start for start, end in after if start < end and start < last]
    return both[len(both) // 2] if both else last


def _positions(config: Any) -> int:
    """The most tokens that the model has places for; RoBERTa's kin begin to count after the padding's number."""
    places = getattr(config, "max_position_embeddings", None) or sys.maxsize
    return int(places - config.pad_token_id - 1) if "roberta" in config.model_type else int(places)


def _device(name: str) -> torch.device:
    import torch

    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise RequestError(f"mask_entities.device '{name}': not on this machine", "cpu works everywhere") from None
    return device


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise RequestError(
            f"{folder}: no tokenizer could be read ({_first(error)})", "put tokenizer.json there"
        ) from error
    if not tokenizer.is_fast:
        raise RequestError(f"{folder}: its tokenizer does not tell places", "take a model with a tokenizer.json")
    if all(number == tokenizer.unk_token_id for number in tokenizer(_PROBE, add_special_tokens=False)["input_ids"]):
        raise RequestError(f"{folder}: its tokenizer reads no Hangul", "take a Korean or multilingual model")
    return tokenizer


def _model(folder: Path) -> Any:
    import torch
    from transformers import AutoModelForTokenClassification

    try:
        model, about = AutoModelForTokenClassification.from_pretrained(
            str(folder), local_files_only=True, output_loading_info=True, dtype=torch.float32
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise RequestError(
            f"{folder}: no token-classification model could be read ({_first(error)})", "give such a model's folder"
        ) from error
    if missing := sorted(about["missing_keys"]):
        raise RequestError(
            f"{folder}: has no weights for {missing[0]}", "take a model trained for token classification"
        )
    return model


def _first(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:160]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Each core has a process of its own, and sums of several threads would depend on how many there are."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@cache
def tagger(folder: str, device: str) -> Tagger:
    """The model of a folder, loaded once a process. Nothing of it is passed to other processes."""
    return Tagger(Path(folder), device)
