"""Options of text generation, named as in transformers' GenerationConfig.

They are what can be chosen about how texts are written.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from jaso_core.errors import did_you_mean
from jaso_core.stage.runner import implied, volatile

ENGINES = ("transformers", "vllm")

_SAMPLING = ("temperature", "top_k", "top_p", "min_p", "typical_p")
_BEAMS = ("length_penalty", "early_stopping")
_NOT_IN_VLLM = ("typical_p", "no_repeat_ngram_size", "num_beams")
_LEAST_OF_VLLM = 0.01
"""vLLM raises a lower temperature to this one without a word that reaches the user."""


@dataclass(frozen=True)
class GenerationOptions:
    """Options that say how a text is drawn from the model.

    `do_sample: false` and `num_beams: 1`: the likeliest token at each step. `top_k: 0`, `top_p: 1`, `min_p: 0`,
    `typical_p: 1`, `repetition_penalty: 1` and `no_repeat_ngram_size: 0` switch these off; the penalty and the n-grams
    see the prompt as well. `min_new_tokens` keeps the text from ending sooner.
    `num_return_sequences`: so many texts for each prompt, each with its own seed. `masks: false`: what is in the
    place of a masked name, as "[회사]", is never written.
    `engine`: `transformers` (a loop of our own for greedy search and sampling, beams by transformers), or `vllm`.

    `batch_size`, how many are written at once, is a matter of speed: it changes a text only where rounding decides,
    as between two tokens that are equally likely to the last bits.
    """

    name: str = "greedy"
    max_new_tokens: int = 256
    min_new_tokens: int = 0
    do_sample: bool = False
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    typical_p: float = 1.0
    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    num_beams: int = 1
    length_penalty: float = 1.0
    early_stopping: bool | str = False
    num_return_sequences: int = 1
    masks: bool = implied(True)
    seed: int = 1
    engine: str = "transformers"
    batch_size: int = volatile(16)

    def __post_init__(self) -> None:
        self._check_ranges()
        self._check_company()
        self._check_engine()

    def _check_ranges(self) -> None:
        for name in ("max_new_tokens", "num_beams", "num_return_sequences", "batch_size"):
            _must(getattr(self, name) >= 1, f"{name} is {getattr(self, name)}, must be 1 or more")
        for name in ("top_k", "no_repeat_ngram_size", "min_new_tokens"):
            _must(getattr(self, name) >= 0, f"{name} is {getattr(self, name)}, must be 0 (off) or more")
        for name in ("temperature", "repetition_penalty"):
            value = getattr(self, name)
            _must(0 < value < float("inf"), f"{name} is {value}, must be a number above 0")
        cold = f"temperature is {self.temperature}, below 0.001 leave it and set do_sample=false"
        _must(not self.do_sample or self.temperature >= 1e-3, cold)
        for name in ("top_p", "typical_p"):
            _must(0 < getattr(self, name) <= 1, f"{name} is {getattr(self, name)}, must be above 0, at most 1 (off)")
        _must(0 <= self.min_p <= 1, f"min_p is {self.min_p}, must be between 0 (off) and 1")
        _must(abs(self.length_penalty) < float("inf"), f"length_penalty is {self.length_penalty}, must be a number")
        _must(
            self.early_stopping in (True, False, "never"),
            f"early_stopping is '{self.early_stopping}', must be true, false or never",
        )
        _must(
            self.min_new_tokens <= self.max_new_tokens,
            f"min_new_tokens is {self.min_new_tokens}, more than max_new_tokens, {self.max_new_tokens}",
        )

    def _check_company(self) -> None:
        """What has no effect without another option, or excludes it."""
        _must(not (self.do_sample and self.num_beams > 1), "do_sample=true and num_beams > 1 exclude each other")
        for name in _SAMPLING:
            if not self.do_sample:
                _must(
                    not self._set(name), f"{name} has no effect without sampling: add do_sample=true, or leave it out"
                )
        for name in _BEAMS:
            if self.num_beams == 1:
                _must(not self._set(name), f"{name} has no effect without beams: add num_beams=4, or leave it out")
        texts = self.num_return_sequences
        if not self.do_sample and texts > self.num_beams:
            cure = "use do_sample=true, or num_beams of at least as many"
            _must(False, f"num_return_sequences is {texts}, but this search finds {self.num_beams}: {cure}")

    def _check_engine(self) -> None:
        _must(self.engine in ENGINES, f"engine '{self.engine}' is unknown, {did_you_mean(self.engine, list(ENGINES))}")
        if self.engine == "vllm":
            for name in _NOT_IN_VLLM:
                _must(not self._set(name), f"engine vllm has no {name}: leave it out, or take engine=transformers")
            low = self.do_sample and self.temperature < _LEAST_OF_VLLM
            _must(not low, f"engine vllm takes no temperature below {_LEAST_OF_VLLM}: use do_sample=false")

    def _set(self, name: str) -> bool:
        default = next(field.default for field in fields(self) if field.name == name)
        return bool(getattr(self, name) != default)


def _must(fine: bool, message: str) -> None:
    if not fine:
        raise ValueError(message)
