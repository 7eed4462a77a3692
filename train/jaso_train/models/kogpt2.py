"""SKT's KoGPT2 (skt/kogpt2-base-v2), from a folder or from the local hub cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jaso_core.errors import RequestError
from jaso_train.models import MODELS, Built, ModelFamily
from jaso_train.tokenizers_trained import TokenizerOptions
from jaso_train.vocabulary import NAMED, SPECIAL_TOKENS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

VOCABULARY = 51_200
LICENCE = "CC-BY-NC-SA-4.0 (skt/kogpt2-base-v2)"
WEIGHTS = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True)
class KoGPT2Options:
    """`path`: a folder with config.json, tokenizer.json and weights, or a name in the local hub cache."""

    path: str = "skt/kogpt2-base-v2"
    revision: str = "d0c0df4"
    context: int = 1024


@MODELS.register("kogpt2", KoGPT2Options)
class KoGPT2(ModelFamily):
    """KoGPT2 with its own tokenizer; special tokens and their ids are checked before anything is trained."""

    def __init__(self, options: KoGPT2Options) -> None:
        self.options = options
        self.context = options.context

    def build(self, texts: Sequence[str], tokenizer: TokenizerOptions, seed: int) -> Built:
        del texts, seed
        if tokenizer.name != "pretrained":
            raise RequestError("config key 'tokenizer': KoGPT2 has its own", "take tokenizer=pretrained with it")
        from transformers import AutoModelForCausalLM

        folder = self._folder()
        checked = load_kogpt2_tokenizer(folder, self.context)
        if not any((folder / name).is_file() for name in WEIGHTS):
            raise RequestError(f"{folder}: has no {' or '.join(WEIGHTS)}", "put the model's weights there")
        model = AutoModelForCausalLM.from_pretrained(str(folder), local_files_only=True)
        if model.get_input_embeddings().num_embeddings != len(checked):
            raise RequestError(
                f"{folder}: {model.get_input_embeddings().num_embeddings} embeddings, {len(checked)} tokens",
                "the weights and tokenizer.json do not belong together",
            )
        # The shipped config says bos 0, but the model was trained with </s> (1) at both ends.
        end, pad = checked.eos_token_id, checked.pad_token_id
        model.config.update({"bos_token_id": end, "eos_token_id": end, "pad_token_id": pad})
        model.generation_config.update(bos_token_id=end, eos_token_id=end, pad_token_id=pad)
        return Built(model, checked, str(folder.resolve()), LICENCE)

    def _folder(self) -> Path:
        given = Path(self.options.path)
        if given.is_dir():
            return given
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        try:
            return Path(snapshot_download(self.options.path, revision=self.options.revision))
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError):
            raise RequestError(
                f"model.path '{self.options.path}': no such folder, and not in the local hub cache",
                "set model.path=<folder with config.json, tokenizer.json and weights>, or HF_HUB_OFFLINE=0 to fetch it",
            ) from None


def load_kogpt2_tokenizer(folder: Path, context: int) -> PreTrainedTokenizerFast:
    """The tokenizer with KoGPT2's special tokens. RequestError when it is absent or is another one.

    AutoTokenizer would take the GPT-2 config at its word, add `<|endoftext|>` as id 51200 (outside of the
    embedding) and drop all Hangul.
    """
    from transformers import PreTrainedTokenizerFast

    file = folder / "tokenizer.json"
    if not file.is_file():
        raise RequestError(f"{folder}: has no tokenizer.json", "copy the model's tokenizer.json there")
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(file), model_max_length=context, **NAMED)
    if len(tokenizer) != VOCABULARY:
        raise RequestError(f"{file}: {len(tokenizer)} tokens, KoGPT2 has {VOCABULARY}", "give KoGPT2's tokenizer.json")
    for wanted, token in enumerate(SPECIAL_TOKENS):
        found = tokenizer.convert_tokens_to_ids(token)
        if found != wanted:
            raise RequestError(f"{file}: token '{token}' has id {found}, not {wanted}", "give KoGPT2's tokenizer.json")
    return tokenizer
