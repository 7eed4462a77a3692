"""From a model's folder to the model in memory: never with code of the folder's, and wholly or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.modeling.weights import Weights, find_weights

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

ATTENTIONS = ("auto", "eager", "flash_attention_2", "flex_attention", "sdpa")
DTYPES = ("auto", "bfloat16", "float32")


def hush_transformers() -> None:
    """No notices and no progress bars of transformers' between our own."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def config_of(folder: Path) -> dict[str, Any]:
    """config.json as it stands. RequestError when it is absent, no JSON object, or asks for code to be run.

    Not only Python files beside the weights are code (`auto_map`): an attention named `owner/repository` is a compiled
    kernel that transformers would fetch.
    """
    for name in ("config.json", "tokenizer_config.json"):
        if not (folder / name).is_file():
            continue
        body = read_json(folder / name)
        if not isinstance(body, dict):
            raise RequestError(f"{folder / name}: not a JSON object", "fetch or copy the file once more")
        kernel = any("/" in str(body.get(key)) for key in ("attn_implementation", "_attn_implementation"))
        if body.get("auto_map") or kernel:
            raise RequestError(
                f"{folder / name}: the model brings code of its own ({'kernels' if kernel else 'auto_map'})",
                "that is never run: take a model of an architecture that transformers has",
            )
    if not (folder / "config.json").is_file():
        raise RequestError(f"{folder}: has no config.json", "copy the model's config.json there")
    config: dict[str, Any] = read_json(folder / "config.json")
    return config


def read_config(folder: Path) -> PreTrainedConfig:
    """The configuration of a causal language model. RequestError as `config_of`, and for an unknown architecture."""
    from transformers import AutoConfig, AutoModelForCausalLM

    kind = config_of(folder).get("model_type")
    try:
        config: Any = AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except Exception as error:
        config = None
        reason = _first_line(error)
    if config is None or type(config) not in AutoModelForCausalLM._model_mapping:
        known = f"({reason})" if config is None else "is no causal language model"
        raise RequestError(
            f"{folder / 'config.json'}: model_type '{kind}' {known}",
            "take a causal language model of an architecture that transformers has",
        )
    return cast("PreTrainedConfig", config)


def load_model(
    folder: Path, weights: Weights | None = None, *, dtype: str = "auto", attention: str = "auto"
) -> PreTrainedModel:
    """The model of `folder` with `weights` (default: those in the folder), every tensor filled from them.

    RequestError for code in the folder, damage, tensors that are missing or of another shape than config.json says,
    and for a dtype or attention that cannot be had here.
    """
    from transformers import AutoModelForCausalLM

    hush_transformers()
    config = read_config(folder)
    weights = weights or find_weights(folder)
    loader: Any = AutoModelForCausalLM
    given = {} if attention == "auto" else {"attn_implementation": attention}
    try:
        with _one_folder(folder, weights) as together:
            model, told = loader.from_pretrained(
                str(together),
                config=config,
                dtype=dtype,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                ignore_mismatched_sizes=True,  # they are refused below, by name
                output_loading_info=True,
                **given,
            )
    except Exception as error:
        raise _refused(folder, error, attention) from None
    _check_whole(folder, told)
    return cast("PreTrainedModel", model)


@contextmanager
def _one_folder(folder: Path, weights: Weights) -> Iterator[Path]:
    """Converted weights lie in the cache, what belongs to them in the user's folder: transformers wants one place."""
    if weights.folder == folder:
        yield folder
        return
    with TemporaryDirectory(prefix="jaso-") as name:
        files = [folder / "config.json", folder / "generation_config.json", *weights.folder.glob("*.safetensors")]
        for file in files:
            if file.is_file():
                (Path(name) / file.name).symlink_to(file.resolve())
        yield Path(name)


def draw_model(config: PreTrainedConfig, seed: int, *, dtype: str = "float32", attention: str = "auto") -> Any:
    """A model with random weights: the same for the same seed, whatever dtype they are kept in."""
    import torch
    from transformers import AutoModelForCausalLM

    hush_transformers()
    given = {} if attention == "auto" else {"attn_implementation": attention}
    torch.manual_seed(seed)
    try:
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, **given)
    except (ImportError, ValueError) as error:
        raise _refused(None, error, attention) from None
    return model.to(getattr(torch, "float32" if dtype == "auto" else dtype))


def fill_rows(model: Any, ids: Sequence[int]) -> int:
    """Gives the tokens `ids` (new ones, above all others) embeddings: the mean of the others'. Returns the rows added.

    Spare rows, which many vocabularies are padded with, are used first. With the mean a new token is as likely as an
    average one, where random rows would be far off.
    """
    import torch

    first, needed = min(ids), max(ids) + 1
    before: int = model.get_input_embeddings().num_embeddings
    if needed > before:
        model.resize_token_embeddings(needed, mean_resizing=False)
    tables = [model.get_input_embeddings().weight]
    head = model.get_output_embeddings()
    if head is not None:
        tables += [head.weight] if head.weight is not tables[0] else []
        tables += [head.bias] if getattr(head, "bias", None) is not None else []
    with torch.no_grad():
        for table in tables:
            table[first:needed] = table[:first].float().mean(0).to(table.dtype)
    return max(0, needed - before)


def _check_whole(folder: Path, told: dict[str, Any]) -> None:
    cure = "the weights and config.json do not belong together: give both from one place"
    for name, found, wanted in sorted(told["mismatched_keys"]):
        shapes = f"is {tuple(found)} in the weights, {tuple(wanted)} by config.json"
        raise RequestError(f"{folder}: '{name}' {shapes}", cure)
    missing = sorted(told["missing_keys"])
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise RequestError(f"{folder}: the weights lack '{missing[0]}'{more}", cure)


def _refused(folder: Path | None, error: Exception, attention: str) -> RequestError:
    text = _first_line(error)
    if attention != "auto" and (isinstance(error, ImportError) or "attention" in text.lower()):
        return RequestError(f"config key 'model.attention': {attention}: {text}", "take model.attention=auto")
    return RequestError(f"{folder}: cannot be loaded: {text}", "fetch or copy the model once more")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    return text if len(text) <= 200 else f"{text[:197]}…"
