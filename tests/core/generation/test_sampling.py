"""What is left to draw from, and the draw itself, beside transformers' warpers and the distribution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from scipy.stats import chisquare
from support import one_thread  # noqa: F401 - a fixture, for all tests here
from transformers.generation import logits_process as by_transformers

from jaso_core.generation.generate import GenerationOptions, Rules, generate
from jaso_core.generation.sampling import _GOLDEN, TokenChoice, _mix
from jaso_core.io.files import read_examples
from jaso_core.modeling.checkpoint import load_checkpoint
from jaso_core.modeling.encode import encode_context, stop_ids
from jaso_train import run

INF = float("inf")


def choice(**options: Any) -> TokenChoice:
    rules = Rules(GenerationOptions(do_sample=True, **options), stops=[1], banned=[0, 3], pad=3, limit=64)
    return TokenChoice(rules, torch.device("cpu"))


def chosen(made: TokenChoice, logits: torch.Tensor, draws: torch.Tensor | None) -> torch.Tensor:
    rows = len(logits)
    none = torch.zeros(rows, dtype=torch.long)
    return made(logits.clone(), torch.full((rows, 1), 2), none, none, draws)


@pytest.mark.parametrize("spread", [0.01, 1.0, 8.0])
@pytest.mark.parametrize(
    "options",
    [
        {"temperature": 0.5},
        {"top_k": 7},
        {"top_k": 5000},
        {"top_p": 0.9},
        {"top_p": 1e-9},
        {"min_p": 0.2},
        {"min_p": 1.0},
        {"typical_p": 0.4},
        {"temperature": 1.7, "top_k": 50, "top_p": 0.8, "min_p": 0.01, "typical_p": 0.9},
    ],
)
def test_what_can_be_drawn_is_what_transformers_leaves(spread: float, options: dict[str, Any]) -> None:
    """20,000 draws meet every token that is likely enough, as often as it should come, and no other."""
    logits = torch.randn(1, 1000, generator=torch.Generator().manual_seed(8)) * spread
    wanted = logits.clone()
    wanted[:, [0, 3]] = -INF
    warpers = {
        "temperature": lambda v: by_transformers.TemperatureLogitsWarper(v),
        "top_k": lambda v: by_transformers.TopKLogitsWarper(v),
        "top_p": lambda v: by_transformers.TopPLogitsWarper(v),
        "min_p": lambda v: by_transformers.MinPLogitsWarper(v),
        "typical_p": lambda v: by_transformers.TypicalLogitsWarper(v),
    }
    for name, value in options.items():
        wanted = warpers[name](value)(None, wanted)
    p = wanted.double().softmax(dim=1)[0]
    n = 20_000
    draws = torch.rand(n, generator=torch.Generator().manual_seed(9), dtype=torch.float64)
    made = choice(**options)
    counts = sum(chosen(made, logits.expand(4000, -1), part).bincount(minlength=1000) for part in draws.split(4000))
    assert isinstance(counts, torch.Tensor)
    assert int(counts[p == 0].sum()) == 0
    expected = n * p
    assert int(counts[expected > 20].min()) > 0
    often = expected >= 5  # what is expected less often is counted together
    observed = [*counts[often].tolist(), int(counts[~often].sum())]
    wanted_counts = [*expected[often].tolist(), float(expected[~often].sum())]
    if wanted_counts[-1] == 0:
        observed, wanted_counts = observed[:-1], wanted_counts[:-1]
    assert len(observed) == 1 or chisquare(observed, wanted_counts, sum_check=False).pvalue > 0.001


def test_the_ends_of_the_interval_are_tokens_that_can_come() -> None:
    logits = torch.full((2, 10), -INF)
    logits[:, 4] = 0.0
    logits[:, 6] = -200.0  # so unlikely that it has no weight in float32
    draws = torch.tensor([0.0, 1 - 2**-53], dtype=torch.float64)
    for options in ({}, {"top_p": 0.5}, {"top_k": 3}, {"typical_p": 0.5}):
        assert chosen(choice(**options), logits, draws).tolist() == [4, 4]


def test_the_draw_follows_the_distribution() -> None:
    n = 20_000
    logits = torch.randn(1, 30, generator=torch.Generator().manual_seed(2))
    draws = torch.rand(n, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    counts = chosen(choice(temperature=0.8), logits.expand(n, -1), draws).bincount(minlength=30).numpy()
    logits[:, [0, 3]] = -INF
    p = (logits / 0.8).double().softmax(dim=1)[0].numpy()
    assert not counts[p == 0].any()
    assert chisquare(counts[p > 0], n * p[p > 0]).pvalue > 0.001


def test_neighbours_do_not_change_a_draw() -> None:
    """Rows that need few tokens and rows that need all of them, alone and together."""
    logits = torch.randn(6, 3000, generator=torch.Generator().manual_seed(5))
    logits *= torch.tensor([[9.0], [0.01], [3.0], [0.01], [12.0], [1.0]])
    draws = torch.rand(6, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    for options in ({"top_p": 0.95}, {"top_k": 40, "top_p": 0.9}, {"typical_p": 0.9}, {"min_p": 0.05}):
        together = choice(**options)
        for _ in range(2):  # the second time it begins with what the first time taught
            assert chosen(together, logits, draws).tolist() == [
                int(chosen(choice(**options), logits[i : i + 1], draws[i : i + 1])) for i in range(6)
            ]


def test_n_grams_by_hand() -> None:
    """Text a b c a b: after it, c would make 'a b c' a second time. In the padded row the padding counts for nothing."""
    a, b, c = 5, 6, 7
    tokens = torch.tensor([[a, b, c, a, b], [b, b, b, b, c]])
    starts = torch.tensor([0, 3])
    rules = Rules(GenerationOptions(no_repeat_ngram_size=3), stops=[1], banned=[], pad=3, limit=64)
    logits = torch.zeros(2, 10)
    logits[:, c] = 2.0
    logits[:, b] = 1.0
    found = TokenChoice(rules, torch.device("cpu"))(logits, tokens, starts, torch.tensor([2, 1]), None)
    assert found.tolist() == [b, c]


def test_the_penalty_by_hand() -> None:
    """Halved where positive, doubled where negative; once, however often the token came."""
    rules = Rules(GenerationOptions(repetition_penalty=2.0), stops=[1], banned=[], pad=3, limit=64)
    logits = torch.tensor([[-9.0, -9.0, 4.0, 2.5, 1.9]])
    none = torch.zeros(1, dtype=torch.long)
    pick = TokenChoice(rules, torch.device("cpu"))
    assert pick(logits.clone(), torch.tensor([[2, 2, 3]]), none, none, None).item() == 2  # 2.0, 1.25, 1.9
    logits = torch.tensor([[-1.0, -1.5, -9.0, -9.0, -9.0]])
    assert pick(logits, torch.tensor([[0, 0, 0]]), none, none, None).item() == 1  # −2.0, −1.5


def test_rounding_of_the_logits_hardly_changes_a_draw_from_a_whole_vocabulary() -> None:
    """Logits of 51,200 tokens, moved by up to 1e-4: a hundred times what another batch size rounds otherwise."""
    rows, generator = 200, torch.Generator().manual_seed(4)
    logits = torch.randn(1, 51_200, generator=generator).expand(rows, -1)
    moved = logits + (torch.rand(1, 51_200, generator=generator) - 0.5) * 2e-4
    draws = torch.rand(rows, generator=generator, dtype=torch.float64)
    for options in ({}, {"top_p": 0.95}, {"top_k": 500}):
        assert torch.equal(chosen(choice(**options), logits, draws), chosen(choice(**options), moved, draws))


def test_uniform_numbers_are_those_of_splitmix64() -> None:
    """The first outputs for the seed 1234567, as published with the algorithm."""
    states = torch.tensor([1234567]) + torch.tensor([1, 2]) * _GOLDEN
    assert [number % 2**64 for number in _mix(states).tolist()] == [6457827717110365317, 3203168211198807973]


@pytest.mark.slow
@pytest.mark.timeout(900)  # two minutes and more beside other work
def test_a_thousand_texts_of_the_whole_distribution_are_equal_at_any_batch_size(corpus: Path, tmp_path: Path) -> None:
    """By a trained model, with nothing cut off: top_p 1, top_k 0, temperature 1."""
    config = {
        "out": str(tmp_path / "out"), "input": str(corpus), "seed": 3, "freeze": {"name": "all"},
        "model": {"name": "tiny", "hidden_size": 64, "layers": 2, "heads": 2}, "prompt": {"name": "question_answer"},
        "tokenizer": {"name": "bpe", "vocabulary": 2000, "min_frequency": 2},
        "trainer": {"batch_size": 4, "max_steps": 80, "validate_every": 40, "validation_limit": 8, "max_length": 256,
                    "learning_rate": 5e-3, "precision": "fp32"},
    }  # fmt: skip
    run.run(run.settings(config))
    back = load_checkpoint(tmp_path / "out")
    examples = read_examples(corpus / "examples" / "train.parquet")
    contexts = [encode_context(example, back.prompt, back.tokenizer) for example in examples]
    several = [contexts[i % len(contexts)] for i in range(1000)]
    stops = stop_ids(back.prompt, back.tokenizer)

    def written(batch_size: int) -> dict[int, list[int]]:
        options = GenerationOptions(
            max_new_tokens=32, do_sample=True, temperature=1.0, top_p=1.0, top_k=0, seed=1, batch_size=batch_size
        )
        texts = generate(back.model, back.tokenizer, several, options, limit=back.max_length, stops=stops)
        return {index: text.ids for index, [text] in texts}

    expected = written(64)
    assert len({tuple(ids) for ids in expected.values()}) > 950  # each text has a seed of its own
    for batch_size in (1, 7):
        assert written(batch_size) == expected
