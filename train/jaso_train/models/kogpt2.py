"""SKT's KoGPT2 (skt/kogpt2-base-v2), from a folder or the local hub cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jaso_core.compat.tokenizers import panics_as_errors
from jaso_core.errors import RequestError, first_line
from jaso_core.io.files import read_json
from jaso_core.io.pretrained import read_config_json
from jaso_core.modeling.load import load_model
from jaso_core.modeling.weights import find_weights
from jaso_train.models import MODELS, ModelBundle, ModelFamily
from jaso_train.models.base import Computing
from jaso_train.models.find_checkpoint import check_sha256, find_folder, require_pretrained_tokenizer
from jaso_train.models.markers import add_markers, embed_markers
from jaso_train.models.special_token_ids import set_special_ids
from jaso_train.tokenizers import TokenizerOptions
from jaso_train.tokenizers.special_tokens import NAMED, SPECIAL_TOKENS

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

VOCABULARY = 51_200
LICENCE = "CC-BY-NC-SA-4.0"
BASE_MODEL = "skt/kogpt2-base-v2"
_CURE = "give tokenizer.json of skt/kogpt2-base-v2 as it was published"
_FOREIGN = "<|endoftext|>"


@dataclass(frozen=True)
class KoGPT2Options(Computing):
    """`path`: a folder with config.json, tokenizer.json and weights, or a hub name.

    A name is looked up in the local hub cache. `revision`: a commit there. `sha256`: what the weights' file must have;
    null for any.
    """

    path: str = "skt/kogpt2-base-v2"
    revision: str = "d0c0df48bf2b2c9350dd855021a5b216f560c0c7"
    sha256: str | None = None
    context: int = 1024

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sha256(self.sha256)
        if self.context < 1:
            raise RequestError(f"config key 'model.context': {self.context}", "give 1 or more")


@MODELS.register("kogpt2", KoGPT2Options)
class KoGPT2(ModelFamily):
    """KoGPT2 with its tokenizer; special token ids are checked before training."""

    def __init__(self, options: KoGPT2Options) -> None:
        self.options = options
        self.context = options.context

    def build(
        self, texts: Sequence[str], tokenizer: TokenizerOptions, seed: int, markers: Sequence[str] = ()
    ) -> ModelBundle:
        del texts, seed
        require_pretrained_tokenizer("KoGPT2", tokenizer)
        options = self.options
        folder = find_folder(options.path, options.revision)
        checked = load_kogpt2_tokenizer(folder, self.context)
        _check_config(folder, self.context)
        weights = find_weights(folder, options.sha256)
        model = load_model(folder, weights, dtype=options.dtype, attention=options.attention)
        added = add_markers(checked, markers)
        # The shipped config says bos 0, but the model was trained with </s> (1) at both ends.
        notes = (*_wrong_class(folder), *set_special_ids(model, checked), *embed_markers(model, added))
        return ModelBundle(
            model, checked, str(folder.resolve()), f"{LICENCE} ({BASE_MODEL})", notes, weights.sha256, added,
            licence_name=LICENCE, base_model=BASE_MODEL,
        )  # fmt: skip


def load_kogpt2_tokenizer(folder: Path, context: int) -> PreTrainedTokenizerFast:
    """Load the tokenizer with KoGPT2's special tokens.

    RequestError when it is absent or is another one. Only tokenizer.json is read. AutoTokenizer would trust the GPT-2
    config, add `<|endoftext|>` as id 51200 (outside of the embedding) and drop all Hangul; so would the class that a
    tokenizer_config.json may name.
    """
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    file = folder / "tokenizer.json"
    if not file.is_file():
        raise RequestError(f"{folder}: has no tokenizer.json", "copy the model's tokenizer.json there")
    try:
        with panics_as_errors():
            raw = Tokenizer.from_file(str(file))
    except Exception as error:
        raise RequestError(f"{file}: no tokenizer ({first_line(error)})", _CURE) from None
    _check_tokens(raw, file)
    return PreTrainedTokenizerFast(tokenizer_object=raw, model_max_length=context, **NAMED)


def _check_tokens(raw: Tokenizer, file: Path) -> None:
    """Check the raw tokenizer before it is wrapped.

    A wrapper adds the tokens that are missing, and so hides that they were.
    """
    size = raw.get_vocab_size()
    if raw.token_to_id(_FOREIGN) is not None:
        raise RequestError(
            f"{file}: {size} tokens, KoGPT2 has {VOCABULARY}: AutoTokenizer or GPT2Tokenizer added '{_FOREIGN}' "
            f"as id {raw.token_to_id(_FOREIGN)}, for which there is no embedding",
            _CURE,
        )
    for expected, token in enumerate(SPECIAL_TOKENS):
        actual = raw.token_to_id(token)
        if actual != expected:
            state = "is missing" if actual is None else f"has id {actual}"
            raise RequestError(f"{file}: token '{token}' {state}, in KoGPT2 it has id {expected}", _CURE)
    if size != VOCABULARY:
        raise RequestError(f"{file}: {size} tokens, KoGPT2 has {VOCABULARY}", _CURE)


def _check_config(folder: Path, context: int) -> None:
    config = read_config_json(folder)
    rows, positions = config.get("vocab_size"), config.get("n_positions")
    if rows != VOCABULARY:
        why = f": the embedding was resized for '{_FOREIGN}', which no text holds" if rows == VOCABULARY + 1 else ""
        raise RequestError(
            f"{folder / 'config.json'}: vocab_size {rows}, KoGPT2 has {VOCABULARY}{why}",
            "give config.json and weights of skt/kogpt2-base-v2 as they were published, or take model=hf",
        )
    if isinstance(positions, int) and context > positions:
        raise RequestError(f"config key 'model.context': {context}, the model has {positions} positions", "lower it")


def _wrong_class(folder: Path) -> tuple[str, ...]:
    file = folder / "tokenizer_config.json"
    name = read_json(file).get("tokenizer_class") if file.is_file() else None
    if name in (None, "PreTrainedTokenizerFast", "TokenizersBackend"):
        return ()
    return (f"{file.name} names {name}, which is wrong for KoGPT2's vocabulary; tokenizer.json was read without it",)
