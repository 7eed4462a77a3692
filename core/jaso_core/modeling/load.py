"""Model loading: no code of the model's folder is run, and every tensor is filled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from jaso_core.errors import RequestError
from jaso_core.io.model_size_limits import check_parameters
from jaso_core.io.pretrained import load_pretrained_config, load_pretrained_model, read_config_json
from jaso_core.modeling.weights import Weights, find_weights

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

ATTENTIONS = ("auto", "eager", "flash_attention_2", "flex_attention", "sdpa")
DTYPES = ("auto", "bfloat16", "float32")


def hush_transformers() -> None:
    """Turn off the notices and progress bars of transformers."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def read_config(folder: Path) -> PreTrainedConfig:
    """Return the configuration of a causal language model.

    RequestError as in `read_config_json`, and for an unknown architecture.
    """
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING

    kind = read_config_json(folder).get("model_type")
    try:
        config: Any = load_pretrained_config(folder)
    except Exception as error:
        config = None
        reason = _first_line(error)
    if config is None or type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        problem = f"({reason})" if config is None else "is no causal language model"
        raise RequestError(
            f"{folder / 'config.json'}: model_type '{kind}' {problem}",
            "take a causal language model of an architecture that transformers has",
        )
    return cast("PreTrainedConfig", config)


def load_model(
    folder: Path, weights: Weights | None = None, *, dtype: str = "auto", attention: str = "auto"
) -> PreTrainedModel:
    """Load the model of `folder` with `weights` (default: those in the folder).

    RequestError for code in the folder, damage, tensors that are missing or of another shape than config.json says,
    and for a dtype or attention that is not available here.
    """
    from transformers import AutoModelForCausalLM

    hush_transformers()
    config = read_config(folder)
    weights = weights or find_weights(folder)
    check_parameters(folder, config, weights.folder)
    attention_options = {} if attention == "auto" else {"attn_implementation": attention}
    try:
        with _merged_folder(folder, weights) as merged:
            model, loading_info = load_pretrained_model(
                AutoModelForCausalLM,
                merged,
                config=config,
                dtype=dtype,
                use_safetensors=True,
                ignore_mismatched_sizes=True,  # refused below, by name
                output_loading_info=True,
                **attention_options,
            )
    except Exception as error:
        raise _load_error(folder, error, attention) from None
    _check_all_loaded(folder, loading_info)
    return cast("PreTrainedModel", model)


@contextmanager
def _merged_folder(folder: Path, weights: Weights) -> Iterator[Path]:
    """Yield one folder with both weights and configuration, as transformers needs it.

    Converted weights are in the cache, the other files in the user's folder; symbolic links join them.
    """
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
    """Return a model with random weights: the same for a seed, whatever their dtype."""
    import torch
    from transformers import AutoModelForCausalLM

    hush_transformers()
    attention_options = {} if attention == "auto" else {"attn_implementation": attention}
    torch.manual_seed(seed)
    try:
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, **attention_options)
    except (ImportError, ValueError) as error:
        raise _load_error(None, error, attention) from None
    return model.to(getattr(torch, "float32" if dtype == "auto" else dtype))


def init_new_embeddings(model: Any, ids: Sequence[int]) -> int:
    """Initialise the embeddings of new tokens by the mean of the others.

    Returns the number of rows added. `ids` are the new tokens, above all others. Spare rows, which many vocabularies
    are padded with, are used first. With the mean a new token is as likely as an average one; random rows would be
    far off.
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


def _check_all_loaded(folder: Path, loading_info: dict[str, Any]) -> None:
    cure = "the weights and config.json do not belong together: give both from one place"
    for name, weights_shape, config_shape in sorted(loading_info["mismatched_keys"]):
        shapes = f"is {tuple(weights_shape)} in the weights, {tuple(config_shape)} by config.json"
        raise RequestError(f"{folder}: '{name}' {shapes}", cure)
    missing = sorted(loading_info["missing_keys"])
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise RequestError(f"{folder}: the weights lack '{missing[0]}'{more}", cure)


def _load_error(folder: Path | None, error: Exception, attention: str) -> RequestError:
    text = _first_line(error)
    if attention != "auto" and (isinstance(error, ImportError) or "attention" in text.lower()):
        return RequestError(f"config key 'model.attention': {attention}: {text}", "take model.attention=auto")
    return RequestError(f"{folder}: cannot be loaded: {text}", "fetch or copy the model once more")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    return text if len(text) <= 200 else f"{text[:197]}…"
