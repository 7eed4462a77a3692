"""Options of generation: what makes no sense is one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from jaso_core.config import config_folder, to_settings
from jaso_core.errors import RequestError
from jaso_core.generation.generate import GenerationOptions


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"max_new_tokens": 0}, "max_new_tokens is 0, must be 1 or more"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"min_new_tokens": -1}, "min_new_tokens is -1"),
        ({"min_new_tokens": 300}, "min_new_tokens is 300, more than max_new_tokens, 256"),
        ({"do_sample": True, "temperature": 0.0}, "temperature is 0.0, must be a number above 0"),
        ({"do_sample": True, "temperature": 1e-4}, "below 0.001 leave it and set do_sample=false"),
        ({"do_sample": True, "temperature": float("nan")}, "temperature is nan"),
        ({"do_sample": True, "top_p": 0.0}, "top_p is 0.0"),
        ({"do_sample": True, "top_p": 1.5}, "top_p is 1.5"),
        ({"do_sample": True, "typical_p": 0.0}, "typical_p is 0.0"),
        ({"do_sample": True, "min_p": 1.5}, "min_p is 1.5, must be between 0"),
        ({"do_sample": True, "top_k": -3}, "top_k is -3"),
        ({"repetition_penalty": 0.0}, "repetition_penalty is 0.0"),
        ({"no_repeat_ngram_size": -2}, "no_repeat_ngram_size is -2"),
        ({"num_beams": 2, "length_penalty": float("inf")}, "length_penalty is inf"),
        ({"num_beams": 2, "early_stopping": "soon"}, "early_stopping is 'soon', must be true, false or never"),
        ({"do_sample": True, "num_beams": 2}, "exclude each other"),
        ({"temperature": 0.7}, "temperature has no effect without sampling: add do_sample=true"),
        ({"top_k": 5}, "top_k has no effect"),
        ({"do_sample": True, "length_penalty": 2.0}, "length_penalty has no effect without beams"),
        ({"num_return_sequences": 3}, "num_return_sequences is 3, but this search finds 1: use do_sample=true"),
        ({"num_beams": 2, "num_return_sequences": 3}, "but this search finds 2"),
        ({"engine": "vlm"}, "engine 'vlm' is unknown, did you mean 'vllm'"),
        (
            {"engine": "vllm", "no_repeat_ngram_size": 3},
            "vllm has no no_repeat_ngram_size: leave it out, or take engine",
        ),
        ({"engine": "vllm", "num_beams": 3}, "vllm has no num_beams"),
        ({"engine": "vllm", "do_sample": True, "temperature": 0.001}, "no temperature below 0.01"),
        ({"num_beams": "many"}, "generate.num_beams"),
    ],
)
def test_options_that_make_no_sense(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match="generate") as error:
        to_settings(wrong, GenerationOptions, "generate")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("stopping", [True, False, "never"])
def test_early_stopping_is_a_switch_or_never(stopping: bool | str) -> None:
    made = to_settings({"num_beams": 3, "early_stopping": stopping}, GenerationOptions, "generate")
    assert made.early_stopping == stopping


@pytest.mark.parametrize("file", sorted((config_folder() / "generate").glob("*.yaml")), ids=lambda path: path.stem)
def test_each_choice_names_every_option(file: Path) -> None:
    body = yaml.safe_load(file.read_text(encoding="utf-8"))
    made = to_settings({**body, "seed": 4}, GenerationOptions, "generate")
    assert made.name == file.stem
    assert set(body) == set(GenerationOptions.__dataclass_fields__)
