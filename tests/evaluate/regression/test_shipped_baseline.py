"""The blessed baseline in the repository: explained, small, and of no machine."""

from __future__ import annotations

from pathlib import Path

from jaso_core.io.files import read_json
from jaso_evaluate.regression.baseline import FILES, REASONS, read_baseline, verify
from jaso_evaluate.regression.lineage import strip_paths
from jaso_pipeline.pipeline import STAGES

BASELINE = Path(__file__).parents[3] / "baseline"


def test_every_change_of_the_baseline_is_explained() -> None:
    assert verify(BASELINE), "make one: make bless REASON=…"
    assert {path.name for path in BASELINE.iterdir()} == {*FILES, REASONS}


def test_it_is_small_and_holds_no_path() -> None:
    assert sum(path.stat().st_size for path in BASELINE.iterdir()) < 300_000
    body = read_json(BASELINE / "baseline.json")
    assert strip_paths(body) == body
    for path in BASELINE.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not any(root in text for root in ("/home/", "/root/", "/tmp/", "/Users/", "C:\\\\")), path.name


def test_it_is_of_the_whole_chain_and_learned_something() -> None:
    """A gate over scores of 0 lets everything pass."""
    baseline = read_baseline(BASELINE)
    assert [step["name"] for step in baseline.steps] == list(STAGES)
    bits = [baseline.metrics[name]["value"] for name in ("bits_per_character", "bits_per_character_untrained")]
    assert bits[0] < 0.7 * bits[1]
    assert baseline.metrics["chrf"]["value"] > 5
    assert len(baseline.texts) >= 30
