"""Any causal language model of transformers, from a folder or the hub cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from jaso_core.config import REQUIRED
from jaso_core.errors import RequestError
from jaso_core.io.pretrained import read_config_json
from jaso_core.modeling.foreign_tokenizer import load_foreign_tokenizer
from jaso_core.modeling.load import load_model
from jaso_core.modeling.positions import positions_of
from jaso_core.modeling.weights import find_weights
from jaso_train.models import MODELS, ModelBundle, ModelFamily
from jaso_train.models.base import Computing
from jaso_train.models.find_checkpoint import check_sha256, find_folder, require_pretrained_tokenizer
from jaso_train.models.markers import add_markers, embed_markers
from jaso_train.models.special_token_ids import set_special_ids
from jaso_train.publish.licence_text import hub_name
from jaso_train.tokenizers import TokenizerOptions


@dataclass(frozen=True)
class HFOptions(Computing):
    """`path`: a folder with config.json, tokenizer.json and weights, or a hub name.

    A name is looked up in the local hub cache. `revision`: a commit or branch there. `sha256`: what the weights' file
    must have; null for any. `context`: tokens; null for all the positions of config.json.
    """

    path: str = REQUIRED
    revision: str | None = None
    sha256: str | None = None
    context: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sha256(self.sha256)
        if self.context is not None and self.context < 1:
            raise RequestError(f"config key 'model.context': {self.context}", "give 1 or more, or null")


@MODELS.register("hf", HFOptions)
class HF(ModelFamily):
    """A causal language model by name or folder, with its tokenizer, without its code."""

    def __init__(self, options: HFOptions) -> None:
        self.options = options
        folder = find_folder(options.path, options.revision, config_only=True)
        self.context = _context(folder, options.context)

    def build(
        self, texts: Sequence[str], tokenizer: TokenizerOptions, seed: int, markers: Sequence[str] = ()
    ) -> ModelBundle:
        del texts, seed
        require_pretrained_tokenizer("model=hf", tokenizer)
        options = self.options
        folder = find_folder(options.path, options.revision)
        own, notes = load_foreign_tokenizer(folder, self.context)
        weights = find_weights(folder, options.sha256)
        model = load_model(folder, weights, dtype=options.dtype, attention=options.attention)
        embeddings: Any = model.get_input_embeddings()
        rows, highest = embeddings.num_embeddings, max(own.get_vocab().values())
        if highest >= rows:
            raise RequestError(
                f"{folder}: tokenizer.json has ids up to {highest}, the weights have {rows} embeddings",
                "the two do not belong together: give both from one place",
            )
        added = add_markers(own, markers)
        all_notes = (*notes, *set_special_ids(model, own), *embed_markers(model, added))
        licence = read_licence(folder)
        all_notes = all_notes if licence else (*all_notes, _UNKNOWN)
        # A licence goes into manifests and cards: a path of this machine does not.
        name = folder.name if Path(options.path).expanduser().is_dir() else options.path
        licence_text = f"{licence} ({name})" if licence else None
        return ModelBundle(
            model, own, str(folder.resolve()), licence_text, all_notes, weights.sha256, added,
            licence_name=licence, base_model=hub_name(name),
        )  # fmt: skip


_UNKNOWN = "the model's folder names no licence: find out what it allows before giving the trained model away"


def read_licence(folder: Path) -> str | None:
    """Return `license` of README.md's front matter; for `other` its `license_name`.

    None where there is none.
    """
    file = folder / "README.md"
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    if not text.startswith("---"):
        return None
    try:
        body = yaml.safe_load(text.split("---", 2)[1])
    except yaml.YAMLError:
        return None
    if not isinstance(body, dict):
        return None
    licence_name = body.get("license_name") if body.get("license") == "other" else None
    licence = licence_name or body.get("license")
    return licence if isinstance(licence, str) and licence else None


def _context(folder: Path, context: int | None) -> int:
    """Return the number of positions.

    RequestError when neither config.json nor the option gives it, or when the option exceeds config.json.
    """
    config = read_config_json(folder)
    positions = positions_of(config)
    if context is None and positions is None:
        raise RequestError(f"{folder / 'config.json'}: tells no number of positions", "set model.context=<tokens>")
    if context is not None and positions is not None and context > positions:
        raise RequestError(f"config key 'model.context': {context}, the model has {positions} positions", "lower it")
    return context or int(positions or 0)
