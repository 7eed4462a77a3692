"""Engine that generates with vLLM, which needs a GPU.

vLLM loads the model's folder itself. It is imported only when asked for.

Requests are token ids, so that its tokenizer, its chat templates and the checkpoint's generation_config have no say.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.errors import RequestError
from jaso_core.generation.generate import Rules, Task

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_NEVER = -100.0
"""The least that vLLM lets one add to a logit: a factor of e^-100 on the probability."""

_PORTION = 32
"""Batches that are handed over at once. Texts come back a portion at a time, and a kill loses no more than one."""


def require() -> None:
    """RequestError without vLLM, or without a GPU."""
    if find_spec("vllm") is None:
        raise RequestError("generate.engine=vllm: vllm is not installed", "install vllm, or use engine=transformers")
    import torch

    if not torch.cuda.is_available():
        raise RequestError("generate.engine=vllm: no GPU is visible", "run it on a GPU, or use engine=transformers")


def write(
    model: PreTrainedModel, folder: Path | None, tasks: Sequence[Task], rules: Rules
) -> Iterator[tuple[Task, list[int]]]:
    """Generate with vLLM; see `generate.Engine`.

    The model at hand is moved to the CPU: vLLM takes the GPU's memory.
    """
    if folder is None:
        raise RequestError("generate.engine=vllm: there is no folder to load the model from", "use engine=transformers")
    import torch

    torch.nn.Module.cpu(model)
    gc.collect()
    torch.cuda.empty_cache()
    vllm: Any = import_module("vllm")

    options = rules.options
    llm = vllm.LLM(
        model=str(folder),
        skip_tokenizer_init=True,
        trust_remote_code=False,
        generation_config="vllm",  # its own defaults, not the checkpoint's
        max_model_len=rules.limit,
        max_num_seqs=options.batch_size,
        seed=options.seed,
    )
    size = _PORTION * options.batch_size
    for start in range(0, len(tasks), size):
        portion = tasks[start : start + size]
        prompts = [{"prompt_token_ids": list(task.prompt)} for task in portion]  # TokensPrompt, a TypedDict
        asked = [vllm.SamplingParams(**_parameters(task, rules)) for task in portion]
        for task, answer in zip(portion, llm.generate(prompts, asked, use_tqdm=False), strict=True):
            yield task, _ids(answer.outputs[0], rules)


def _parameters(task: Task, rules: Rules) -> dict[str, Any]:
    """Return the arguments of vLLM's SamplingParams.

    Each candidate is its own request, with its own seed.
    """
    options = rules.options
    drawn = {
        "temperature": options.temperature,
        "top_k": options.top_k or -1,
        "top_p": options.top_p,
        "min_p": options.min_p,
        "seed": task.seed,
    }
    return {
        "n": 1,
        "max_tokens": task.max_new_tokens,
        "min_tokens": min(options.min_new_tokens, task.max_new_tokens),
        "repetition_penalty": options.repetition_penalty,
        "stop_token_ids": rules.stops,
        "ignore_eos": True,  # the checkpoint's; where it is meant, it is among the stops
        "logit_bias": dict.fromkeys(rules.banned, _NEVER) or None,
        "detokenize": False,
        **(drawn if options.do_sample else {"temperature": 0.0}),
    }


def _ids(output: Any, rules: Rules) -> list[int]:
    """The new ids with the stop token, which vLLM leaves out in some versions."""
    ids = [int(i) for i in output.token_ids]
    stopped = output.finish_reason == "stop"
    return [*ids, rules.stops[0]] if stopped and not (ids and ids[-1] in rules.stops) else ids
